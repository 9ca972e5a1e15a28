//! Personal data is unreadable at rest: the bytes on disk are searched for it.

use dossier_domain::Attributes;
use dossier_domain::account::Account;
use dossier_domain::address::{Address, AddressLines};
use dossier_domain::bundle::{Bundle, Contact};
use dossier_domain::document::Document;
use dossier_domain::end_user::EndUser;
use dossier_domain::text::{CallbackUrl, Email, FriendlyName};
use dossier_store::accounts::TokenSlot;
use dossier_store::{DbTarget, accounts, addresses, bundles, deliveries, documents, end_users};
use dossier_testkit::{Engine, Seeded, TestDb, on_both_engines, owner};

use crate::{samples, write};

on_both_engines![no_personal_data_is_readable_at_rest];

/// Stands in every personal value.
const PERSONAL: &str = "Zaphod4711";
/// Stands where plain text belongs; finding it proves that the search can find.
const PUBLIC: &str = "Trillian0815";

async fn no_personal_data_is_readable_at_rest(db: TestDb) {
    store_people(&db).await;
    let bytes = match db.which() {
        Engine::Sqlite => sqlite_bytes(&db),
        Engine::Postgres => postgres_bytes(&db).await,
    };
    assert!(contains(&bytes, PUBLIC), "the search does not look at the right bytes");
    assert!(!contains(&bytes, PERSONAL), "personal data is readable at rest");
}

async fn store_people(db: &TestDb) {
    let mut random = Seeded::new(1);
    let owner = owner();
    let public = FriendlyName::parse(PUBLIC).unwrap();
    let attributes = Attributes::parse(&format!(r#"{{"last_name":"{PERSONAL}"}}"#)).unwrap();
    let account = Account { sid: owner.account, friendly_name: public, ..samples::account(&mut random) };
    let end_user = EndUser { attributes: attributes.clone(), ..samples::end_user(&mut random, &owner) };
    let document = Document { attributes, ..samples::document(&mut random, &owner) };
    let line = || PERSONAL.to_owned();
    let lines = AddressLines {
        customer_name: line(),
        friendly_name: Some(line()),
        street: line(),
        street_secondary: Some(line()),
        city: line(),
        region: line(),
        postal_code: line(),
    };
    let address = Address { lines, ..samples::address(&mut random, &owner) };
    let contact = Contact {
        email: Email::parse(&format!("{PERSONAL}@example.com")).unwrap(),
        status_callback: Some(CallbackUrl::parse(&format!("https://u:{PERSONAL}@example.com")).unwrap()),
    };
    let bundle = Bundle { contact, ..samples::bundle(&mut random, &owner) };
    let messages = [samples::callback(PERSONAL), samples::mail(PERSONAL)];
    let messages = messages.map(|message| samples::delivery(&mut random, bundle.sid, message));
    write(db, move |tx| {
        accounts::insert(tx, &account)?;
        accounts::set_token(tx, &owner, TokenSlot::Primary, PERSONAL, b"hash", samples::later(1))?;
        bundles::insert(tx, &owner, &bundle)?;
        bundles::save(tx, &owner, &bundle, bundle.status)?;
        end_users::insert(tx, &owner, &end_user)?;
        end_users::save(tx, &owner, &end_user)?;
        documents::insert(tx, &owner, &document, &[])?;
        documents::save(tx, &owner, &document, &[])?;
        addresses::insert(tx, &owner, &address)?;
        for delivery in &messages {
            deliveries::insert(tx, &owner, delivery, samples::later(1))?;
        }
        addresses::save(tx, &owner, &address)
    })
    .await;
}

/// Every file that SQLite keeps, the write-ahead log among them.
fn sqlite_bytes(db: &TestDb) -> Vec<u8> {
    let DbTarget::Sqlite(path) = &db.options().target else { unreachable!("it is on SQLite") };
    let folder = path.parent().unwrap().read_dir().unwrap();
    folder.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

/// Every value of every row, as a dump has it.
async fn postgres_bytes(db: &TestDb) -> Vec<u8> {
    let client = db.postgres().await;
    let tables = client
        .query("SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'", &[])
        .await
        .unwrap();
    let mut bytes = Vec::new();
    for table in tables {
        let sql = format!("SELECT t::text FROM {} t", table.get::<_, String>(0));
        for row in client.query(&sql, &[]).await.unwrap() {
            bytes.extend(row.get::<_, String>(0).into_bytes());
        }
    }
    bytes
}

/// Whether the text is there as it is, in either case, or in hexadecimal digits, as dumps have bytes.
fn contains(bytes: &[u8], text: &str) -> bool {
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let haystack = bytes.to_ascii_lowercase();
    [text.to_ascii_lowercase(), hex]
        .iter()
        .any(|needle| haystack.windows(needle.len()).any(|window| window == needle.as_bytes()))
}
