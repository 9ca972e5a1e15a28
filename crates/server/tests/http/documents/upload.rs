//! Documents with a file.

use super::{DOCUMENTS, pdf_of};
use dossier_testkit::app::{JPEG, PDF, PNG, Part};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;

on_both_engines! {
    what_a_file_is_shows_its_content,
    the_order_of_the_parts_does_not_matter,
    parts_may_be_written_in_odd_ways,
    a_file_may_have_the_largest_size,
    what_is_on_disk_is_sealed,
}

async fn what_a_file_is_shows_its_content(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    for (content, mime_type) in [(PDF, "application/pdf"), (JPEG, "image/jpeg"), (PNG, "image/png")] {
        for declared in [mime_type, "application/octet-stream", &mime_type.to_uppercase()] {
            let parts = [
                Part::Text("FriendlyName", "Scan"),
                Part::Text("Type", "passport"),
                Part::Text("Attributes", r#"{"first_name": "Erika"}"#),
                // Some clients send this; it says nothing.
                Part::Text("MimeType", "text/plain"),
                Part::File(declared, content),
            ];
            let created = alice.post_parts(DOCUMENTS, &parts).await.created();
            assert_eq!(created.text("mime_type"), mime_type);
            assert_eq!(created.text("status"), "draft");
            assert_eq!(created["attributes"], json!({ "first_name": "Erika" }));
            assert_eq!(*alice.document(created.sid()).await, *created);
        }
    }
    assert_eq!(app.files().len(), 9);
}

async fn the_order_of_the_parts_does_not_matter(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let parts = [
        Part::Text("FriendlyName", "Scan"),
        Part::Text("Type", "passport"),
        Part::Text("Attributes", "{}"),
        Part::File("application/pdf", PDF),
    ];
    let mut seen = Vec::new();
    for order in 0..24 {
        // The permutation of this number.
        let (mut left, mut order, mut shuffled) = (parts.to_vec(), order, Vec::new());
        while !left.is_empty() {
            shuffled.push(left.remove(order % left.len()));
            order /= left.len() + 1;
        }
        seen.push(format!("{shuffled:?}"));
        let created = alice.post_parts(DOCUMENTS, &shuffled).await.created();
        assert_eq!(created.text("mime_type"), "application/pdf");
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 24, "each order once");
    assert_eq!(app.files().len(), 24);
}

async fn parts_may_be_written_in_odd_ways(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    for headers in [
        // No type, no file name, an odd file name, lower case, no quotes, more headers.
        "Content-Disposition: form-data; name=\"File\"\r\n",
        "Content-Disposition: form-data; name=\"File\"; filename=\"../../etc/passwd\"\r\n",
        "Content-Disposition: form-data; name=\"File\"; filename=\"ü.pdf\"; filename*=UTF-8''%C3%BC.pdf\r\n",
        "content-disposition: form-data; name=\"File\"\r\ncontent-type: application/pdf\r\n",
        "Content-Disposition: form-data; name=File\r\n",
        "X-More: x\r\nContent-Disposition: form-data; name=\"File\"\r\nContent-Transfer-Encoding: binary\r\n",
    ] {
        let parts =
            [Part::Raw(headers, PDF), Part::Text("FriendlyName", "Größe"), Part::Text("Type", "passport")];
        let created = alice.post_parts(DOCUMENTS, &parts).await.created();
        assert_eq!((created.text("mime_type"), created.text("friendly_name")), ("application/pdf", "Größe"));
    }
}

async fn a_file_may_have_the_largest_size(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let largest = pdf_of(5 * 1024 * 1024);
    let too_large = pdf_of(5 * 1024 * 1024 + 1);
    let upload = async |file: &[u8]| {
        let parts = [
            Part::Text("FriendlyName", "Scan"),
            Part::Text("Type", "passport"),
            Part::File("application/pdf", file),
        ];
        alice.post_parts(DOCUMENTS, &parts).await
    };
    assert_eq!(upload(&largest).await.created().text("mime_type"), "application/pdf");
    let before = app.snapshot().await;
    upload(&too_large).await.refused(413, 20413).saying("5242880");
    upload(&pdf_of(12 * 1024 * 1024)).await.refused(413, 20413);
    before.assert_is(&app.snapshot().await);
}

async fn what_is_on_disk_is_sealed(db: TestDb) {
    let app = TestApp::start(db).await;
    app.alice().upload_document("passport", &json!({})).await;
    let files = app.files();
    let stored = std::fs::read(&files[0]).unwrap();
    assert_eq!(files.len(), 1);
    assert!(stored.len() > PDF.len());
    let shown = |needle: &[u8]| stored.windows(needle.len()).any(|window| window == needle);
    assert!(!shown(b"%PDF") && !shown(b"%%EOF") && !shown(&PDF[100..132]));
}
