//! What was deleted or overwritten is not left in the files of the database.

use std::collections::BTreeSet;

use dossier_domain::Timestamp;
use dossier_store::erasures;
use dossier_testkit::{Engine, Seeded, TestDb, engines, on_both_engines, owner};

use crate::{samples, write};

on_both_engines! {
    a_wipe_changes_nothing_that_can_be_read,
}

const BUNDLES: usize = 3000;

fn name(number: usize) -> String {
    format!("NAME{number:08}X{}", "z".repeat(number % 61))
}

/// The numbers of the names that are somewhere in the bytes, in a row or in none.
fn found(bytes: &[u8]) -> BTreeSet<usize> {
    let starts = bytes.windows(4).enumerate().filter(|(_, window)| window == b"NAME").map(|(start, _)| start);
    let digits = starts.filter_map(|start| std::str::from_utf8(bytes.get(start + 4..start + 12)?).ok());
    digits.filter_map(|digits| digits.parse().ok()).collect()
}

/// `secure_delete` alone does not do it: rows that moved between pages stay behind in their gaps.
#[test]
fn names_that_were_erased_are_in_no_gap_of_the_file() {
    engines::run(Engine::Sqlite, async |db: TestDb| {
        let mut random = Seeded::new(7);
        let bundles: Vec<_> = (0..BUNDLES)
            .map(|number| {
                let friendly_name = dossier_domain::text::FriendlyName::from_stored(name(number));
                dossier_domain::bundle::Bundle { friendly_name, ..samples::bundle(&mut random, &owner()) }
            })
            .collect();
        for some in bundles.chunks(500).map(<[_]>::to_vec) {
            write(&db, move |tx| {
                some.iter().try_for_each(|bundle| dossier_store::bundles::insert(tx, &owner(), bundle))
            })
            .await;
        }
        let gone: BTreeSet<usize> = (0..BUNDLES).filter(|number| number % 3 != 0).collect();
        let erased: Vec<_> = gone.iter().map(|number| bundles[*number].clone()).collect();
        for some in erased.chunks(500).map(<[_]>::to_vec) {
            write(&db, move |tx| {
                some.iter().try_for_each(|bundle| {
                    erasures::bundle(tx, owner().account, bundle.sid, bundle.status, Timestamp::MAX)
                })
            })
            .await;
        }
        db.wipe().await.unwrap();
        let path = db.sqlite().path().unwrap().to_owned();
        assert_eq!(std::fs::metadata(format!("{path}-wal")).unwrap().len(), 0);
        let left = found(&std::fs::read(path).unwrap());
        assert_eq!(left.intersection(&gone).collect::<Vec<_>>(), [&0_usize; 0]);
        assert_eq!(left.len(), BUNDLES - gone.len(), "what is not erased is there");
    });
}

async fn a_wipe_changes_nothing_that_can_be_read(db: TestDb) {
    let mut random = Seeded::new(8);
    let bundle = samples::bundle(&mut random, &owner());
    let inserted = bundle.clone();
    write(&db, move |tx| dossier_store::bundles::insert(tx, &owner(), &inserted)).await;
    let units = (0..50).map(|_| db.write(|_| Ok::<_, dossier_store::StoreError>(())));
    let (wiped, units) = tokio::join!(db.wipe(), futures_util::future::join_all(units));
    wiped.unwrap();
    assert!(units.into_iter().all(|unit| unit.is_ok()), "units before and behind it are done");
    let sid = bundle.sid;
    let read = write(&db, move |tx| dossier_store::bundles::get(tx, &owner(), sid)).await;
    assert_eq!(read, Some(bundle));
    db.wipe().await.unwrap();
}
