//! Bodies: which are read, and how large they may be (contract 14.1 row 6).

use dossier_testkit::app::v2;
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;

on_both_engines! {
    only_forms_are_read,
    a_body_has_a_largest_size,
    odd_forms_do_no_harm,
    what_is_said_several_times_counts_once,
}

const FORM: &str = "application/x-www-form-urlencoded";

async fn only_forms_are_read(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let bundle = alice.create_bundle("Beispiel").await;
    let before = app.snapshot().await;
    let form = "FriendlyName=x&Type=business";
    let json = json!({ "FriendlyName": "x", "Type": "business" }).to_string();
    for path in [v2("/EndUsers"), v2("/SupportingDocuments"), alice.v2010("/Addresses.json")] {
        for (content_type, body) in [
            ("application/json", json.as_str()),
            ("text/plain", form),
            ("", form),
            ("application/xml", form),
            ("application/x-www-form-urlencoded2", form),
        ] {
            alice.request("POST", &path).body(content_type, body).send().await.refused(415, 20422);
        }
        alice
            .request("POST", &path)
            .body(FORM, form)
            .without("Content-Type")
            .send()
            .await
            .refused(415, 20422);
    }
    // Multipart is for documents only, and needs a boundary.
    for (path, content_type) in [
        (v2("/EndUsers"), "multipart/form-data; boundary=x"),
        (v2("/SupportingDocuments"), "multipart/form-data"),
        (v2("/SupportingDocuments"), "multipart/mixed; boundary=x"),
    ] {
        let answer = alice.request("POST", &path).body(content_type, "--x--\r\n").send().await;
        answer.refused(415, 20422);
    }
    before.assert_is(&app.snapshot().await);
    // A body without content needs no type, whatever it says it is.
    let evaluations = format!("{}/Evaluations", bundle.text("url"));
    alice.request("POST", &evaluations).send().await.created();
    alice.request("POST", &evaluations).body("application/json", "").send().await.created();
    let charset = alice.request("POST", &v2("/EndUsers")).body(&format!("{FORM}; charset=UTF-8"), form);
    charset.send().await.created();
    alice.request("POST", &v2("/EndUsers")).body(&FORM.to_uppercase(), form).send().await.created();
}

async fn a_body_has_a_largest_size(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let form_of = |bytes: usize| {
        let form = "FriendlyName=x&Type=business&Ignored=";
        format!("{form}{}", "y".repeat(bytes - form.len()))
    };
    let limit = 256 * 1024;
    let path = v2("/EndUsers");
    alice.request("POST", &path).body(FORM, form_of(limit)).send().await.created();
    let before = app.snapshot().await;
    for bytes in [limit + 1, 3 * limit, 20 * limit] {
        for path in [v2("/EndUsers"), v2("/SupportingDocuments"), alice.v2010("/Addresses.json")] {
            alice.request("POST", &path).body(FORM, form_of(bytes)).send().await.refused(413, 20413);
        }
    }
    before.assert_is(&app.snapshot().await);
}

async fn odd_forms_do_no_harm(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let post = async |form: &[u8]| alice.request("POST", &v2("/EndUsers")).body(FORM, form).send().await;
    for (form, name) in [
        (b"FriendlyName=a+b%2Bc&Type=business".as_slice(), "a b+c"),
        (b"FriendlyName=50%&Type=business", "50%"),
        (b"FriendlyName=%zz&Type=business", "%zz"),
        (b"FriendlyName=%E4&Type=business", "\u{fffd}"),
        (b"FriendlyName=\xC3\xA4&Type=business", "ä"),
        (b"FriendlyName=\xFF&Type=business", "\u{fffd}"),
        (b"FriendlyName=%F0%9F%98%80&Type=business&&=&x", "😀"),
        (b"FriendlyName=a=b&Type=business", "a=b"),
        (b"FriendlyName=x&Type=business&%00=1", "x"),
    ] {
        assert_eq!(post(form).await.created().text("friendly_name"), name);
    }
    let before = app.snapshot().await;
    for form in [
        b"FriendlyName=a%00b&Type=business".as_slice(),
        b"FriendlyName=a\0b&Type=business",
        b"FriendlyName=x&Type=business&Attributes={\"a\":\"\0\"}",
        b"\0",
        b"FriendlyName=x;Type=business",
        b"%",
        b"friendlyname=x&type=business",
    ] {
        post(form).await.refused(400, 20001);
    }
    let many = "a=b&".repeat(199) + "FriendlyName=x&Type=business";
    post(many.as_bytes()).await.refused(400, 20001).saying("200");
    before.assert_is(&app.snapshot().await);
    let enough = "a=b&".repeat(198) + "FriendlyName=x&Type=business";
    post(enough.as_bytes()).await.created();
}

async fn what_is_said_several_times_counts_once(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let form = [("FriendlyName", "one"), ("Type", "business"), ("FriendlyName", "two"), ("Type", "nonsense")];
    let end_user = alice.post(&v2("/EndUsers"), &form).await.created();
    assert_eq!((end_user.text("friendly_name"), end_user.text("type")), ("one", "business"));
    // Parameters of the query are not those of the body.
    let missing = alice.post(&v2("/EndUsers?FriendlyName=x"), &[("Type", "business")]).await;
    missing.refused(400, 20001).saying("FriendlyName");
}
