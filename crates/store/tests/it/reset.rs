//! Emptying the database.

use std::collections::BTreeSet;

use dossier_testkit::{Engine, TestDb, engines};

/// Tables that outlive a reset: who is known, with which keys, and what is known about rules.
const KEPT: [&str; 8] = [
    "accounts",
    "api_keys",
    // One row, which is set back.
    "audit_chain",
    "auth_tokens",
    "data_keys",
    "operators",
    "regulation_revisions",
    "schema_migrations",
];

/// A table that is forgotten would keep something of the rehearsal before.
#[test]
fn every_table_is_emptied_or_kept_on_purpose() {
    engines::run(Engine::Sqlite, async |db: TestDb| {
        let connection = db.sqlite();
        let mut tables = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").unwrap();
        let tables = tables.query_map([], |row| row.get(0)).unwrap();
        let tables: BTreeSet<String> = tables.map(Result::unwrap).collect();
        let emptied = dossier_store::statements().filter_map(|(_, sql)| sql.strip_prefix("DELETE FROM "));
        let emptied = emptied.filter(|table| !table.contains(' ')).map(str::to_owned);
        let kept = KEPT.map(str::to_owned);
        assert_eq!(emptied.chain(kept).collect::<BTreeSet<_>>(), tables);
    });
}
