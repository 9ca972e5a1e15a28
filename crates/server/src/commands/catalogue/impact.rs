//! `dossier catalogue impact DIR`

use crate::commands::{CommandError, once, settings};
use crate::config::Flags;
use crate::service;
use dossier_app::{AffectedBundle, ImpactEvent, ImpactProgress};
use dossier_domain::catalogue::Catalogue;
use std::io::{BufWriter, IsTerminal, Write, stderr, stdout};
use std::process::ExitCode;
use tokio::sync::mpsc;

/// Events that may wait for a slow terminal.
const WAITING_MAX: usize = 1000;

pub(super) fn impact(proposed: &Catalogue, flags: &Flags) -> Result<ExitCode, CommandError> {
    let settings = settings(flags)?;
    let (listener, mut events) = mpsc::channel(WAITING_MAX);
    let progress = once(&settings, async {
        let printing = async {
            let mut out = BufWriter::new(stdout());
            while let Some(event) = events.recv().await {
                match event {
                    ImpactEvent::Affected(bundle) => writeln!(out, "{}", line(&bundle))?,
                    ImpactEvent::Progress(progress) => {
                        out.flush()?;
                        show(progress)?;
                    }
                }
            }
            out.flush()
        };
        let (progress, printed) = tokio::join!(service::impact(&settings, proposed, listener), printing);
        printed.map_err(service::ServiceError::Output)?;
        progress
    })?;
    let ImpactProgress { bundles, evaluated, affected } = progress;
    writeln!(
        stdout(),
        "{affected} of {bundles} bundles would stop being compliant ({evaluated} are of a regulation that changes)"
    )?;
    Ok(ExitCode::SUCCESS)
}

/// One bundle: whose, which, where it stands, and what it would lack.
fn line(bundle: &AffectedBundle) -> String {
    let reasons = bundle.reasons.iter().map(|reason| match &reason.field {
        Some(field) => format!("{} {}.{field}", reason.code, reason.requirement),
        None => format!("{} {}", reason.code, reason.requirement),
    });
    let reasons: Vec<_> = reasons.collect();
    let (account, sid, status, regulation) =
        (bundle.account, bundle.bundle, bundle.status, bundle.regulation);
    format!("{account}  {sid}  {status}  {regulation}  {}", reasons.join(", "))
}

/// A line that is written over itself, where somebody looks.
fn show(progress: ImpactProgress) -> std::io::Result<()> {
    if stderr().is_terminal() {
        write!(stderr(), "\r{} bundles, {} affected\x1b[K", progress.bundles, progress.affected)?;
    }
    Ok(())
}
