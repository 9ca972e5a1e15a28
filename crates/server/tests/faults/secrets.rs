//! Nothing personal and no secret gets into a log, and only names get on disk in plain sight.
//!
//! Every text that a client can send begins with [`MARK`], so whatever leaks is found without knowing
//! where. Names of bundles, end users, documents and accounts are `zq7name…`: they are sorted and
//! searched by, so the database holds them as they are.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::client::{Answer, Client, V2, pdf};
use crate::database::{Database, OwnPostgres, hex};
use crate::installation::{Installation, Service};
use crate::nodes::created;

const MARK: &str = "zq7";
const NAMES: &str = "zq7name";
const ATTRIBUTES: &str = r#"{"first_name":"zq7first","last_name":"zq7last","birth_date":"1990-01-02",
    "zq7field":"zq7value","address_sids":["AD0000000000000000000000000000zq7x"],"nested":{"list":["zq7nested"]}}"#;

#[test]
fn nothing_personal_is_logged_or_lies_open_on_sqlite() {
    let installation = Installation::new().with("DOSSIER_LOG_LEVEL", "trace");
    let secrets = walk(&installation);
    let data = installation.data();
    check_folder(&data, &secrets);
    // The search does find what is there.
    let database = fs::read(data.join("dossier.db")).unwrap();
    assert!(database.windows(NAMES.len()).any(|window| window == NAMES.as_bytes()));
    check_log(&installation, &secrets);
}

#[test]
fn nothing_personal_is_logged_or_lies_open_on_postgres() {
    let postgres = OwnPostgres::new();
    let installation = Installation::new().with("DOSSIER_DATABASE_URL", &postgres.url);
    let secrets = walk(&installation);
    let database = Database::Postgres(postgres.url.clone());
    for table in database.column("SELECT tablename FROM pg_tables WHERE schemaname = 'public'") {
        for row in database.column(&format!("SELECT t::text FROM {table} t")) {
            check(row.as_bytes(), &secrets, &[NAMES], &table);
        }
    }
    check_folder(&installation.data(), &secrets);
    check_log(&installation, &secrets);
}

/// The database fails while personal data is on its way into it: its complaints are logged.
#[test]
fn a_failing_database_does_not_make_the_log_personal() {
    let installation = Installation::new();
    let database = Database::Sqlite(installation.data().join("dossier.db"));
    fail_to_insert(&installation, &database, |table| {
        format!(
            "CREATE TRIGGER refuse_{table} BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'refuse'); END"
        )
    });
    let postgres = OwnPostgres::new();
    let installation = Installation::new().with("DOSSIER_DATABASE_URL", &postgres.url);
    // PostgreSQL shows the whole row that a constraint refuses.
    fail_to_insert(&installation, &Database::Postgres(postgres.url.clone()), |table| {
        format!("ALTER TABLE {table} ADD CONSTRAINT refuse_{table} CHECK (account_sid = 'nobody') NOT VALID")
    });
}

fn fail_to_insert(installation: &Installation, database: &Database, refuse: impl Fn(&str) -> String) {
    let service = installation.start();
    for table in ["bundles", "end_users", "documents", "addresses"] {
        database.rows(&refuse(table));
    }
    let mut client = Client::new(service.address);
    let failures: Vec<Answer> = [
        create_end_user(&mut client),
        create_bundle(&mut client),
        create_document(&mut client),
        create_address(&mut client, crate::installation::ACCOUNT),
    ]
    .into();
    for failure in failures {
        assert!(failure.is_our_failure(), "{} {}", failure.status, failure.text);
        assert!(!failure.text.contains(MARK), "{}", failure.text);
    }
    service.stop();
    assert!(installation.log().contains("refuse"), "the log must tell why");
    check_log(installation, &[]);
}

/// Sends every field there is, well and badly, and returns the secrets that were in use.
fn walk(installation: &Installation) -> Vec<String> {
    let printed = installation.succeed(&["accounts", "create", "zq7nameaccount"]);
    let (account, first) = created(&printed);
    let (_, token) = created(&installation.succeed(&["accounts", "rotate-token", &account]));
    let printed = installation.succeed(&["operators", "create", "zq7nameoperator", "--role", "senior"]);
    let bearer = printed.trim_end().rsplit(['=', ' ']).next().unwrap().to_owned();
    let mut service = installation.serve(&[]);
    good_requests(&service, &account, &token);
    let made = keys_and_numbers(&service, &account, &token);
    bad_requests(&service, &account, &token);
    operator_requests(&service, &bearer);
    let mut nobody = Client::of(service.address, "zq7user", "zq7password");
    nobody.get(&format!("{V2}/Bundles")).unwrap().expect(401);
    let mut guess = Client::of(service.address, &account, "zq7token");
    guess.get(&format!("{V2}/Bundles")).unwrap().expect(401);
    let metrics = guess.get("/metrics").unwrap().text;
    assert!(metrics.contains("# EOF") && !metrics.contains(MARK), "{metrics}");
    service.kill();
    let master = fs::read_to_string(installation.data().join("master.key")).unwrap();
    let master = master.lines().last().unwrap().to_owned();
    installation.succeed(&["keys", "rotate"]);
    installation.serve(&[]).stop();
    [first, token, bearer, master].into_iter().chain(made).collect()
}

fn create_end_user(client: &mut Client) -> Answer {
    let fields = [("FriendlyName", "zq7nameuser"), ("Type", "individual"), ("Attributes", ATTRIBUTES)];
    client.post(&format!("{V2}/EndUsers"), &fields).unwrap()
}

fn create_bundle(client: &mut Client) -> Answer {
    let fields = [
        ("FriendlyName", "zq7namebundle"),
        ("Email", "zq7email@zq7domain.example"),
        ("StatusCallback", "https://zq7user:zq7word@zq7host.example/zq7path?zq7query=zq7text"),
        ("IsoCountry", "MO"),
        ("NumberType", "mobile"),
        ("EndUserType", "individual"),
    ];
    client.post(&format!("{V2}/Bundles"), &fields).unwrap()
}

fn create_document(client: &mut Client) -> Answer {
    let fields = [("FriendlyName", "zq7namedocument"), ("Type", "passport"), ("Attributes", ATTRIBUTES)];
    client.upload(&format!("{V2}/SupportingDocuments"), &fields, &pdf("zq7file", 100_000)).unwrap()
}

fn create_address(client: &mut Client, account: &str) -> Answer {
    let fields = [
        ("CustomerName", "zq7customer"),
        ("FriendlyName", "zq7label"),
        ("Street", "zq7street 5"),
        ("StreetSecondary", "zq7flat"),
        ("City", "zq7city"),
        ("Region", "zq7region"),
        ("PostalCode", "zq7code"),
        ("IsoCountry", "MO"),
    ];
    client.post(&format!("/2010-04-01/Accounts/{account}/Addresses.json"), &fields).unwrap()
}

fn good_requests(service: &Service, account: &str, token: &str) {
    let client = &mut Client::of(service.address, account, token);
    let bundle = create_bundle(client).expect(201)["sid"].as_str().unwrap().to_owned();
    let bundle = format!("{V2}/Bundles/{bundle}");
    let items = [create_end_user(client).sid(), create_document(client).sid()];
    let address = create_address(client, account).sid();
    for item in &items {
        client.post(&format!("{bundle}/ItemAssignments"), &[("ObjectSid", item)]).unwrap().expect(201);
    }
    let changes = [("FriendlyName", "zq7namenew"), ("Email", "zq7new@zq7domain.example")];
    client.post(&bundle, &changes).unwrap().expect(200);
    let changes = [("FriendlyName", "zq7namenew"), ("Attributes", ATTRIBUTES)];
    client.post(&format!("{V2}/EndUsers/{}", items[0]), &changes).unwrap().expect(200);
    let document = format!("{V2}/SupportingDocuments/{}", items[1]);
    client.upload(&document, &changes, &pdf("zq7second", 1000)).unwrap().expect(200);
    let addresses = format!("/2010-04-01/Accounts/{account}/Addresses");
    let changes = [("CustomerName", "zq7renamed"), ("Street", "zq7lane 6")];
    client.post(&format!("{addresses}/{address}.json"), &changes).unwrap().expect(200);
    client.post(&format!("{bundle}/Evaluations"), &[]).unwrap().expect(201);
    client.post(&bundle, &[("Status", "pending-review")]).unwrap().expect(200);
    for list in [
        format!("{V2}/Bundles?FriendlyName=zq7namebundle"),
        format!("{addresses}.json?CustomerName=zq7customer&FriendlyName=zq7label"),
        format!("{V2}/EndUsers?zq7parameter=zq7text"),
    ] {
        client.get(&list).unwrap().expect(200);
    }
}

/// A sub-account, an API key and what is done with it. Returns what must lie nowhere.
fn keys_and_numbers(service: &Service, account: &str, token: &str) -> [String; 2] {
    let client = &mut Client::of(service.address, account, token);
    let accounts = "/2010-04-01/Accounts";
    let made =
        client.post(&format!("{accounts}.json"), &[("FriendlyName", "zq7namesub")]).unwrap().expect(201);
    let text = |made: &serde_json::Value, key: &str| made[key].as_str().unwrap().to_owned();
    let sub_token = text(&made, "auth_token");
    client.get(&format!("{accounts}.json?FriendlyName=zq7namesub")).unwrap().expect(200);
    let refused = [("Status", "zq7status")];
    let sub_account = format!("{accounts}/{}.json", text(&made, "sid"));
    refused_without_echo(&client.post(&sub_account, &refused).unwrap());
    let keys = format!("{accounts}/{account}/Keys.json");
    let key = client.post(&keys, &[("FriendlyName", "zq7namekey")]).unwrap().expect(201);
    let secret = text(&key, "secret");

    let login = &mut Client::of(service.address, &text(&key, "sid"), &secret);
    let numbers = format!("{accounts}/{account}/IncomingPhoneNumbers.json");
    let fields = [
        ("PhoneNumber", "+12025550123"),
        ("FriendlyName", "zq7line"),
        ("ApiVersion", "zq7version"),
        ("VoiceUrl", "https://zq7user:zq7word@zq7host.example/zq7path"),
    ];
    login.post(&numbers, &fields).unwrap().expect(201);
    login.get(&format!("{numbers}?FriendlyName=zq7line")).unwrap().expect(200);
    for (name, value) in [("PhoneNumber", "zq7number"), ("VoiceUrl", "zq7url"), ("BundleSid", "zq7bundle")] {
        let fields = [(name, value), ("PhoneNumber", "+12025550124")];
        refused_without_echo(&login.post(&numbers, &fields).unwrap());
    }
    [sub_token, secret]
}

/// Refusals: none may repeat what was sent.
fn bad_requests(service: &Service, account: &str, token: &str) {
    let client = &mut Client::of(service.address, account, token);
    let long = "zq7long".repeat(1000);
    let deep = format!("{}\"zq7deep\"{}", "[".repeat(100), "]".repeat(100));
    let refused: &[(&str, &[(&str, &str)])] = &[
        ("Bundles", &[("FriendlyName", &long), ("Email", "zq7@zq7.example")]),
        ("Bundles", &[("FriendlyName", "zq7bad"), ("Email", "zq7 no e-mail"), ("IsoCountry", "zq7")]),
        ("Bundles", &[("FriendlyName", "zq7bad"), ("Email", "zq7@zq7.example"), ("RegulationSid", "zq7")]),
        (
            "Bundles",
            &[("FriendlyName", "zq7bad"), ("Email", "zq7@zq7.example"), ("StatusCallback", "zq7://zq7")],
        ),
        ("EndUsers", &[("FriendlyName", "zq7bad"), ("Type", "zq7type")]),
        ("EndUsers", &[("FriendlyName", "zq7bad"), ("Type", "individual"), ("Attributes", r#"{"zq7":"zq7"#)]),
        (
            "EndUsers",
            &[("FriendlyName", "zq7bad"), ("Type", "individual"), ("Attributes", r#"{"zq7":1,"zq7":2}"#)],
        ),
        ("EndUsers", &[("FriendlyName", "zq7bad"), ("Type", "individual"), ("Attributes", &deep)]),
        ("SupportingDocuments", &[("FriendlyName", "zq7bad"), ("Type", "zq7type")]),
        ("Bundles?PageToken=zq7token", &[("FriendlyName", "zq7bad")]),
    ];
    for (path, fields) in refused {
        refused_without_echo(&client.post(&format!("{V2}/{path}"), fields).unwrap());
    }
    let documents = format!("{V2}/SupportingDocuments");
    let fields = [("FriendlyName", "zq7bad"), ("Type", "passport"), ("Attributes", ATTRIBUTES)];
    for file in [&b"zq7 no pdf"[..], b"%PDF-1.7\nzq7 cut off"] {
        refused_without_echo(&client.upload(&documents, &fields, file).unwrap());
    }
    refused_without_echo(&client.upload(&documents, &[("Type", "zq7type")], &pdf("zq7", 10)).unwrap());
    let addresses = format!("/2010-04-01/Accounts/{account}/Addresses.json");
    for (street, code, country) in
        [("PO Box 17 zq7", "10115", "DE"), ("zq7street 5", "zq7code", "DE"), ("zq7", "zq7", "zq7")]
    {
        let fields = [
            ("CustomerName", "zq7customer"),
            ("Street", street),
            ("City", "zq7city"),
            ("Region", "zq7region"),
            ("PostalCode", code),
            ("IsoCountry", country),
            ("AutoCorrectAddress", "false"),
        ];
        let answer = client.post(&addresses, &fields).unwrap();
        assert!(answer.status == 201 || !answer.text.contains("zq7customer"), "{}", answer.text);
    }
    for path in ["/zq7path", "/v2/RegulatoryCompliance/Bundles/zq7sid?zq7=zq7"] {
        assert_eq!(client.get(path).unwrap().status, 404, "{path}");
    }
}

/// What an operator has evaluated is about people as well.
fn operator_requests(service: &Service, token: &str) {
    let client = &mut Client::operator(service.address, token);
    let dry_run = "/operator/v1/evaluations/dry-run";
    let attributes = ATTRIBUTES.replace('\n', "");
    let end_user = format!(r#"{{"type":"individual","attributes":{attributes}}}"#);
    let regulation = r#"{"iso_country":"MO","number_type":"mobile","end_user_type":"individual"}"#;
    let body = format!(r#"{{"regulation":{regulation},"end_user":{end_user}}}"#);
    client.post_json(dry_run, &body).unwrap().expect(200);
    for body in [
        format!(r#"{{"regulation":{regulation},"end_user":{end_user},"zq7field":1}}"#),
        format!(r#"{{"regulation":{regulation},"end_user":{{"type":"zq7type"}}}}"#),
        r#"{"regulation":{"sid":"zq7regulation"}}"#.to_owned(),
        r#"{"zq7":"zq7cut off"#.to_owned(),
        r#""zq7text""#.to_owned(),
    ] {
        refused_without_echo(&client.post_json(dry_run, &body).unwrap());
    }
    let mut guess = Client::operator(service.address, "zq7bearer");
    guess.post_json(dry_run, &body).unwrap().expect(401);
}

fn refused_without_echo(answer: &Answer) {
    assert!((400..500).contains(&answer.status), "{} {}", answer.status, answer.text);
    assert!(!answer.text.to_lowercase().contains(MARK), "the error repeats what was sent: {}", answer.text);
}

fn check_log(installation: &Installation, secrets: &[String]) {
    let log = installation.log();
    assert!(log.contains("listens on") && log.contains("EndUsers"), "there is a log to look at");
    for line in log.lines() {
        check(line.as_bytes(), secrets, &[], line);
    }
}

fn check_folder(folder: &Path, secrets: &[String]) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            check_folder(&path, secrets);
        } else {
            check(&fs::read(&path).unwrap(), secrets, &[NAMES], &path.display().to_string());
        }
        check(path.file_name().unwrap().as_encoded_bytes(), secrets, &[], "the name of a file");
    }
}

/// Looks for marks and secrets, as text and as hexadecimal digits.
fn check(bytes: &[u8], secrets: &[String], allowed: &[&str], place: &str) {
    let text = bytes.to_ascii_lowercase();
    let find = |needle: &str| text.windows(needle.len()).any(|window| window == needle.as_bytes());
    let starts = text.windows(MARK.len()).enumerate().filter(|(_, window)| *window == MARK.as_bytes());
    let found: BTreeSet<String> = starts
        .map(|(start, _)| {
            let word = text[start..].iter().take_while(|byte| byte.is_ascii_alphanumeric());
            word.map(|byte| char::from(*byte)).collect()
        })
        .filter(|word: &String| !allowed.iter().any(|prefix| word.starts_with(prefix)))
        .collect();
    assert!(found.is_empty(), "{found:?} lies open in {place}");
    assert!(!find(&hex(MARK.as_bytes())) || allowed == [NAMES], "marks as digits in {place}");
    for secret in secrets {
        assert!(!find(&secret.to_ascii_lowercase()), "a secret lies open in {place}");
    }
}
