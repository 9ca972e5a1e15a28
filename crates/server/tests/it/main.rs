//! The built binary from outside: processes, signals, sockets.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests may panic like the tests, which clippy cannot see"
)]

mod audit;
mod catalogue;
mod commands;
mod impact;
mod lifecycle;
mod limits;
mod logs;
mod process;
mod tls;
