//! The floor programs: the least that a fetch, a create, a list and an upload can cost with the same
//! framework, the same database and the same machine.
//!
//!     floor fill DB ROWS            makes the table and fills it
//!     floor serve DB FOLDER THREADS serves it on a free port of 127.0.0.1, which it prints
//!
//! There are no credentials, no log, no audit, no sealing and no checks: everything the product adds is
//! missing on purpose, so that the ratio of the two says what the product's work costs.

mod record;
mod routes;
mod table;
mod upload;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["fill", db, rows] => table::fill(db, rows.parse().expect("ROWS is a number")),
        ["serve", db, folder, threads] => serve(db, folder, threads.parse().expect("THREADS is a number")),
        _ => {
            eprintln!("usage: floor fill DB ROWS | floor serve DB FOLDER THREADS");
            std::process::exit(2);
        }
    }
}

fn serve(db: &str, folder: &str, threads: usize) {
    let floor = Arc::new(routes::Floor {
        db: db.to_owned(),
        writer: writer::start(table::open_writer(db)),
        folder: PathBuf::from(folder),
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    runtime.expect("threads can be started").block_on(async {
        // Spawned, so that the accept loop runs on a worker as well.
        tokio::spawn(routes::serve(floor)).await.expect("the server does not panic");
    });
}
