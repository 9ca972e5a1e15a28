//! The built binary when things break: it is killed, its database is killed, its disk is full, its key
//! is gone.
//!
//! Each part names the seed of its randomness; `DOSSIER_TEST_SEED` repeats it. `DOSSIER_TEST_KILLS`
//! is how often the service is killed per test, 20 when it is not set; raise it for a soak.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "all of this is tests, but only functions marked `#[test]` count as such"
)]

mod audit;
mod backup;
mod callback_tls;
mod campaign;
mod client;
mod cluster;
mod commands;
mod crew;
mod database;
mod database_gone;
mod disk_full;
mod installation;
mod killed;
mod ledger;
mod master_key;
mod nodes;
mod records;
mod secrets;
mod settings;
mod told;
mod worker;
