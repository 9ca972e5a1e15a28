//! The service over HTTP, as customers see it. Each test runs on both engines.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "all of this is tests, but only functions marked `#[test]` count as such"
)]

mod accounts;
mod addresses;
mod audit;
mod audit_chain;
mod audit_events;
mod auth;
mod bodies;
mod bundles;
mod campaigns;
mod catalogue;
mod copies;
mod documents;
mod dry_run;
mod end_users;
mod erasures;
mod evaluations;
mod golden;
mod hosts;
mod impact;
mod incoming_phone_numbers;
mod item_assignments;
mod notices;
mod numbers;
mod openapi;
mod operator_accounts;
mod operators;
mod races;
mod rehearsal;
mod review;
mod robustness;
mod routes;
mod submission;
mod validity;
mod wire;

/// An identifier that nobody has: two letters and the same digit 32 times.
fn nobodys(prefix: &str) -> String {
    format!("{prefix}{}", "7".repeat(32))
}
