//! Keeps `docs/errors.md` equal to the codes of the program.
//!
//! `DOSSIER_UPDATE_DOCS=1 cargo test -p dossier-domain --test errors_page` writes the page anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use dossier_domain::Code;

const INTRODUCTION: &str = "\
# Errors

Generated from `crates/domain/src/fault.rs`; a test keeps the two equal.

A request that is refused changes nothing, but for one: a submission that is refused because the bundle is not compliant
keeps the evaluation that says why. The answer has the HTTP status below and this body:

```json
{
  \"code\": 20404,
  \"message\": \"The requested resource /v2/RegulatoryCompliance/Bundles/BU… was not found\",
  \"more_info\": \"https://www.twilio.com/docs/errors/20404\",
  \"status\": 404
}
```

`code` is for programs; its meaning does not change. `message` is for people; it says what to do, and its words may
change. `more_info` is where the original API explains the code; this service never contacts that address. The refused
submission has `details` as well: `evaluation_sid` and `evaluation_url`.

* 401 comes with `WWW-Authenticate`, and 405 with `Allow`.
* 429 and 503 come with `Retry-After`, in seconds. The same request may succeed then.
* 500 and 503 name the request in their message. The log has the reason under the same identifier, which is also the
  `Twilio-Request-Id` of every answer.
* Another account's resource is not found (20404), as if it did not exist; as an `ObjectSid` it is 22205.

Under `/operator/v1` the body is a problem of RFC 9457 instead (`application/problem+json`): `type`, `title`, `status`,
`detail`, and the same `code`, with `request_id` always.

Codes 22214 to 22219 also stand inside evaluations, as the `error_code` of a requirement or of a field. There they are
results and not errors: the request that made the evaluation succeeded.
";

#[test]
fn the_errors_page_is_current() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors.md");
    if std::env::vars_os().any(|(name, _)| name == "DOSSIER_UPDATE_DOCS") {
        fs::write(&file, page()).unwrap();
    }
    let written = fs::read_to_string(&file).unwrap_or_default();
    assert!(written == page(), "docs/errors.md is old: run with DOSSIER_UPDATE_DOCS=1");
}

/// Programs compare numbers, so two codes must never share one.
#[test]
fn codes_are_listed_once_and_in_order() {
    assert!(Code::ALL.is_sorted_by(|one, next| one.number() < next.number()));
}

#[test]
fn every_code_has_a_status_of_an_error_and_explains_itself() {
    for code in Code::ALL {
        assert!((400..=599).contains(&code.status()), "{code}");
        assert!(code.meaning().ends_with('.') && !code.title().ends_with('.'), "{code}");
        assert!(!code.meaning().contains(['|', '\n']), "{code}: it stands in a table");
    }
}

fn page() -> String {
    let mut page = format!("{INTRODUCTION}\n| Code | Status | Title | When |\n|---|---|---|---|\n");
    for code in Code::ALL {
        let (number, status) = (code.number(), code.status());
        writeln!(page, "| {number} | {status} | {} | {} |", code.title(), code.meaning())
            .expect("writing to a string cannot fail");
    }
    page
}
