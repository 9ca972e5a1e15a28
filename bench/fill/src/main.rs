//! Fills the product's database with bundles of one account, through the product's own store functions:
//! sealed columns and indexes are what a create would have made, only faster.
//!
//!     fill DATA_DIR sqlite|postgres://… ACCOUNT REGULATION ROWS [items | callbacks URL]
//!
//! With `items`, each bundle also gets what the German rules for local numbers of a business ask for; with
//! `callbacks`, a status callback to this address that waits to be sent.
//! The database must be migrated and have the account, the master key must lie in the data directory.
//! Row `n` has the same values as row `n` of the floor's table.

mod callbacks;
mod items;

use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use dossier_domain::Timestamp;
use dossier_domain::bundle::{Bundle, BundleStatus, Contact};
use dossier_domain::catalogue::Catalogue;
use dossier_domain::regulation::Regulation;
use dossier_domain::sid::{AccountSid, Kind, RegulationSid, Sid};
use dossier_domain::text::{CallbackUrl, Email, FriendlyName};
use dossier_store::seal::{KeyFile, Keyring};
use dossier_store::{Db, DbOptions, DbTarget, Owner, StoreResult, bundles, data_keys};

/// Rows of one transaction.
const BATCH: u64 = 10_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (words, extra) = match words[..] {
        [ref words @ .., "items"] => (words, Extra::Items),
        [ref words @ .., "callbacks", url] => (words, Extra::Callbacks(url.to_owned())),
        ref words => (words, Extra::Nothing),
    };
    let &[data_dir, url, account, regulation, rows] = words else {
        eprintln!("usage: fill DATA_DIR sqlite|postgres://… ACCOUNT REGULATION ROWS [items | callbacks URL]");
        std::process::exit(2);
    };
    let target = match url {
        "sqlite" => DbTarget::Sqlite(Path::new(data_dir).join("dossier.db")),
        url => DbTarget::Postgres(url.to_owned()),
    };
    let account = AccountSid::parse(account).expect("ACCOUNT is the SID of one");
    let catalogue = Catalogue::builtin();
    let regulation = RegulationSid::parse(regulation).expect("REGULATION is the SID of one");
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let regulation = Arc::clone(catalogue.regulation(regulation, today).expect("the regulation is in force"));
    let what = What { regulation, rows: rows.parse().expect("ROWS is a number"), extra };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime starts");
    runtime
        .block_on(fill(Path::new(data_dir), target, account, what))
        .expect("the database works");
}

/// What to fill the database with.
struct What {
    regulation: Arc<Regulation>,
    rows: u64,
    extra: Extra,
}

/// What each bundle gets besides itself.
#[derive(Clone)]
enum Extra {
    Nothing,
    Items,
    Callbacks(String),
}

async fn fill(data_dir: &Path, target: DbTarget, account: AccountSid, what: What) -> StoreResult<()> {
    let What { regulation, rows, extra } = what;
    let db = Db::open(&DbOptions { target, connections: 1, queue_max: 16 }).await?;
    let keys = KeyFile::at(data_dir.join("master.key")).load().expect("the key file is there");
    let wrapped = db.read(move |tx| data_keys::of_account(tx, account)).await?;
    let newest = wrapped.last().expect("the account has a data key");
    let key = Keyring::new(keys).open_data_key(account, newest).expect("the master key is the right one");
    let owner = Owner { account, key };
    for first in (0..rows).step_by(BATCH as usize) {
        let (owner, regulation, extra) = (owner.clone(), Arc::clone(&regulation), extra.clone());
        db.write(move |tx| {
            for number in first..rows.min(first + BATCH) {
                let bundle = bundle(account, &regulation, number);
                bundles::insert(tx, &owner, &bundle)?;
                match &extra {
                    Extra::Nothing => {}
                    Extra::Items => items::insert(tx, &owner, &bundle, number)?,
                    Extra::Callbacks(url) => callbacks::insert(tx, &owner, &bundle, url, number)?,
                }
            }
            StoreResult::Ok(())
        })
        .await?;
    }
    // Writes the log back, which would slow every read down.
    db.close().await;
    Ok(())
}

fn bundle(account: AccountSid, regulation: &Regulation, number: u64) -> Bundle {
    let at =
        Timestamp::from_micros(1_700_000_000_000_000 + i64::try_from(number).expect("few rows") * 1_000_003);
    Bundle {
        sid: sid(&number.to_string()),
        account_sid: account,
        regulation_sid: regulation.sid,
        combination: regulation.combination(),
        friendly_name: FriendlyName::from_stored(format!(
            "Deutschland GmbH, local numbers for the Berlin and Hamburg branches, reference {number:012}"
        )),
        status: BundleStatus::Draft,
        contact: Contact {
            email: Email::from_stored("compliance-desk@customer.example.com".to_owned()),
            status_callback: Some(CallbackUrl::from_stored(
                "https://hooks.customer.example.com/twilio/regulatory".to_owned(),
            )),
        },
        valid_until: None,
        is_test: false,
        created_at: at,
        updated_at: at,
    }
}

/// The first half of the SHA-256 of the text. That of a number's digits PostgreSQL can compute as well.
fn sid<K: Kind>(text: &str) -> Sid<K> {
    let digest = digest(&SHA256, text.as_bytes());
    Sid::from_bytes(digest.as_ref()[..16].try_into().expect("half of 32 bytes"))
}
