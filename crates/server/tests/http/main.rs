//! The service over HTTP, as customers see it. Each test runs on both engines.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests may panic like the tests, which clippy cannot see"
)]

mod auth;
mod bodies;
mod bundles;
mod hosts;
mod routes;
mod wire;

/// An identifier that nobody has: two letters and the same digit 32 times.
fn nobodys(prefix: &str) -> String {
    format!("{prefix}{}", "7".repeat(32))
}
