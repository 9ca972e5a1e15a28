//! Behind the service's back: states that no call leads to yet, and what the database holds.

use std::collections::{BTreeMap, BTreeSet};

use super::TestApp;
use crate::Engine;

/// An audit event, without its time and identifiers of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuditLine {
    /// What was done, such as `bundle.create`.
    pub action: String,
    /// Who did it.
    pub actor: String,
    /// To what.
    pub target: String,
    /// `done` or `refused`.
    pub outcome: String,
}

/// Everything the database and the folder of documents hold: table by table, row by row.
#[derive(Debug, PartialEq, Eq)]
pub struct Snapshot(BTreeMap<String, BTreeSet<String>>);

impl Snapshot {
    /// The same without rows that name the account.
    #[must_use]
    pub fn without_account(mut self, sid: &str) -> Self {
        for rows in self.0.values_mut() {
            rows.retain(|row| !row.contains(sid));
        }
        self
    }

    /// The same with nothing but rows that name the account.
    #[must_use]
    pub fn with_account(mut self, sid: &str) -> Self {
        for rows in self.0.values_mut() {
            rows.retain(|row| row.contains(sid));
        }
        self
    }

    /// How many rows a table has.
    ///
    /// # Panics
    /// When there is no such table.
    pub fn count(&self, table: &str) -> usize {
        self.0[table].len()
    }

    /// Says that nothing was changed since.
    ///
    /// # Panics
    /// When something was; the message has the rows that differ.
    #[track_caller]
    pub fn assert_is(&self, later: &Self) {
        for (table, rows) in &later.0 {
            let earlier = self.0.get(table).cloned().unwrap_or_default();
            let changed: Vec<_> = rows.symmetric_difference(&earlier).collect();
            assert!(changed.is_empty(), "`{table}` was changed: {changed:#?}");
        }
    }
}

impl TestApp {
    /// Sets the status of a bundle as a reviewer would, without any of the consequences but the end of
    /// its case.
    pub async fn set_bundle_status(&self, sid: &str, status: &str) {
        self.alter(&format!("UPDATE bundles SET status = '{status}' WHERE sid = '{sid}'")).await;
        let outcome = match status {
            "twilio-approved" => "approved",
            "twilio-rejected" | "draft" => "rejected",
            "provisionally-approved" => "provisionally_approved",
            _ => return,
        };
        let sql = format!(
            "UPDATE cases SET state = 'decided', outcome = '{outcome}' \
             WHERE bundle_sid = '{sid}' AND state IN ('waiting', 'claimed', 'confirming')"
        );
        self.alter(&sql).await;
    }

    /// Sets when the approval of a bundle ends, in seconds since 1970.
    pub async fn set_valid_until(&self, sid: &str, seconds: i64) {
        let sql = format!("UPDATE bundles SET valid_until = {seconds}000000 WHERE sid = '{sid}'");
        self.alter(&sql).await;
    }

    /// Sets the status of a document, as a reviewer would.
    pub async fn set_document_status(&self, sid: &str, status: &str) {
        self.alter(&format!("UPDATE documents SET status = '{status}' WHERE sid = '{sid}'")).await;
    }

    /// Rejects a document for these reasons.
    pub async fn reject_document(&self, sid: &str, reason: &str, codes: &str) {
        let sql = format!(
            "UPDATE documents SET status = 'rejected', failure_reason = '{reason}', error_codes = '{codes}' \
             WHERE sid = '{sid}'"
        );
        self.alter(&sql).await;
    }

    /// Sets the status of an account.
    pub async fn set_account_status(&self, sid: &str, status: &str) {
        self.alter(&format!("UPDATE accounts SET status = '{status}' WHERE account_sid = '{sid}'")).await;
    }

    async fn alter(&self, sql: &str) {
        self.db.script(sql).await;
    }

    /// Everything there is now.
    ///
    /// # Panics
    /// When the database cannot be read.
    pub async fn snapshot(&self) -> Snapshot {
        let mut tables = match self.db.which() {
            Engine::Sqlite => self.sqlite_rows(),
            Engine::Postgres => self.postgres_rows().await,
        };
        let files = self.files().iter().map(|path| path.display().to_string()).collect();
        tables.insert("document files".to_owned(), files);
        Snapshot(tables)
    }

    /// The audit events that were added since.
    ///
    /// # Panics
    /// When the database cannot be read.
    pub async fn audited_since(&self, earlier: &Snapshot) -> Vec<AuditLine> {
        let now = self.snapshot().await;
        let events = |snapshot: &Snapshot| snapshot.0["audit_events"].clone();
        events(&now).difference(&events(earlier)).map(|row| audit_line(row)).collect()
    }

    fn sqlite_rows(&self) -> BTreeMap<String, BTreeSet<String>> {
        let connection = self.db.sqlite();
        let texts = |sql: &str| -> Vec<String> {
            let mut statement = connection.prepare(sql).expect("the statement is well formed");
            let columns = statement.column_count();
            let rows = statement.query_map([], |row| {
                (0..columns).map(|column| row.get(column).map(shown)).collect::<Result<Vec<_>, _>>()
            });
            let rows = rows.expect("the rows can be read");
            rows.map(|row| row.expect("the row can be read").join("|")).collect()
        };
        let tables = texts("SELECT name FROM sqlite_master WHERE type = 'table'");
        tables
            .into_iter()
            .map(|table| (table.clone(), texts(&format!("SELECT * FROM {table}")).into_iter().collect()))
            .collect()
    }

    async fn postgres_rows(&self) -> BTreeMap<String, BTreeSet<String>> {
        let client = self.db.postgres().await;
        let texts = async |sql: String| -> Vec<String> {
            let rows = client.query(&sql, &[]).await.expect("the rows can be read");
            rows.iter().map(|row| row.get::<_, String>(0)).collect()
        };
        let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
        let mut all = BTreeMap::new();
        for table in texts(tables.to_owned()).await {
            let columns = "SELECT quote_ident(column_name::text) FROM information_schema.columns \
                           WHERE table_schema = 'public' AND table_name = ";
            let columns = texts(format!("{columns}'{table}' ORDER BY ordinal_position")).await.join(", ");
            let rows = texts(format!("SELECT concat_ws('|', {columns}) FROM {table}")).await;
            all.insert(table, rows.into_iter().collect());
        }
        all
    }
}

/// A value of SQLite as PostgreSQL would write it, as far as audit events need.
fn shown(value: rusqlite::types::Value) -> String {
    use rusqlite::types::Value;
    match value {
        Value::Null => String::new(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text,
        Value::Blob(bytes) => format!("{bytes:02x?}"),
    }
}

/// `account_sid, at, sid, actor, action, target, outcome, …`
fn audit_line(row: &str) -> AuditLine {
    let columns: Vec<&str> = row.split('|').collect();
    let [_, _, _, actor, action, target, outcome, ..] = columns[..] else {
        panic!("an audit event has other columns than it had: {row}");
    };
    let owned = str::to_owned;
    AuditLine { action: owned(action), actor: owned(actor), target: owned(target), outcome: owned(outcome) }
}
