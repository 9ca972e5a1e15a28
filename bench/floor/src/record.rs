//! The record: ten stored fields, about 1 KB as JSON with its addresses, like the product's bundle.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Whose rows all are.
pub const ACCOUNT: &str = "AC00000000000000000000000000000001";
pub const BASE: &str = "http://127.0.0.1:8080/v2/RegulatoryCompliance/Bundles";
pub const REGULATION: &str = "RN6433641899984f951173ef1738c3bdd0";

/// The ten stored fields.
#[derive(Clone)]
pub struct Row {
    pub sid: String,
    pub account_sid: String,
    pub regulation_sid: Option<String>,
    pub friendly_name: String,
    pub status: String,
    pub email: String,
    pub status_callback: Option<String>,
    pub valid_until: Option<i64>,
    pub date_created: i64,
    pub date_updated: i64,
}

/// The form of a create.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Form {
    friendly_name: String,
    email: String,
    status_callback: Option<String>,
    regulation_sid: Option<String>,
}

impl Row {
    pub fn new(form: Form) -> Self {
        let now = Timestamp::now().as_microsecond();
        Self {
            sid: random_sid("BU"),
            account_sid: ACCOUNT.to_owned(),
            regulation_sid: form.regulation_sid,
            friendly_name: form.friendly_name,
            status: "draft".to_owned(),
            email: form.email,
            status_callback: form.status_callback,
            valid_until: None,
            date_created: now,
            date_updated: now,
        }
    }

    /// Row number `number` of a filled table; the product's tables are filled with the same values.
    pub fn sample(number: u64) -> Self {
        let at = 1_700_000_000_000_000 + i64::try_from(number).expect("few rows") * 1_000_003;
        Self {
            sid: sample_sid(number),
            account_sid: ACCOUNT.to_owned(),
            regulation_sid: Some(REGULATION.to_owned()),
            friendly_name: format!(
                "Deutschland GmbH, local numbers for the Berlin and Hamburg branches, reference {number:012}"
            ),
            status: "draft".to_owned(),
            email: "compliance-desk@customer.example.com".to_owned(),
            status_callback: Some("https://hooks.customer.example.com/twilio/regulatory".to_owned()),
            valid_until: None,
            date_created: at,
            date_updated: at,
        }
    }
}

/// What goes out: the stored fields and the addresses, in the product's order.
#[derive(Serialize)]
pub struct View {
    sid: String,
    account_sid: String,
    regulation_sid: Option<String>,
    friendly_name: String,
    status: String,
    valid_until: Option<String>,
    email: String,
    status_callback: Option<String>,
    date_created: String,
    date_updated: String,
    url: String,
    links: Links,
}

#[derive(Serialize)]
struct Links {
    evaluations: String,
    item_assignments: String,
    bundle_copies: String,
    replace_items: String,
}

impl From<Row> for View {
    fn from(row: Row) -> Self {
        let url = format!("{BASE}/{}", row.sid);
        Self {
            links: Links {
                evaluations: format!("{url}/Evaluations"),
                item_assignments: format!("{url}/ItemAssignments"),
                bundle_copies: format!("{url}/Copies"),
                replace_items: format!("{url}/ReplaceItems"),
            },
            url,
            valid_until: row.valid_until.map(iso),
            date_created: iso(row.date_created),
            date_updated: iso(row.date_updated),
            sid: row.sid,
            account_sid: row.account_sid,
            regulation_sid: row.regulation_sid,
            friendly_name: row.friendly_name,
            status: row.status,
            email: row.email,
            status_callback: row.status_callback,
        }
    }
}

fn iso(micros: i64) -> String {
    Timestamp::from_second(micros.div_euclid(1_000_000)).expect("a time of this century").to_string()
}

pub fn random_sid(prefix: &str) -> String {
    let mut bytes = [0; 16];
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system has random numbers");
    format!("{prefix}{:032x}", u128::from_be_bytes(bytes))
}

/// `BU` and the first half of the SHA-256 of the number's digits, which PostgreSQL can compute as well.
pub fn sample_sid(number: u64) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, number.to_string().as_bytes());
    let half: [u8; 16] = digest.as_ref()[..16].try_into().expect("half of 32 bytes");
    format!("BU{:032x}", u128::from_be_bytes(half))
}
