//! The binary `dossier`: configuration, commands, telemetry, start and stop.
//!
//! A library for the sake of its tests and benchmarks; `main.rs` only reports how it ended.

pub mod accept;
pub mod catalogue;
pub mod cli;
pub mod commands;
pub mod config;
pub mod dev;
pub mod reload;
pub mod service;
pub mod signals;
pub mod telemetry;
pub mod tls;
