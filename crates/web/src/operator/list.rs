//! Lists of our own surface: `?limit=…&after=…` in, `{"items": […], "next": "token" | null}` out.
//!
//! Lists go forward only. The token names the last item that was shown, so a page costs the same at any
//! depth, and nothing is shown twice or left out because something was added meanwhile.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::Response;
use dossier_domain::Fault;
use dossier_domain::paging::{Page, Position, Start, Window};
use http::request::Parts;
use serde::Serialize;

use crate::api::error::Refused;
use crate::api::json::fetched;
use crate::api::params::{Params, Query, invalid};
use crate::api::token::{self, ListTag};
use crate::state::Web;

/// The parameters that every list has.
const OF_EVERY_LIST: [&str; 2] = ["limit", "after"];

/// A request for a list.
pub(super) struct ListRequest(Params);

impl FromRequestParts<Arc<Web>> for ListRequest {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Refused> {
        Query::from_request_parts(parts, web).await.map(|Query(params)| Self(params))
    }
}

impl ListRequest {
    /// The page that is asked for, of a list that has these filters besides `limit` and `after`.
    ///
    /// # Errors
    /// Code 20001 for a bad limit or a parameter that the list does not have: a filter that is misspelt
    /// must not show everything. 21481 for a token of another list.
    pub(super) fn window(&self, list: ListTag, filters: &[&str]) -> Result<Window, Fault> {
        let known = |name: &str| OF_EVERY_LIST.contains(&name) || filters.contains(&name);
        if !self.0.names().all(known) {
            let known = [&OF_EVERY_LIST[..], filters].concat().join(", ");
            return Err(invalid(format!("query: this list has only the parameters {known}")));
        }
        let start = match self.0.filled("after") {
            None => Start::First,
            Some(text) => token::parse_forward(list, text)?,
        };
        Ok(Window { size: self.size()?, start })
    }

    /// The value of a filter converted, when it is there and not blank.
    ///
    /// # Errors
    /// Code 20001 when `parse` makes nothing of it.
    pub(super) fn filter<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        self.0.parsed(name, |text| {
            parse(text).ok_or_else(|| invalid(format!("{name}: there is no such value")))
        })
    }

    /// The text of a filter, when it is there and not blank.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.filled(name)
    }

    fn size(&self) -> Result<u32, Fault> {
        let size = self.filter("limit", |text| text.parse().ok())?.unwrap_or(Window::SIZE_DEFAULT);
        if (1..=Window::SIZE_MAX).contains(&size) {
            return Ok(size);
        }
        Err(invalid(format!("limit: it must be a number from 1 to {}", Window::SIZE_MAX)))
    }
}

/// The answer: each item through `view`, and the token for what comes behind the last one.
pub(super) fn respond<'a, T, V: Serialize>(
    list: ListTag,
    page: &'a Page<T>,
    position: impl Fn(&T) -> Position,
    view: impl Fn(&'a T) -> V,
) -> Response {
    let last = page.items.last().filter(|_| page.more_after);
    respond_until(list, &page.items, last.map(position), view)
}

/// The token for what comes behind the last item, for answers that are more than a list.
pub(super) fn next<T>(list: ListTag, page: &Page<T>, position: impl Fn(&T) -> Position) -> Option<String> {
    let last = page.items.last().filter(|_| page.more_after);
    last.map(|last| token::after(list, position(last)))
}

/// As [`respond`], for a list that goes on somewhere else than behind its last item.
pub(super) fn respond_until<'a, T, V: Serialize>(
    list: ListTag,
    items: &'a [T],
    next: Option<Position>,
    view: impl Fn(&'a T) -> V,
) -> Response {
    let next = next.map(|next| token::after(list, next));
    fetched(&List { items: items.iter().map(view).collect(), next })
}

#[derive(Serialize)]
struct List<V> {
    items: Vec<V>,
    next: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use dossier_domain::Code;
    use dossier_domain::sid::AnySid;

    const LIST: ListTag = ListTag::new("things by created");

    fn window(query: &str) -> Result<Window, Code> {
        let request = ListRequest(Params::parse(query.as_bytes()).unwrap());
        request.window(LIST, &["state"]).map_err(|fault| fault.code)
    }

    #[test]
    fn a_page_is_chosen_by_limit_and_token() {
        let first = |size| Ok(Window { size, start: Start::First });
        assert_eq!(window(""), first(Window::SIZE_DEFAULT));
        assert_eq!(window("limit=1&state=x&after="), first(1));
        assert_eq!(window("limit=1000"), first(1000));
        let position = Position { key: -7, sid: AnySid::parse(&format!("OP{}", "0a".repeat(16))).unwrap() };
        let query = format!("limit=2&after={}", token::after(LIST, position));
        assert_eq!(window(&query), Ok(Window { size: 2, start: Start::After(position) }));
    }

    #[test]
    fn anything_else_is_refused() {
        for query in ["limit=0", "limit=1001", "limit=-1", "limit=x", "sate=x", "Limit=1", "state=x&page=2"] {
            assert_eq!(window(query), Err(Code::InvalidParameter), "{query}");
        }
        let position = Position { key: 0, sid: AnySid::parse(&format!("OP{}", "0a".repeat(16))).unwrap() };
        let other = ListTag::new("things by name");
        for token in ["x".to_owned(), token::after(other, position), token::before(LIST, position)] {
            assert_eq!(window(&format!("after={token}")), Err(Code::InvalidPageToken), "{token}");
        }
    }
}
