//! The audit, for operators who may read it.

use dossier_domain::Timestamp;
use dossier_domain::audit::Action;
use dossier_domain::operator::Permission;
use dossier_domain::paging::{Position, Window};
use dossier_domain::sid::{AccountSid, AnySid};
use dossier_store::audit::{self, RecordedEvent, Stretch};

use crate::{App, OperatorCaller, Result};

/// Events that are read with one statement when most of them may be left out.
const READ_AT_ONCE: u32 = 1000;
/// Events that are looked at for one page: an account may have millions, and few that are wanted.
const LOOKED_AT_MAX: u32 = 20_000;

/// Which events are wanted.
#[derive(Debug, Clone)]
pub struct AuditEventQuery {
    /// Of which account; of all without one.
    pub account: Option<AccountSid>,
    /// By whom, as it is stored.
    pub actor: Option<String>,
    /// What happened.
    pub action: Option<Action>,
    /// To what.
    pub target: Option<AnySid>,
    /// From when on.
    pub from: Option<Timestamp>,
    /// Until when, included.
    pub until: Option<Timestamp>,
    /// Which page, newest first.
    pub window: Window,
}

/// A page of events.
#[derive(Debug)]
pub struct AuditEventPage {
    /// The events, newest first; perhaps fewer than the page may have, though there are more.
    pub items: Vec<RecordedEvent>,
    /// Behind which place the list goes on; `None` at its end.
    pub next: Option<Position>,
}

impl App {
    /// A page of what was recorded.
    ///
    /// # Errors
    /// Code 20403 without the permission.
    pub async fn audit_events(
        &self,
        caller: &OperatorCaller,
        query: AuditEventQuery,
    ) -> Result<AuditEventPage> {
        caller.must(Permission::ReadAudit)?;
        let size = usize::try_from(query.window.size).expect("a page size fits into memory");
        let at_once = if query.has_filters() { READ_AT_ONCE } else { query.window.size + 1 };
        let mut stretch = query.stretch();
        let (mut items, mut looked_at) = (Vec::new(), 0);
        loop {
            let (account, part) = (query.account, stretch.clone());
            let read = self
                .db
                .read(move |tx| match account {
                    Some(account) => audit::list_of_account(tx, account, &part, at_once),
                    None => audit::list(tx, &part, at_once),
                })
                .await?;
            looked_at += at_once;
            let last = read.last().map(position).filter(|_| read.len() == at_once as usize);
            items.extend(read.into_iter().filter(|event| query.wants(event)));
            if items.len() > size {
                items.truncate(size);
                let next = items.last().map(position);
                return Ok(AuditEventPage { items, next });
            }
            match last {
                Some(last) if looked_at < LOOKED_AT_MAX => stretch.before = before(last),
                next => return Ok(AuditEventPage { items, next }),
            }
        }
    }
}

impl AuditEventQuery {
    /// Whether there are conditions that no index helps with.
    fn has_filters(&self) -> bool {
        self.actor.is_some() || self.action.is_some() || self.target.is_some()
    }

    fn wants(&self, event: &RecordedEvent) -> bool {
        self.actor.as_ref().is_none_or(|actor| *actor == event.actor)
            && self.action.is_none_or(|action| action.as_str() == event.action)
            && self.target.is_none_or(|target| target.to_string() == event.target)
    }

    fn stretch(&self) -> Stretch {
        let end =
            |until: Timestamp| (Timestamp::from_micros(until.as_micros().saturating_add(1)), String::new());
        let ends = [self.until.map(end), self.window.position().map(before)];
        let no_end = (Timestamp::from_micros(i64::MAX), String::new());
        Stretch {
            from: self.from.unwrap_or(Timestamp::from_micros(i64::MIN)),
            before: ends.into_iter().flatten().min().unwrap_or(no_end),
        }
    }
}

fn before(position: Position) -> (Timestamp, String) {
    (Timestamp::from_micros(position.key), position.sid.to_string())
}

fn position(event: &RecordedEvent) -> Position {
    Position { key: event.at.as_micros(), sid: event.sid }
}
