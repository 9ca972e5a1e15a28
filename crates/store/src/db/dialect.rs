//! The only place that knows where the two engines differ in SQL.
//!
//! Statements and migrations are written in the words of PostgreSQL's portable subset; for SQLite the
//! few words that differ are replaced here.

use super::tx::{Connection, Tx};

/// Locks on the selected rows. SQLite has one writer, so there they mean nothing.
const ROW_LOCKS: [&str; 2] = [" FOR UPDATE", " FOR UPDATE SKIP LOCKED"];

/// A statement as SQLite wants it.
pub(super) fn sqlite_statement(sql: &str) -> &str {
    ROW_LOCKS.iter().find_map(|lock| sql.strip_suffix(lock)).unwrap_or(sql)
}

/// Gives a row when the database was ever migrated.
pub(super) fn has_schema(tx: &Tx<'_>) -> &'static str {
    match tx.0 {
        Connection::Sqlite(_) => {
            "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'"
        }
        Connection::Postgres(_) => {
            "SELECT 1 FROM information_schema.tables \
             WHERE table_schema = current_schema() AND table_name = 'schema_migrations'"
        }
    }
}

/// Begins a transaction of PostgreSQL that sees one state of everything, however long it takes. Between two
/// statements it may wait for a slow disk.
pub(super) const POSTGRES_SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
                                            SET LOCAL idle_in_transaction_session_timeout = '10min'";

/// A migration as SQLite wants it: its own type names, and STRICT tables that enforce them.
///
/// A table whose closing line is marked `-- clustered` keeps its rows in the primary key's tree.
pub(super) fn sqlite_migration(sql: &str) -> String {
    sql.replace(" BIGINT", " INTEGER")
        .replace(" BOOLEAN", " INTEGER")
        .replace(" BYTEA", " BLOB")
        .replace("\n); -- clustered", "\n) STRICT, WITHOUT ROWID;")
        .replace("\n);", "\n) STRICT;")
}

/// A migration as PostgreSQL wants it: text compares by bytes, as on SQLite, whatever the locale of
/// the cluster, because keyset lists rely on the same order everywhere.
pub(super) fn postgres_migration(sql: &str) -> String {
    sql.replace(" TEXT", " TEXT COLLATE \"C\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_translated_for_each_engine() {
        let sql = "CREATE TABLE t (\n    a TEXT NOT NULL,\n    b BIGINT,\n    c BYTEA\n);\nCREATE TABLE u (\n    a BOOLEAN\n); -- clustered\n";
        assert_eq!(
            sqlite_migration(sql),
            "CREATE TABLE t (\n    a TEXT NOT NULL,\n    b INTEGER,\n    c BLOB\n) STRICT;\nCREATE TABLE u (\n    a INTEGER\n) STRICT, WITHOUT ROWID;\n"
        );
        assert!(postgres_migration(sql).contains("a TEXT COLLATE \"C\" NOT NULL"));
    }

    #[test]
    fn row_locks_are_dropped_for_sqlite() {
        assert_eq!(sqlite_statement("SELECT 1 FOR UPDATE"), "SELECT 1");
        assert_eq!(sqlite_statement("SELECT 1 FOR UPDATE SKIP LOCKED"), "SELECT 1");
        assert_eq!(sqlite_statement("SELECT 1"), "SELECT 1");
    }
}
