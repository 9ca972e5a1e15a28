//! Which bundles a proposed catalogue would break, at the command line and on the operator surface.

use crate::process::{Server, read_to_end, run};
use serde_json::{Value as Json, json};
use std::fs;
use std::io::Write;

const REHEARSAL: &str =
    "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTowMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMQ==";
const OPERATOR: &str = "Bearer dev-operator";

/// German mobile numbers of businesses ask for these fields of the end user, and for no document.
fn rules(revision: u32, fields: &str) -> String {
    format!(
        "country = \"DE\"\nname = \"Germany\"\neffective_from = 2026-02-01\nconfidence = \"documented\"\n\
         sources = [\"a law\"]\n\n[[mobile.business]]\nrevision = {revision}\nend_user = [{fields}]\ndocuments = []\n"
    )
}

fn post(
    server: &Server,
    path: &str,
    authorization: &str,
    content_type: &str,
    body: &str,
) -> (String, String) {
    let mut stream = server.connect();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nAuthorization: {authorization}\r\n\
         Content-Type: {content_type}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let answer = read_to_end(&mut stream);
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
    (head.to_owned(), body.to_owned())
}

/// Sends a form of the customer surface and returns the new object's identifier.
fn create(server: &Server, path: &str, form: &str) -> String {
    let path = format!("/v2/RegulatoryCompliance/{path}");
    let (_, body) = post(server, &path, REHEARSAL, "application/x-www-form-urlencoded", form);
    let json: Json = serde_json::from_str(&body).expect(&body);
    json["sid"].as_str().expect(&body).to_owned()
}

/// A bundle that satisfies `rules(2, "business_name")`.
fn compliant_bundle(server: &Server) -> String {
    let bundle = create(
        server,
        "Bundles",
        "FriendlyName=x&Email=a@b.example&IsoCountry=DE&NumberType=mobile&EndUserType=business",
    );
    let attributes = "Attributes=%7B%22business_name%22%3A%22Example%22%7D";
    let end_user = create(server, "EndUsers", &format!("FriendlyName=x&Type=business&{attributes}"));
    create(server, &format!("Bundles/{bundle}/ItemAssignments"), &format!("ObjectSid={end_user}"));
    bundle
}

#[test]
fn an_impact_names_the_bundle_the_requirement_and_the_field() {
    let directory = tempfile::tempdir().unwrap();
    let (now, next) = (directory.path().join("now"), directory.path().join("next"));
    for (path, text) in
        [(&now, rules(2, "\"business_name\"")), (&next, rules(3, "\"business_name\", \"email\""))]
    {
        fs::create_dir_all(path.join("countries")).unwrap();
        fs::write(path.join("countries/DE.toml"), text).unwrap();
    }
    let (data, now) = (directory.path().join("data"), now.to_str().unwrap().to_owned());
    let data = data.to_str().unwrap();
    let server = Server::start(&["--dev", "--data-dir", data, "--catalogue", &now]);
    let bundle = compliant_bundle(&server);
    create(
        &server,
        "Bundles",
        "FriendlyName=x&Email=a@b.example&IsoCountry=DE&NumberType=mobile&EndUserType=business",
    );

    let ended =
        run(&directory, &[], &["catalogue", "impact", "next", "--data-dir", data, "--catalogue", &now]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let [line, total] = ended.stdout.lines().collect::<Vec<_>>()[..] else { panic!("{}", ended.stdout) };
    assert!(line.contains(&bundle) && line.ends_with("22215 business_info.email"), "{line}");
    assert!(total.starts_with("1 of 2 bundles would stop being compliant (2 are"), "{total}");

    let body =
        json!({ "files": { "countries/DE.toml": rules(3, "\"business_name\", \"email\"") } }).to_string();
    let (head, _) = post(&server, "/operator/v1/catalogue/impact", REHEARSAL, "application/json", &body);
    assert!(head.starts_with("HTTP/1.1 401"), "{head}");
    let (head, answer) = post(&server, "/operator/v1/catalogue/impact", OPERATOR, "application/json", &body);
    assert!(head.contains("application/x-ndjson"), "{head}{answer}");
    let lines: Vec<Json> = answer.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let affected = lines.iter().find(|line| line["event"] == "affected").expect(&answer);
    assert_eq!(affected["bundle_sid"], bundle.as_str());
    assert_eq!(
        affected["reasons"],
        json!([{ "requirement": "business_info", "field": "email", "code": 22215 }])
    );
    let done = json!({ "event": "done", "bundles": 2, "evaluated": 2, "affected": 1 });
    assert!(lines.contains(&done), "{answer}");
}

#[test]
fn files_that_do_not_pass_the_check_are_refused() {
    let server = Server::start(&["--dev"]);
    let body = json!({ "files": { "countries/DE.toml": rules(2, "\"no_such_field\"") } }).to_string();
    let (head, answer) = post(&server, "/operator/v1/catalogue/impact", OPERATOR, "application/json", &body);
    assert!(head.starts_with("HTTP/1.1 400") && answer.contains("no_such_field"), "{head}{answer}");
    assert!(head.contains("application/problem+json"), "{head}");
}
