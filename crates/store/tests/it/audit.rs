//! Audit events.

use dossier_domain::audit::{Action, Actor, AuditEvent, Outcome};
use dossier_domain::sid::AnySid;
use dossier_store::{StoreResult, Tx, audit};
use dossier_testkit::{Seeded, TestDb, on_both_engines, owner};

use crate::{read, samples, write};

on_both_engines![every_field_of_an_event_is_kept, an_event_goes_away_with_the_change_it_tells_of];

fn event(random: &mut Seeded) -> AuditEvent {
    AuditEvent {
        sid: random.sid(),
        account_sid: owner().account,
        at: samples::time(random),
        actor: Actor::Account(owner().account),
        action: Action::BundleCreated,
        target: random.sid::<dossier_domain::sid::kinds::Bundle>().into(),
        outcome: Outcome::Refused,
        request: random.sid(),
        rule_revision: Some(7),
    }
}

type Stored = (String, String, AnySid, String, String, Option<i64>);

fn stored(tx: &mut Tx<'_>) -> StoreResult<Vec<Stored>> {
    let sql =
        "SELECT actor, action, target, outcome, request_id, rule_revision FROM audit_events ORDER BY action";
    tx.list(sql, &[], |row| {
        let mut columns = row.columns();
        Ok((
            columns.next()?,
            columns.next()?,
            columns.next()?,
            columns.next()?,
            columns.next()?,
            columns.next()?,
        ))
    })
}

async fn every_field_of_an_event_is_kept(db: TestDb) {
    let mut random = Seeded::new(1);
    let first = event(&mut random);
    let second = AuditEvent {
        actor: Actor::CommandLine,
        action: Action::KeysRotated,
        outcome: Outcome::Done,
        rule_revision: None,
        ..event(&mut random)
    };
    let events = [first.clone(), second.clone()];
    write(&db, move |tx| events.iter().try_for_each(|event| audit::append(tx, event))).await;
    let account = owner().account.to_string();
    let expected: [Stored; 2] = [
        (account, "bundle.create".into(), first.target, "refused".into(), first.request.to_string(), Some(7)),
        (
            "command-line".into(),
            "keys.rotate".into(),
            second.target,
            "done".into(),
            second.request.to_string(),
            None,
        ),
    ];
    assert_eq!(read(&db, stored).await, expected);
}

async fn an_event_goes_away_with_the_change_it_tells_of(db: TestDb) {
    let event = event(&mut Seeded::new(2));
    let twice = db
        .write(move |tx| {
            audit::append(tx, &event)?;
            audit::append(tx, &event)
        })
        .await;
    assert!(twice.is_err(), "an identifier is used once");
    assert!(read(&db, stored).await.is_empty());
}
