//! Logs: events of the `tracing` crate, written to standard error as text or as JSON lines.
//!
//! A request writes one event and opens no span, because the stock JSON and span layers cost more than
//! the database read they report. The layers here format into one buffer and hand the bytes to a thread
//! of their own ([`sink`]), so that a slow reader of standard error never holds up a request.

mod json;
mod panics;
mod settings;
mod sink;

pub use json::JsonLines;
pub use settings::{LogFormat, LogLevel};
pub use sink::{Sink, SinkThread};

use crate::config::Log;
use std::io::{IsTerminal, stderr};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

/// Sends all events of the process to standard error until the result is dropped, which waits for what
/// was logged to be written.
///
/// # Errors
/// When the process already has a subscriber, or no thread can be started.
pub fn start(log: &Log) -> Result<SinkThread, StartError> {
    let terminal = stderr().is_terminal();
    let format = log.log_format.on(terminal);
    let thread = SinkThread::start(stderr(), format.lost_lines()).map_err(StartError::Thread)?;
    let layer = match format {
        LogFormat::Json => JsonLines::new(thread.sink()).boxed(),
        LogFormat::Text | LogFormat::Auto => {
            let layer = tracing_subscriber::fmt::layer().with_writer(thread.sink());
            // The layer looks at NO_COLOR itself; only what is no terminal must be told.
            if terminal { layer.boxed() } else { layer.with_ansi(false).boxed() }
        }
    };
    let filter = log.log_level.filter();
    tracing_subscriber::registry().with(layer.with_filter(filter)).try_init()?;
    panics::log();
    Ok(thread)
}

/// Logging could not begin.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The operating system gave no thread.
    #[error("no thread for the log could be started")]
    Thread(#[source] std::io::Error),
    /// Somebody else was first.
    #[error("the process has a log already")]
    Twice(#[from] TryInitError),
}
