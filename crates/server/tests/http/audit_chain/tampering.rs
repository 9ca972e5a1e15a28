//! Everything that somebody with access to the database can do to the audit, and what is said of it.

use super::events::{ACCOUNT, at, event, record, sid};
use super::verify;
use dossier_app::{Authenticity, ExpectedCheckpoint, MasterKeySource, verify_audit};
use dossier_domain::audit::chain::{Digest, EventRecord, MerkleRoot};
use dossier_store::audit_chain::{self, StoredCheckpoint};
use dossier_testkit::{Engine, TestApp, TestDb, on_both_engines};

on_both_engines! {
    altered_events_are_found,
    missing_and_added_events_are_found,
    altered_checkpoints_are_found,
    a_chain_that_was_cut_off_is_found_with_an_exported_checkpoint,
    a_chain_that_was_made_anew_is_found_with_the_key,
}

const TABLES: [&str; 5] =
    ["audit_events", "audit_unsealed", "audit_seals", "audit_checkpoints", "audit_chain"];

/// A service with three checkpoints of five events each, numbered from 1, and two events that wait.
struct Sealed {
    app: TestApp,
    newest: StoredCheckpoint,
}

impl Sealed {
    async fn new(db: TestDb) -> Self {
        let app = TestApp::start(db).await;
        // The service has recorded its own beginning, at the time that event 0 would have.
        app.database().script("DELETE FROM audit_events; DELETE FROM audit_unsealed").await;
        let mut newest = None;
        for first in [1, 6, 11] {
            record(app.database(), first..first + 5).await;
            newest = app.service().seal_audit().await.unwrap().newest;
        }
        record(app.database(), 16..18).await;
        for table in TABLES {
            app.database().script(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
        }
        Self { app, newest: newest.unwrap() }
    }

    /// What is said after a script, which is undone again. `{1}` in it is the identifier of event 1.
    async fn after(&self, script: &str) -> Vec<String> {
        self.alter(script).await;
        let findings = verify(&self.app, &[]).await.1;
        self.restore().await;
        let untouched = verify(&self.app, &self.exported()).await.1;
        assert_eq!(untouched, [""; 0], "nothing is left of: {script}");
        findings
    }

    async fn alter(&self, script: &str) {
        self.app.database().script(&named(script, &|number| sid(number))).await;
    }

    async fn restore(&self) {
        for table in TABLES {
            let script = format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table}");
            self.app.database().script(&script).await;
        }
    }

    fn exported(&self) -> [ExpectedCheckpoint; 1] {
        [ExpectedCheckpoint { number: self.newest.checkpoint.number, hash: self.newest.hash }]
    }

    /// Says what each script leads to.
    async fn table(&self, table: &[(&str, &[&str])]) {
        for (script, expected) in table {
            let expected: Vec<String> = expected.iter().map(|text| named(text, &in_words)).collect();
            assert_eq!(self.after(script).await, expected, "{script}");
        }
    }

    fn bytes(&self, byte: u8) -> String {
        let digits = format!("{byte:02x}").repeat(32);
        match self.app.database().which() {
            Engine::Sqlite => format!("x'{digits}'"),
            Engine::Postgres => format!("'\\x{digits}'"),
        }
    }
}

/// Replaces `{1}` by what there is to say of event 1.
fn named(text: &str, name: &dyn Fn(u32) -> String) -> String {
    (1..40).fold(text.to_owned(), |text, number| text.replace(&format!("{{{number}}}"), &name(number)))
}

fn in_words(number: u32) -> String {
    format!("event {} of account {ACCOUNT}, {}", sid(number), at(number))
}

/// Adds event 30, which is like event 4 and as old as it.
const INSERT_30: &str = "INSERT INTO audit_events SELECT account_sid, at, '{30}', actor, action, target, outcome, \
                         request_id, rule_revision FROM audit_events WHERE sid = '{4}'";

const FIVE: [&str; 3] = [
    "the events of checkpoint 1 do not give its root; there are 5, and it covers 5",
    "the events of checkpoint 2 do not give its root; there are 5, and it covers 5",
    "the events of checkpoint 3 do not give its root; there are 5, and it covers 5",
];

async fn altered_events_are_found(db: TestDb) {
    let sealed = Sealed::new(db).await;
    for change in [
        "actor = 'command-line'",
        "action = 'bundle.view'",
        "target = actor || 'x'",
        "outcome = 'refused'",
        "request_id = ''",
        "rule_revision = 1",
        "rule_revision = 0",
        "actor = action, action = actor",
    ] {
        let script = format!("UPDATE audit_events SET {change} WHERE sid = '{{4}}'");
        sealed.table(&[(&script, &[FIVE[0], "{4} is not as checkpoint 1 sealed it"])]).await;
    }
    let swap = "UPDATE audit_events SET action = CASE action WHEN 'bundle.create' THEN 'bundle.delete' \
                ELSE 'bundle.create' END WHERE sid IN ('{2}', '{7}')";
    sealed
        .table(&[
            (
                swap,
                &[
                    FIVE[0],
                    "{2} is not as checkpoint 1 sealed it",
                    FIVE[1],
                    "{7} is not as checkpoint 2 sealed it",
                ],
            ),
            // What is not sealed yet can be altered without a trace.
            ("UPDATE audit_events SET actor = 'x' WHERE sid = '{16}'", &[]),
        ])
        .await;
    // Key columns: the event that was sealed is gone, and another one is there.
    for change in ["at = at + 1", "at = -9000000000000000000", "sid = 'AE'", "account_sid = 'AC''; x'"] {
        let script = format!("UPDATE audit_events SET {change} WHERE sid = '{{4}}'");
        let findings = sealed.after(&script).await;
        let [root, missing, added] = &findings[..] else { panic!("{change}: {findings:#?}") };
        assert_eq!((root.as_str(), missing), (FIVE[0], &named("{4} of checkpoint 1 is missing", &in_words)));
        assert!(added.ends_with("was added behind the chain's back: no checkpoint has it"), "{added}");
    }
}

async fn missing_and_added_events_are_found(db: TestDb) {
    let sealed = Sealed::new(db).await;
    let added = "{30} was added behind the chain's back: no checkpoint has it";
    let as_old = INSERT_30;
    let in_words_30 = named(added, &|_| format!("event {} of account {ACCOUNT}, {}", sid(30), at(4)));
    assert_eq!(sealed.after(as_old).await, [in_words_30]);
    let into_two = format!(
        "{as_old}; INSERT INTO audit_seals SELECT 2, at, '{{30}}', account_sid FROM audit_seals WHERE event_sid = '{{4}}'"
    );
    let not_sealed =
        format!("event {} of account {ACCOUNT}, {} is not as checkpoint 2 sealed it", sid(30), at(4));
    let root = "the events of checkpoint 2 do not give its root; there are 6, and it covers 5";
    assert_eq!(sealed.after(&into_two).await, [root.to_owned(), not_sealed]);

    let four = "the events of checkpoint 2 do not give its root; there are 4, and it covers 5";
    sealed
        .table(&[
            (
                "DELETE FROM audit_events WHERE sid = '{7}'",
                &[FIVE[1], "{7} of checkpoint 2 is missing"],
            ),
            (
                "DELETE FROM audit_seals WHERE event_sid = '{7}'",
                &[
                    four,
                    "events of checkpoint 2 are gone, and every mention of them: 1",
                    "{7} was added behind the chain's back: no checkpoint has it",
                ],
            ),
            (
                "DELETE FROM audit_events WHERE sid = '{7}'; DELETE FROM audit_seals WHERE event_sid = '{7}'",
                &[four, "events of checkpoint 2 are gone, and every mention of them: 1"],
            ),
            (
                "UPDATE audit_seals SET checkpoint = 3 WHERE event_sid = '{7}'",
                &[
                    four,
                    "events of checkpoint 2 are gone, and every mention of them: 1",
                    "the events of checkpoint 3 do not give its root; there are 6, and it covers 5",
                    "{7} is not as checkpoint 3 sealed it",
                ],
            ),
            ("DELETE FROM audit_events WHERE sid = '{16}'", &["{16}, which waited for a checkpoint, is missing"]),
            ("DELETE FROM audit_unsealed WHERE event_sid = '{16}'", &["{16} was added behind the chain's back: no checkpoint has it"]),
            // What is not sealed yet can be taken away without a trace.
            ("DELETE FROM audit_events WHERE sid = '{16}'; DELETE FROM audit_unsealed WHERE event_sid = '{16}'", &[]),
        ])
        .await;
}

async fn altered_checkpoints_are_found(db: TestDb) {
    let sealed = Sealed::new(db).await;
    let ones = sealed.bytes(1);
    let altered = "checkpoint 2 was altered: its hash is not that of what it says";
    let forged = "checkpoint 2 was not made with the key of this installation";
    let broken = "checkpoint 2 does not follow the one before it: one of them was replaced";
    let follower = "checkpoint 3 does not follow the one before it: one of them was replaced";
    let unreadable = "checkpoint 2 was altered: it cannot be read";
    let table: [(&str, &[&str]); 8] = [
        ("previous_hash = ONES", &[altered, broken]),
        ("merkle_root = ONES", &[altered, FIVE[1]]),
        (
            "event_count = 6",
            &[altered, "the events of checkpoint 2 do not give its root; there are 5, and it covers 6"],
        ),
        ("sealed_at = sealed_at + 1", &[altered]),
        ("hash = ONES", &[altered, forged, follower]),
        ("mac = ONES", &[forged]),
        ("leaves = ONES", &["the leaves that checkpoint 2 lists were altered; its events are proven"]),
        ("mac = merkle_root, hash = mac", &[altered, forged, follower]),
    ];
    for (change, expected) in table {
        let change = change.replace("ONES", &ones);
        let script = format!("UPDATE audit_checkpoints SET {change} WHERE number = 2");
        assert_eq!(sealed.after(&script).await, expected, "{change}");
    }
    let short = ones.replacen("01", "", 1);
    for column in ["previous_hash", "hash", "leaves"] {
        let script = format!("UPDATE audit_checkpoints SET {column} = {short} WHERE number = 2");
        assert_eq!(sealed.after(&script).await, [unreadable], "{column}");
    }
    let three_is_mislaid = "the newest checkpoint should be 3 and is 9";
    sealed
        .table(&[
            ("DELETE FROM audit_checkpoints WHERE number = 1", &["checkpoint 1 is missing"]),
            ("DELETE FROM audit_checkpoints WHERE number = 2", &["checkpoint 2 is missing"]),
            ("DELETE FROM audit_checkpoints WHERE number < 3", &["checkpoints 1 to 2 are missing"]),
            (
                "UPDATE audit_checkpoints SET number = 9 WHERE number = 3",
                &[
                    "checkpoints 3 to 8 are missing",
                    "checkpoint 9 was altered: its hash is not that of what it says",
                    "the events of checkpoint 9 do not give its root; there are 0, and it covers 5",
                    "events of checkpoint 9 are gone, and every mention of them: 5",
                    three_is_mislaid,
                ],
            ),
            (
                "DELETE FROM audit_chain",
                &["the number of the newest checkpoint is gone; the newest found is 3"],
            ),
            ("UPDATE audit_chain SET newest = 2", &["the newest checkpoint should be 2 and is 3"]),
            ("UPDATE audit_chain SET newest = 4", &["the newest checkpoint should be 4 and is 3"]),
        ])
        .await;
    // Two checkpoints that change places, with and without their events.
    let swap = |table: &str, column: &str| {
        [(2, 99), (3, 2), (99, 3)]
            .map(|(from, to)| format!("UPDATE {table} SET {column} = {to} WHERE {column} = {from}"))
            .join("; ")
    };
    let checkpoints = swap("audit_checkpoints", "number");
    let both = format!("{checkpoints}; {}", swap("audit_seals", "checkpoint"));
    for (script, roots) in [(&checkpoints, 2), (&both, 0)] {
        let findings = sealed.after(script).await;
        let count = |text: &str| findings.iter().filter(|finding| finding.contains(text)).count();
        assert_eq!(count("was altered: its hash"), 2, "{findings:#?}");
        assert_eq!(count("does not follow"), 2, "{findings:#?}");
        assert_eq!(count("do not give its root"), roots, "{findings:#?}");
    }
}

async fn a_chain_that_was_cut_off_is_found_with_an_exported_checkpoint(db: TestDb) {
    let sealed = Sealed::new(db).await;
    let cut_off = "checkpoint 3 was exported and is missing: the chain was cut off or replaced";
    let careless = "DELETE FROM audit_checkpoints WHERE number = 3";
    let careful = "DELETE FROM audit_checkpoints WHERE number = 3; UPDATE audit_chain SET newest = 2; \
                   DELETE FROM audit_events WHERE sid >= '{11}'; DELETE FROM audit_unsealed; \
                   DELETE FROM audit_seals WHERE checkpoint = 3";
    let sly = "DELETE FROM audit_checkpoints WHERE number = 3; UPDATE audit_chain SET newest = 2; \
               INSERT INTO audit_unsealed SELECT at, event_sid, account_sid FROM audit_seals WHERE checkpoint = 3; \
               DELETE FROM audit_seals WHERE checkpoint = 3";
    let noticed: [&str; 2] = [
        "the newest checkpoint should be 3 and is 2",
        "events are listed for checkpoint 3, which does not exist",
    ];
    for (script, without) in [(careless, &noticed[..]), (careful, &[]), (sly, &[])] {
        assert_eq!(sealed.after(script).await, without, "{script}");
        sealed.alter(script).await;
        let with = verify(&sealed.app, &sealed.exported()).await.1;
        assert!(with.contains(&cut_off.to_owned()), "{script}: {with:#?}");
        sealed.restore().await;
    }
    // The chain goes on from where it was cut off: then there is a checkpoint 3, and it is another one.
    sealed.alter(sly).await;
    sealed.app.clock().advance(std::time::Duration::from_secs(60));
    sealed.app.service().seal_audit().await.unwrap();
    let again = "checkpoint 3 is not the one that was exported: the chain was made anew";
    assert_eq!(verify(&sealed.app, &sealed.exported()).await.1, [again]);
    assert_eq!(verify(&sealed.app, &[]).await.1, [""; 0]);
}

/// Somebody who knows this program computes every hash anew, but does not have the key.
async fn a_chain_that_was_made_anew_is_found_with_the_key(db: TestDb) {
    let sealed = Sealed::new(db).await;
    sealed.alter("UPDATE audit_events SET outcome = 'refused' WHERE sid = '{4}'").await;
    let db = sealed.app.database();
    let chain = db
        .write(|tx| {
            let (mut chain, mut previous_hash) = (Vec::new(), Digest::NONE);
            while let Some(found) = audit_chain::next(tx, chain.len() as i64)? {
                let (mut stored, _) = found.stored.unwrap();
                let first = u32::try_from(chain.len()).unwrap() * 5 + 1;
                let mut tree = MerkleRoot::default();
                (first..first + 5).for_each(|number| tree.push(leaf(number, number == 4)));
                stored.checkpoint.merkle_root = tree.root();
                stored.checkpoint.previous_hash = previous_hash;
                stored.hash = stored.checkpoint.hash();
                previous_hash = stored.hash;
                chain.push(stored);
            }
            Ok::<_, dossier_store::StoreError>(chain)
        })
        .await
        .unwrap();
    db.script("DELETE FROM audit_checkpoints; UPDATE audit_chain SET newest = 0").await;
    db.write(move |tx| {
        for (index, stored) in (0..).zip(&chain) {
            let leaves: Vec<_> =
                (1..6).map(|place| leaf(index * 5 + place, index * 5 + place == 4)).collect();
            audit_chain::append(tx, stored, &leaves)?;
        }
        Ok::<_, dossier_store::StoreError>(())
    })
    .await
    .unwrap();

    let nobody = MasterKeySource::File("/nowhere/master.key".into());
    let mut findings = Vec::new();
    let mut listener = |finding: dossier_app::Finding| findings.push(finding.to_string());
    let report = verify_audit(db, &nobody, &[], &mut listener).await.unwrap();
    assert_eq!((report.authenticity, report.findings), (Authenticity::NotChecked, 0), "it fits together");

    let forged = |number| format!("checkpoint {number} was not made with the key of this installation");
    let made_anew = "checkpoint 3 is not the one that was exported: the chain was made anew".to_owned();
    assert_eq!(verify(&sealed.app, &[]).await.1, [1, 2, 3].map(forged));
    assert_eq!(verify(&sealed.app, &sealed.exported()).await.1, [forged(1), forged(2), made_anew, forged(3)]);
    let other_key = MasterKeySource::Text("00".repeat(32));
    verify_audit(db, &other_key, &[], &mut |_| {}).await.unwrap_err();
}

fn leaf(number: u32, altered: bool) -> Digest {
    let event = event(number);
    let text = |sid: &dyn std::fmt::Display| sid.to_string();
    EventRecord {
        account_sid: &text(&event.account_sid),
        at: event.at.as_micros(),
        sid: &text(&event.sid),
        actor: &event.actor.text(),
        action: event.action.as_str(),
        target: &text(&event.target),
        outcome: if altered { "refused" } else { event.outcome.as_str() },
        request_id: &text(&event.request),
        rule_revision: event.rule_revision.map(i64::from),
    }
    .leaf()
}
