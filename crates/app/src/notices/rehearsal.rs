//! What was sent in rehearsal mode, where mail goes nowhere and programs want to look at it.

use dossier_domain::Timestamp;
use dossier_domain::delivery::{Channel, Delivery, DeliveryState, Message};
use dossier_domain::paging::{Start, Window};
use dossier_domain::sid::{AccountSid, BundleSid, DeliverySid};
use dossier_store::deliveries::{self, DeliveryFilter};

use super::{RenderedMail, callback};
use crate::{App, Result, keys};

/// A mail that was kept.
#[derive(Clone)]
pub struct KeptMail {
    /// Its delivery.
    pub sid: DeliverySid,
    /// What it is about.
    pub bundle_sid: BundleSid,
    /// Who would have got it.
    pub to: String,
    /// What it says.
    pub mail: RenderedMail,
    /// When it was written.
    pub at: Timestamp,
}

/// A callback that was sent, or tried to.
#[derive(Clone)]
pub struct KeptCallback {
    /// Its delivery.
    pub sid: DeliverySid,
    /// Whose bundle it is about.
    pub account_sid: AccountSid,
    /// What it is about.
    pub bundle_sid: BundleSid,
    /// Where it goes.
    pub url: String,
    /// Its parameters, in order.
    pub parameters: Vec<(&'static str, String)>,
    /// The same as they are sent.
    pub body: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was written.
    pub at: Timestamp,
}

impl App {
    /// The latest mails of all accounts, at most 1000, the oldest of them first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rehearsal_mail(&self) -> Result<Vec<KeptMail>> {
        let Some(mailer) = &self.outbound.mailer else { return Ok(Vec::new()) };
        let kept = |delivery: Delivery| {
            let Message::Mail(message) = &delivery.message else { return None };
            // A template that fails was noticed when the mail was tried.
            let mail = mailer.render(&delivery, message).ok()?;
            let to = message.to.as_str().to_owned();
            Some(KeptMail {
                sid: delivery.sid,
                bundle_sid: delivery.bundle_sid,
                to,
                mail,
                at: delivery.created_at,
            })
        };
        Ok(self.latest(Channel::Mail).await?.into_iter().filter_map(kept).collect())
    }

    /// The latest callbacks of all accounts, at most 1000, the oldest of them first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn rehearsal_callbacks(&self) -> Result<Vec<KeptCallback>> {
        let kept = |delivery: Delivery| {
            let Message::Callback(message) = &delivery.message else { return None };
            let parameters = self.outbound.callbacks.form(&delivery, message);
            Some(KeptCallback {
                sid: delivery.sid,
                account_sid: delivery.account_sid,
                bundle_sid: delivery.bundle_sid,
                url: message.url.as_str().to_owned(),
                body: callback::encoded(&parameters),
                parameters,
                state: delivery.state,
                attempts: delivery.attempts,
                at: delivery.created_at,
            })
        };
        Ok(self.latest(Channel::Callback).await?.into_iter().filter_map(kept).collect())
    }

    async fn latest(&self, channel: Channel) -> Result<Vec<Delivery>> {
        let filter = DeliveryFilter { channel: Some(channel), ..DeliveryFilter::default() };
        let window = Window { size: Window::SIZE_MAX, start: Start::First };
        let page = self.db.read(move |tx| deliveries::list(tx, &filter, &window)).await?;
        let mut latest = Vec::with_capacity(page.items.len());
        for sealed in page.items.into_iter().rev().filter(|sealed| sealed.emptied_at().is_none()) {
            let owner = keys::owner(&self.db, &self.keyring, sealed.account_sid).await?;
            latest.push(sealed.open(&owner)?);
        }
        Ok(latest)
    }
}
