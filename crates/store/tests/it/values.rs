//! Values go in and come out the same on both engines, or are refused with an error.

use dossier_domain::Timestamp;
use dossier_domain::sid::{AnySid, BundleSid};
use dossier_store::db::{FromColumn, Row, ToValue, Value};
use dossier_store::{StoreError, StoreResult};
use dossier_testkit::{Engine, Seeded, TestDb, on_both_engines};

use crate::{read, write};

on_both_engines![
    integers_booleans_and_times_round_trip,
    texts_round_trip,
    bytes_round_trip,
    identifiers_round_trip,
    absent_values_round_trip,
    a_nul_in_a_text_never_panics,
    wrong_types_are_refused,
    wrong_numbers_of_parameters_are_refused,
    parameters_are_found_by_their_number,
];

/// One column of each type.
async fn make_table(db: &TestDb) {
    db.script("CREATE TABLE samples (number BIGINT, text TEXT, bytes BYTEA, flag BOOLEAN)").await;
}

/// Stores a value in one column and reads it from there.
async fn round_trip<T>(db: &TestDb, column: &'static str, value: T) -> T
where
    T: ToValue + for<'a> FromColumn<'a> + Send + 'static,
{
    write(db, move |tx| {
        tx.execute("DELETE FROM samples", &[])?;
        tx.execute_one(&format!("INSERT INTO samples ({column}) VALUES ($1)"), &[value.to_value()])
    })
    .await;
    let back = read(db, move |tx| tx.list(&format!("SELECT {column} FROM samples"), &[], first::<T>)).await;
    let [back] = <[T; 1]>::try_from(back).unwrap_or_else(|_| panic!("there is one row"));
    back
}

fn first<T: for<'a> FromColumn<'a>>(row: &Row<'_>) -> StoreResult<T> {
    row.columns().next()
}

async fn integers_booleans_and_times_round_trip(db: TestDb) {
    make_table(&db).await;
    for number in [0, 1, -1, i64::MIN, i64::MAX, 1 << 53, i64::from(u32::MAX)] {
        assert_eq!(round_trip(&db, "number", number).await, number);
        let time = Timestamp::from_micros(number);
        assert_eq!(round_trip(&db, "number", time).await, time);
    }
    for flag in [true, false] {
        assert_eq!(round_trip(&db, "flag", flag).await, flag);
    }
}

async fn texts_round_trip(db: TestDb) {
    make_table(&db).await;
    let mut random = Seeded::new(1);
    let mut texts: Vec<String> =
        ["", " ", "a", "ß名🗂\u{10FFFF}", "'; DROP TABLE samples; --", "$1 ? \\x00 \\", "e\u{301}", "\r\n\t"]
            .map(str::to_owned)
            .to_vec();
    texts.push("ä".repeat(500_000));
    texts.extend((0..20).map(|_| any_text(&mut random)));
    for text in texts {
        assert_eq!(round_trip(&db, "text", text.clone()).await, text);
    }
}

/// Any characters but NUL.
fn any_text(random: &mut Seeded) -> String {
    let mut characters = std::iter::repeat_with(|| u32::try_from(random.below(0x11_0000)).unwrap());
    characters.by_ref().filter_map(char::from_u32).filter(|c| *c != '\0').take(50).collect()
}

async fn bytes_round_trip(db: TestDb) {
    make_table(&db).await;
    let every: Vec<u8> = (0..=u8::MAX).collect();
    for bytes in [vec![], vec![0], vec![0; 1_000_000], b"\\x41".to_vec(), every] {
        assert_eq!(round_trip(&db, "bytes", bytes.clone()).await, bytes);
    }
}

async fn identifiers_round_trip(db: TestDb) {
    make_table(&db).await;
    let sid: BundleSid = Seeded::new(2).sid();
    assert_eq!(round_trip(&db, "text", sid).await, sid);
    assert_eq!(round_trip(&db, "text", AnySid::from(sid)).await, AnySid::from(sid));
}

async fn absent_values_round_trip(db: TestDb) {
    make_table(&db).await;
    assert_eq!(round_trip(&db, "number", None::<i64>).await, None);
    assert_eq!(round_trip(&db, "text", None::<String>).await, None);
    assert_eq!(round_trip(&db, "bytes", None::<Vec<u8>>).await, None);
    assert_eq!(round_trip(&db, "flag", None::<bool>).await, None);
    assert_eq!(round_trip(&db, "text", Some(String::new())).await, Some(String::new()));
}

async fn a_nul_in_a_text_never_panics(db: TestDb) {
    make_table(&db).await;
    let sql = "INSERT INTO samples (text) VALUES ($1)";
    let result = db.write(move |tx| tx.execute_one(sql, &[Value::Text("a\0b")])).await;
    match db.which() {
        Engine::Sqlite => result.unwrap(),
        Engine::Postgres => assert!(matches!(result, Err(StoreError::Postgres(_))), "{result:?}"),
    }
    assert_eq!(round_trip(&db, "number", 7).await, 7, "the connection still works");
}

async fn wrong_types_are_refused(db: TestDb) {
    make_table(&db).await;
    write(&db, |tx| {
        let row = [Value::Int(2), Value::Text("x"), Value::Bytes(b"y"), Value::Bool(true)];
        tx.execute_one("INSERT INTO samples (number, text, bytes, flag) VALUES ($1, $2, $3, $4)", &row)
    })
    .await;
    let is_refused = |result: StoreResult<bool>| matches!(result, Err(StoreError::Column { column: 0, .. }));
    let number = "SELECT number FROM samples";
    assert!(is_refused(db.read(move |tx| tx.list(number, &[], first::<String>).map(|_| true)).await));
    assert!(is_refused(db.read(move |tx| tx.list(number, &[], first::<Vec<u8>>).map(|_| true)).await));
    assert!(is_refused(db.read(move |tx| tx.list(number, &[], first::<bool>).map(|_| true)).await));
    let text = "SELECT text FROM samples";
    assert!(is_refused(db.read(move |tx| tx.list(text, &[], first::<i64>).map(|_| true)).await));
    assert!(is_refused(db.read(move |tx| tx.list(text, &[], first::<BundleSid>).map(|_| true)).await));
    assert!(is_refused(db.read(move |tx| tx.list(text, &[], first::<Vec<u8>>).map(|_| true)).await));
    // A column that is not there is an error too.
    let missing = db.read(move |tx| {
        tx.list(text, &[], |row| {
            let mut columns = row.columns();
            columns.next::<&str>()?;
            columns.next::<i64>()
        })
    });
    assert!(missing.await.is_err());
}

async fn wrong_numbers_of_parameters_are_refused(db: TestDb) {
    make_table(&db).await;
    let sql = "INSERT INTO samples (number, text) VALUES ($1, $2)";
    for count in [0, 1, 3] {
        let values = vec![Value::Null; count];
        let result = db.write(move |tx| tx.execute_one(sql, &values)).await;
        assert!(result.is_err(), "{count} parameters");
    }
}

/// `$2` is the second parameter, wherever it stands.
async fn parameters_are_found_by_their_number(db: TestDb) {
    make_table(&db).await;
    write(&db, |tx| {
        tx.execute_one(
            "INSERT INTO samples (text, number) VALUES ($2, $1)",
            &[Value::Int(5), Value::Text("five")],
        )?;
        tx.execute_one(
            "UPDATE samples SET text = $2 WHERE number = $1 AND text <> $2",
            &[Value::Int(5), Value::Text("six")],
        )
    })
    .await;
    let sql = "SELECT number FROM samples WHERE text = $2 AND number = $1";
    let found = read(&db, move |tx| tx.list(sql, &[Value::Int(5), Value::Text("six")], first::<i64>)).await;
    assert_eq!(found, [5]);
}
