//! `/2010-04-01/Accounts.json` and what hangs on it: sub-accounts, their status, API keys (contract
//! section 15).

mod closing;
mod keys;
mod status;
mod sub_accounts;

use dossier_testkit::app::{Client, Json};
use std::future::Future;
use std::time::{Duration, Instant};

const ACCOUNTS: &str = "/2010-04-01/Accounts.json";

/// The path of an account.
fn account(sid: &str) -> String {
    format!("/2010-04-01/Accounts/{sid}.json")
}

/// Makes a sub-account, and a client with its own credentials.
async fn sub_account(parent: &Client, name: &str) -> (Json, Client) {
    let made = parent.post(ACCOUNTS, &[("FriendlyName", name)]).await.created();
    let client = parent.with_login(made.sid(), made.text("auth_token"));
    (made, client)
}

/// Makes an API key, and a client that logs in with it.
async fn api_key(client: &Client) -> (Json, Client) {
    let made = client.post(&client.v2010("/Keys.json"), &[]).await.created();
    let user = client.with_login(made.sid(), made.text("secret"));
    (made, user)
}

/// Waits for what must come true on every node within two seconds.
async fn soon<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < Duration::from_secs(2), "not within two seconds: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
