//! `dossier worker`

use super::{CommandError, RUNTIME_END_MAX, many_threads};
use crate::config::Settings;
use crate::service;
use crate::signals::Signals;
use crate::telemetry;
use std::process::ExitCode;
use tracing::{info, warn};

pub(super) fn work(settings: &Settings) -> Result<ExitCode, CommandError> {
    let _log = telemetry::start(&settings.log)?;
    let runtime = many_threads(settings)?;
    let result = runtime.block_on(run(settings));
    runtime.shutdown_timeout(RUNTIME_END_MAX);
    result
}

async fn run(settings: &Settings) -> Result<ExitCode, CommandError> {
    let mut signals = Signals::listen()?;
    for warning in &settings.warnings {
        warn!("{warning}");
    }
    info!("Dossier {} works, and serves nothing", env!("CARGO_PKG_VERSION"));
    service::work(settings, signals.next()).await?;
    info!("Stopped");
    Ok(ExitCode::SUCCESS)
}
