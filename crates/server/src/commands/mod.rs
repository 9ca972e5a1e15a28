//! What the commands do, one file each.

mod accounts;
mod audit;
mod backup;
mod catalogue;
mod config;
mod env;
mod keys;
mod migrate;
mod operators;
mod restore;
mod serve;
mod worker;

use crate::catalogue::CatalogueError;
use crate::cli::{Cli, Command};
use crate::config::{ConfigError, Flags, Settings, environment};
use crate::service::ServiceError;
use crate::telemetry;
use crate::tls::TlsError;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;
use tokio::runtime::Runtime;

/// How long a task that does not end may hold up the end of the process.
const RUNTIME_END_MAX: Duration = Duration::from_secs(1);
/// Requests were cut off.
const CUT_OFF: u8 = 3;

/// Runs the command.
///
/// # Errors
/// [`CommandError`], which has not been told to the user yet.
pub fn run(cli: Cli) -> Result<ExitCode, CommandError> {
    match cli.command {
        Command::Serve(flags) => serve::serve(&settings(&flags)?),
        Command::Worker(flags) => worker::work(&settings(&flags)?),
        Command::Migrate(flags) => migrate::migrate(&settings(&flags.0)?),
        Command::Config(command) => config::run(&command),
        Command::Accounts(command) => accounts::run(command),
        Command::Operators(command) => operators::run(command),
        Command::Catalogue(command) => catalogue::run(&command),
        Command::Audit(command) => audit::run(command),
        Command::Keys(command) => keys::run(&command),
        Command::Backup { directory, check: true, .. } => backup::check(&directory),
        Command::Backup { directory, documents, flags, .. } => {
            backup::back_up(&settings(&flags.0)?, &directory, documents)
        }
        Command::Restore { directory, start_over, flags } => {
            restore::restore(&settings(&flags.0)?, &directory, start_over)
        }
        Command::Env(flags) => env::env(&settings(&flags)?),
    }
}

/// The command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The certificate or its key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The log could not begin.
    #[error(transparent)]
    Telemetry(#[from] telemetry::StartError),
    /// The address is taken, or not one of this machine.
    #[error("cannot listen on `{address}`")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The catalogue cannot be used.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The service could not do it.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// A file is no exported checkpoint.
    #[error("`{file}` is no checkpoint that `dossier audit checkpoint` printed: {reason}")]
    Checkpoint {
        /// The file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file is no certificate of erasure.
    #[error("`{file}` is no certificate of erasure: {reason}")]
    Certificate {
        /// The file.
        file: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system refused threads, signal handlers, or the output.
    #[error("the operating system refused something that is needed")]
    System(#[from] io::Error),
}

impl CommandError {
    /// 2 when the settings are at fault, as for faults of the command line; 1 otherwise.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) | Self::Tls(_) => 2,
            Self::Telemetry(_)
            | Self::Listen { .. }
            | Self::Catalogue(_)
            | Self::Service(_)
            | Self::Checkpoint { .. }
            | Self::Certificate { .. }
            | Self::System(_) => 1,
        }
    }
}

fn settings(flags: &Flags) -> Result<Settings, CommandError> {
    Ok(Settings::load(flags, environment())?)
}

/// The runtime of a command that goes on until it is stopped.
fn many_threads(settings: &Settings) -> io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(settings.worker_threads())
        .thread_name("worker")
        .enable_all()
        .build()
}

/// Runs the work of a command that serves nothing, with the log of the settings.
fn once<T>(
    settings: &Settings,
    work: impl Future<Output = Result<T, ServiceError>>,
) -> Result<T, CommandError> {
    let _log = telemetry::start(&settings.log)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(work)?)
}
