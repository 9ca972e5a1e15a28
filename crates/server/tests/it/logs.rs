//! What is written where.

use crate::process::{Killed, Server, bounded, dossier, read_to_end, signal, wait};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Stdio;

#[test]
fn the_log_is_json_when_nobody_looks() {
    let mut server = Server::start(&[]);
    server.signal("TERM");
    server.wait();
    let stderr = server.stderr();
    let lines: Vec<Value> = stderr.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let started = lines.iter().find(|line| line["url"] == server.url.as_str()).expect(&stderr);
    assert_eq!(started["level"], "info");
    assert!(lines.iter().all(|line| line["time"].is_string() && line["message"].is_string()), "{stderr}");
}

#[test]
fn the_log_is_text_when_asked_for() {
    let server = Server::start(&["--log-format", "text"]);
    server.wait_for_log("listens on");
    assert!(!server.stderr().contains(['{', '\u{1b}']), "{}", server.stderr());
}

#[test]
fn the_rehearsal_mode_says_so_in_large_letters() {
    let server = Server::start(&["--dev"]);
    server.wait_for_log("dossier env");
    let stderr = server.stderr();
    for text in ["| |_) |", "AC00000000000000000000000000000001", &server.url] {
        assert!(stderr.contains(text), "{text} in {stderr}");
    }
    assert!(
        stderr.is_ascii() && stderr.lines().all(|line| line.starts_with('{') || line.len() <= 100),
        "{stderr}"
    );
}

#[test]
fn json_by_name_means_nothing_but_json() {
    let server = Server::start(&["--dev", "--log-format=json"]);
    server.wait_for_log("listens on");
    assert!(server.stderr().lines().all(|line| line.starts_with('{')), "{}", server.stderr());
}

/// Nobody reads standard error, and its pipe is full: requests are served all the same.
#[test]
fn a_log_that_nobody_reads_stalls_no_request() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = dossier();
    command.args(["serve", "--listen", "127.0.0.1:0", "--log-level", "debug"]).env_clear();
    let child = command.current_dir(directory.path()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = Killed(child.unwrap());
    let mut line = String::new();
    BufReader::new(child.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim_end().strip_prefix("listening on http://").unwrap().to_owned();
    // Each of these is worth an event of more than 100 bytes; a pipe takes 64 KiB.
    let answers =
        bounded(move || (0..1000).filter(|_| send_garbage(&address).starts_with("HTTP/1.1 400")).count());
    assert_eq!(answers, 1000);
    signal(&child.0, "TERM");
    assert_eq!(wait(&mut child.0).code(), Some(0), "nor does it stall the end");
    let mut log = String::new();
    child.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    let events = log.matches("ended early").count();
    assert!(events > 100 && events < 1000, "the pipe was full: {events} events fit");
}

fn send_garbage(address: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"garbage\r\n\r\n").unwrap();
    read_to_end(&mut stream)
}
