//! Nothing of what was erased is left: not as it was said, and not as it was sealed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use dossier_domain::operator::Role;
use dossier_testkit::app::{OperatorClient, PDF, Part, Receiver, v2};
use dossier_testkit::{Engine, TestApp, TestDb, on_both_engines};
use serde_json::json;

use super::{erase, made_from, objects, telling};

on_both_engines! {
    nothing_of_a_person_is_left,
    nothing_of_an_account_is_left,
}

/// What is to be looked for.
#[derive(Default)]
struct Needles(Vec<(String, Vec<u8>)>);

/// Enough of a needle to be no accident.
const HEAD: usize = 8;

impl Needles {
    fn add(&mut self, what: &str, bytes: &[u8]) {
        assert!(bytes.len() >= HEAD, "{what} is too short to be looked for");
        self.0.push((what.to_owned(), bytes.to_vec()));
    }

    fn texts(texts: &[&str]) -> Self {
        let mut needles = Self::default();
        texts.iter().for_each(|text| needles.add(text, text.as_bytes()));
        needles
    }

    /// The needles that are in the bytes.
    fn found(&self, bytes: &[u8]) -> Vec<&str> {
        let mut heads: HashMap<[u8; HEAD], Vec<&(String, Vec<u8>)>> = HashMap::new();
        for needle in &self.0 {
            heads.entry(*needle.1.first_chunk().unwrap()).or_default().push(needle);
        }
        let mut found = Vec::new();
        for (start, head) in bytes.array_windows::<HEAD>().enumerate() {
            for (what, needle) in heads.get(head).into_iter().flatten() {
                if bytes[start..].starts_with(needle) && !found.contains(&&**what) {
                    found.push(what);
                }
            }
        }
        found
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Everything the service keeps, as bytes: every file of its folder and of its database; on PostgreSQL every
/// column of every row.
async fn everything(app: &TestApp) -> Vec<(String, Vec<u8>)> {
    let mut places: Vec<PathBuf> = files(app.folder());
    let mut all = Vec::new();
    match app.database().which() {
        Engine::Sqlite => {
            let database = PathBuf::from(app.database().sqlite().path().unwrap());
            places.extend(files(database.parent().unwrap()));
        }
        Engine::Postgres => {
            let client = app.database().postgres().await;
            let tables =
                "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
            for table in client.query(tables, &[]).await.unwrap() {
                let table: String = table.get(0);
                for row in client.query(&format!("SELECT * FROM {table}"), &[]).await.unwrap() {
                    let mut bytes = Vec::new();
                    for index in 0..row.len() {
                        if let Ok(Some(blob)) = row.try_get::<_, Option<Vec<u8>>>(index) {
                            bytes.extend(blob);
                        } else if let Ok(Some(text)) = row.try_get::<_, Option<String>>(index) {
                            bytes.extend(text.into_bytes());
                        }
                    }
                    all.push((table.clone(), bytes));
                }
            }
        }
    }
    all.extend(places.into_iter().map(|path| (path.display().to_string(), std::fs::read(path).unwrap())));
    all
}

/// Which needles are where.
async fn look(app: &TestApp, needles: &Needles) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (place, bytes) in everything(app).await {
        found.extend(needles.found(&bytes).into_iter().map(|what| (what.to_owned(), place.clone())));
    }
    found
}

/// What is sealed in the rows of these accounts: the last bytes of each value, which are those of the
/// ciphertext and its tag.
async fn sealed(app: &TestApp, tables: &[(&str, &str)], accounts: &[&str]) -> Needles {
    let mut needles = Needles::default();
    for (table, column) in tables {
        let filter = accounts.iter().map(|sid| format!("'{sid}'")).collect::<Vec<_>>().join(",");
        let sql =
            format!("SELECT {column} FROM {table} WHERE account_sid IN ({filter}) AND {column} IS NOT NULL");
        let blobs: Vec<Vec<u8>> = match app.database().which() {
            Engine::Sqlite => {
                let connection = app.database().sqlite();
                let mut statement = connection.prepare(&sql).unwrap();
                statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
            }
            Engine::Postgres => {
                let rows = app.database().postgres().await.query(&sql, &[]).await.unwrap();
                rows.iter().map(|row| row.get(0)).collect()
            }
        };
        assert!(!blobs.is_empty(), "nothing is sealed in {table}.{column}");
        for (number, blob) in blobs.iter().filter(|blob| !blob.is_empty()).enumerate() {
            needles.add(&format!("{table}.{column} {number}"), &blob[blob.len().saturating_sub(24)..]);
        }
    }
    needles
}

const SEALED: [(&str, &str); 9] = [
    ("end_users", "attributes_sealed"),
    ("documents", "attributes_sealed"),
    ("documents", "failure_reason_sealed"),
    ("addresses", "lines_sealed"),
    ("bundles", "contact_sealed"),
    ("case_contents", "contents_sealed"),
    ("case_documents", "texts_sealed"),
    ("case_decisions", "texts_sealed"),
    ("deliveries", "message_sealed"),
];

/// What is said of the person in clear: names are not sealed.
const NAMES: [&str; 3] = ["Residua Bundle GmbH", "Residua Person", "Residua Passport"];
/// What is said in sealed columns; in clear it must be nowhere, before and after.
const SECRETS: [&str; 6] = [
    "Residua Secretname",
    "residua@erase.example",
    "/callback-of-residua",
    "Erasmusweg 7777",
    "The passport of Residua Secretname is blurred",
    "Ask Residua Secretname for another one",
];

/// A person that was reviewed and told about: with a rejected bundle, reasons in words, a note, a callback
/// and a mail that were delivered, and a mail that waits for an hour.
struct Person {
    end_user: String,
    address: String,
}

async fn person(app: &TestApp, admin: &OperatorClient, url: &str) -> Person {
    let alice = app.alice();
    let form = [
        ("FriendlyName", NAMES[0]),
        ("Email", SECRETS[1]),
        ("IsoCountry", "DE"),
        ("NumberType", "local"),
        ("EndUserType", "business"),
        ("StatusCallback", url),
    ];
    let bundle = alice.post(&v2("/Bundles"), &form).await.created().sid().to_owned();
    let attributes = json!({
        "business_name": SECRETS[0], "business_registration_number": "HRB 12345",
        "business_website": "https://beispiel.example", "first_name": "Erika", "last_name": SECRETS[0],
        "email": SECRETS[1],
    });
    let form = [("FriendlyName", NAMES[1]), ("Type", "business"), ("Attributes", &attributes.to_string())];
    let end_user = alice.post(&v2("/EndUsers"), &form).await.created().sid().to_owned();
    let form = [
        ("CustomerName", SECRETS[0]),
        ("Street", SECRETS[3]),
        ("City", "Berlin"),
        ("Region", "Berlin"),
        ("PostalCode", "10117"),
        ("IsoCountry", "DE"),
        ("FriendlyName", SECRETS[0]),
    ];
    let address = alice.post(&alice.v2010("/Addresses.json"), &form).await.created().sid().to_owned();
    let attributes = json!({
        "business_name": SECRETS[0], "business_registration_number": "HRB 12345", "address_sids": [address],
    });
    let parts = [
        Part::Text("FriendlyName", NAMES[2]),
        Part::Text("Type", "commercial_registrar_excerpt"),
        Part::Text("Attributes", &attributes.to_string()),
        Part::File("application/pdf", PDF),
    ];
    let document = alice.post_parts(&v2("/SupportingDocuments"), &parts).await.created().sid().to_owned();
    for item in [&end_user, &document] {
        alice.assign(&bundle, item).await.created();
    }
    alice.submit(&bundle).await.ok();
    let case = admin.act("/cases/next").await.ok().sid().to_owned();
    let verdict = json!({
        "verdict": "rejected", "reasons": [{ "code": 18001 }], "message": SECRETS[4], "note": SECRETS[5],
    });
    admin.put(&format!("/cases/{case}/documents/{document}/verdict"), &verdict).await.ok();
    let decision = json!({
        "outcome": "rejected", "reasons": [], "message": SECRETS[4], "internal_note": SECRETS[5],
    });
    admin.post(&format!("/cases/{case}/decision"), &decision).await.ok();
    app.work_off().await;
    Person { end_user, address }
}

async fn nothing_of_a_person_is_left(db: TestDb) {
    let receiver = Receiver::start().await;
    let app = telling(db).await;
    let (alice, admin) = (app.alice(), app.operator(Role::Admin).await);
    let url = receiver.url(SECRETS[2]);
    let person = person(&app, &admin, &url).await;
    assert!(!receiver.received().is_empty(), "a callback was delivered");
    // A copy in the sub-account, and a look at a delivery, which the audit keeps.
    let copy = app.branch().create_end_user(&json!({ "first_name": SECRETS[0] })).await.sid().to_owned();
    made_from(&app, (app.branch().account(), &copy), (alice.account(), &person.end_user)).await;
    let delivery = admin.get("/deliveries").await.ok().items("items")[0]["sid"].as_str().unwrap().to_owned();
    admin.get(&format!("/deliveries/{delivery}")).await.ok();
    let held = json!({ "subject": person.address, "reason": SECRETS[5] });
    let hold = admin.post("/legal-holds", &held).await.created().sid().to_owned();
    admin.act(&format!("/legal-holds/{hold}/release")).await.ok();

    let mut ciphers = sealed(&app, &SEALED, &[alice.account(), app.branch().account()]).await;
    ciphers.0.extend(sealed(&app, &[("legal_holds", "reason_sealed")], &[alice.account()]).await.0);
    for file in app.files() {
        let bytes = std::fs::read(file).unwrap();
        ciphers.add("a document file", &bytes[bytes.len() - 64..]);
    }
    let (names, secrets) = (Needles::texts(&NAMES), Needles::texts(&SECRETS));
    let before = look(&app, &ciphers).await;
    for (what, _) in &ciphers.0 {
        assert!(before.iter().any(|(found, _)| found == what), "{what} was there");
    }
    assert!(look(&app, &names).await.len() >= NAMES.len(), "names are not sealed");
    assert_eq!(look(&app, &secrets).await, [], "nothing else is in clear");

    let body = json!({ "subject": person.end_user, "reason": SECRETS[5], "undo_seconds": 3600 });
    let wanted = admin.post("/erasures", &body).await.created();
    ciphers.0.extend(sealed(&app, &[("erasures", "reason_sealed")], &[alice.account()]).await.0);
    app.clock().advance(super::HOUR);
    app.work_off().await;
    let done = admin.get(&format!("/erasures/{}", wanted.sid())).await.ok();
    assert_eq!(done.text("state"), "done");
    assert_eq!(objects(&done).len(), 5, "bundle, end user, document, address and the copy");
    for needles in [&ciphers, &names, &secrets] {
        assert_eq!(look(&app, needles).await, []);
    }
    // It goes on working.
    alice.prepare_case().await;
}

async fn nothing_of_an_account_is_left(db: TestDb) {
    let receiver = Receiver::start().await;
    let app = telling(db).await;
    let admin = app.operator(Role::Admin).await;
    let alice = app.alice();
    person(&app, &admin, &receiver.url(SECRETS[2])).await;
    let address = alice.create_address().await;
    let held = json!({ "subject": address.sid(), "reason": SECRETS[5] });
    let hold = admin.post("/legal-holds", &held).await.created().sid().to_owned();
    admin.act(&format!("/legal-holds/{hold}/release")).await.ok();
    let tables = [&SEALED[..], &[("auth_tokens", "token_sealed"), ("data_keys", "wrapped")]].concat();
    let mut ciphers = sealed(&app, &tables, &[alice.account()]).await;
    for file in app.files() {
        let bytes = std::fs::read(file).unwrap();
        ciphers.add("a document file", &bytes[bytes.len() - 64..]);
    }
    // An upload that no document names, as a crash may leave it.
    let orphan =
        app.folder().join("documents").join(alice.account()).join(crate::nobodys("RD")).join("orphan");
    std::fs::create_dir_all(orphan.parent().unwrap()).unwrap();
    std::fs::write(&orphan, b"sealed bytes of nobody's document").unwrap();
    ciphers.add("an upload", b"sealed bytes of nobody's document");
    app.set_account_status(app.branch().account(), "closed").await;
    app.set_account_status(alice.account(), "closed").await;
    erase(&app, alice.account()).await;
    let names = Needles::texts(&NAMES);
    for needles in [&ciphers, &names, &Needles::texts(&SECRETS)] {
        assert_eq!(look(&app, needles).await, []);
    }
}
