//! A callback per bundle that waits to be sent, as a decision would have left it.

use dossier_domain::Timestamp;
use dossier_domain::bundle::{Bundle, BundleStatus};
use dossier_domain::delivery::{CallbackMessage, Message};
use dossier_domain::text::CallbackUrl;
use dossier_store::deliveries::{self, NewDelivery};
use dossier_store::jobs::{self, JobKey, JobKind};
use dossier_store::{Owner, StoreResult, Tx};

pub fn insert(
    tx: &mut Tx<'_>,
    owner: &Owner,
    bundle: &Bundle,
    url: &str,
    number: u64,
) -> StoreResult<()> {
    let now: Timestamp = bundle.created_at;
    let message = Message::Callback(CallbackMessage {
        url: CallbackUrl::from_stored(url.to_owned()),
        status: BundleStatus::Approved,
        failure_reason: None,
        valid_until: None,
        missing: Vec::new(),
    });
    let sid = crate::sid(&format!("delivery {number}"));
    let new = NewDelivery { sid, bundle_sid: bundle.sid, event: "twilio-approved".to_owned(), message };
    deliveries::insert(tx, owner, &new, now)?;
    jobs::ensure(tx, &JobKey::new(JobKind::Callback, owner.account, bundle.sid), now)
}
