//! What one access event costs the request that writes it; the budget is 5 µs.
//!
//! `cargo bench -p dossier-server --bench log_event` prints nanoseconds per event for one thread and for
//! two at once, with the output thrown away and with a system call per batch.
#![expect(clippy::print_stdout, reason = "a benchmark prints its results")]

use dossier_server::telemetry::{JsonLines, SinkThread};
use std::fs::File;
use std::io::{self, Write};
use std::thread;
use std::time::Instant;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Layer, SubscriberExt};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const EVENTS: u32 = 200_000;

fn main() {
    let file = || File::create("/dev/null").expect("/dev/null can be opened");
    measure("one thread, no output", io::sink(), 1);
    measure("one thread, /dev/null", file(), 1);
    measure("two threads, /dev/null", file(), 2);
}

fn measure(name: &str, output: impl Write + Send + 'static, threads: u32) {
    let thread = SinkThread::start(output, |lines| format!("{lines} lost\n")).expect("a thread starts");
    let filter = Targets::new().with_default(LevelFilter::INFO);
    let subscriber = tracing_subscriber::registry().with(JsonLines::new(thread.sink()).with_filter(filter));
    let dispatch = tracing::Dispatch::new(subscriber);
    let begun = Instant::now();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                tracing::dispatcher::with_default(&dispatch, || (0..EVENTS).for_each(access_event));
            });
        }
    });
    let nanoseconds = begun.elapsed().as_nanos() / u128::from(EVENTS);
    println!("{name:24} {nanoseconds:5} ns per event and thread");
}

/// The event of one request, with the fields that the web layer writes.
fn access_event(number: u32) {
    let sid = format_args!("RQ{number:032x}");
    let (account, route) = ("AC00000000000000000000000000000001", "/v2/RegulatoryCompliance/Bundles/{sid}");
    tracing::info!(
        target: "access",
        {
            request.id = %sid,
            account.sid = account,
            http.method = "GET",
            http.route = route,
            http.status = 200,
            http.response_bytes = 948,
            request.duration_us = number,
            request.concurrent = 3,
        },
        "GET {route} 200"
    );
}
