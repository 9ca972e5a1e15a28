//! `dossier serve`

use super::{CUT_OFF, CommandError, RUNTIME_END_MAX, many_threads};
use crate::accept::{Acceptor, Options};
use crate::config::Settings;
use crate::dev::{self, RunningUrl};
use crate::signals::Signals;
use crate::telemetry::{self, LogFormat};
use crate::{service, tls};
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::sleep;
use tracing::{info, warn};

/// How long connections without a request need to notice; not counted as grace.
const NOTICE: Duration = Duration::from_millis(100);

pub(super) fn serve(settings: &Settings) -> Result<ExitCode, CommandError> {
    let _log = telemetry::start(&settings.log)?;
    let runtime = many_threads(settings)?;
    let result = runtime.block_on(run(settings));
    runtime.shutdown_timeout(RUNTIME_END_MAX);
    result
}

async fn run(settings: &Settings) -> Result<ExitCode, CommandError> {
    // Before anything else, so that a signal during the start is not lost.
    let mut signals = Signals::listen()?;
    let tls = settings.tls().map(tls::load).transpose()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    // Before the database is touched: an address that is taken most likely means that it runs already.
    let address = settings.server.listen;
    let listener = TcpListener::bind(address).await;
    let listener = listener.map_err(|source| CommandError::Listen { address, source })?;
    let url = format!("{scheme}://{}", listener.local_addr()?);

    let mut service = service::open(settings).await?;
    let acceptor = Acceptor::new(
        service.router.clone(),
        Options {
            connections_max: settings.limits.connections_max.get(),
            header_read_timeout: settings.limits.header_read_timeout_seconds.duration(),
            patience: settings.limits.patience_seconds.duration(),
            tls,
        },
    );
    let _running = settings.server.dev.then(|| RunningUrl::write(settings, &url)).transpose()?;
    announce(settings, &url)?;
    acceptor.accept_until(listener, signals.next()).await;
    service.stop_working();
    let exit_code = drain(acceptor, signals, settings.server.shutdown_grace_seconds.duration()).await;
    service.close().await;
    Ok(exit_code)
}

/// The first line on standard output is for scripts; everything else is on standard error.
fn announce(settings: &Settings, url: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "listening on {url}")?;
    stdout.flush()?;
    // Whoever asks for JSON by name wants nothing else between the lines.
    if settings.server.dev && settings.log.log_format != LogFormat::Json {
        let banner = dev::banner(url, settings);
        io::stderr().write_all(banner.as_bytes())?;
    }
    for warning in &settings.warnings {
        warn!("{warning}");
    }
    let version = env!("CARGO_PKG_VERSION");
    info!(url, version, dev = settings.server.dev, "Dossier {version} listens on {url}");
    Ok(())
}

async fn drain(acceptor: Acceptor, mut signals: Signals, grace: Duration) -> ExitCode {
    let open = acceptor.open();
    info!(
        connections = open,
        grace_s = grace.as_secs(),
        "Stopping: {open} connections may finish their request"
    );
    let reason = tokio::select! {
        () = acceptor.drain() => {
            info!("Stopped: every request was finished");
            return ExitCode::SUCCESS;
        }
        () = signals.next() => "a second signal came",
        () = sleep(grace.max(NOTICE)) => "the time was over",
    };
    warn!("Stopped: requests were cut off, because {reason}");
    ExitCode::from(CUT_OFF)
}
