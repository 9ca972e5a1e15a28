//! Objects to store: everything about them is random within small sets, so that equal values are common.

use std::time::Duration;

use dossier_domain::account::{Account, AccountStatus};
use dossier_domain::address::{Address, AddressLines};
use dossier_domain::bundle::{Bundle, BundleStatus, Contact};
use dossier_domain::delivery::{CallbackMessage, MailKind, MailMessage, Message};
use dossier_domain::document::{Document, DocumentFile, DocumentStatus};
use dossier_domain::end_user::EndUser;
use dossier_domain::file::FileType;
use dossier_domain::notice::FailureReason;
use dossier_domain::regulation::Combination;
use dossier_domain::sid::{BundleSid, RegulationSid};
use dossier_domain::text::{CallbackUrl, Email, FriendlyName};
use dossier_domain::{Attributes, EndUserType, IsoCountry, NumberType, Timestamp};
use dossier_store::Owner;
use dossier_store::deliveries::NewDelivery;
use dossier_testkit::{ManualClock, Seeded};

/// Some of them need more than one byte, or quotes, or would match more in a pattern.
pub(crate) const NAMES: [&str; 4] = ["Ünïcode 名前 🗂", "it's \"quoted\"", "100 %_", "plain"];

/// A time in the first seconds after the start of the clock.
pub(crate) fn time(random: &mut Seeded) -> Timestamp {
    later(random.below(5))
}

/// So many seconds after the start of the clock.
pub(crate) fn later(seconds: u64) -> Timestamp {
    ManualClock::START.plus(Duration::from_secs(seconds))
}

pub(crate) fn name(random: &mut Seeded) -> FriendlyName {
    FriendlyName::parse(random.pick(&NAMES)).unwrap()
}

pub(crate) fn country(random: &mut Seeded) -> IsoCountry {
    IsoCountry::parse(random.pick(&["DE", "IE", "AU"])).unwrap()
}

/// One of two.
pub(crate) fn regulation(random: &mut Seeded) -> RegulationSid {
    RegulationSid::from_bytes([random.pick(&[1, 2]); 16])
}

pub(crate) fn attributes(random: &mut Seeded) -> Attributes {
    Attributes::parse(&format!(r#"{{"first_name":"Ø{}","n":{}}}"#, random.bits(), random.below(10))).unwrap()
}

pub(crate) fn account(random: &mut Seeded) -> Account {
    Account {
        sid: random.sid(),
        parent_sid: random.flip().then(|| random.sid()),
        friendly_name: name(random),
        status: random.pick(&AccountStatus::ALL),
        created_at: time(random),
        updated_at: time(random),
        closed_at: random.flip().then(|| time(random)),
    }
}

pub(crate) fn bundle(random: &mut Seeded, owner: &Owner) -> Bundle {
    Bundle {
        sid: random.sid(),
        account_sid: owner.account,
        regulation_sid: regulation(random),
        combination: Combination {
            iso_country: country(random),
            number_type: random.pick(&NumberType::ALL),
            end_user_type: random.pick(&EndUserType::ALL),
        },
        friendly_name: name(random),
        status: random.pick(&BundleStatus::ALL),
        contact: contact(random),
        valid_until: random.flip().then(|| time(random)),
        is_test: random.flip(),
        created_at: time(random),
        updated_at: time(random),
    }
}

pub(crate) fn contact(random: &mut Seeded) -> Contact {
    Contact {
        email: Email::parse(&format!("{}@example.com", random.bits())).unwrap(),
        status_callback: random
            .flip()
            .then(|| CallbackUrl::parse(&format!("https://a:b@example.com/{}", random.bits())).unwrap()),
    }
}

pub(crate) fn end_user(random: &mut Seeded, owner: &Owner) -> EndUser {
    EndUser {
        sid: random.sid(),
        account_sid: owner.account,
        kind: random.pick(&EndUserType::ALL),
        friendly_name: name(random),
        attributes: attributes(random),
        created_at: time(random),
        updated_at: time(random),
    }
}

pub(crate) fn document(random: &mut Seeded, owner: &Owner) -> Document {
    Document {
        sid: random.sid(),
        account_sid: owner.account,
        kind: random.pick(&["passport", "utility_bill"]).to_owned(),
        friendly_name: name(random),
        status: random.pick(&DocumentStatus::ALL),
        attributes: attributes(random),
        file: random.flip().then(|| file(random)),
        rejection: None,
        created_at: time(random),
        updated_at: time(random),
    }
}

pub(crate) fn file(random: &mut Seeded) -> DocumentFile {
    let mut sha256 = [0; 32];
    sha256.fill_with(|| u8::try_from(random.below(256)).unwrap());
    DocumentFile {
        key: format!("files/{}", random.bits()),
        file_type: random.pick(&FileType::ALL),
        bytes: random.below(5_000_000),
        sha256,
    }
}

pub(crate) fn address(random: &mut Seeded, owner: &Owner) -> Address {
    Address {
        sid: random.sid(),
        account_sid: owner.account,
        lines: lines(random),
        iso_country: country(random),
        emergency_enabled: random.flip(),
        validated: random.flip(),
        verified: false,
        created_at: time(random),
        updated_at: time(random),
    }
}

pub(crate) fn lines(random: &mut Seeded) -> AddressLines {
    AddressLines {
        customer_name: random.pick(&NAMES).to_owned(),
        friendly_name: random.flip().then(|| random.pick(&NAMES).to_owned()),
        street: format!("{} Straße", random.below(100)),
        street_secondary: random.flip().then(|| "2 OG".to_owned()),
        city: "Köln".to_owned(),
        region: "NW".to_owned(),
        postal_code: "50667".to_owned(),
    }
}

/// A delivery to be made, of this message.
pub(crate) fn delivery(random: &mut Seeded, bundle_sid: BundleSid, message: Message) -> NewDelivery {
    NewDelivery { sid: random.sid(), bundle_sid, event: "twilio-rejected".to_owned(), message }
}

/// A callback with a text in everything that is about somebody.
pub(crate) fn callback(text: &str) -> Message {
    Message::Callback(CallbackMessage {
        url: CallbackUrl::parse(&format!("https://u:{text}@{text}.example/{text}#rc=1")).unwrap(),
        status: BundleStatus::Rejected,
        failure_reason: Some(format!("{text} is no passport")),
        valid_until: Some(later(1)),
        missing: vec!["business_info.email".to_owned()],
    })
}

/// A mail with a text in everything that is about somebody.
pub(crate) fn mail(text: &str) -> Message {
    Message::Mail(MailMessage {
        to: Email::parse(&format!("{text}@example.com")).unwrap(),
        kind: MailKind::ValidUntilNear(30),
        combination: Combination {
            iso_country: IsoCountry::parse("DE").unwrap(),
            number_type: NumberType::Local,
            end_user_type: EndUserType::Business,
        },
        reason: Some(FailureReason { text: format!("{text} is no passport"), codes: vec![18_004, 18_005] }),
        valid_until: None,
        missing: vec!["An Email field is missing.".to_owned()],
    })
}
