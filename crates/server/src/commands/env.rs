//! `dossier env`

use super::CommandError;
use crate::config::Settings;
use crate::dev::{ACCOUNT_SID, AUTH_TOKEN, RunningUrl};
use std::io::{Write, stdout};
use std::process::ExitCode;

pub(super) fn env(settings: &Settings) -> Result<ExitCode, CommandError> {
    let url = url(settings);
    writeln!(
        stdout(),
        "export TWILIO_ACCOUNT_SID={ACCOUNT_SID}\nexport TWILIO_AUTH_TOKEN={AUTH_TOKEN}\nexport DOSSIER_URL={url}"
    )?;
    Ok(ExitCode::SUCCESS)
}

/// The address of the service that runs, else the one at which it would.
fn url(settings: &Settings) -> String {
    let public = || settings.server.public_url.as_ref().map(|url| url.as_str().to_owned());
    let scheme = if settings.tls().is_some() { "https" } else { "http" };
    RunningUrl::read(settings)
        .or_else(public)
        .unwrap_or_else(|| format!("{scheme}://{}", settings.server.listen))
}
