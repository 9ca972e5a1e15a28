//! Reading many rows with one statement, and walking over all bundles, say what reading one by one says.

use dossier_domain::bundle::Bundle;
use dossier_domain::item_assignment::{ItemAssignment, Slot};
use dossier_store::{addresses, bundles, documents, end_users, item_assignments};
use dossier_testkit::{Seeded, TestDb, on_both_engines, owner, stranger};

use crate::{read, samples, write};

on_both_engines![
    many_items_are_read_like_one,
    many_bundles_tell_what_is_in_them,
    a_walk_meets_every_bundle_once_oldest_first,
];

/// Rows that need three statements, the last of which has places left over.
const ROWS: usize = 97;

async fn many_items_are_read_like_one(db: TestDb) {
    let mut random = Seeded::new(1);
    let mut made: Vec<_> = (0..ROWS)
        .map(|_| {
            let random = &mut random;
            let (document, end_user) =
                (samples::document(random, &owner()), samples::end_user(random, &owner()));
            (document, end_user, samples::address(random, &owner()))
        })
        .collect();
    let rows = made.clone();
    write(&db, move |tx| {
        rows.iter().try_for_each(|(document, end_user, address)| {
            documents::insert(tx, &owner(), document, &[])?;
            end_users::insert(tx, &owner(), end_user)?;
            addresses::insert(tx, &owner(), address)
        })
    })
    .await;
    let mut sids: Vec<_> =
        made.iter().map(|(document, end_user, address)| (document.sid, end_user.sid, address.sid)).collect();
    // One that nobody has is left out.
    sids.push((random.sid(), random.sid(), random.sid()));
    let (of_documents, of_end_users, of_addresses): (Vec<_>, Vec<_>, Vec<_>) = (
        sids.iter().map(|sids| sids.0).collect(),
        sids.iter().map(|sids| sids.1).collect(),
        sids.iter().map(|sids| sids.2).collect(),
    );
    for size in [0, 1, 39, 40, 41, ROWS + 1] {
        let asked = (of_documents.clone(), of_end_users.clone(), of_addresses.clone());
        let (mut found, mut found_users, mut found_lines, strangers) = read(&db, move |tx| {
            let (documents, end_users, addresses) = (&asked.0[..size], &asked.1[..size], &asked.2[..size]);
            let strangers = documents::get_many(tx, &stranger(), documents)?.len()
                + end_users::get_many(tx, &stranger(), end_users)?.len()
                + addresses::lines_of_many(tx, &stranger(), addresses)?.len();
            Ok((
                documents::get_many(tx, &owner(), documents)?,
                end_users::get_many(tx, &owner(), end_users)?,
                addresses::lines_of_many(tx, &owner(), addresses)?,
                strangers,
            ))
        })
        .await;
        assert_eq!(strangers, 0);
        let expected = &mut made[..size.min(ROWS)];
        found.sort_by_key(|document| document.sid);
        expected.sort_by_key(|(document, _, _)| document.sid);
        assert!(found.iter().eq(expected.iter().map(|(document, _, _)| document)), "{size}");
        found_users.sort_by_key(|end_user| end_user.sid);
        expected.sort_by_key(|(_, end_user, _)| end_user.sid);
        assert!(found_users.iter().eq(expected.iter().map(|(_, end_user, _)| end_user)), "{size}");
        found_lines.sort_by_key(|(sid, _, _)| *sid);
        expected.sort_by_key(|(_, _, address)| address.sid);
        let lines = expected.iter().map(|(_, _, it)| (it.sid, it.lines.clone(), it.iso_country));
        assert!(found_lines.into_iter().eq(lines), "{size}");
    }
}

async fn many_bundles_tell_what_is_in_them(db: TestDb) {
    let mut random = Seeded::new(2);
    let sids: Vec<_> = (0..ROWS).map(|_| random.sid()).collect();
    let mut items = Vec::new();
    for bundle_sid in &sids {
        for number in 0..random.below(4) {
            let object = random.sid::<dossier_domain::sid::kinds::Document>();
            items.push((
                ItemAssignment {
                    sid: random.sid(),
                    account_sid: owner().account,
                    bundle_sid: *bundle_sid,
                    object_sid: object.into(),
                    created_at: samples::time(&mut random),
                },
                Slot::Document(number.to_string()),
            ));
        }
    }
    write(&db, move |tx| {
        items.iter().try_for_each(|(item, slot)| item_assignments::insert(tx, &owner(), item, slot))
    })
    .await;
    let asked = sids.clone();
    let (found, one_by_one, strangers) = read(&db, move |tx| {
        let mut one_by_one = Vec::new();
        for sid in &asked {
            let objects = item_assignments::objects(tx, &owner(), *sid)?;
            one_by_one.extend(objects.into_iter().map(|object| (*sid, object)));
        }
        let strangers = item_assignments::objects_of_many(tx, &stranger(), &asked)?;
        Ok((item_assignments::objects_of_many(tx, &owner(), &asked)?, one_by_one, strangers))
    })
    .await;
    assert_eq!(strangers, []);
    assert_eq!(found.len(), one_by_one.len());
    for sid in sids {
        let of = |(bundle, object): &(_, _)| (*bundle == sid).then_some(*object);
        assert!(found.iter().filter_map(of).eq(one_by_one.iter().filter_map(of)));
    }
}

async fn a_walk_meets_every_bundle_once_oldest_first(db: TestDb) {
    let mut random = Seeded::new(3);
    let mut made: Vec<Bundle> = (0..ROWS).map(|_| samples::bundle(&mut random, &owner())).collect();
    made.push(samples::bundle(&mut random, &stranger()));
    let rows = made.clone();
    write(&db, move |tx| {
        rows.iter().try_for_each(|bundle| {
            let owner = if bundle.account_sid == owner().account { owner() } else { stranger() };
            bundles::insert(tx, &owner, bundle)
        })
    })
    .await;
    made.pop();
    made.sort_by_key(|bundle| (bundle.created_at, bundle.sid));
    let (mut met, mut after) = (Vec::new(), None);
    loop {
        let heads = read(&db, move |tx| bundles::walk(tx, &owner(), after, 10)).await;
        assert!(heads.len() <= 10);
        met.extend(heads.iter().map(|head| (head.sid, head.regulation_sid, head.status, head.created_at)));
        after = heads.last().map(|head| (head.created_at, head.sid));
        if after.is_none() {
            break;
        }
    }
    let expected = made.iter().map(|it| (it.sid, it.regulation_sid, it.status, it.created_at));
    assert!(met.into_iter().eq(expected));
}
