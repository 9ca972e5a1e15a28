//! Messages as they are sealed: they hold addresses of people and what is said to them.

use dossier_domain::bundle::BundleStatus;
use dossier_domain::delivery::{CallbackMessage, MailKind, MailMessage, Message};
use dossier_domain::notice::FailureReason;
use dossier_domain::regulation::Combination;
use dossier_domain::sid::DeliverySid;
use dossier_domain::text::{CallbackUrl, Email};
use dossier_domain::{EndUserType, IsoCountry, NumberType, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Owner;
use crate::db::{StoreError, StoreResult};
use crate::owner::Sealed;

const MESSAGE: Sealed = Sealed { table: "deliveries", column: "message_sealed" };

/// The sealed form. Fields may be added with a default, never renamed: old ones are still to be sent.
#[derive(Serialize, Deserialize)]
#[serde(tag = "channel", rename_all = "snake_case")]
enum Stored {
    Callback {
        url: String,
        status: String,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        failure_reason: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        valid_until: Option<i64>,
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        missing: Vec<String>,
    },
    Mail {
        to: String,
        kind: String,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        days: Option<u8>,
        iso_country: String,
        number_type: String,
        end_user_type: String,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        reason: Option<StoredReason>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        valid_until: Option<i64>,
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        missing: Vec<String>,
    },
}

#[derive(Serialize, Deserialize)]
struct StoredReason {
    text: String,
    codes: Vec<u32>,
}

pub(super) fn seal(owner: &Owner, sid: DeliverySid, message: &Message) -> Vec<u8> {
    let json = serde_json::to_string(&stored(message)).expect("texts and numbers can be written as JSON");
    owner.seal(MESSAGE, sid, &json)
}

pub(super) fn open(owner: &Owner, sid: DeliverySid, sealed: &[u8]) -> StoreResult<Message> {
    let json = owner.open(MESSAGE, sid, sealed)?;
    let stored: Option<Stored> = serde_json::from_str(&json).ok();
    stored.and_then(opened).ok_or(StoreError::Column { column: 5, expected: "a message" })
}

fn stored(message: &Message) -> Stored {
    match message {
        Message::Callback(callback) => Stored::Callback {
            url: callback.url.as_str().to_owned(),
            status: callback.status.as_str().to_owned(),
            failure_reason: callback.failure_reason.clone(),
            valid_until: callback.valid_until.map(Timestamp::as_micros),
            missing: callback.missing.clone(),
        },
        Message::Mail(mail) => Stored::Mail {
            to: mail.to.as_str().to_owned(),
            kind: mail.kind.as_str().to_owned(),
            days: match mail.kind {
                MailKind::ValidUntilNear(days) => Some(days),
                _ => None,
            },
            iso_country: mail.combination.iso_country.as_str().to_owned(),
            number_type: mail.combination.number_type.as_str().to_owned(),
            end_user_type: mail.combination.end_user_type.as_str().to_owned(),
            reason: mail
                .reason
                .as_ref()
                .map(|reason| StoredReason { text: reason.text.clone(), codes: reason.codes.clone() }),
            valid_until: mail.valid_until.map(Timestamp::as_micros),
            missing: mail.missing.clone(),
        },
    }
}

fn opened(stored: Stored) -> Option<Message> {
    Some(match stored {
        Stored::Callback { url, status, failure_reason, valid_until, missing } => {
            Message::Callback(CallbackMessage {
                url: CallbackUrl::from_stored(url),
                status: BundleStatus::parse(&status).ok()?,
                failure_reason,
                valid_until: valid_until.map(Timestamp::from_micros),
                missing,
            })
        }
        Stored::Mail {
            to,
            kind,
            days,
            iso_country,
            number_type,
            end_user_type,
            reason,
            valid_until,
            missing,
        } => Message::Mail(MailMessage {
            to: Email::from_stored(to),
            kind: MailKind::parse(&kind, days)?,
            combination: Combination {
                iso_country: IsoCountry::parse(&iso_country)?,
                number_type: NumberType::parse(&number_type)?,
                end_user_type: EndUserType::parse(&end_user_type)?,
            },
            reason: reason.map(|reason| FailureReason { text: reason.text, codes: reason.codes }),
            valid_until: valid_until.map(Timestamp::from_micros),
            missing,
        }),
    })
}
