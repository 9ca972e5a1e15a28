//! `dossier accounts create|list|rotate-token`

use super::{CommandError, once, settings};
use crate::cli::AccountsCommand;
use crate::service::{self, NewAccount};
use std::io::{self, Write, stdout};
use std::process::ExitCode;

pub(super) fn run(command: AccountsCommand) -> Result<ExitCode, CommandError> {
    match command {
        AccountsCommand::Create { friendly_name, parent, flags } => {
            let settings = settings(&flags.0)?;
            print(&once(&settings, service::create_account(&settings, &friendly_name, parent))?)?;
        }
        AccountsCommand::List(flags) => {
            let settings = settings(&flags.0)?;
            let mut stdout = stdout().lock();
            for account in once(&settings, service::list_accounts(&settings))? {
                writeln!(stdout, "{}  {:9}  {}", account.sid, account.status, account.friendly_name)?;
            }
        }
        AccountsCommand::RotateToken { account_sid, revoke_old, flags } => {
            let settings = settings(&flags.0)?;
            print(&once(&settings, service::rotate_token(&settings, account_sid, revoke_old))?)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The one time that a token is shown: in a form that people read and shells can source.
fn print(account: &NewAccount) -> io::Result<()> {
    let mut stdout = stdout().lock();
    writeln!(stdout, "TWILIO_ACCOUNT_SID={}", account.sid)?;
    writeln!(stdout, "TWILIO_AUTH_TOKEN={}", account.token.expose())?;
    writeln!(io::stderr(), "Keep the token: it cannot be shown again.")
}
