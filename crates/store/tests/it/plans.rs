//! Every statement of the store prepares on both engines, and finds its rows through an index.
//!
//! Statements with a fixed text are walked as the store lists them. The texts of lists depend on
//! filters, so the lists are run, and PostgreSQL is asked which statements it had to prepare.

use std::collections::BTreeSet;

use dossier_domain::account::{Account, AccountStatus};
use dossier_domain::delivery::{Channel, DeliveryState};
use dossier_domain::paging::{Position, Start, Window};
use dossier_domain::review::StateName;
use dossier_domain::sid::{AddressSid, BundleSid, OperatorSid};
use dossier_domain::{EndUserType, IsoCountry, NumberType};
use dossier_store::accounts::AccountFilter;
use dossier_store::addresses::AddressFilter;
use dossier_store::bundles::{BundleFilter, BundleSort};
use dossier_store::cases::{self, CaseFilter};
use dossier_store::deliveries::DeliveryFilter;
use dossier_store::numbers::{LeasedFilter, NumberPattern};
use dossier_store::{
    StoreResult, accounts, addresses, api_keys, bundles, deliveries, documents, end_users, evaluations,
    item_assignments, lineage, numbers,
};
use dossier_testkit::{Engine, Seeded, TestDb, engines, owner};

use crate::{bundle_lists, samples, write};

/// Statements that may read a whole table, and why.
const WHOLE_TABLE: [(&str, &str); 7] = [
    ("migrate::APPLIED", "there are as many rows as migrations, and all are wanted"),
    ("reset::", "rehearsal mode empties the tables"),
    ("jobs::NEXT_CLAIM", "rehearsal mode has few jobs"),
    ("jobs::NEXT_DUE", "the first of the index is all that is read"),
    ("scope::ACCOUNT_OF", "each account is asked whether it has the object"),
    ("bundles::ACCOUNT_OF", "each account is asked whether it has the bundle"),
    ("lineage::ACCOUNT_OF", "each account is asked whether it had the bundle"),
];

fn fixed() -> Vec<(String, String)> {
    dossier_store::statements().map(|(name, sql)| (name.to_owned(), sql.to_owned())).collect()
}

fn is_exempt(name: &str) -> bool {
    WHOLE_TABLE.iter().any(|(exempt, _)| name.contains(exempt))
}

/// Every start of a page.
fn windows() -> [Window; 4] {
    let position = Position { key: 0, sid: owner().account.into() };
    [Start::First, Start::After(position), Start::Before(position), Start::Offset(3)]
        .map(|start| Window { size: 5, start })
}

/// The statements that lists run, with every condition and in every order.
async fn listed(db: &TestDb) -> Vec<(String, String)> {
    let mut random = Seeded::new(1);
    let some: Vec<_> = (0..3).map(|_| samples::bundle(&mut random, &owner())).collect();
    let mut filters = Vec::new();
    for filter in bundle_lists::single_conditions(&mut random, &some) {
        for sort_by in [BundleSort::Created, BundleSort::Updated, BundleSort::ValidUntil] {
            filters.extend([true, false].map(|ascending| BundleFilter {
                sort_by,
                ascending,
                ..filter.clone()
            }));
        }
    }
    let texts = write(db, move |tx| {
        let mut texts = BTreeSet::new();
        let (owner, bundle) = (owner(), some[0].sid);
        for window in windows() {
            end_users::list(tx, &owner, &window)?;
            api_keys::list(tx, &owner, &window)?;
            for filter in leased_filters() {
                numbers::list_leased(tx, &owner, &filter, &window)?;
            }
            for (account, filter) in account_filters() {
                accounts::list_own(tx, &account, &filter, &window)?;
            }
            documents::list(tx, &owner, &window)?;
            evaluations::list(tx, &owner, bundle, &window)?;
            item_assignments::list(tx, &owner, bundle, &window)?;
            lineage::copies(tx, &owner, bundle, &window)?;
            for customer_name in [None, Some("x".to_owned())] {
                let filter = AddressFilter { customer_name, ..AddressFilter::default() };
                addresses::list(tx, &owner, &filter, &window)?;
            }
            for filter in delivery_filters() {
                deliveries::list(tx, &filter, &window)?;
            }
            for filter in &case_filters() {
                cases::lock_next(tx, filter)?;
                cases::list(tx, filter, &window)?;
                texts.extend(prepared(tx)?);
            }
            for filter in &filters {
                bundles::list(tx, &owner, filter, &window)?;
                texts.extend(prepared(tx)?);
            }
        }
        Ok(texts)
    })
    .await;
    assert!(texts.len() > 200, "{} statements are not all", texts.len());
    texts.into_iter().map(|sql| (sql.clone(), sql)).collect()
}

/// Every choice of conditions on an account's numbers.
fn leased_filters() -> Vec<LeasedFilter> {
    let mut filters = Vec::new();
    for number in [None, NumberPattern::parse("11")] {
        for friendly_name in [None, Some("x".to_owned())] {
            for address in [None, Some(AddressSid::from_bytes([1; 16]))] {
                let (number, friendly_name) = (number.clone(), friendly_name.clone());
                filters.push(LeasedFilter { number, friendly_name, address });
            }
        }
    }
    filters
}

/// A main account and a sub-account, with every choice of conditions.
fn account_filters() -> Vec<(Account, AccountFilter)> {
    let account = samples::account(&mut Seeded::new(1));
    let mut filters = Vec::new();
    for parent_sid in [None, Some(owner().account)] {
        for friendly_name in [None, Some("x".to_owned())] {
            for status in [None, Some(AccountStatus::Active)] {
                let filter = AccountFilter { friendly_name: friendly_name.clone(), status };
                filters.push((Account { parent_sid, ..account.clone() }, filter));
            }
        }
    }
    filters
}

/// The combinations of conditions that operators can ask for.
fn delivery_filters() -> Vec<DeliveryFilter> {
    let accounts = [
        (None, None),
        (Some(owner().account), None),
        (Some(owner().account), Some(BundleSid::from_bytes([1; 16]))),
    ];
    let mut filters = Vec::new();
    for (account, bundle) in accounts {
        for channel in [None, Some(Channel::Mail)] {
            for state in [None, Some(DeliveryState::Dead)] {
                for from in [None, Some(samples::later(0))] {
                    filters.push(DeliveryFilter { account, bundle, channel, state, from, before: from });
                }
            }
        }
    }
    filters
}

/// Every choice of conditions on cases, in both orders.
fn case_filters() -> Vec<CaseFilter> {
    let choice = |bits: u32, bit: u32| bits & (1 << bit) != 0;
    let filter = |bits: u32| CaseFilter {
        state: choice(bits, 0).then_some(StateName::Decided),
        iso_country: IsoCountry::parse("DE").filter(|_| choice(bits, 1)),
        number_type: choice(bits, 2).then_some(NumberType::Local),
        end_user_type: choice(bits, 3).then_some(EndUserType::Business),
        assignee: choice(bits, 4).then_some(OperatorSid::from_bytes([1; 16])),
        newest_first: choice(bits, 5),
    };
    (0..64).map(filter).collect()
}

/// The lists that this connection has prepared.
fn prepared(tx: &mut dossier_store::Tx<'_>) -> StoreResult<Vec<String>> {
    let sql = "SELECT statement FROM pg_prepared_statements WHERE statement LIKE '% = $1%ORDER BY%' \
         OR statement LIKE '%FROM deliveries%ORDER BY created_at%'";
    let texts: Vec<String> = tx.list(sql, &[], |row| row.columns().next())?;
    Ok(texts.into_iter().filter(|text| !text.contains("pg_prepared_statements")).collect())
}

/// How many parameters a statement has: its highest number.
fn parameters(sql: &str) -> usize {
    (1..100).rev().find(|number| sql.contains(&format!("${number}"))).unwrap_or(0)
}

/// The steps in which SQLite would run a statement.
fn query_plan(connection: &rusqlite::Connection, sql: &str) -> Vec<String> {
    let sql = sql.strip_suffix(" SKIP LOCKED").unwrap_or(sql);
    let sql = sql.strip_suffix(" FOR UPDATE").unwrap_or(sql);
    let mut statement = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap_or_else(|error| panic!("{error}\n{sql}"));
    let nulls = vec![rusqlite::types::Null; parameters(sql)];
    let steps = statement.query_map(rusqlite::params_from_iter(nulls), |row| row.get(3)).unwrap();
    steps.map(Result::unwrap).collect()
}

#[test]
fn statements_of_sqlite_use_indexes() {
    engines::run(Engine::Sqlite, async |db| {
        let postgres = TestDb::new(Engine::Postgres).await;
        let connection = db.sqlite();
        for (name, sql) in fixed().into_iter().chain(listed(&postgres).await) {
            let steps = query_plan(&connection, &sql);
            let scans = steps.iter().any(|step| step.starts_with("SCAN") && !step.contains("CONSTANT ROW"));
            assert!(!scans || is_exempt(&name), "{name}\n{sql}\n{steps:#?}");
        }
    });
}

/// Sorting is what makes a deep page cost more than the first.
#[test]
fn lists_of_sqlite_are_read_in_order() {
    engines::run(Engine::Sqlite, async |db| {
        let postgres = TestDb::new(Engine::Postgres).await;
        let connection = db.sqlite();
        for (_, sql) in listed(&postgres).await {
            let steps = query_plan(&connection, &sql);
            // These narrow the list down, so that what is left may be sorted: named bundles, bundles of one
            // name, bundles whose validity ends within bounds. A bundle has few deliveries.
            let narrow = ["sid IN (", "friendly_name =", " valid_until <", " valid_until >="];
            let few = sql.contains("FROM deliveries") && sql.contains("bundle_sid =");
            let may_sort = few || narrow.iter().any(|condition| sql.contains(condition));
            let sorts = steps.iter().any(|step| step.contains("TEMP B-TREE"));
            assert!(!sorts || may_sort, "{sql}\n{steps:#?}");
        }
    });
}

/// Walking the account in order until twenty named bundles were met may take all of it.
#[test]
fn named_bundles_of_sqlite_are_found_by_their_identifiers() {
    engines::run(Engine::Sqlite, async |db| {
        let postgres = TestDb::new(Engine::Postgres).await;
        let connection = db.sqlite();
        for (_, sql) in listed(&postgres).await.into_iter().filter(|(_, sql)| sql.contains("sid IN (")) {
            let steps = query_plan(&connection, &sql);
            assert!(steps[0].contains("(account_sid=? AND sid=?)"), "{sql}\n{steps:#?}");
        }
    });
}

#[test]
fn statements_of_postgres_use_indexes() {
    engines::run(Engine::Postgres, async |db| {
        let statements: Vec<_> = fixed().into_iter().chain(listed(&db).await).collect();
        let client = db.postgres().await;
        // Plans for any values, as the server keeps them; and no table is small enough to be read whole.
        client
            .batch_execute("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off")
            .await
            .unwrap();
        for (name, sql) in statements {
            client
                .batch_execute(&format!("PREPARE explained AS {sql}"))
                .await
                .unwrap_or_else(|error| panic!("{name}: {error:?}\n{sql}"));
            let nulls = vec!["NULL"; parameters(&sql)].join(", ");
            let arguments = if nulls.is_empty() { nulls } else { format!("({nulls})") };
            let plan: Vec<String> = client
                .query(&format!("EXPLAIN EXECUTE explained{arguments}"), &[])
                .await
                .unwrap()
                .iter()
                .map(|row| row.get(0))
                .collect();
            let scans = plan.iter().any(|step| step.contains("Seq Scan"));
            assert!(!scans || is_exempt(&name), "{name}\n{sql}\n{plan:#?}");
            client.batch_execute("DEALLOCATE explained").await.unwrap();
        }
    });
}

/// What a statement takes and gives is of the few types that both engines have.
#[test]
fn statements_of_postgres_take_and_give_portable_types() {
    engines::run(Engine::Postgres, async |db| {
        let portable = ["int8", "text", "bytea", "bool"];
        let client = db.postgres().await;
        for (name, sql) in fixed().into_iter().chain(listed(&db).await) {
            let statement = client.prepare(&sql).await.unwrap_or_else(|error| panic!("{name}: {error}"));
            for kind in statement.params() {
                assert!(portable.contains(&kind.name()), "{name} takes {kind}");
            }
            for column in statement.columns() {
                // The 1 of an existence test is never read.
                let fine = portable.contains(&column.type_().name()) || column.name() == "?column?";
                assert!(fine, "{name} gives {}", column.type_());
            }
        }
    });
}
