//! A campaign over a hundred thousand bundles, whose worker is killed on the way again and again: each
//! bundle is concerned and told once, and the memory of the process does not grow with their number.

use dossier_domain::bundle::{Bundle, BundleStatus, Contact};
use dossier_domain::end_user::EndUser;
use dossier_domain::item_assignment::{ItemAssignment, Slot};
use dossier_domain::regulation::Combination;
use dossier_domain::sid::{AccountSid, RegulationSid};
use dossier_domain::text::{CallbackUrl, Email, FriendlyName};
use dossier_domain::{Attributes, EndUserType, IsoCountry, NumberType, Timestamp};
use dossier_store::seal::{KeyFile, Keyring};
use dossier_store::{
    Db, DbOptions, DbTarget, Owner, StoreResult, bundles, data_keys, end_users, item_assignments,
};
use dossier_testkit::{Engine, Seeded};
use std::time::Duration;

use crate::backup::Site;
use crate::database::Database;
use crate::installation::{ACCOUNT, Service, wait_until};

/// Bundles that are walked over, and how many of them are of the regulation that changes. On PostgreSQL,
/// where each statement is a trip to another process, a tenth.
const BUNDLES: u64 = 100_000;
/// One in so many is of the regulation that changes.
const CONCERNED_EVERY: u64 = 4;
/// One in so many of these has a status callback.
const TOLD_EVERY: u64 = 100;
/// Rows of one transaction.
const BATCH: u64 = 5_000;
/// How often the process is killed on the way.
const KILLS: u64 = 4;
/// The memory that a process may take at most, in KiB; a debug build that serves takes a third of it.
const MEMORY_MAX: u64 = 160 * 1024;

/// Bound of every wait; reached only when something is broken.
const PATIENCE: Duration = Duration::from_secs(240);

/// The German rules for local numbers of a business, and one more question, far ahead.
const ONE_MORE: &str = r#"country = "DE"
name = "Germany"
confidence = "documented"
sources = ["a law"]

[[local.business]]
revision = 2
effective_from = 2099-01-01
address_scope = "area"
end_user = ["business_name", "business_registration_number", "business_website", "first_name", "last_name", "email", "phone_number"]
documents = ["registration-number", "business-identity", "business-address-in-area"]
"#;

#[test]
fn a_campaign_survives_its_workers_on_sqlite() {
    survives(Engine::Sqlite, BUNDLES);
}

#[test]
fn a_campaign_survives_its_workers_on_postgres() {
    survives(Engine::Postgres, BUNDLES / 10);
}

fn survives(engine: Engine, bundles: u64) {
    let site = Site::new(engine);
    site.installation.start().stop();
    fill(&site, bundles);
    let folder = site.installation.path().join("rules/countries");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("DE.toml"), ONE_MORE).unwrap();
    let expected = bundles.div_ceil(CONCERNED_EVERY);

    for kill in 1..=KILLS {
        let mut service = start(&site);
        let goal = expected * kill / (KILLS + 1);
        wait_until(PATIENCE, "a part of the way", || count(&site.database, "campaign_bundles") >= goal);
        check_memory(&service);
        service.kill();
        // The lease of the one that was killed would last for two minutes.
        free_leases(&site);
    }
    let service = start(&site);
    let is_open = || site.database.column("SELECT state FROM campaigns") == ["open"];
    wait_until(PATIENCE, "the end of the way", is_open);
    check_memory(&service);
    service.stop();

    assert_eq!(site.database.column("SELECT looked_at FROM campaigns"), [bundles.to_string()]);
    assert_eq!(count(&site.database, "campaign_bundles"), expected);
    let ended = "SELECT COUNT(*) FROM bundles WHERE valid_until < 5000000000000000";
    assert_eq!(site.database.column(ended), [expected.to_string()]);
    let recorded =
        "SELECT COUNT(*), COUNT(DISTINCT target) FROM audit_events WHERE action = 'bundle.set-valid-until'";
    assert_eq!(site.database.rows(recorded), [[expected.to_string(), expected.to_string()]], "each once");
    // Everybody gets a mail, which rehearsal mode keeps.
    for (channel, told) in [("callback", expected.div_ceil(TOLD_EVERY)), ("mail", expected)] {
        let deliveries = format!(
            "SELECT COUNT(*), COUNT(DISTINCT bundle_sid) FROM deliveries WHERE channel = '{channel}' AND event = 'rules-changed'"
        );
        assert_eq!(site.database.rows(&deliveries), [[told.to_string(), told.to_string()]], "each once");
    }
    site.database.check_integrity();
}

fn start(site: &Site) -> Service {
    site.installation.serve(&["--dev", "--catalogue", "rules"])
}

fn count(database: &Database, table: &str) -> u64 {
    database.column(&format!("SELECT COUNT(*) FROM {table}"))[0].parse().unwrap()
}

/// The most memory that the process ever had, as the system tells.
fn check_memory(service: &Service) {
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let most: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    println!("{most} KiB at most");
    assert!(most < MEMORY_MAX, "{most} KiB");
}

fn free_leases(site: &Site) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let db = Db::open(&options(site)).await.unwrap();
        let free =
            |tx: &mut dossier_store::Tx<'_>| tx.execute("UPDATE jobs SET leased_until = 0", &[]).map(drop);
        db.write(free).await.unwrap();
        db.close().await;
    });
}

fn options(site: &Site) -> DbOptions {
    let target = match &site.database {
        Database::Sqlite(path) => DbTarget::Sqlite(path.clone()),
        Database::Postgres(url) => DbTarget::Postgres(url.clone()),
    };
    DbOptions { target, connections: 1, queue_max: 16 }
}

/// Fills the database with approved bundles that have an end user, through the store itself.
fn fill(site: &Site, count: u64) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let db = Db::open(&options(site)).await.unwrap();
        let keys = KeyFile::at(site.installation.data().join("master.key")).load().unwrap();
        let account = AccountSid::parse(ACCOUNT).unwrap();
        let wrapped = db.read(move |tx| data_keys::of_account(tx, account)).await.unwrap();
        let key = Keyring::new(keys).open_data_key(account, wrapped.last().unwrap()).unwrap();
        let owner = Owner { account, key };
        for first in (0..count).step_by(usize::try_from(BATCH).unwrap()) {
            let owner = owner.clone();
            db.write(move |tx| {
                (first..count.min(first + BATCH)).try_for_each(|number| insert(tx, &owner, number))
            })
            .await
            .unwrap();
        }
        db.close().await;
    });
}

fn insert(tx: &mut dossier_store::Tx<'_>, owner: &Owner, number: u64) -> StoreResult<()> {
    let mut random = Seeded::new(number);
    let is_concerned = number.is_multiple_of(CONCERNED_EVERY);
    let is_told = is_concerned && (number / CONCERNED_EVERY).is_multiple_of(TOLD_EVERY);
    let number_type = if is_concerned { NumberType::Local } else { NumberType::Mobile };
    let combination = Combination {
        iso_country: IsoCountry::parse("DE").unwrap(),
        number_type,
        end_user_type: EndUserType::Business,
    };
    let at = Timestamp::from_micros(1_700_000_000_000_000 + i64::try_from(number).unwrap());
    let bundle = Bundle {
        sid: random.sid(),
        account_sid: owner.account,
        regulation_sid: regulation(combination),
        combination,
        friendly_name: FriendlyName::from_stored(format!("Deutschland GmbH {number}")),
        status: BundleStatus::Approved,
        contact: Contact {
            email: Email::from_stored("compliance@beispiel.example".to_owned()),
            // Nobody listens there.
            status_callback: is_told.then(|| CallbackUrl::from_stored("http://127.0.0.1:9/".to_owned())),
        },
        valid_until: None,
        is_test: false,
        created_at: at,
        updated_at: at,
    };
    bundles::insert(tx, owner, &bundle)?;
    let end_user = EndUser {
        sid: random.sid(),
        account_sid: owner.account,
        kind: EndUserType::Business,
        friendly_name: bundle.friendly_name.clone(),
        attributes: Attributes::parse(r#"{"business_name": "Deutschland GmbH"}"#).unwrap(),
        created_at: at,
        updated_at: at,
    };
    end_users::insert(tx, owner, &end_user)?;
    let assignment = ItemAssignment {
        sid: random.sid(),
        account_sid: owner.account,
        bundle_sid: bundle.sid,
        object_sid: end_user.sid.into(),
        created_at: at,
    };
    item_assignments::insert(tx, owner, &assignment, &Slot::EndUser)
}

fn regulation(combination: Combination) -> RegulationSid {
    use std::sync::LazyLock;
    static CATALOGUE: LazyLock<dossier_domain::catalogue::Catalogue> =
        LazyLock::new(dossier_domain::catalogue::Catalogue::builtin);
    CATALOGUE.revisions(combination)[0].regulation().unwrap().sid
}
