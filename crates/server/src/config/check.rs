//! What each setting alone cannot know: combinations that make no sense, and the report of all.

use super::file::most_like;
use super::load::Refusal;
use super::{Setting, Settings};
use std::fmt::Write;

/// Variables of ours that are no settings: what `dossier env` prints, and the file.
const OTHER_VARIABLES: [&str; 2] = ["DOSSIER_URL", "DOSSIER_CONFIG"];
/// What Kubernetes and Docker set on their own for a neighbour that is called `dossier`.
const FOREIGN_VARIABLES: [&str; 2] = ["DOSSIER_SERVICE_", "DOSSIER_PORT"];

/// Combinations that are refused; `place` tells where a setting was given.
pub(super) fn refusals(settings: &Settings, place: &dyn Fn(&str) -> String) -> Vec<Refusal> {
    let (server, storage) = (&settings.server, &settings.storage);
    let mut refusals = Vec::new();
    let mut refuse = |key: &str, reason: String| refusals.push(Refusal { place: place(key), reason });

    if server.dev && !server.listen.ip().is_loopback() {
        let listen = server.listen;
        let reason = "the rehearsal mode has well-known credentials and listens on loopback addresses only";
        refuse("listen", format!("`listen` is `{listen}`, but {reason}; use `127.0.0.1:{}`", listen.port()));
    }
    match (&server.tls_cert, &server.tls_key) {
        (Some(_), None) => refuse("tls_cert", "`tls_cert` needs `tls_key` as well".to_owned()),
        (None, Some(_)) => refuse("tls_key", "`tls_key` needs `tls_cert` as well".to_owned()),
        (Some(_), Some(_)) | (None, None) => {}
    }
    if storage.master_key.is_some() && storage.master_key_file.is_some() {
        refuse("master_key_file", "`master_key` and `master_key_file` are both given; keep one".to_owned());
    }
    if settings.mail.smtp_url.is_some() && settings.mail.mail_from.is_none() {
        refuse("smtp_url", "`smtp_url` needs `mail_from`, the sender of mail".to_owned());
    }
    if let Some(path) = settings.mail.mail_templates.as_ref().filter(|path| !path.is_dir()) {
        let path = path.display();
        refuse("mail_templates", format!("`mail_templates` is `{path}`, but there is no such directory"));
    }
    let files = [
        ("tls_cert", &server.tls_cert),
        ("tls_key", &server.tls_key),
        ("master_key_file", &storage.master_key_file),
    ];
    for (key, path) in files {
        if let Some(path) = path.as_ref().filter(|path| !path.is_file()) {
            refuse(key, format!("`{key}` is `{}`, but there is no such file", path.display()));
        }
    }
    if let Some(path) = storage.catalogue.as_ref().filter(|path| !path.is_dir()) {
        refuse("catalogue", format!("`catalogue` is `{}`, but there is no such directory", path.display()));
    }
    if storage.data_dir.exists() && !storage.data_dir.is_dir() {
        refuse("data_dir", format!("`data_dir` is `{}`, which is a file", storage.data_dir.display()));
    }
    refusals
}

/// What is allowed but probably not meant.
pub(super) fn warnings(settings: &Settings) -> Vec<String> {
    let server = &settings.server;
    let mut warnings = Vec::new();
    let tls_in_front = server.public_url.as_ref().is_some_and(super::PublicUrl::is_https);
    if !server.listen.ip().is_loopback() && settings.tls().is_none() && !tls_in_front {
        warnings.push(format!(
            "`listen` is `{}` without TLS: credentials and documents cross the network readable; give `tls_cert` \
             and `tls_key`, or put a TLS proxy in front and set `public_url` to its https address",
            server.listen
        ));
    }
    if settings.mail.smtp_url.is_some() && server.dev {
        warnings
            .push("`smtp_url` is given, but the rehearsal mode keeps mail instead of sending it".to_owned());
    }
    warnings
}

/// Variables that look like settings and are none.
pub(super) fn unknown_variables<'a>(
    settings: &[&Setting],
    names: impl Iterator<Item = &'a String>,
) -> Vec<String> {
    let variables: Vec<String> = settings.iter().map(|setting| setting.variable()).collect();
    let known = |name: &str| {
        variables.iter().any(|variable| variable == name)
            || OTHER_VARIABLES.contains(&name)
            || FOREIGN_VARIABLES.iter().any(|prefix| name.starts_with(prefix))
    };
    let warning = |name: &String| match most_like(name, variables.iter().map(String::as_str)) {
        Some(likely) => format!("the variable `{name}` is no setting; did you mean `{likely}`?"),
        None => format!("the variable `{name}` is no setting"),
    };
    let mut warnings: Vec<String> = names.filter(|name| !known(name)).map(warning).collect();
    warnings.sort();
    warnings
}

/// What `config check` prints: every setting, its value, and where it came from.
pub fn report(settings: &Settings) -> String {
    let width = |text: fn(&super::Effective) -> &str| {
        settings.effective.iter().map(|row| text(row).chars().count()).max().unwrap_or(0)
    };
    let (key_width, value_width) = (width(|row| row.key), width(|row| &row.shown));
    let mut report = String::new();
    for row in &settings.effective {
        let (key, shown, origin) = (row.key, &row.shown, &row.origin);
        // Writing to a string cannot fail.
        let _ = writeln!(report, "{key:key_width$}  {shown:value_width$}  {origin}");
    }
    for warning in &settings.warnings {
        let _ = writeln!(report, "warning: {warning}");
    }
    report
}
