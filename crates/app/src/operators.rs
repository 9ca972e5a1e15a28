//! Operators: made and revoked at the command line and by each other, known by their tokens.

use dossier_domain::audit::{Action, Actor, AuditEvent, Outcome};
use dossier_domain::operator::{Operator, Permission, Role};
use dossier_domain::paging::{Page, Position, Window};
use dossier_domain::sid::{AccountSid, AnySid, OperatorSid, RequestSid};
use dossier_domain::text::FriendlyName;
use dossier_domain::{Code, Fault, Timestamp};
use dossier_store::seal::INSTALLATION;
use dossier_store::{audit, operators};

use crate::random::{random_sid, random_token};
use crate::{App, Error, Result, not_found};

/// The token of the operator of rehearsal mode. It is no secret: that mode answers on loopback
/// addresses only.
pub const REHEARSAL_OPERATOR_TOKEN: &str = "dev-operator";
/// The operator of rehearsal mode, the same everywhere.
const REHEARSAL_OPERATOR: OperatorSid =
    OperatorSid::from_bytes([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

/// An operator and the token that is shown once.
pub struct NewOperator {
    /// The operator.
    pub operator: Operator,
    /// Its bearer token, which cannot be read again.
    pub token: String,
}

/// An operator who asks.
#[derive(Debug, Clone)]
pub struct OperatorCaller {
    /// Who.
    pub operator: Operator,
    /// In which request.
    pub request: RequestSid,
}

impl OperatorCaller {
    /// Insists on a permission.
    ///
    /// # Errors
    /// Code 20403 when the role does not have it.
    pub fn must(&self, permission: Permission) -> Result<()> {
        let role = self.operator.role;
        if role.may(permission) {
            return Ok(());
        }
        Err(Fault::new(Code::Forbidden, format!("The role `{role}` may not do this")).into())
    }

    /// The event that records what the operator did to an account's data.
    pub(crate) fn event(
        &self,
        account: AccountSid,
        at: Timestamp,
        action: Action,
        target: impl Into<AnySid>,
    ) -> AuditEvent {
        AuditEvent {
            sid: random_sid(),
            account_sid: account,
            at,
            actor: Actor::Operator(self.operator.sid),
            action,
            target: target.into(),
            outcome: Outcome::Done,
            request: self.request,
            rule_revision: None,
        }
    }
}

impl App {
    /// Makes an operator.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create_operator(&self, name: FriendlyName, role: Role) -> Result<NewOperator> {
        let operator = self.new_operator(name, role);
        let token = random_token();
        let event = event(Action::OperatorCreated, operator.sid, operator.created_at);
        self.insert_operator(operator.clone(), &token, event).await?;
        Ok(NewOperator { operator, token })
    }

    /// Makes an operator, on behalf of another one.
    ///
    /// # Errors
    /// Code 20403 without the permission.
    pub async fn create_operator_by(
        &self,
        caller: &OperatorCaller,
        name: FriendlyName,
        role: Role,
    ) -> Result<NewOperator> {
        caller.must(Permission::Administer)?;
        let operator = self.new_operator(name, role);
        let token = random_token();
        let event = caller.event(INSTALLATION, operator.created_at, Action::OperatorCreated, operator.sid);
        self.insert_operator(operator.clone(), &token, event).await?;
        Ok(NewOperator { operator, token })
    }

    fn new_operator(&self, name: FriendlyName, role: Role) -> Operator {
        Operator { sid: random_sid(), name, role, created_at: self.now(), revoked_at: None }
    }

    /// Makes the operator of rehearsal mode with its well-known token, unless it is there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ensure_rehearsal_operator(&self) -> Result<()> {
        let is_there =
            || self.db.read(|tx| operators::get(tx, REHEARSAL_OPERATOR).map(|operator| operator.is_some()));
        if is_there().await? {
            return Ok(());
        }
        let operator = Operator {
            sid: REHEARSAL_OPERATOR,
            name: FriendlyName::from_stored("Rehearsal".to_owned()),
            role: Role::Admin,
            created_at: self.now(),
            revoked_at: None,
        };
        let event = event(Action::OperatorCreated, operator.sid, operator.created_at);
        match self.insert_operator(operator, REHEARSAL_OPERATOR_TOKEN, event).await {
            // Another node that starts at the same moment was first.
            Err(_) if is_there().await? => Ok(()),
            inserted => inserted,
        }
    }

    /// Up to `limit` operators, oldest first, behind a place in that order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_operators(&self, after: Option<Position>, limit: u32) -> Result<Vec<Operator>> {
        Ok(self.db.read(move |tx| operators::list(tx, after, limit)).await?)
    }

    /// A page of the operators, oldest first, for one of them who administers.
    ///
    /// # Errors
    /// Code 20403 without the permission.
    pub async fn operators(&self, caller: &OperatorCaller, window: Window) -> Result<Page<Operator>> {
        caller.must(Permission::Administer)?;
        let read = self.list_operators(window.position(), window.size + 1).await?;
        Ok(Page::from_read(read, &window))
    }

    /// Ends an operator's token at once. `false` when it had ended before.
    ///
    /// # Errors
    /// Code 20404 when there is no such operator.
    pub async fn revoke_operator(&self, sid: OperatorSid) -> Result<bool> {
        let now = self.now();
        self.db
            .write(move |tx| {
                operators::get(tx, sid)?.ok_or_else(|| not_found(sid))?;
                let revoked = operators::revoke(tx, sid, now)?;
                if revoked {
                    audit::append(tx, &event(Action::OperatorRevoked, sid, now))?;
                }
                Ok(revoked)
            })
            .await
    }

    /// An operator, for one of them who administers.
    ///
    /// # Errors
    /// Code 20403 without the permission, 20404 when there is no such operator.
    pub async fn operator(&self, caller: &OperatorCaller, sid: OperatorSid) -> Result<Operator> {
        caller.must(Permission::Administer)?;
        self.db.read(move |tx| operators::get(tx, sid)).await?.ok_or_else(|| not_found(sid))
    }

    /// Ends an operator's token at once, on behalf of another operator. One that had ended stays as it is.
    ///
    /// # Errors
    /// Code 20403 without the permission, 20404 when there is no such operator, 20409 when it is the last
    /// one who administers: at the command line, and only there, it can be revoked all the same.
    pub async fn revoke_operator_by(&self, caller: &OperatorCaller, sid: OperatorSid) -> Result<Operator> {
        caller.must(Permission::Administer)?;
        let now = self.now();
        let event = caller.event(INSTALLATION, now, Action::OperatorRevoked, sid);
        let rehearsal = self.options.rehearsal;
        self.db
            .write(move |tx| {
                // Locked, because two of them may be about to revoke each other.
                let admins = operators::lock_active(tx, Role::Admin)?;
                let operator = operators::get(tx, sid)?.ok_or_else(|| not_found(sid))?;
                if operator.revoked_at.is_some() {
                    return Ok(operator);
                }
                let counts =
                    |admin: &OperatorSid| *admin != sid && (rehearsal || *admin != REHEARSAL_OPERATOR);
                if operator.role == Role::Admin && !admins.iter().any(counts) {
                    let reason = format!("Operator {sid} is the last admin; make another one before");
                    return Err(Fault::new(Code::Conflict, reason).into());
                }
                operators::revoke(tx, sid, now)?;
                audit::append(tx, &event)?;
                Ok(Operator { revoked_at: Some(now), ..operator })
            })
            .await
    }

    /// Finds the operator of a bearer token. Nothing is remembered, so a revoked token ends at once.
    ///
    /// # Errors
    /// Code 20003 when there is none, or its token was revoked.
    pub async fn authenticate_operator(&self, token: &str, request: RequestSid) -> Result<OperatorCaller> {
        let hash = self.operator_tokens.hash(token);
        let found = self.db.read(move |tx| operators::by_token(tx, &hash)).await?;
        // The operator of rehearsal mode stays behind in a data directory that was tried in it.
        let let_in = |operator: &Operator| self.options.rehearsal || operator.sid != REHEARSAL_OPERATOR;
        let operator = found.filter(|operator| operator.revoked_at.is_none() && let_in(operator));
        let operator =
            operator.ok_or_else(|| Error::from(Fault::new(Code::Unauthenticated, "Authenticate")))?;
        Ok(OperatorCaller { operator, request })
    }

    async fn insert_operator(&self, operator: Operator, token: &str, event: AuditEvent) -> Result<()> {
        let hash = self.operator_tokens.hash(token);
        Ok(self
            .db
            .write(move |tx| {
                operators::insert(tx, &operator, &hash)?;
                audit::append(tx, &event)
            })
            .await?)
    }
}

fn event(action: Action, target: OperatorSid, at: Timestamp) -> AuditEvent {
    AuditEvent {
        sid: random_sid(),
        account_sid: INSTALLATION,
        at,
        actor: Actor::CommandLine,
        action,
        target: target.into(),
        outcome: Outcome::Done,
        request: random_sid(),
        rule_revision: None,
    }
}
