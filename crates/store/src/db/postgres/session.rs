//! Connecting, and the statements a connection has prepared.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;
use tokio_postgres::{Client, Config, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::db::error::{StoreError, StoreResult};

/// How long to wait for a server that does not answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a server's kernel may leave ours without a sign of life.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// A statement of ours takes milliseconds; one that takes this long will not be waited for.
/// A session that is left inside a transaction gives its locks back after a minute. The level is set in
/// case the server prefers another: under those even a COMMIT may be refused, which is not tried again.
const SESSION_SETTINGS: &str = "SET statement_timeout = '30s'; \
     SET idle_in_transaction_session_timeout = '60s'; SET default_transaction_isolation = 'read committed'";

/// What makes the server refuse every change.
const READ_ONLY: &str = "SET default_transaction_read_only = on";

/// Most statements a connection keeps prepared. Lists are statements of their own for every combination
/// of filters, which are many thousands, and the server keeps tens of kilobytes for each.
const STATEMENTS_MAX: usize = 256;

/// Makes connections to one database.
#[derive(Clone)]
pub(super) struct Connector {
    config: Config,
    tls: MakeRustlsConnect,
    read_only: bool,
}

impl Connector {
    /// Reads a `postgres://` address. TLS follows its `sslmode` (`prefer` when it has none);
    /// certificates are checked against the roots of the system.
    pub(super) fn new(url: &str) -> StoreResult<Self> {
        // The parser's own message quotes the address, which may hold a password.
        let mut config: Config = url
            .parse()
            .map_err(|_| StoreError::Address("it is not of the form postgres://user:password@host/name"))?;
        config.application_name("dossier");
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        notice_dead_servers(&mut config);
        Ok(Self { config, tls: MakeRustlsConnect::new(client_config()?), read_only: false })
    }

    /// For connections that only look.
    pub(super) fn read_only(self) -> Self {
        Self { read_only: true, ..self }
    }

    /// A fresh connection, or an error soon. Its messages are driven by the runtime this is called on.
    pub(super) async fn connect(&self) -> StoreResult<Session> {
        // The library's own timeout ends when the kernel has answered, whether or not the server does.
        let longest = self.config.get_connect_timeout().copied().unwrap_or(CONNECT_TIMEOUT);
        timeout(longest * 2, self.greet()).await.unwrap_or(Err(StoreError::Silent))
    }

    async fn greet(&self) -> StoreResult<Session> {
        let (client, connection) = self.config.connect(self.tls.clone()).await?;
        // The task ends with the connection; a lost connection shows up at the next statement.
        tokio::spawn(async move { drop(connection.await) });
        client.batch_execute(SESSION_SETTINGS).await?;
        if self.read_only {
            client.batch_execute(READ_ONLY).await?;
        }
        Ok(Session { client, statements: HashMap::new(), silent: false })
    }
}

/// Lets the kernel give up a server that vanished without a word, as one that lost its power does. By
/// default it would go on for a quarter of an hour, or two hours when nothing is left to send, and every
/// connection thread with it. What the address says itself is left alone.
fn notice_dead_servers(config: &mut Config) {
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(SILENCE_MAX);
    }
    if config.get_keepalives_interval().is_none() {
        config.keepalives_idle(SILENCE_MAX / 2).keepalives_interval(SILENCE_MAX / 6).keepalives_retries(3);
    }
}

fn client_config() -> StoreResult<ClientConfig> {
    let mut roots = RootCertStore::empty();
    for certificate in rustls_native_certs::load_native_certs().certs {
        // A root the library cannot read is one it cannot be asked to trust.
        let _ = roots.add(certificate);
    }
    Ok(ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| StoreError::Address("TLS cannot be set up"))?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// A connection and what was prepared on it.
pub(super) struct Session {
    pub(super) client: Client,
    statements: HashMap<Box<str>, Statement>,
    /// The server did not answer in time, so it is not asked anything more here.
    pub(super) silent: bool,
}

impl Session {
    /// Looks whether an error says that the session is of no use any more.
    pub(super) fn note(&mut self, error: &StoreError) {
        self.silent |= matches!(error, StoreError::Silent);
    }

    /// Whether it can be used for another unit.
    pub(super) fn is_usable(&self) -> bool {
        !self.silent && !self.client.is_closed()
    }

    /// Vacuums tables, one after the other, outside any transaction.
    pub(super) async fn vacuum(&mut self, tables: &[&str]) -> StoreResult<()> {
        self.client.batch_execute("SET statement_timeout = 0").await?;
        for table in tables {
            // Each in a message of its own: several in one are a transaction, which VACUUM refuses.
            self.client.batch_execute(&format!("VACUUM {table}")).await?;
        }
        Ok(self.client.batch_execute(SESSION_SETTINGS).await?)
    }

    /// The statement, prepared at its first use.
    pub(super) async fn prepare(&mut self, sql: &str) -> Result<Statement, tokio_postgres::Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).await?;
        if self.statements.len() >= STATEMENTS_MAX {
            // What is in daily use comes back at once, so it is not worth keeping count of.
            self.statements.clear();
        }
        self.statements.insert(sql.into(), statement.clone());
        Ok(statement)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_vanished_is_noticed_within_half_a_minute() {
        let config = Connector::new("postgres://host/name").unwrap().config;
        assert_eq!(config.get_tcp_user_timeout(), Some(&Duration::from_secs(30)));
        let probes = config.get_keepalives_interval().unwrap() * config.get_keepalives_retries().unwrap();
        assert_eq!(config.get_keepalives_idle() + probes, Duration::from_secs(30));
        assert!(config.get_connect_timeout().is_some());
    }

    #[test]
    fn timeouts_in_the_address_are_kept() {
        let url = "postgres://host/name?tcp_user_timeout=7&keepalives_interval=8&keepalives_idle=9&connect_timeout=6";
        let config = Connector::new(url).unwrap().config;
        assert_eq!(config.get_tcp_user_timeout(), Some(&Duration::from_secs(7)));
        assert_eq!(config.get_keepalives_interval(), Some(Duration::from_secs(8)));
        assert_eq!(config.get_keepalives_idle(), Duration::from_secs(9));
        assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(6)));
    }
}
