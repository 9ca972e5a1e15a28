//! Start and stop.

use crate::process::{Server, read_to_end};
use std::io::Write;
use std::net::TcpStream;

#[test]
fn it_is_alive_at_the_address_it_names() {
    let server = Server::start(&[]);
    let answer = server.get("/live");
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(server.address.ip().is_loopback() && server.address.port() > 0);
}

#[test]
fn the_first_signal_lets_a_slow_request_finish() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::start(&["--shutdown-grace-seconds", "3600"]);
        let mut slow = server.connect();
        slow.write_all(b"GET /live HTTP/1.1\r\nHost: te").unwrap();
        // Another request has been answered, so the slow one was accepted before the signal.
        server.get("/live");
        server.signal(signal);
        server.wait_for_log("Stopping: 1 connections");
        assert!(TcpStream::connect(server.address).is_err(), "new clients are refused");
        slow.write_all(b"st\r\n\r\n").unwrap();
        let answer = read_to_end(&mut slow);
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert!(answer.to_ascii_lowercase().contains("connection: close"), "{answer}");
        assert_eq!(server.wait().code(), Some(0));
        assert!(server.stderr().contains("every request was finished"), "the log is complete at the end");
    }
}

#[test]
fn the_second_signal_ends_at_once() {
    let mut server = Server::start(&["--shutdown-grace-seconds", "3600"]);
    let mut slow = server.connect();
    slow.write_all(b"GET /live HTTP/1.1\r\nHost: te").unwrap();
    server.get("/live");
    server.signal("TERM");
    server.wait_for_log("Stopping");
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(3));
    assert!(server.stderr().contains("cut off, because a second signal came"));
}

#[test]
fn the_grace_period_is_the_most_that_a_request_gets() {
    let mut server = Server::start(&["--shutdown-grace-seconds", "0"]);
    let mut slow = server.connect();
    slow.write_all(b"GET /live HTTP/1.1\r\nHost: te").unwrap();
    server.get("/live");
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(3));
    assert!(server.stderr().contains("cut off, because the time was over"));
}

#[test]
fn nothing_to_wait_for_is_a_clean_end() {
    let mut server = Server::start(&["--shutdown-grace-seconds", "0"]);
    let mut idle = server.connect();
    server.get("/live");
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    assert_eq!(read_to_end(&mut idle), "");
}

#[test]
fn idle_it_is_small() {
    let server = Server::start(&[]);
    server.get("/live");
    // The budget of 40 MiB is for release builds, and the benchmarks measure it; this guards against
    // something that grows without anybody noticing.
    assert!(server.memory_kib() < 64 * 1024, "{} KiB", server.memory_kib());
}

/// Whoever tries the rehearsal mode and then serves the same directory for real must not leave a door
/// open that the whole world has the key of.
#[test]
fn the_rehearsal_credentials_do_nothing_outside_of_rehearsal_mode() {
    let account =
        "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTowMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMQ==";
    let directory = tempfile::tempdir().unwrap();
    let data_dir = directory.path().to_str().unwrap();
    for (arguments, expected) in
        [(&["--dev", "--data-dir", data_dir][..], "200"), (&["--data-dir", data_dir], "401")]
    {
        let mut server = Server::start(arguments);
        let answer = ask(&server, "GET /v2/RegulatoryCompliance/Bundles", account);
        assert!(answer.starts_with(&format!("HTTP/1.1 {expected}")), "{arguments:?}: {answer}");
        // A token that works gets as far as the body, which is missing.
        let answer = ask(&server, "POST /operator/v1/evaluations/dry-run", "Bearer dev-operator");
        assert_eq!(answer.starts_with("HTTP/1.1 401"), expected == "401", "{arguments:?}: {answer}");
        server.signal("TERM");
        server.wait();
    }
}

fn ask(server: &Server, what: &str, authorization: &str) -> String {
    let mut stream = server.connect();
    let head = "HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: 0";
    write!(stream, "{what} {head}\r\nAuthorization: {authorization}\r\n\r\n").unwrap();
    read_to_end(&mut stream)
}
