//! What a serving process does by itself, as long as it lives.

use dossier_app::App;
use std::sync::Arc;
use std::time::Duration;
use tracing::{info, warn};

/// How often files without a row are looked for.
const SWEEP_INTERVAL: Duration = Duration::from_secs(60 * 60);
/// How often audit events are sealed. What was recorded since can still be changed without a trace.
const SEAL_INTERVAL: Duration = Duration::from_secs(60);

pub(super) async fn seal_regularly(app: Arc<App>) {
    loop {
        seal_audit(&app).await;
        tokio::time::sleep(SEAL_INTERVAL).await;
    }
}

/// The number and the hash go into the log: wherever it is kept, it proves what was sealed.
pub(super) async fn seal_audit(app: &App) {
    match app.seal_audit().await {
        Ok(sealed) => {
            let Some(newest) = sealed.newest else { return };
            let (events, number, hash) = (sealed.events, newest.checkpoint.number, newest.hash);
            info!(
                audit.checkpoint = number,
                audit.hash = %hash,
                events,
                "Sealed {events} audit events; checkpoint {number} is {hash}"
            );
        }
        Err(error) => {
            warn!(error = &error as &dyn std::error::Error, "Audit events could not be sealed");
        }
    }
}

/// Each step by itself: what keeps one from being done is no reason to leave out the others.
pub(super) async fn sweep(app: Arc<App>) {
    loop {
        tokio::time::sleep(SWEEP_INTERVAL).await;
        match app.plan_account_erasures().await {
            Ok(0) => {}
            Ok(accounts) => info!(accounts, "Planned the erasure of {accounts} closed accounts"),
            Err(error) => {
                warn!(
                    error = &error as &dyn std::error::Error,
                    "The erasure of accounts could not be planned"
                );
            }
        }
        match app.sweep_deliveries().await {
            Ok(0) => {}
            Ok(deliveries) => info!(deliveries, "Removed the messages of {deliveries} old deliveries"),
            Err(error) => {
                warn!(error = &error as &dyn std::error::Error, "Old deliveries could not be emptied");
            }
        }
        forget_destroyed_keys(&app).await;
        match app.sweep_files().await {
            Ok(0) => {}
            Ok(files) => info!(files, "Deleted {files} document files that no document names"),
            Err(error) => {
                warn!(error = &error as &dyn std::error::Error, "Document files could not be swept");
            }
        }
    }
}

/// A node that only works has no sweep, but keys in its memory.
pub(super) async fn forget_regularly(app: Arc<App>) {
    loop {
        tokio::time::sleep(SWEEP_INTERVAL).await;
        forget_destroyed_keys(&app).await;
    }
}

pub(super) async fn forget_destroyed_keys(app: &App) {
    if let Err(error) = app.forget_destroyed_keys().await {
        warn!(error = &error as &dyn std::error::Error, "Keys of erased accounts could not be forgotten");
    }
}
