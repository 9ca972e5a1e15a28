//! The store on both engines: every function, the executor's promises, and the schema.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "all of this is tests, but only functions marked `#[test]` count as such"
)]

mod accounts;
mod addresses;
mod api_keys;
mod audit;
mod backup;
mod bundle_lists;
mod bundles;
mod campaigns;
mod cases;
mod data_keys;
mod deliveries;
mod documents;
mod end_users;
mod evaluations;
mod executor;
mod item_assignments;
mod jobs;
mod lineage;
mod many;
mod migrations;
mod numbers;
mod operators;
mod paging;
mod plans;
mod regulation_revisions;
mod reset;
mod samples;
mod schema;
mod sealed;
mod values;
mod wipe;

use dossier_store::{Db, StoreError, StoreResult, Tx};

/// Runs a unit that must succeed, and keeps what it did.
async fn write<T: Send + 'static>(
    db: &Db,
    unit: impl FnMut(&mut Tx<'_>) -> StoreResult<T> + Send + 'static,
) -> T {
    db.write(unit).await.expect("the unit is committed")
}

/// Runs a unit that must succeed and changes nothing.
async fn read<T: Send + 'static>(
    db: &Db,
    unit: impl FnMut(&mut Tx<'_>) -> StoreResult<T> + Send + 'static,
) -> T {
    db.read(unit).await.expect("the unit is answered")
}

/// Runs a unit whose only statement must find no row to change.
async fn touches_nothing(db: &Db, unit: impl FnMut(&mut Tx<'_>) -> StoreResult<()> + Send + 'static) {
    let refused = db.write(unit).await;
    assert!(matches!(refused, Err(StoreError::RowCount { touched: 0 })), "{refused:?}");
}
