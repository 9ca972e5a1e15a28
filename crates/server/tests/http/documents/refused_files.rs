//! Uploads that are refused. None leaves a row or a file behind.

use super::{DOCUMENTS, pdf_of};
use dossier_testkit::app::{Answer, Client, JPEG, PDF, PNG, Part};
use dossier_testkit::{TestApp, TestDb, on_both_engines};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;

on_both_engines! {
    files_that_are_not_accepted_leave_nothing,
    a_good_file_with_bad_parameters_leaves_nothing,
    bodies_that_cannot_be_read_leave_nothing,
    an_upload_that_is_broken_off_leaves_nothing,
}

const NAME: Part<'_> = Part::Text("FriendlyName", "Scan");
const TYPE: Part<'_> = Part::Text("Type", "passport");
const FILE: Part<'_> = Part::File("application/pdf", PDF);
const ENCRYPTED: &[u8] = include_bytes!("../../../../domain/tests/files/encrypted-owner-only.pdf");

/// Tries to make a document, and to give the file to one that exists.
async fn try_both(client: &Client, existing: &str, file: Part<'_>) -> [Answer; 2] {
    [
        client.post_parts(DOCUMENTS, &[NAME, TYPE, file]).await,
        client.post_parts(existing, &[NAME, file]).await,
    ]
}

async fn files_that_are_not_accepted_leave_nothing(db: TestDb) {
    let app = TestApp::with(db, |choices| choices.app.file_bytes_max = 20_000).await;
    let alice = app.alice();
    let existing = alice.upload_document("passport", &json!({})).await;
    let before = app.snapshot().await;
    let both = [PDF, b"PK\x03\x04"].concat();
    let picture_and_more = [PNG, b"more"].concat();
    for (name, declared, content, code) in [
        ("a text", "text/plain", b"hello".as_slice(), 12301),
        ("a text that says it is a PDF", "application/pdf", b"hello", 12301),
        ("another kind of picture", "image/gif", b"GIF89a", 12301),
        ("a program", "application/pdf", b"\x7fELF", 12301),
        ("a page", "text/html", b"<html>%PDF-1.4", 12301),
        ("nothing", "application/pdf", b"", 18024),
        ("a beginning", "application/pdf", b"%PDF-", 18024),
        ("half a PDF", "application/pdf", &PDF[..PDF.len() / 2], 18024),
        ("half a JPEG", "image/jpeg", &JPEG[..JPEG.len() / 2], 18024),
        ("half a PNG", "image/png", &PNG[..PNG.len() / 2], 18024),
        ("an encrypted PDF", "application/pdf", ENCRYPTED, 18024),
        ("two files in one", "application/pdf", &both, 18024),
        ("a picture and more", "image/png", &picture_and_more, 18024),
        ("a PDF that says it is a picture", "image/png", PDF, 18024),
        ("a picture that says it is a PDF", "application/pdf", JPEG, 18024),
    ] {
        for answer in try_both(&alice, existing.text("url"), Part::File(declared, content)).await {
            let refusal = answer.refused(400, code);
            assert!(refusal.message.len() > 20, "{name}: {}", refusal.message);
        }
        before.assert_is(&app.snapshot().await);
    }
    let too_large = pdf_of(20_001);
    for answer in try_both(&alice, existing.text("url"), Part::File("application/pdf", &too_large)).await {
        answer.refused(413, 20413).saying("20000");
    }
    before.assert_is(&app.snapshot().await);
}

async fn a_good_file_with_bad_parameters_leaves_nothing(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let before = app.snapshot().await;
    let long = "x".repeat(256);
    let huge = "x".repeat(256 * 1024);
    for (parts, status, code) in [
        ([FILE].as_slice(), 400, 22211),
        (&[FILE, TYPE], 400, 22211),
        (&[FILE, NAME], 400, 22210),
        (&[FILE, NAME, Part::Text("Type", "library_card")], 400, 22210),
        (&[NAME, Part::Text("Type", "library_card"), FILE], 400, 22210),
        (&[FILE, TYPE, Part::Text("FriendlyName", &long)], 400, 20002),
        (&[FILE, NAME, TYPE, Part::Text("Attributes", "[]")], 400, 22207),
        (&[FILE, NAME, TYPE, FILE], 400, 20001),
        (&[FILE, FILE, NAME, TYPE], 400, 20001),
        (&[FILE, NAME, TYPE, Part::Text("Attributes", "\0")], 400, 20001),
        (
            &[FILE, NAME, TYPE, Part::Raw("Content-Disposition: form-data; name=\"X\"\r\n", b"\xff")],
            400,
            20001,
        ),
        (&[FILE, NAME, TYPE, Part::Raw("Content-Disposition: form-data\r\n", b"x")], 400, 20001),
        (&[FILE, NAME, TYPE, Part::Raw("", b"x")], 400, 20001),
        (&[FILE, NAME, TYPE, Part::Text("Attributes", &huge)], 413, 20413),
    ] {
        let refusal = alice.post_parts(DOCUMENTS, parts).await.refused(status, code);
        assert!(!refusal.message.is_empty());
        before.assert_is(&app.snapshot().await);
    }
    let many: Vec<Part<'_>> =
        [FILE, NAME, TYPE].into_iter().chain((0..199).map(|_| Part::Text("a", "b"))).collect();
    alice.post_parts(DOCUMENTS, &many).await.refused(400, 20001).saying("200");
    alice.post_parts(&format!("{DOCUMENTS}/{}", crate::nobodys("RD")), &[FILE]).await.refused(404, 20404);
    before.assert_is(&app.snapshot().await);
}

async fn bodies_that_cannot_be_read_leave_nothing(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let before = app.snapshot().await;
    let whole = [
        b"--x\r\nContent-Disposition: form-data; name=\"File\"\r\n\r\n".as_slice(),
        PDF,
        b"\r\n--x\r\nContent-Disposition: form-data; name=\"FriendlyName\"\r\n\r\nScan\r\n",
        b"--x\r\nContent-Disposition: form-data; name=\"Type\"\r\n\r\npassport\r\n--x--\r\n",
    ]
    .concat();
    let post = async |boundary: &str, body: &[u8]| {
        let content_type = format!("multipart/form-data; boundary={boundary}");
        alice.request("POST", DOCUMENTS).body(&content_type, body).send().await
    };
    let inside_the_file = 200;
    let inside_the_name = whole.len() - 80;
    for (name, boundary, body) in [
        ("another boundary", "y", whole.as_slice()),
        ("no end", "x", &whole[..whole.len() - 8]),
        ("cut inside of the file", "x", &whole[..inside_the_file]),
        ("cut inside of a name", "x", &whole[..inside_the_name]),
        ("nothing at all", "x", b""),
        ("no parts", "x", b"hello"),
    ] {
        let answer = post(boundary, body).await;
        assert!(answer.status == 400, "{name}: {answer}");
        before.assert_is(&app.snapshot().await);
    }
    post("x", &whole).await.created();
}

async fn an_upload_that_is_broken_off_leaves_nothing(db: TestDb) {
    let app = TestApp::start(db).await;
    let alice = app.alice();
    let before = app.snapshot().await;
    let file = pdf_of(1_000_000);
    let whole =
        alice.request("POST", DOCUMENTS).multipart(&[NAME, TYPE, Part::File("application/pdf", &file)]);
    let bytes = whole.into_bytes();
    for sent in [500, 100_000, 900_000] {
        let mut stream = tokio::net::TcpStream::connect(app.address()).await.unwrap();
        stream.write_all(&bytes[..sent]).await.unwrap();
        if sent > 100_000 {
            until(|| !app.files().is_empty()).await;
        }
        drop(stream);
        until(|| app.files().is_empty()).await;
    }
    before.assert_is(&app.snapshot().await);
}

async fn until(condition: impl Fn() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < Duration::from_secs(20), "it does not come true");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
