//! SQL statements, rows, transactions, sealed columns and document files.
//!
//! Functions over a customer's rows take the [`Owner`] first: there is no way to read a row without
//! naming whose it is, nor to open it without that account's key.

pub mod accounts;
pub mod addresses;
pub mod api_keys;
pub mod audit;
pub mod audit_chain;
pub mod backup;
pub mod bundles;
pub mod campaigns;
pub mod cases;
pub mod data_keys;
pub mod db;
pub mod deliveries;
pub mod documents;
pub mod end_users;
pub mod erasures;
pub mod evaluations;
pub mod files;
pub mod item_assignments;
pub mod jobs;
pub mod legal_holds;
pub mod lineage;
mod list;
pub mod numbers;
pub mod operators;
mod owner;
pub mod regulation_revisions;
pub mod reset;
pub mod seal;

pub use db::{Db, DbOptions, DbTarget, PostgresError, StoreError, StoreResult, Tx};
pub use owner::Owner;

/// Every statement with a fixed text, by module and name, for the tests that prepare and explain them.
pub fn statements() -> impl Iterator<Item = (&'static str, &'static str)> {
    [
        accounts::STATEMENTS,
        addresses::STATEMENTS,
        api_keys::STATEMENTS,
        audit::STATEMENTS,
        audit_chain::STATEMENTS,
        bundles::STATEMENTS,
        data_keys::STATEMENTS,
        db::MIGRATION_STATEMENTS,
        db::RESTORING_STATEMENTS,
        deliveries::STATEMENTS,
        documents::STATEMENTS,
        end_users::STATEMENTS,
        evaluations::STATEMENTS,
        item_assignments::STATEMENTS,
        jobs::STATEMENTS,
        legal_holds::STATEMENTS,
        lineage::STATEMENTS,
        numbers::STATEMENTS,
        operators::STATEMENTS,
        regulation_revisions::STATEMENTS,
        reset::STATEMENTS,
    ]
    .into_iter()
    .chain(campaigns::ALL_STATEMENTS)
    .chain(cases::ALL_STATEMENTS)
    .chain(erasures::ALL_STATEMENTS)
    .flatten()
    .copied()
}
