//! The schema is the same on both engines, and keeps the rules of the design.

use std::collections::{BTreeMap, BTreeSet};

use dossier_store::StoreResult;
use dossier_store::db::{ColumnKind, MIGRATIONS, Row, Table as DeclaredTable, tables_after};
use dossier_testkit::{Engine, ManualClock, TestDb, engines};

use crate::read;

/// Tables that belong to no account: the accounts themselves, and what the installation has.
const WITHOUT_ACCOUNT_FIRST: [&str; 15] = [
    "accounts",
    "audit_chain",
    "audit_checkpoints",
    "audit_seals",
    "audit_unsealed",
    "campaigns",
    "case_documents",
    "cases",
    "erasure_objects",
    "erasures",
    "jobs",
    "numbers",
    "operators",
    "regulation_revisions",
    "schema_migrations",
];

/// Columns and indexes by table. Indexes are told apart by what they are, since the engines name
/// those of primary keys differently.
#[derive(Debug, Default, PartialEq)]
struct Table {
    columns: Vec<String>,
    primary_key: Vec<String>,
    indexes: Vec<String>,
}

type Schema = BTreeMap<String, Table>;

const SQLITE_COLUMNS: &str = "SELECT m.name, p.name, p.type, p.\"notnull\", p.pk FROM sqlite_schema m, pragma_table_info(m.name) p \
     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, p.cid";
const SQLITE_INDEXES: &str = "SELECT m.name, l.name, l.\"unique\", c.name FROM sqlite_schema m, pragma_index_list(m.name) l, \
     pragma_index_info(l.name) c WHERE m.type = 'table' AND l.origin = 'c' ORDER BY m.name, l.name, c.seqno";
const POSTGRES_COLUMNS: &str = "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, NULL)::text, \
     a.attnotnull::int::bigint, COALESCE(array_position(k.conkey, a.attnum), 0)::bigint \
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
     LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p' \
     WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname, a.attnum";
const POSTGRES_INDEXES: &str = "SELECT t.relname::text, i.relname::text, x.indisunique::int::bigint, a.attname::text \
     FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid \
     JOIN pg_attribute a ON a.attrelid = i.oid \
     WHERE t.relnamespace = 'public'::regnamespace AND NOT x.indisprimary ORDER BY t.relname, i.relname, a.attnum";

async fn schema(db: &TestDb) -> Schema {
    let (columns, indexes) = match db.which() {
        Engine::Sqlite => (SQLITE_COLUMNS, SQLITE_INDEXES),
        Engine::Postgres => (POSTGRES_COLUMNS, POSTGRES_INDEXES),
    };
    let columns = read(db, move |tx| tx.list(columns, &[], column)).await;
    let indexes = read(db, move |tx| tx.list(indexes, &[], index)).await;
    let mut schema = Schema::new();
    for (table, name, kind, not_null, place) in columns {
        let table = schema.entry(table).or_default();
        if let Ok(place @ 1..) = usize::try_from(place) {
            let length = table.primary_key.len().max(place);
            table.primary_key.resize(length, String::new());
            table.primary_key[place - 1].clone_from(&name);
        }
        table.columns.push(format!(
            "{name} {}{}",
            portable(&kind),
            if not_null == 1 { " not null" } else { "" }
        ));
    }
    for (table, name, unique, columns) in grouped(indexes) {
        let unique = if unique == 1 { " unique" } else { "" };
        let table = schema.get_mut(&table).expect("an index belongs to a table");
        table.indexes.push(format!("{name}{unique} ({})", columns.join(", ")));
    }
    schema
}

type Column = (String, String, String, i64, i64);
type IndexColumn = (String, String, i64, String);

fn column(row: &Row<'_>) -> StoreResult<Column> {
    let mut columns = row.columns();
    Ok((columns.next()?, columns.next()?, columns.next()?, columns.next()?, columns.next()?))
}

fn index(row: &Row<'_>) -> StoreResult<IndexColumn> {
    let mut columns = row.columns();
    Ok((columns.next()?, columns.next()?, columns.next()?, columns.next()?))
}

/// One entry per index, with its columns in order.
fn grouped(rows: Vec<IndexColumn>) -> Vec<(String, String, i64, Vec<String>)> {
    let mut indexes: Vec<(String, String, i64, Vec<String>)> = Vec::new();
    for (table, name, unique, column) in rows {
        match indexes.last_mut() {
            Some(last) if last.1 == name => last.3.push(column),
            _ => indexes.push((table, name, unique, vec![column])),
        }
    }
    indexes
}

/// The type both engines mean. SQLite keeps booleans as integers.
fn portable(kind: &str) -> &'static str {
    match kind {
        "TEXT" | "text" => "text",
        "INTEGER" | "bigint" | "boolean" => "integer",
        "BLOB" | "bytea" => "bytes",
        other => panic!("{other} is outside the portable subset"),
    }
}

#[test]
fn both_engines_have_the_same_schema() {
    engines::run(Engine::Sqlite, async |sqlite| {
        let postgres = TestDb::new(Engine::Postgres).await;
        let (sqlite, postgres) = (schema(&sqlite).await, schema(&postgres).await);
        assert!(sqlite.len() > 10, "{sqlite:?}");
        for (name, table) in &sqlite {
            assert_eq!(Some(table), postgres.get(name), "{name}");
        }
        assert_eq!(sqlite.len(), postgres.len());
    });
}

/// What a backup copies is read from the texts of the migrations; a table that it would miss, or read in
/// another order than the engines have, shows here.
#[test]
fn the_texts_of_the_migrations_say_what_the_engines_have() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        engines::run(Engine::Sqlite, async |_| {
            for steps in 1..=MIGRATIONS.len() {
                let db = TestDb::empty(engine).await;
                db.migrate_to(steps, ManualClock::START).await.unwrap();
                let mut schema = schema(&db).await;
                schema.remove("schema_migrations");
                let tables = tables_after(&MIGRATIONS[..steps]);
                assert_eq!(
                    tables.iter().map(|table| table.name).collect::<BTreeSet<_>>(),
                    schema.keys().map(String::as_str).collect()
                );
                for table in &tables {
                    assert_eq!(
                        declared(table),
                        engines_own(&schema[table.name]),
                        "{} after {steps}",
                        table.name
                    );
                }
            }
        });
    }
}

/// Columns with their types in the order of their names, and the primary key.
type Shape = (BTreeSet<String>, Vec<String>);

fn declared(table: &DeclaredTable) -> Shape {
    let kind = |kind| match kind {
        ColumnKind::Text => "text",
        ColumnKind::Integer | ColumnKind::Boolean => "integer",
        ColumnKind::Bytes => "bytes",
    };
    let columns = table.columns.iter().map(|column| format!("{} {}", column.name, kind(column.kind)));
    (columns.collect(), table.key.iter().map(|place| table.columns[*place].name.to_owned()).collect())
}

fn engines_own(table: &Table) -> Shape {
    let columns = table.columns.iter().map(|column| column.trim_end_matches(" not null").to_owned());
    (columns.collect(), table.primary_key.clone())
}

#[test]
fn the_account_comes_first_in_every_key_and_index() {
    engines::run(Engine::Sqlite, async |db| {
        for (name, table) in schema(&db).await {
            if WITHOUT_ACCOUNT_FIRST.contains(&name.as_str()) {
                continue;
            }
            assert_eq!(table.primary_key[0], "account_sid", "{name}");
            // What operators look through without knowing the account has a name that says so.
            for index in table.indexes.iter().filter(|index| !index.contains("_of_all_by_")) {
                assert!(index.contains(" (account_sid, "), "{name}: {index}");
            }
        }
    });
}

#[test]
fn texts_of_postgres_compare_by_their_bytes() {
    engines::run(Engine::Postgres, async |db| {
        let sql = "SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 \
                   JOIN pg_collation l ON l.oid = a.attcollation \
                   WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attcollation <> 0 AND l.collname <> 'C'";
        let others = read(&db, move |tx| tx.list(sql, &[], |row| row.columns().next::<String>())).await;
        // The table of migrations is made before any of them, yet by the same rules.
        assert_eq!(others, [""; 0]);
    });
}

#[test]
fn tables_of_sqlite_are_strict() {
    engines::run(Engine::Sqlite, async |db| {
        let sql = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%' AND strict = 0";
        let lax = read(&db, move |tx| tx.list(sql, &[], |row| row.columns().next::<String>())).await;
        assert_eq!(lax, [""; 0]);
    });
}
