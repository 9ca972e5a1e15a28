//! Revisions of regulations are recorded once and kept.

use dossier_domain::Timestamp;
use dossier_domain::catalogue::{Catalogue, RegulationFilter};
use dossier_store::regulation_revisions::{insert, key, keys, records};
use dossier_testkit::{TestDb, on_both_engines};
use jiff::civil::date;

use crate::{read, write};

on_both_engines![a_revision_is_recorded_once_and_can_be_read];

async fn a_revision_is_recorded_once_and_can_be_read(db: TestDb) {
    let catalogue = Catalogue::builtin();
    let today = date(2026, 11, 22);
    let regulation = catalogue.list(RegulationFilter::default(), today).next().unwrap();
    let mut changed = (**regulation).clone();
    changed.friendly_name = "Changed without a new number".into();
    for regulation in [(**regulation).clone(), (**regulation).clone(), changed.clone()] {
        write(&db, move |tx| insert(tx, &regulation, Timestamp::from_micros(1))).await;
    }
    let mut expected = vec![key(regulation), key(&changed)];
    expected.sort();
    let mut found = read(&db, keys).await;
    found.sort();
    assert_eq!(found, expected);
    let (sid, revision) = (regulation.sid, regulation.provenance.revision);
    let texts = read(&db, move |tx| records(tx, sid, revision)).await;
    assert_eq!(texts.len(), 2);
    assert!(texts.contains(&regulation.to_record()) && texts.contains(&changed.to_record()));
    assert!(read(&db, move |tx| records(tx, sid, revision + 1)).await.is_empty());
}
