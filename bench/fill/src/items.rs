//! What is in a bundle: an end user, two documents that prove everything that is asked of it, and the address
//! they name.

use dossier_domain::address::{Address, AddressInput, AddressLines};
use dossier_domain::bundle::Bundle;
use dossier_domain::document::{Document, DocumentFile, DocumentStatus};
use dossier_domain::end_user::EndUser;
use dossier_domain::file::FileType;
use dossier_domain::item_assignment::{ItemAssignment, Slot};
use dossier_domain::sid::AnySid;
use dossier_domain::text::FriendlyName;
use dossier_domain::{Attributes, EndUserType, IsoCountry};
use dossier_store::{Owner, StoreResult, Tx, addresses, documents, end_users, item_assignments};

use crate::sid;

/// Puts into bundle `number` what the German rules for local numbers of a business ask for.
pub(crate) fn insert(tx: &mut Tx<'_>, owner: &Owner, bundle: &Bundle, number: u64) -> StoreResult<()> {
    let end_user = end_user(bundle, number);
    end_users::insert(tx, owner, &end_user)?;
    assign(tx, owner, bundle, end_user.sid.into(), &Slot::EndUser, number)?;
    let address = address(bundle, number);
    addresses::insert(tx, owner, &address)?;
    for kind in ["commercial_registrar_excerpt", "trade_license"] {
        let document = document(bundle, kind, &address, number);
        documents::insert(tx, owner, &document, &[address.sid])?;
        assign(tx, owner, bundle, document.sid.into(), &Slot::Document(kind.to_owned()), number)?;
    }
    Ok(())
}

fn assign(
    tx: &mut Tx<'_>,
    owner: &Owner,
    bundle: &Bundle,
    object_sid: AnySid,
    slot: &Slot,
    number: u64,
) -> StoreResult<()> {
    let assignment = ItemAssignment {
        sid: sid(&format!("{} {number}", slot.text())),
        account_sid: owner.account,
        bundle_sid: bundle.sid,
        object_sid,
        created_at: bundle.created_at,
    };
    item_assignments::insert(tx, owner, &assignment, slot)
}

fn attributes(json: &str) -> Attributes {
    Attributes::parse(json).expect("it is a JSON object")
}

fn end_user(bundle: &Bundle, number: u64) -> EndUser {
    EndUser {
        sid: sid(&format!("end user {number}")),
        account_sid: bundle.account_sid,
        kind: EndUserType::Business,
        friendly_name: FriendlyName::from_stored(format!("Deutschland GmbH {number}")),
        attributes: attributes(&format!(
            r#"{{"business_name":"Deutschland GmbH {number}","business_registration_number":"HRB {number}","business_website":"https://customer.example.com","first_name":"Jane","last_name":"Doe","email":"jane.doe@customer.example.com"}}"#
        )),
        created_at: bundle.created_at,
        updated_at: bundle.created_at,
    }
}

fn document(bundle: &Bundle, kind: &str, address: &Address, number: u64) -> Document {
    Document {
        sid: sid(&format!("{kind} {number}")),
        account_sid: bundle.account_sid,
        kind: kind.to_owned(),
        friendly_name: FriendlyName::from_stored(format!("Registration of Deutschland GmbH {number}")),
        status: DocumentStatus::Draft,
        attributes: attributes(&format!(
            r#"{{"business_name":"Deutschland GmbH {number}","business_registration_number":"HRB {number}","address_sids":["{}"]}}"#,
            address.sid
        )),
        file: Some(DocumentFile {
            key: format!("{}/{kind}-{number}", bundle.account_sid),
            file_type: FileType::Pdf,
            bytes: 100_000,
            sha256: [7; 32],
        }),
        rejection: None,
        created_at: bundle.created_at,
        updated_at: bundle.created_at,
    }
}

fn address(bundle: &Bundle, number: u64) -> Address {
    let lines = AddressLines {
        customer_name: format!("Deutschland GmbH {number}"),
        friendly_name: None,
        street: "Unter den Linden 1".to_owned(),
        street_secondary: None,
        city: "Berlin".to_owned(),
        region: "Berlin".to_owned(),
        postal_code: "10117".to_owned(),
    };
    let iso_country = IsoCountry::parse("DE").expect("there is such a country");
    let input = AddressInput { lines, iso_country, emergency_enabled: false, auto_correct: true };
    Address::create(sid(&format!("address {number}")), bundle.account_sid, &input, bundle.created_at)
        .expect("the address is well formed")
}
