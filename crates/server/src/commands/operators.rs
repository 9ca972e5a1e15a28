//! `dossier operators create|list|revoke`

use super::{CommandError, once, settings};
use crate::cli::OperatorsCommand;
use crate::service;
use std::io::{self, Write, stdout};
use std::process::ExitCode;

pub(super) fn run(command: OperatorsCommand) -> Result<ExitCode, CommandError> {
    match command {
        OperatorsCommand::Create { name, role, flags } => {
            let settings = settings(&flags.0)?;
            let new = once(&settings, service::create_operator(&settings, &name, role))?;
            writeln!(stdout(), "DOSSIER_OPERATOR_SID={}", new.sid)?;
            writeln!(stdout(), "DOSSIER_OPERATOR_TOKEN={}", new.token.expose())?;
            writeln!(io::stderr(), "Keep the token: it is stored as a hash and cannot be shown again.")?;
        }
        OperatorsCommand::List(flags) => {
            let settings = settings(&flags.0)?;
            let mut stdout = stdout().lock();
            for operator in once(&settings, service::list_operators(&settings))? {
                let state = if operator.revoked_at.is_some() { "revoked" } else { "active" };
                let (sid, role, name) = (operator.sid, operator.role.as_str(), operator.name.as_str());
                writeln!(stdout, "{sid}  {role:8}  {state:7}  {name}")?;
            }
        }
        OperatorsCommand::Revoke { operator_sid, flags } => {
            let settings = settings(&flags.0)?;
            let revoked = once(&settings, service::revoke_operator(&settings, operator_sid))?;
            let outcome = if revoked { "does not work any more" } else { "had been revoked before" };
            writeln!(stdout(), "The token of {operator_sid} {outcome}")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
