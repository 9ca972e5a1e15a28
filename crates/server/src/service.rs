//! The seam between the binary and the service: the only file here that knows the crates behind it.

use crate::config::Settings;
use axum::Router;
use axum::routing::get;
use dossier_domain::sid::AccountSid;

/// A service that is ready to answer.
#[derive(Debug)]
pub struct Service {
    /// All routes.
    pub router: Router,
}

impl Service {
    /// Ends the jobs and closes the database; called when no request is under way any more.
    pub async fn close(self) {}
}

/// An account with the only sight of its token.
#[derive(Debug)]
pub struct NewAccount {
    /// The user name of its requests.
    pub sid: AccountSid,
    /// The password of its requests.
    pub token: crate::config::Secret,
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

/// The service could not do it; the message is for the operator and carries no personal data.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The crates behind the seam are not connected yet.
    #[error("this build has no storage yet")]
    NotConnected,
}

/// Opens storage and catalogue, brings the database up to date, and connects the routes.
///
/// # Errors
/// [`ServiceError`] when something that is needed to serve is missing.
pub async fn open(settings: &Settings) -> Result<Service, ServiceError> {
    Ok(Service { router: router(settings) })
}

fn router(_: &Settings) -> Router {
    Router::new().route("/live", get(|| async { "alive\n" }))
}

/// Brings the database up to date; returns how many steps were applied.
///
/// # Errors
/// [`ServiceError`] when the database cannot be reached or a step fails.
pub async fn migrate(_: &Settings) -> Result<usize, ServiceError> {
    Err(ServiceError::NotConnected)
}

/// Makes an account.
///
/// # Errors
/// [`ServiceError`] when it cannot be stored.
pub async fn create_account(
    _: &Settings,
    _friendly_name: &str,
    _parent: Option<AccountSid>,
) -> Result<NewAccount, ServiceError> {
    Err(ServiceError::NotConnected)
}

/// All accounts, oldest first.
///
/// # Errors
/// [`ServiceError`] when they cannot be read.
pub async fn list_accounts(_: &Settings) -> Result<Vec<AccountLine>, ServiceError> {
    Err(ServiceError::NotConnected)
}

/// Gives an account a new primary token. The old one becomes the secondary token, unless `revoke_old`.
///
/// # Errors
/// [`ServiceError`] when there is no such account or it cannot be stored.
pub async fn rotate_token(
    _: &Settings,
    _account: AccountSid,
    _revoke_old: bool,
) -> Result<NewAccount, ServiceError> {
    Err(ServiceError::NotConnected)
}

/// Wraps every account's data key with a new master key; returns how many were wrapped.
///
/// # Errors
/// [`ServiceError`] when a key cannot be unwrapped or stored; then nothing has changed.
pub async fn rotate_keys(_: &Settings, _new_key_file: &std::path::Path) -> Result<usize, ServiceError> {
    Err(ServiceError::NotConnected)
}
