//! Accounts and operators at the command line.

use super::{ServiceError, open_app};
use crate::config::{Secret, Settings};
use dossier_domain::account::Account;
use dossier_domain::operator::{Operator, Role};
use dossier_domain::sid::{AccountSid, OperatorSid};
use dossier_domain::text::FriendlyName;

/// Accounts or operators that are read at once.
const PAGE: u32 = 500;

/// An account with the only sight of its token.
#[derive(Debug)]
pub struct NewAccount {
    /// The user name of its requests.
    pub sid: AccountSid,
    /// The password of its requests.
    pub token: Secret,
}

/// One line of `accounts list`.
#[derive(Debug)]
pub struct AccountLine {
    /// The account.
    pub sid: AccountSid,
    /// Its state, such as `active`.
    pub status: &'static str,
    /// Its name.
    pub friendly_name: String,
}

/// Makes an account.
///
/// # Errors
/// [`ServiceError`] when its name is no name, there is no such parent, or it cannot be stored.
pub async fn create_account(
    settings: &Settings,
    friendly_name: &str,
    parent: Option<AccountSid>,
) -> Result<NewAccount, ServiceError> {
    let name = FriendlyName::parse(friendly_name).map_err(dossier_app::Error::from)?;
    let new = open_app(settings).await?.create_account(name, parent).await?;
    Ok(NewAccount { sid: new.account.sid, token: Secret::new(new.auth_token) })
}

/// All accounts, oldest first.
///
/// # Errors
/// [`ServiceError`] when they cannot be read.
pub async fn list_accounts(settings: &Settings) -> Result<Vec<AccountLine>, ServiceError> {
    let app = open_app(settings).await?;
    let (mut lines, mut last) = (Vec::new(), None);
    loop {
        let accounts = app.list_accounts(last, PAGE).await?;
        last = accounts.last().map(Account::position);
        lines.extend(accounts.into_iter().map(|account| AccountLine {
            sid: account.sid,
            status: account.status.as_str(),
            friendly_name: account.friendly_name.as_str().to_owned(),
        }));
        if last.is_none() {
            return Ok(lines);
        }
    }
}

/// Gives an account a new primary token. The old one becomes the secondary token, unless `revoke_old`.
///
/// # Errors
/// [`ServiceError`] when there is no such account or it cannot be stored.
pub async fn rotate_token(
    settings: &Settings,
    account: AccountSid,
    revoke_old: bool,
) -> Result<NewAccount, ServiceError> {
    let token = open_app(settings).await?.rotate_token(account, revoke_old).await?;
    Ok(NewAccount { sid: account, token: Secret::new(token) })
}

/// An operator with the only sight of its token.
#[derive(Debug)]
pub struct NewOperator {
    /// The operator.
    pub sid: OperatorSid,
    /// Its bearer token.
    pub token: Secret,
}

/// Makes an operator.
///
/// # Errors
/// [`ServiceError`] when its name is no name, or it cannot be stored.
pub async fn create_operator(
    settings: &Settings,
    name: &str,
    role: Role,
) -> Result<NewOperator, ServiceError> {
    let name = FriendlyName::parse(name).map_err(dossier_app::Error::from)?;
    let new = open_app(settings).await?.create_operator(name, role).await?;
    Ok(NewOperator { sid: new.operator.sid, token: Secret::new(new.token) })
}

/// All operators, oldest first, revoked ones included.
///
/// # Errors
/// [`ServiceError`] when they cannot be read.
pub async fn list_operators(settings: &Settings) -> Result<Vec<Operator>, ServiceError> {
    let app = open_app(settings).await?;
    let mut operators: Vec<Operator> = Vec::new();
    loop {
        let page = app.list_operators(operators.last().map(Operator::position), PAGE).await?;
        if page.is_empty() {
            return Ok(operators);
        }
        operators.extend(page);
    }
}

/// Ends an operator's token. `false` when it had ended before.
///
/// # Errors
/// [`ServiceError`] when there is no such operator, or it cannot be stored.
pub async fn revoke_operator(settings: &Settings, sid: OperatorSid) -> Result<bool, ServiceError> {
    Ok(open_app(settings).await?.revoke_operator(sid).await?)
}
