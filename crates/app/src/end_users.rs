//! End users.

use dossier_domain::audit::Action;
use dossier_domain::bundle::BundleStatus;
use dossier_domain::end_user::EndUser;
use dossier_domain::paging::{Page, Window};
use dossier_domain::sid::EndUserSid;
use dossier_domain::text::FriendlyName;
use dossier_domain::{Attributes, Code, EndUserType, Fault};
use dossier_store::{audit, end_users, item_assignments};

use crate::legal_holds::refuse_if_held;
use crate::random::random_sid;
use crate::{App, Caller, Error, Result, not_found};

/// What an end user is made of.
#[derive(Debug, Clone)]
pub struct CreateEndUser {
    /// Its name.
    pub friendly_name: FriendlyName,
    /// Person or organisation.
    pub kind: EndUserType,
    /// Who it is.
    pub attributes: Attributes,
}

/// What changes about an end user; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct UpdateEndUser {
    /// Its name.
    pub friendly_name: Option<FriendlyName>,
    /// Who it is: the whole object is replaced (contract 14.3 row 46).
    pub attributes: Option<Attributes>,
}

impl App {
    /// Makes an end user. Its attributes may be incomplete; evaluation is the check.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_end_user(&self, caller: Caller, command: CreateEndUser) -> Result<EndUser> {
        let now = self.now();
        let end_user = EndUser {
            sid: random_sid(),
            account_sid: caller.account(),
            kind: command.kind,
            friendly_name: command.friendly_name,
            attributes: command.attributes,
            created_at: now,
            updated_at: now,
        };
        self.db
            .write(move |tx| {
                end_users::insert(tx, &caller.owner, &end_user)?;
                audit::append(tx, &caller.event(now, Action::EndUserCreated, end_user.sid))?;
                Ok(end_user.clone())
            })
            .await
    }

    /// One end user.
    ///
    /// # Errors
    /// Code 20404.
    pub async fn end_user(&self, caller: Caller, sid: EndUserSid) -> Result<EndUser> {
        self.db.read(move |tx| end_users::get(tx, &caller.owner, sid)).await?.ok_or_else(|| not_found(sid))
    }

    /// One page of the account's end users, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_end_users(&self, caller: Caller, window: Window) -> Result<Page<EndUser>> {
        Ok(self.db.read(move |tx| end_users::list(tx, &caller.owner, &window)).await?)
    }

    /// Changes an end user.
    ///
    /// # Errors
    /// Code 20404; 20409 when its attributes are under review or approved (contract 14.3 row 53).
    pub async fn update_end_user(
        &self,
        caller: Caller,
        sid: EndUserSid,
        command: UpdateEndUser,
    ) -> Result<EndUser> {
        let now = self.now();
        self.db
            .write(move |tx| {
                let owner = &caller.owner;
                let mut end_user = end_users::lock(tx, owner, sid)?.ok_or_else(|| not_found(sid))?;
                refuse_if_held(tx, owner, sid)?;
                if let Some(attributes) = &command.attributes {
                    let statuses = item_assignments::bundle_statuses(tx, owner, sid.into())?;
                    if let Some(status) = statuses.into_iter().find(|status| status.freezes_end_user()) {
                        return Err(frozen(sid, status));
                    }
                    end_user.attributes = attributes.clone();
                }
                if let Some(friendly_name) = &command.friendly_name {
                    end_user.friendly_name = friendly_name.clone();
                }
                end_user.updated_at = now;
                end_users::save(tx, owner, &end_user)?;
                audit::append(tx, &caller.event(now, Action::EndUserUpdated, sid))?;
                Ok(end_user)
            })
            .await
    }

    /// Deletes an end user that is in no bundle.
    ///
    /// # Errors
    /// Code 20404; 21644 when it is in a bundle.
    pub async fn delete_end_user(&self, caller: Caller, sid: EndUserSid) -> Result<()> {
        let now = self.now();
        self.db
            .write(move |tx| {
                end_users::lock(tx, &caller.owner, sid)?.ok_or_else(|| not_found(sid))?;
                refuse_if_held(tx, &caller.owner, sid)?;
                if item_assignments::is_assigned(tx, &caller.owner, sid.into())? {
                    let message =
                        format!("End user {sid} is assigned to a bundle; remove it from there first");
                    return Err(Fault::new(Code::EndUserAssigned, message).into());
                }
                end_users::delete(tx, &caller.owner, sid)?;
                Ok(audit::append(tx, &caller.event(now, Action::EndUserDeleted, sid))?)
            })
            .await
    }
}

fn frozen(sid: EndUserSid, status: BundleStatus) -> Error {
    let message =
        format!("End user {sid} is in a bundle that is `{status}`, so only its FriendlyName can be changed");
    Fault::new(Code::Conflict, message).into()
}
