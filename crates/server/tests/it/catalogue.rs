//! `dossier catalogue …`, and serving with a directory of catalogue files.

use crate::process::{Server, read_to_end, run, wait_until};
use serde_json::Value as Json;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use tempfile::TempDir;

/// The account and token of the rehearsal mode.
const REHEARSAL: &str =
    "QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTowMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMQ==";

/// A second revision for German mobile numbers of businesses.
const SECOND: &str = r#"country = "DE"
name = "Germany"
effective_from = 2026-02-01
confidence = "documented"
sources = ["a law"]

[[mobile.business]]
revision = 2
end_user = ["business_name", "email"]
documents = ["business-register-excerpt"]
"#;

fn get_as_rehearsal_account(server: &Server, path: &str) -> String {
    let mut stream = server.connect();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: test\r\nAuthorization: Basic {REHEARSAL}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    read_to_end(&mut stream)
}

fn overlay(directory: &TempDir, text: &str) {
    fs::create_dir_all(directory.path().join("rules/countries")).unwrap();
    fs::write(directory.path().join("rules/countries/DE.toml"), text).unwrap();
}

#[test]
fn the_built_in_files_pass_the_check() {
    let directory = tempfile::tempdir().unwrap();
    let ended = run(&directory, &[], &["catalogue", "check"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.stdout, "fine: 585 entries, 493 of them with rules, 0 warnings\n");

    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalogue");
    let ended = run(&directory, &[], &["catalogue", "check", "--alone", shipped.to_str().unwrap()]);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
}

#[test]
fn a_broken_file_is_named_with_line_reason_and_help() {
    let directory = tempfile::tempdir().unwrap();
    overlay(&directory, &SECOND.replace("business-register-excerpt", "busines-register-excerpt"));
    let ended = run(&directory, &[], &["catalogue", "check", "rules"]);
    assert_eq!(ended.code, Some(1));
    assert_eq!(
        ended.stdout,
        "rules/countries/DE.toml:10: the block `busines-register-excerpt` does not exist\n  \
         help: did you mean `business-register-excerpt`?\nrefused: 1 error, 0 warnings\n"
    );
    let ended = run(&directory, &[], &["serve", "--dev", "--listen", "127.0.0.1:0", "--catalogue", "rules"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("rules/countries/DE.toml:10: the block"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "", "it never listened");
}

#[test]
fn show_names_the_file_of_each_revision() {
    let directory = tempfile::tempdir().unwrap();
    overlay(&directory, SECOND);
    let arguments = ["catalogue", "show", "de", "mobile", "business", "--catalogue", "rules"];
    let ended = run(&directory, &[], &arguments);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    for expected in [
        "Germany: Mobile - Business (RN",
        "  file          countries/DE.toml:36\n",
        "  revision      2, from 2026-02-01, in force\n  file          rules/countries/DE.toml:7\n",
        "  source        a law\n",
        "  email: Email must match `^\\S+@\\S+\\.\\S+$`\n",
        "    business['email'] =~ '^\\S+@\\S+\\.\\S+$'\n",
        "Document: Business name (business_name_info)\n  An excerpt from the commercial register.\n  \
         - Excerpt from the commercial register (commercial_registrar_excerpt), with a file\n      \
         business != null && commercial_registrar_excerpt != null\n    \
         business_name: Business Name must equal the end user's `business_name`\n",
    ] {
        assert!(ended.stdout.contains(expected), "{expected}\n{}", ended.stdout);
    }
    let ended = run(&directory, &[], &["catalogue", "show", "DE", "local", "individual"]);
    assert!(
        ended.stdout.contains("no regulation, because such numbers are not to be had"),
        "{}",
        ended.stdout
    );
    let ended = run(&directory, &[], &["catalogue", "show", "AQ", "local", "individual"]);
    assert!(ended.stdout.starts_with("Nothing is known"), "{}", ended.stdout);
    let ended = run(&directory, &[], &["catalogue", "show", "Germany", "local", "individual"]);
    assert_eq!(ended.code, Some(2));
}

#[test]
fn diff_tells_people_and_programs_what_changes() {
    let directory = tempfile::tempdir().unwrap();
    overlay(&directory, SECOND);
    let ended = run(&directory, &[], &["catalogue", "diff", "builtin", "rules"]);
    assert_eq!(
        ended.stdout,
        "DE/mobile/business asks for other things from 2026-02-01 (revision 2, instead of 1)\n  \
         + end user: `email` is asked for now and must match `^\\S+@\\S+\\.\\S+$`\n  \
         - requirement `business_address_proof_info` (Business address with proof) removed\n"
    );
    let ended = run(&directory, &[], &["catalogue", "diff", "builtin", "rules", "--json"]);
    let json: Json = serde_json::from_str(&ended.stdout).unwrap();
    let change = &json[0];
    assert_eq!((json.as_array().unwrap().len(), &change["effect"]), (1, &Json::from("mixed")));
    assert_eq!(change["new"]["revision"], 2);
    assert_eq!(change["new"]["content_hash"].as_str().unwrap().len(), 64);
    assert_eq!(change["differences"][0]["kind"], "end_user_field_added");
    assert_eq!(change["differences"][0]["new"]["pattern"], r"^\S+@\S+\.\S+$");
    assert_eq!(change["differences"][1]["requirement"], "business_address_proof_info");

    let ended = run(&directory, &[], &["catalogue", "diff", "rules", "rules"]);
    assert_eq!(ended.stdout, "Nothing changes.\n");
    let ended = run(&directory, &[], &["catalogue", "diff", "rules", "nowhere"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("cannot read `nowhere`"), "{}", ended.stderr);
}

#[test]
fn what_is_served_can_be_imported() {
    let server = Server::start(&["--dev"]);
    let get = |path: &str| -> Json {
        let answer = get_as_rehearsal_account(&server, path);
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    };
    let directory = tempfile::tempdir().unwrap();
    let mut names = Vec::new();
    let mut next = "/v2/RegulatoryCompliance/Regulations?IncludeConstraints=true&PageSize=100".to_owned();
    loop {
        let page = get(&next);
        let name = format!("page-{}.json", names.len());
        fs::write(directory.path().join(&name), page.to_string()).unwrap();
        names.push(name);
        let Some(url) = page["meta"]["next_page_url"].as_str() else { break };
        next = url[url.find("/v2/").unwrap()..].to_owned();
    }
    assert_eq!(names.len(), 5);
    let arguments =
        ["catalogue", "import", "--out", "new"].into_iter().chain(names.iter().map(String::as_str));
    let ended = run(&directory, &[], &arguments.collect::<Vec<_>>());
    assert_eq!(ended.code, Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("493 regulations in "), "{}", ended.stdout);
    let ended = run(&directory, &[], &["catalogue", "check", "new"]);
    assert_eq!(ended.stdout, "fine: 1078 entries, 986 of them with rules, 0 warnings\n");
    let ended = run(&directory, &[], &["catalogue", "diff", "builtin", "new"]);
    assert_eq!(ended.stdout, "Nothing changes.\n");

    let ended = run(&directory, &[], &["catalogue", "import", "--out", "new", "page-0.json"]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("there are catalogue files in it already"), "{}", ended.stderr);
}

#[test]
fn what_cannot_be_imported_is_reported() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("page.json"), "{\"results\": [{\"sid\": 3}]}").unwrap();
    let ended = run(&directory, &[], &["catalogue", "import", "--out", "new", "page.json"]);
    assert_eq!(ended.code, Some(1));
    assert!(
        ended.stdout.starts_with("page.json: results[0]: left out: this is no regulation"),
        "{}",
        ended.stdout
    );
    assert!(!directory.path().join("new").exists());
    let arguments = ["catalogue", "import", "--out", "new", "page.json", "--effective-from", "tomorrow"];
    assert_eq!(run(&directory, &[], &arguments).code, Some(2));
}

#[test]
fn an_overlay_is_served() {
    let directory = tempfile::tempdir().unwrap();
    overlay(&directory, SECOND);
    let rules = directory.path().join("rules");
    let server = Server::start(&["--dev", "--catalogue", rules.to_str().unwrap()]);
    let answer = german_mobile(&server);
    assert!(answer.contains("\"email\""), "{answer}");
    assert!(!answer.contains("business_address_proof_info"), "{answer}");
}

#[test]
fn a_hangup_takes_up_what_passes_the_check_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    overlay(&directory, SECOND);
    let rules = directory.path().join("rules");
    let server = Server::start(&["--dev", "--catalogue", rules.to_str().unwrap()]);
    assert!(!german_mobile(&server).contains("\"business_website\""));

    overlay(&directory, &SECOND.replace("\"email\"", "\"email\", \"no_such_field\""));
    server.signal("HUP");
    server.wait_for_log("the old one is served");
    assert!(server.stderr().contains("no_such_field"), "{}", server.stderr());
    assert!(german_mobile(&server).contains("\"email\""));

    overlay(&directory, &SECOND.replace("\"email\"", "\"email\", \"business_website\""));
    server.signal("HUP");
    server.wait_for_log("was read again: 493 regulations are served");
    assert!(german_mobile(&server).contains("\"business_website\""));
}

#[test]
fn a_hangup_drops_no_request() {
    // Requests go on until the last change is served; the bound is for the day on which none is.
    const REQUESTS_MAX: usize = 100_000;
    let directory = tempfile::tempdir().unwrap();
    overlay(&directory, SECOND);
    let rules = directory.path().join("rules");
    let server = Server::start(&["--dev", "--catalogue", rules.to_str().unwrap()]);
    let (requests, with_website) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed)
                    && requests.fetch_add(1, Ordering::Relaxed) < REQUESTS_MAX
                {
                    let answer = german_mobile(&server);
                    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
                    // One catalogue or the other, and nothing between.
                    let (email, website) =
                        (answer.contains("\"email\""), answer.contains("\"business_website\""));
                    assert!(email != website, "{answer}");
                    with_website.fetch_add(usize::from(website), Ordering::Relaxed);
                }
            });
        }
        for field in ["\"business_website\"", "\"email\"", "\"business_website\"", "\"email\""] {
            overlay(&directory, &SECOND.replace("\"email\"", field));
            server.signal("HUP");
            wait_until(
                || german_mobile(&server).contains(field),
                || format!("{field} is served: {}", server.stderr()),
            );
        }
        is_over.store(true, Ordering::Relaxed);
    });
    let (all, with_website) = (requests.into_inner(), with_website.into_inner());
    assert!((1..all).contains(&with_website), "{with_website} of {all}: requests met both catalogues");
}

/// The regulations of German mobile numbers, as they are served.
fn german_mobile(server: &Server) -> String {
    let path = "/v2/RegulatoryCompliance/Regulations?IsoCountry=DE&NumberType=mobile";
    get_as_rehearsal_account(server, path)
}
