//! What sealing a column, hashing a token and opening a data key cost, in nanoseconds a call.

#![expect(clippy::print_stdout, reason = "the table is what the program is for")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use dossier_domain::sid::{AccountSid, EndUserSid};
use dossier_store::seal::{Aad, DataKey, Keyring, MasterKey, MasterKeys, TokenHasher, blind_index};

/// Each measurement runs for this long, five times; the fastest counts.
const RUN_TIME: Duration = Duration::from_millis(200);

fn main() {
    let account = AccountSid::from_bytes([1; 16]);
    let place = || Aad::new("end_users", "attributes", account, EndUserSid::from_bytes([2; 16]));
    let key = DataKey::generate(1);
    for bytes in [16, 500, 5_000] {
        let plain = vec![7; bytes];
        let sealed = key.seal(&place(), &plain);
        measure(&format!("seal {bytes} B"), || key.seal(&place(), black_box(&plain)));
        measure(&format!("open {bytes} B"), || key.open(&place(), black_box(&sealed)));
    }
    let hasher = TokenHasher::new(&key, "account token");
    let token = "0123456789abcdef0123456789abcdef";
    measure("hash a token", || hasher.hash(black_box(token)));
    measure("blind index", || blind_index(&key, "end_users.email", black_box("jane@example.com")));

    let keyring = Keyring::new(MasterKeys::new(MasterKey::generate()));
    let (_, wrapped) = keyring.new_data_key(account, 1);
    measure("open a data key", || keyring.open_data_key(account, black_box(&wrapped)));
    measure("cached data key", || keyring.cached(black_box(account)));
}

fn measure<T>(name: &str, mut call: impl FnMut() -> T) {
    let nanoseconds = (0..5).map(|_| run(&mut call)).fold(f64::INFINITY, f64::min);
    println!("{name:<20} {nanoseconds:>8.0} ns");
}

fn run<T>(call: &mut impl FnMut() -> T) -> f64 {
    let start = Instant::now();
    let mut calls = 0_u32;
    while start.elapsed() < RUN_TIME {
        for _ in 0..100 {
            black_box(call());
        }
        calls += 100;
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(calls)
}
