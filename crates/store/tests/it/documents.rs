//! Supporting documents.

use dossier_domain::document::{Document, DocumentStatus};
use dossier_domain::paging::{Position, Window};
use dossier_domain::sid::AddressSid;
use dossier_store::documents;
use dossier_testkit::{Seeded, TestDb, on_both_engines, owner, stranger};

use crate::{paging, read, samples, touches_nothing, write};

on_both_engines![
    what_is_inserted_is_read_back,
    saving_changes_name_attributes_and_file_only,
    writing_compares_the_state,
    a_document_knows_its_file,
    a_rejection_is_read_with_its_codes,
    lists_cover_everything_newest_first,
    a_stranger_reaches_no_document,
];

async fn insert(db: &TestDb, document: &Document, addresses: &[AddressSid]) {
    let (document, addresses) = (document.clone(), addresses.to_vec());
    write(db, move |tx| documents::insert(tx, &owner(), &document, &addresses)).await;
}

async fn get(db: &TestDb, document: &Document) -> Option<Document> {
    let sid = document.sid;
    read(db, move |tx| documents::get(tx, &owner(), sid)).await
}

/// How many addresses documents name.
async fn links(db: &TestDb) -> i64 {
    read(db, |tx| {
        let count =
            tx.optional("SELECT COUNT(*) FROM document_addresses", &[], |row| row.columns().next())?;
        Ok(count.expect("a count has a row"))
    })
    .await
}

async fn what_is_inserted_is_read_back(db: TestDb) {
    let mut random = Seeded::new(1);
    for _ in 0..20 {
        let document = samples::document(&mut random, &owner());
        insert(&db, &document, &[random.sid(), random.sid()]).await;
        assert_eq!(get(&db, &document).await.as_ref(), Some(&document));
        let sid = document.sid;
        assert_eq!(write(&db, move |tx| documents::lock(tx, &owner(), sid)).await, Some(document));
    }
    assert_eq!(links(&db).await, 40);
}

async fn saving_changes_name_attributes_and_file_only(db: TestDb) {
    let mut random = Seeded::new(2);
    for _ in 0..10 {
        let before = samples::document(&mut random, &owner());
        insert(&db, &before, &[random.sid()]).await;
        let status = before.status;
        let wanted = Document { sid: before.sid, status, ..samples::document(&mut random, &owner()) };
        let given = wanted.clone();
        write(&db, move |tx| documents::save(tx, &owner(), &given, &[])).await;
        let expected = Document { kind: before.kind, created_at: before.created_at, ..wanted };
        assert_eq!(get(&db, &expected).await, Some(expected));
    }
    assert_eq!(links(&db).await, 0);
}

async fn writing_compares_the_state(db: TestDb) {
    use DocumentStatus::{Approved, Draft, PendingReview};
    let mut random = Seeded::new(3);
    let draft = Document { status: Draft, ..samples::document(&mut random, &owner()) };
    insert(&db, &draft, &[random.sid()]).await;
    let (sid, now) = (draft.sid, samples::later(9));
    for was in DocumentStatus::ALL.into_iter().filter(|status| *status != Draft) {
        let stale = Document { status: was, ..draft.clone() };
        touches_nothing(&db, move |tx| documents::save(tx, &owner(), &stale, &[])).await;
        touches_nothing(&db, move |tx| documents::set_status(tx, &owner(), sid, was, Approved, now)).await;
        touches_nothing(&db, move |tx| documents::delete(tx, &owner(), sid, was)).await;
    }
    assert_eq!(get(&db, &draft).await.as_ref(), Some(&draft));
    assert_eq!(links(&db).await, 1, "a refused deletion takes no link away");

    write(&db, move |tx| documents::set_status(tx, &owner(), sid, Draft, PendingReview, now)).await;
    let moved = Document { status: PendingReview, updated_at: now, ..draft };
    assert_eq!(get(&db, &moved).await.as_ref(), Some(&moved));
    write(&db, move |tx| documents::delete(tx, &owner(), sid, PendingReview)).await;
    assert_eq!(get(&db, &moved).await, None);
    assert_eq!(links(&db).await, 0);
}

async fn a_document_knows_its_file(db: TestDb) {
    let mut random = Seeded::new(4);
    let file = samples::file(&mut random);
    let document = Document { file: Some(file.clone()), ..samples::document(&mut random, &owner()) };
    insert(&db, &document, &[]).await;
    let other = samples::file(&mut random).key;
    let sid = document.sid;
    let known = read(&db, move |tx| {
        Ok([
            documents::has_file(tx, &owner(), sid, &file.key)?,
            documents::has_file(tx, &owner(), sid, &other)?,
            documents::has_file(tx, &stranger(), sid, &file.key)?,
        ])
    })
    .await;
    assert_eq!(known, [true, false, false]);
}

async fn a_rejection_is_read_with_its_codes(db: TestDb) {
    let document = samples::document(&mut Seeded::new(5), &owner());
    insert(&db, &document, &[]).await;
    db.script("UPDATE documents SET failure_reason = 'blurred', error_codes = '18002,18024'").await;
    let rejection = get(&db, &document).await.unwrap().rejection.unwrap();
    assert_eq!((rejection.reason.as_str(), &rejection.codes[..]), ("blurred", &[18002, 18024][..]));
}

async fn lists_cover_everything_newest_first(db: TestDb) {
    let mut random = Seeded::new(6);
    let all: Vec<Document> = (0..25).map(|_| samples::document(&mut random, &owner())).collect();
    let theirs = samples::document(&mut random, &stranger());
    let given = all.clone();
    write(&db, move |tx| {
        documents::insert(tx, &stranger(), &theirs, &[])?;
        given.iter().try_for_each(|document| documents::insert(tx, &owner(), document, &[]))
    })
    .await;
    paging::covers_newest_first(
        all,
        |document| Position { key: document.created_at.as_micros(), sid: document.sid.into() },
        async |window: Window| read(&db, move |tx| documents::list(tx, &owner(), &window)).await,
    )
    .await;
}

async fn a_stranger_reaches_no_document(db: TestDb) {
    let mut random = Seeded::new(7);
    let document = samples::document(&mut random, &owner());
    insert(&db, &document, &[random.sid()]).await;
    let (sid, was, changed, now) = (document.sid, document.status, document.clone(), samples::later(9));
    assert_eq!(read(&db, move |tx| documents::get(tx, &stranger(), sid)).await, None);
    assert_eq!(write(&db, move |tx| documents::lock(tx, &stranger(), sid)).await, None);
    touches_nothing(&db, move |tx| documents::save(tx, &stranger(), &changed, &[])).await;
    touches_nothing(&db, move |tx| documents::set_status(tx, &stranger(), sid, was, was, now)).await;
    touches_nothing(&db, move |tx| documents::delete(tx, &stranger(), sid, was)).await;
    assert_eq!(get(&db, &document).await, Some(document));
    assert_eq!(links(&db).await, 1);
}
