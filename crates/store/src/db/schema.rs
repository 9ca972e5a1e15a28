//! Tables and columns, as the migrations say.
//!
//! A backup needs all of them, with types that SQLite forgets: there a boolean is an integer. So they are
//! read from the texts of the migrations, which are the one place where a table is declared. A test
//! compares the result with what both engines have after every step.

use super::migrate::Migration;

/// A table after some number of steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns, in the order in which they were declared.
    pub columns: Vec<Column>,
    /// The places of the primary key's columns among them, in the key's order.
    pub key: Vec<usize>,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
}

/// What a column holds: the types of the portable subset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// `TEXT`.
    Text,
    /// `BIGINT`.
    Integer,
    /// `BYTEA`.
    Bytes,
    /// `BOOLEAN`.
    Boolean,
}

impl Table {
    /// The place of a column.
    pub fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|known| known.name == column)
    }

    /// The names of the columns.
    pub fn column_names(&self) -> Vec<&'static str> {
        self.columns.iter().map(|column| column.name).collect()
    }
}

/// The tables there are after these steps, in the order in which they were made. The table of the steps
/// themselves is none of them.
///
/// # Panics
/// When a migration declares a table in words that are not understood here.
pub fn tables_after(steps: &[Migration]) -> Vec<Table> {
    let mut tables = Vec::new();
    for step in steps {
        statements(step.sql).for_each(|statement| apply(&mut tables, &statement));
    }
    tables
}

/// The statements of a migration without their comments. No literal in one has a semicolon in it.
fn statements(sql: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let mut statements = vec![Vec::new()];
    for line in sql.lines() {
        let line = line.find("--").map_or(line, |comment| &line[..comment]);
        for (place, part) in line.split(';').enumerate() {
            if place > 0 {
                statements.push(Vec::new());
            }
            let statement = statements.last_mut().expect("there is always one");
            Some(part.trim())
                .filter(|part| !part.is_empty())
                .into_iter()
                .for_each(|part| statement.push(part));
        }
    }
    statements.into_iter().filter(|lines| !lines.is_empty())
}

fn apply(tables: &mut Vec<Table>, lines: &[&'static str]) {
    let mut words = lines[0].split_whitespace();
    let verb = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let name = words.next().unwrap_or_default();
    match verb {
        ("CREATE", "TABLE") => tables.push(created(name, lines)),
        ("DROP", "TABLE") => tables.retain(|table| table.name != name),
        ("ALTER", "TABLE") => {
            let table = tables.iter_mut().find(|table| table.name == name);
            alter(table.unwrap_or_else(|| panic!("there is no table {name} to alter")), words);
        }
        _ => {}
    }
}

/// The table of a `CREATE TABLE`: a column or the primary key in each line but the first and the last.
fn created(name: &'static str, lines: &[&'static str]) -> Table {
    let mut table = Table { name, columns: Vec::new(), key: Vec::new() };
    for line in &lines[1..lines.len() - 1] {
        let line = line.trim_end_matches(',');
        if let Some(list) = line.strip_prefix("PRIMARY KEY (").and_then(|rest| rest.strip_suffix(')')) {
            let place =
                |column| table.place(column).unwrap_or_else(|| panic!("{name} has no column {column}"));
            table.key = list.split(", ").map(place).collect();
        } else {
            let column = column(line.split_whitespace());
            if line.ends_with(" PRIMARY KEY") {
                table.key.push(table.columns.len());
            }
            table.columns.push(column);
        }
    }
    assert!(!table.key.is_empty(), "{name} has no primary key to be read in the order of");
    table
}

fn alter(table: &mut Table, mut words: impl Iterator<Item = &'static str>) {
    match (words.next(), words.next()) {
        (Some("ADD"), Some("COLUMN")) => table.columns.push(column(words)),
        (Some("RENAME"), Some("TO")) => table.name = words.next().unwrap_or_default(),
        (Some("RENAME"), Some("COLUMN")) => {
            let (old, new) = (words.next().unwrap_or_default(), words.nth(1).unwrap_or_default());
            let place = table.place(old).unwrap_or_else(|| panic!("{} has no column {old}", table.name));
            table.columns[place].name = new;
        }
        (Some("DROP"), Some("COLUMN")) => {
            let place = words.next().and_then(|name| table.place(name));
            let place = place.unwrap_or_else(|| panic!("{} has no such column to drop", table.name));
            table.columns.remove(place);
            table.key.iter_mut().filter(|key| **key > place).for_each(|key| *key -= 1);
        }
        other => panic!("{} is altered in a way that is not understood: {other:?}", table.name),
    }
}

fn column(mut words: impl Iterator<Item = &'static str>) -> Column {
    let name = words.next().unwrap_or_default();
    let kind = match words.next().unwrap_or_default() {
        "TEXT" => ColumnKind::Text,
        "BIGINT" => ColumnKind::Integer,
        "BYTEA" => ColumnKind::Bytes,
        "BOOLEAN" => ColumnKind::Boolean,
        other => panic!("{other} is outside the portable subset"),
    };
    Column { name, kind }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Migration = Migration {
        number: 1,
        name: "0001_first",
        sql: "-- Words; of explanation.\nCREATE TABLE a (\n    sid TEXT NOT NULL PRIMARY KEY,\n    at BIGINT -- when\n);\n\
              CREATE INDEX a_by_at ON a (at, sid);\nCREATE TABLE b (\n    x BYTEA NOT NULL,\n    y BOOLEAN,\n    z TEXT,\n\
              \x20   PRIMARY KEY (z, x)\n); -- clustered\nINSERT INTO a (sid) VALUES ('x');\n",
    };
    const SECOND: Migration = Migration {
        number: 2,
        name: "0002_second",
        sql: "ALTER TABLE a ADD COLUMN more_sealed BYTEA;\nALTER TABLE b DROP COLUMN y;\n\
              ALTER TABLE a RENAME COLUMN at TO since;\nALTER TABLE b RENAME TO c;\n",
    };
    const THIRD: Migration = Migration { number: 3, name: "0003_third", sql: "DROP TABLE c;" };

    fn shown(steps: &[Migration]) -> Vec<String> {
        let table = |table: Table| {
            let columns: Vec<_> =
                table.columns.iter().map(|column| format!("{} {:?}", column.name, column.kind)).collect();
            let key: Vec<_> = table.key.iter().map(|place| table.columns[*place].name).collect();
            format!("{}: {}; {}", table.name, columns.join(", "), key.join(", "))
        };
        tables_after(steps).into_iter().map(table).collect()
    }

    #[test]
    fn tables_are_read_step_by_step() {
        assert_eq!(shown(&[FIRST]), ["a: sid Text, at Integer; sid", "b: x Bytes, y Boolean, z Text; z, x"]);
        assert_eq!(
            shown(&[FIRST, SECOND]),
            ["a: sid Text, since Integer, more_sealed Bytes; sid", "c: x Bytes, z Text; z, x"]
        );
        assert_eq!(shown(&[FIRST, SECOND, THIRD]), ["a: sid Text, since Integer, more_sealed Bytes; sid"]);
    }
}
