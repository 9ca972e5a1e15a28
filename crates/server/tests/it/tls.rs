//! HTTPS.

use crate::process::{Server, read_to_end, run};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

/// A certificate for `localhost` that signs itself.
struct Certificate {
    directory: TempDir,
    der: CertificateDer<'static>,
}

impl Certificate {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(directory.path().join("chain.pem"), made.cert.pem()).unwrap();
        fs::write(directory.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        Self { directory, der: made.cert.der().clone() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn start(&self) -> Server {
        let (chain, key) = (self.path("chain.pem"), self.path("key.pem"));
        Server::start(&["--tls-cert", chain.to_str().unwrap(), "--tls-key", key.to_str().unwrap()])
    }
}

#[test]
fn https_is_served_with_the_files_given() {
    let certificate = Certificate::new();
    let server = certificate.start();
    assert!(server.url.starts_with("https://127.0.0.1:"));

    let mut roots = RootCertStore::empty();
    roots.add(certificate.der.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(connection, server.connect());
    stream.write_all(b"GET /live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    assert!(read_to_end(&mut stream).starts_with("HTTP/1.1 200"));
}

#[test]
fn a_client_that_begins_no_handshake_holds_up_nobody() {
    let certificate = Certificate::new();
    let mut server = certificate.start();
    let _silent = server.connect();
    let mut plain = server.connect();
    plain.write_all(b"GET /live HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
    let answer = plain.read_answer();
    assert!(!answer.starts_with(b"HTTP/"), "no plain answer on a TLS port");
    server.signal("TERM");
    server.signal("TERM");
    server.wait();
}

/// Bytes up to the end: a TLS alert is not text.
trait ReadAnswer {
    fn read_answer(&mut self) -> Vec<u8>;
}

impl ReadAnswer for std::net::TcpStream {
    fn read_answer(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let _ = std::io::Read::read_to_end(self, &mut bytes);
        bytes
    }
}

#[test]
fn files_that_do_not_fit_are_refused_before_anything_starts() {
    let (one, other) = (Certificate::new(), Certificate::new());
    fs::write(one.path("empty.pem"), "").unwrap();
    for (chain, key, expected) in [
        (one.path("empty.pem"), one.path("key.pem"), "empty.pem` cannot be used for TLS"),
        (one.path("chain.pem"), one.path("chain.pem"), "chain.pem` cannot be used for TLS"),
        (one.path("chain.pem"), other.path("key.pem"), "chain.pem` and its key cannot be used for TLS"),
    ] {
        for command in [&["serve"][..], &["config", "check"]] {
            let files = ["--tls-cert", chain.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
            let arguments = [command, &files, &["--listen", "127.0.0.1:0"]].concat();
            let ended = run(&one.directory, &[], &arguments);
            assert_eq!(ended.code, Some(2), "{}", ended.stderr);
            assert!(ended.stderr.contains(expected), "{}", ended.stderr);
        }
    }
}
