//! The binary `dossier`: configuration, commands, telemetry, start and stop.
//!
//! A library for the sake of its tests and benchmarks; `main.rs` only reports how it ended.

pub mod accept;
pub mod config;
pub mod signals;
pub mod telemetry;
pub mod tls;
