//! The list of all routes, for tests that walk every one of them.
//!
//! It is kept by hand, so that a route cannot be added without anybody thinking about who may use it:
//! the test below compares it with the source, others ask the running service about each entry.

/// Method and path of every route. A route with `GET` answers `HEAD` too.
pub const ROUTES: &[(&str, &str)] = &[
    ("GET", "/health"),
    ("GET", "/live"),
    ("GET", "/metrics"),
    ("GET", "/openapi"),
    ("GET", "/openapi/api-2010.json"),
    ("GET", "/openapi/operator.json"),
    ("GET", "/openapi/regulatory-compliance.json"),
    ("GET", "/v2/RegulatoryCompliance/Bundles"),
    ("POST", "/v2/RegulatoryCompliance/Bundles"),
    ("GET", "/v2/RegulatoryCompliance/Bundles/{sid}"),
    ("POST", "/v2/RegulatoryCompliance/Bundles/{sid}"),
    ("DELETE", "/v2/RegulatoryCompliance/Bundles/{sid}"),
    ("POST", "/v2/RegulatoryCompliance/Bundles/{bundle_sid}/Clones"),
    ("GET", "/v2/RegulatoryCompliance/Bundles/{bundle_sid}/Copies"),
    ("POST", "/v2/RegulatoryCompliance/Bundles/{bundle_sid}/Copies"),
    ("GET", "/v2/RegulatoryCompliance/Bundles/{bundle_sid}/Evaluations"),
    ("POST", "/v2/RegulatoryCompliance/Bundles/{bundle_sid}/Evaluations"),
    ("GET", "/v2/RegulatoryCompliance/Bundles/{bundle_sid}/Evaluations/{sid}"),
    ("GET", "/v2/RegulatoryCompliance/Bundles/{bundle_sid}/ItemAssignments"),
    ("POST", "/v2/RegulatoryCompliance/Bundles/{bundle_sid}/ItemAssignments"),
    ("GET", "/v2/RegulatoryCompliance/Bundles/{bundle_sid}/ItemAssignments/{sid}"),
    ("DELETE", "/v2/RegulatoryCompliance/Bundles/{bundle_sid}/ItemAssignments/{sid}"),
    ("POST", "/v2/RegulatoryCompliance/Bundles/{bundle_sid}/ReplaceItems"),
    ("GET", "/v2/RegulatoryCompliance/EndUserTypes"),
    ("GET", "/v2/RegulatoryCompliance/EndUserTypes/{sid}"),
    ("GET", "/v2/RegulatoryCompliance/EndUsers"),
    ("POST", "/v2/RegulatoryCompliance/EndUsers"),
    ("GET", "/v2/RegulatoryCompliance/EndUsers/{sid}"),
    ("POST", "/v2/RegulatoryCompliance/EndUsers/{sid}"),
    ("DELETE", "/v2/RegulatoryCompliance/EndUsers/{sid}"),
    ("GET", "/v2/RegulatoryCompliance/Regulations"),
    ("GET", "/v2/RegulatoryCompliance/Regulations/{sid}"),
    ("GET", "/v2/RegulatoryCompliance/SupportingDocumentTypes"),
    ("GET", "/v2/RegulatoryCompliance/SupportingDocumentTypes/{sid}"),
    ("GET", "/v2/RegulatoryCompliance/SupportingDocuments"),
    ("POST", "/v2/RegulatoryCompliance/SupportingDocuments"),
    ("GET", "/v2/RegulatoryCompliance/SupportingDocuments/{sid}"),
    ("POST", "/v2/RegulatoryCompliance/SupportingDocuments/{sid}"),
    ("DELETE", "/v2/RegulatoryCompliance/SupportingDocuments/{sid}"),
    ("GET", "/2010-04-01/Accounts.json"),
    ("POST", "/2010-04-01/Accounts.json"),
    ("GET", "/2010-04-01/Accounts/{account_sid}"),
    ("POST", "/2010-04-01/Accounts/{account_sid}"),
    ("GET", "/2010-04-01/Accounts/{account_sid}/Addresses.json"),
    ("POST", "/2010-04-01/Accounts/{account_sid}/Addresses.json"),
    ("GET", "/2010-04-01/Accounts/{account_sid}/Addresses/{sid}"),
    ("POST", "/2010-04-01/Accounts/{account_sid}/Addresses/{sid}"),
    ("DELETE", "/2010-04-01/Accounts/{account_sid}/Addresses/{sid}"),
    ("GET", "/2010-04-01/Accounts/{account_sid}/Addresses/{sid}/DependentPhoneNumbers.json"),
    ("GET", "/2010-04-01/Accounts/{account_sid}/IncomingPhoneNumbers.json"),
    ("POST", "/2010-04-01/Accounts/{account_sid}/IncomingPhoneNumbers.json"),
    ("GET", "/2010-04-01/Accounts/{account_sid}/IncomingPhoneNumbers/{sid}"),
    ("POST", "/2010-04-01/Accounts/{account_sid}/IncomingPhoneNumbers/{sid}"),
    ("DELETE", "/2010-04-01/Accounts/{account_sid}/IncomingPhoneNumbers/{sid}"),
    ("GET", "/2010-04-01/Accounts/{account_sid}/Keys.json"),
    ("POST", "/2010-04-01/Accounts/{account_sid}/Keys.json"),
    ("GET", "/2010-04-01/Accounts/{account_sid}/Keys/{sid}"),
    ("POST", "/2010-04-01/Accounts/{account_sid}/Keys/{sid}"),
    ("DELETE", "/2010-04-01/Accounts/{account_sid}/Keys/{sid}"),
    ("GET", "/operator/v1/accounts"),
    ("POST", "/operator/v1/accounts"),
    ("GET", "/operator/v1/accounts/{sid}"),
    ("POST", "/operator/v1/accounts/{sid}/activate"),
    ("POST", "/operator/v1/accounts/{sid}/close"),
    ("POST", "/operator/v1/accounts/{sid}/suspend"),
    ("GET", "/operator/v1/audit-events"),
    ("GET", "/operator/v1/bundles/{sid}/lineage"),
    ("PUT", "/operator/v1/bundles/{sid}/valid-until"),
    ("GET", "/operator/v1/campaigns"),
    ("GET", "/operator/v1/campaigns/{sid}"),
    ("GET", "/operator/v1/campaigns/{sid}/bundles"),
    ("POST", "/operator/v1/campaigns/{sid}/cancel"),
    ("POST", "/operator/v1/campaigns/{sid}/pause"),
    ("POST", "/operator/v1/campaigns/{sid}/resume"),
    ("GET", "/operator/v1/cases"),
    ("POST", "/operator/v1/cases/next"),
    ("GET", "/operator/v1/cases/{sid}"),
    ("POST", "/operator/v1/cases/{sid}/claim"),
    ("POST", "/operator/v1/cases/{sid}/confirmation"),
    ("POST", "/operator/v1/cases/{sid}/decision"),
    ("PUT", "/operator/v1/cases/{sid}/documents/{document_sid}/verdict"),
    ("POST", "/operator/v1/cases/{sid}/release"),
    ("POST", "/operator/v1/catalogue/impact"),
    ("GET", "/operator/v1/documents/{sid}/file"),
    ("POST", "/operator/v1/eligibility"),
    ("GET", "/operator/v1/deliveries"),
    ("POST", "/operator/v1/deliveries/redeliver"),
    ("GET", "/operator/v1/deliveries/{sid}"),
    ("POST", "/operator/v1/deliveries/{sid}/redeliver"),
    ("GET", "/operator/v1/erasures"),
    ("POST", "/operator/v1/erasures"),
    ("GET", "/operator/v1/erasures/{sid}"),
    ("GET", "/operator/v1/erasures/{sid}/certificate"),
    ("POST", "/operator/v1/erasures/{sid}/undo"),
    ("POST", "/operator/v1/evaluations/dry-run"),
    ("GET", "/operator/v1/legal-holds"),
    ("POST", "/operator/v1/legal-holds"),
    ("GET", "/operator/v1/legal-holds/{sid}"),
    ("POST", "/operator/v1/legal-holds/{sid}/release"),
    ("GET", "/operator/v1/numbers"),
    ("GET", "/operator/v1/numbers/{number}"),
    ("PUT", "/operator/v1/numbers/{number}"),
    ("DELETE", "/operator/v1/numbers/{number}"),
    ("GET", "/operator/v1/operators"),
    ("POST", "/operator/v1/operators"),
    ("GET", "/operator/v1/operators/{sid}"),
    ("POST", "/operator/v1/operators/{sid}/revoke"),
    ("GET", "/operator/v1/reasons"),
];

/// As [`ROUTES`], of what only rehearsal mode has. Everybody may use them: it answers on loopback only.
pub const REHEARSAL_ROUTES: &[(&str, &str)] = &[
    ("GET", "/dev/v1/callbacks"),
    ("POST", "/dev/v1/callbacks"),
    ("GET", "/dev/v1/clock"),
    ("POST", "/dev/v1/clock"),
    ("GET", "/dev/v1/mail"),
    ("POST", "/dev/v1/reset"),
    ("POST", "/dev/v1/simulate/review"),
    ("GET", "/openapi/rehearsal.json"),
];

#[cfg(test)]
mod tests {
    use super::{REHEARSAL_ROUTES, ROUTES};
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    /// Folders of route files, and what their paths are nested under.
    const PREFIXES: [(&str, &str); 4] = [
        ("src/api/v2/", "/v2/RegulatoryCompliance"),
        ("src/api/v2010/", "/2010-04-01"),
        ("src/dev/", "/dev/v1"),
        ("src/operator/", "/operator/v1"),
    ];

    #[test]
    fn the_list_is_what_the_source_says() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = BTreeSet::new();
        for file in sources(&root.join("src")).iter().filter(|file| !file.ends_with("routes.rs")) {
            let text = std::fs::read_to_string(file).unwrap();
            let name = file.strip_prefix(root).unwrap().to_str().unwrap();
            let nested = PREFIXES.iter().find(|(folder, _)| name.starts_with(folder));
            for call in text.split(".route(").skip(1) {
                let (path, methods) = call.split_once('"').unwrap().1.split_once('"').unwrap();
                let path = format!("{}{path}", nested.map_or("", |(_, prefix)| *prefix));
                found.extend(methods_of(methods).map(|method| (method, path.clone())));
            }
        }
        let all = ROUTES.iter().chain(REHEARSAL_ROUTES);
        let listed = all.clone().map(|(method, path)| (*method, (*path).to_owned())).collect();
        assert_eq!(found, listed);
        assert_eq!(listed.len(), all.count(), "no route is there twice");
    }

    fn sources(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
    }

    /// The methods in `, get(list).post(create))…`, up to the end of the call.
    fn methods_of(text: &str) -> impl Iterator<Item = &'static str> {
        let mut depth = 0;
        let end = text.find(|char| {
            depth += i32::from(char == '(') - i32::from(char == ')');
            depth < 0
        });
        let call = &text[..end.unwrap()];
        [("get(", "GET"), ("post(", "POST"), ("put(", "PUT"), ("patch(", "PATCH"), ("delete(", "DELETE")]
            .into_iter()
            .filter(move |(function, _)| call.contains(function))
            .map(|(_, method)| method)
    }
}
