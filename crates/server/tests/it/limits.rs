//! Clients that would like more than their share.

use crate::process::{Server, read_to_end, wait_until};
use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

#[test]
fn a_client_that_sends_its_head_too_slowly_is_cut_off() {
    let server = Server::start(&["--header-read-timeout-seconds", "1"]);
    let mut slow = server.connect();
    let begun = Instant::now();
    slow.write_all(b"GET /live HTTP/1.1\r\nHost: test\r\nX-Slow: ").unwrap();
    // A byte now and then must not prolong it: the limit is on the whole head.
    let mut other = slow.try_clone().unwrap();
    wait_until(
        || other.try_clone().unwrap().write_all(b"x").is_err(),
        || "the end of the connection".to_owned(),
    );
    let answer = read_to_end(&mut other);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(begun.elapsed() >= Duration::from_millis(900), "{:?}", begun.elapsed());
    assert!(server.get("/live").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_connection_that_is_kept_without_use_is_closed() {
    let server = Server::start(&["--header-read-timeout-seconds", "1"]);
    let mut idle = server.connect();
    idle.write_all(b"GET /live HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
    let answer = read_to_end(&mut idle);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn without_file_descriptors_it_waits_and_does_not_spin() {
    let server = Server::start_in_shell("ulimit -n 32 && exec \"$@\"", &["--worker-threads", "1"]);
    let mut clients: Vec<TcpStream> = (0..60).map(|_| server.connect()).collect();
    server.wait_for_log("No connection can be accepted");
    let (ticks, begun) = (server.cpu_ticks(), Instant::now());
    wait_until(|| begun.elapsed() > Duration::from_secs(1), || "a second".to_owned());
    // A loop that spins uses the whole second: 100 ticks.
    let used = server.cpu_ticks() - ticks;
    assert!(used < 30, "{used} ticks of processor time in a second");
    // The pauses grow, so the log does not fill either.
    let complaints = server.stderr().matches("No connection can be accepted").count();
    assert!(complaints < 20, "{complaints}");
    clients.clear();
    assert!(server.get("/live").starts_with("HTTP/1.1 200"), "it recovers by itself");
}
