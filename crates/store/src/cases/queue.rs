//! The queue: cases in the order in which they came, whatever they are filtered by.

use dossier_domain::paging::{Page, Window};
use dossier_domain::review::{Case, StateName};
use dossier_domain::sid::OperatorSid;
use dossier_domain::{EndUserType, IsoCountry, NumberType};

use super::{read, select};
use crate::db::{StoreResult, ToValue, Tx, Value, statements};
use crate::list::{Listing, condition};

statements! {
    /// The other choices of filters are made from the same words.
    NEXT = concat!(select!(), " WHERE state = $1 ORDER BY opened_at, sid LIMIT 1 FOR UPDATE SKIP LOCKED");
}

/// Which cases are meant. Every condition that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// In this state; in any when not given.
    pub state: Option<StateName>,
    /// For numbers of this country.
    pub iso_country: Option<IsoCountry>,
    /// For numbers of this kind.
    pub number_type: Option<NumberType>,
    /// For end users of this kind.
    pub end_user_type: Option<EndUserType>,
    /// At which this operator works, or worked.
    pub assignee: Option<OperatorSid>,
    /// Whether the newest comes first.
    pub newest_first: bool,
}

/// The conditions as texts, so that values can be borrowed from them.
struct Conditions<'a> {
    country: Option<&'a str>,
    number_type: Option<&'static str>,
    end_user_type: Option<&'static str>,
    assignee: Option<OperatorSid>,
}

impl<'a> Conditions<'a> {
    fn of(filter: &'a CaseFilter) -> Self {
        Self {
            country: filter.iso_country.as_ref().map(IsoCountry::as_str),
            number_type: filter.number_type.map(NumberType::as_str),
            end_user_type: filter.end_user_type.map(EndUserType::as_str),
            assignee: filter.assignee,
        }
    }

    fn in_state(&self, state: &'static str) -> Vec<(&'static str, Value<'_>)> {
        let mut conditions = vec![("state =", Value::Text(state))];
        condition(&mut conditions, "iso_country =", self.country.as_ref());
        condition(&mut conditions, "number_type =", self.number_type.as_ref());
        condition(&mut conditions, "end_user_type =", self.end_user_type.as_ref());
        condition(&mut conditions, "assignee =", self.assignee.as_ref());
        conditions
    }
}

/// The oldest waiting case that is meant and that nobody else is about to claim. Nobody else changes it
/// until this unit ends. The state and the assignee of the filter do not count.
///
/// # Errors
/// When the database fails.
pub fn lock_next(tx: &mut Tx<'_>, filter: &CaseFilter) -> StoreResult<Option<Case>> {
    let conditions = Conditions { assignee: None, ..Conditions::of(filter) };
    let conditions = conditions.in_state(StateName::Waiting.as_str());
    let mut sql = select!().to_owned();
    for (place, (condition, _)) in conditions.iter().enumerate() {
        let word = if place == 0 { " WHERE " } else { " AND " };
        sql.push_str(&format!("{word}{condition} ${}", place + 1));
    }
    sql.push_str(" ORDER BY opened_at, sid LIMIT 1 FOR UPDATE SKIP LOCKED");
    let values: Vec<_> = conditions.iter().map(|(_, value)| value.to_value()).collect();
    tx.optional(if values.len() == 1 { NEXT } else { &sql }, &values, read)
}

/// One page of the queue.
///
/// Each state has its own order in the indexes, so without a state they are read one by one and merged:
/// a page costs the same at any depth.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, filter: &CaseFilter, window: &Window) -> StoreResult<Page<Case>> {
    let conditions = Conditions::of(filter);
    let mut pages = Vec::new();
    for state in StateName::ALL.into_iter().filter(|state| filter.state.is_none_or(|wanted| wanted == *state))
    {
        let listing = Listing {
            select: select!(),
            conditions: conditions.in_state(state.as_str()),
            sids: Vec::new(),
            sort_by: "opened_at",
            descending: filter.newest_first,
        };
        pages.push(listing.page(tx, window, read)?);
    }
    Ok(merged(pages, filter.newest_first, window))
}

/// Pages of the same window of several lists, as one page of all of them.
fn merged(pages: Vec<Page<Case>>, newest_first: bool, window: &Window) -> Page<Case> {
    let size = usize::try_from(window.size).expect("a page size fits into memory");
    let more_before = pages.iter().any(|page| page.more_before);
    let more_after = pages.iter().any(|page| page.more_after);
    let mut items: Vec<_> = pages.into_iter().flat_map(|page| page.items).collect();
    items.sort_by_key(|case| (case.opened_at, case.sid));
    if newest_first {
        items.reverse();
    }
    let cut = items.len() > size;
    items.truncate(size);
    Page { items, more_before, more_after: more_after || cut }
}
