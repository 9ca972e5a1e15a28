//! SIGHUP: the directory of catalogue files is read again, and served if it passes the check.

use crate::catalogue;
use dossier_app::App;
use dossier_domain::catalogue::RegulationFilter;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{error, info};

/// Waits for SIGHUP, for ever.
#[derive(Debug)]
pub struct Hangups(Signal);

impl Hangups {
    /// From now on SIGHUP no longer ends the process.
    ///
    /// # Errors
    /// When the operating system refuses the handler.
    pub fn listen() -> io::Result<Self> {
        Ok(Self(signal(SignalKind::hangup())?))
    }

    /// Takes up the files of `directory` at every SIGHUP. Requests under way finish with the catalogue
    /// they began with; files that do not pass the check change nothing.
    pub async fn reload(mut self, app: Arc<App>, directory: Option<PathBuf>) {
        while self.0.recv().await.is_some() {
            let directory = directory.clone();
            let loaded = tokio::task::spawn_blocking(move || catalogue::load(directory.as_deref())).await;
            match loaded {
                Ok(Ok(catalogue)) => {
                    if let Err(error) = app.replace_catalogue(Arc::new(catalogue)).await {
                        let chain = dossier_app::error_chain(&error);
                        error!("The catalogue was not read again, the old one is served: {chain}");
                        continue;
                    }
                    let regulations = app.regulations(RegulationFilter::default()).len();
                    info!(regulations, "The catalogue was read again: {regulations} regulations are served");
                }
                Ok(Err(error)) => error!("The catalogue was not read again, the old one is served: {error}"),
                Err(_) => error!("The catalogue was not read again: reading it panicked"),
            }
        }
    }
}
