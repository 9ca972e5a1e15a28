//! A callback goes out over TLS, to whom the roots of the system vouch for and to nobody else.

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, mpsc};
use std::{fs, thread};

use crate::client::Client;
use crate::database::Database;
use crate::installation::{Installation, SOON, wait_until};
use crate::told::change;

#[test]
fn certificates_are_checked() {
    let mut installation = Installation::new();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let roots = installation.path().join("roots.pem");
    fs::write(&roots, made.cert.pem()).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
    let (port, requests) = receive(Arc::new(config));
    let database = Database::Sqlite(installation.data().join("dossier.db"));
    let outcomes = || database.column("SELECT outcome FROM delivery_attempts ORDER BY at");

    let service = installation.start();
    change(&mut Client::new(service.address), &database, &format!("https://localhost:{port}/"));
    wait_until(SOON, "a refused certificate", || outcomes() == ["TLS failed"]);
    service.stop();
    assert!(requests.try_recv().is_err(), "nothing was sent");

    installation.set("SSL_CERT_FILE", roots.to_str());
    let service = installation.start();
    change(&mut Client::new(service.address), &database, &format!("https://localhost:{port}/hook"));
    assert_eq!(requests.recv_timeout(SOON).unwrap(), "POST /hook HTTP/1.1\r\n");
    wait_until(SOON, "an accepted certificate", || outcomes() == ["TLS failed", "status 204"]);
    // By its number it is somebody else.
    change(&mut Client::new(service.address), &database, &format!("https://127.0.0.1:{port}/"));
    wait_until(SOON, "another name", || outcomes() == ["TLS failed", "status 204", "TLS failed"]);
    service.stop();
}

/// A receiver that answers 204; the first line of each request comes out of the channel.
fn receive(config: Arc<ServerConfig>) -> (u16, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, requests) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = BufReader::new(StreamOwned::new(connection, stream.unwrap()));
            let mut line = String::new();
            // Whoever does not trust us says so here.
            if stream.read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
                sender.send(line).unwrap();
                stream.get_mut().write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
            }
        }
    });
    (port, requests)
}
