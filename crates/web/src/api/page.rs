//! Lists: which page is asked for, and the addresses of the pages around it (contract section 9.4).

use std::sync::Arc;

use axum::extract::{FromRequestParts, OriginalUri};
use axum::response::Response;
use dossier_domain::paging::{Page, Position, Start, Window};
use dossier_domain::{Code, Fault};
use http::request::Parts;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use url::form_urlencoded;

use super::base_url::BaseUrl;
use super::error::Refused;
use super::json::{self, fetched};
use super::params::{Params, Query, invalid};
use super::token::{self, ListTag};
use crate::state::Web;

/// How far `Page=n` without a token may go; beyond, a token costs less than counting does.
const OFFSET_MAX: u32 = 100_000;

/// A request for a list: where it came in, and with which parameters.
pub(crate) struct ListRequest {
    pub(crate) params: Params,
    base: BaseUrl,
    path: String,
    strict: bool,
}

impl FromRequestParts<Arc<Web>> for ListRequest {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Refused> {
        let Ok(base) = BaseUrl::from_request_parts(parts, web).await;
        let Ok(OriginalUri(uri)) = OriginalUri::from_request_parts(parts, web).await;
        let Query(params) = Query::from_request_parts(parts, web).await?;
        Ok(Self { params, base, path: uri.path().to_owned(), strict: web.options.strict_page_size })
    }
}

impl ListRequest {
    /// What the URLs of the items begin with.
    pub(crate) fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// The page that is asked for. `filters` are the parameters that belong to the list.
    ///
    /// # Errors
    /// Code 20001 for a bad size or number, 21481 for a token of another list.
    pub(crate) fn paging(&self, list: ListTag, filters: &[&str]) -> Result<Paging, Fault> {
        let size = self.size()?;
        let number = match self.params.filled("Page") {
            Some(text) => text.parse().map_err(|_| invalid("Page: it must be a number from 0"))?,
            None => 0,
        };
        let given_token = self.params.filled("PageToken").map(str::to_owned);
        let start = match &given_token {
            Some(text) => token::parse(list, text)?,
            None if number == 0 => Start::First,
            None => Start::Offset(offset(number, size)?),
        };
        Ok(Paging { list, window: Window { size, start }, number, given_token, filters: self.echo(filters) })
    }

    fn size(&self) -> Result<u32, Fault> {
        let Some(text) = self.params.filled("PageSize") else { return Ok(Window::SIZE_DEFAULT) };
        let refused = || invalid("PageSize: it must be a number from 1 to 1000");
        // A number with too many digits is a large one, not a malformed one: clients ask for "all".
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let size = text.parse().or(if digits { Ok(u32::MAX) } else { Err(refused()) })?;
        match size {
            0 => Err(refused()),
            1..=Window::SIZE_MAX => Ok(size),
            _ if self.strict => Err(Fault::new(Code::PageSizeTooLarge, "Page size too large: at most 1000")),
            _ => Ok(Window::SIZE_MAX),
        }
    }

    /// The filters as they were given, encoded, each followed by `&`.
    fn echo(&self, filters: &[&str]) -> String {
        let mut encoded = form_urlencoded::Serializer::new(String::new());
        for name in filters {
            if let Some(value) = self.params.filled(name) {
                encoded.append_pair(name, value);
            }
        }
        let mut encoded = encoded.finish();
        if !encoded.is_empty() {
            encoded.push('&');
        }
        encoded
    }

    /// The answer of the v2 API: the items under `key`, and `meta`.
    pub(crate) fn respond<'a, T, V: Serialize>(
        &self,
        key: &'static str,
        paging: &Paging,
        page: &'a Page<T>,
        position: impl Fn(&T) -> Position,
        view: impl Fn(&'a T) -> V,
    ) -> Response {
        let meta = self.meta(key, paging, page, position);
        let items: Vec<V> = page.items.iter().map(view).collect();
        fetched(&List { key, items, meta })
    }

    /// As [`ListRequest::respond`], of items that `write` themselves as JSON.
    pub(crate) fn respond_written<T>(
        &self,
        key: &'static str,
        paging: &Paging,
        page: &Page<T>,
        position: impl Fn(&T) -> Position,
        write: impl Fn(&T, &mut Vec<u8>),
    ) -> Response {
        let mut json = format!("{{\"{key}\":[").into_bytes();
        for (index, item) in page.items.iter().enumerate() {
            if index > 0 {
                json.push(b',');
            }
            write(item, &mut json);
        }
        json.extend_from_slice(b"],\"meta\":");
        json::write(&self.meta(key, paging, page, position), &mut json);
        json.push(b'}');
        json::written(json)
    }

    fn meta<T>(
        &self,
        key: &'static str,
        paging: &Paging,
        page: &Page<T>,
        position: impl Fn(&T) -> Position,
    ) -> Meta {
        let links = paging.links(&format!("{}{}", self.base.as_str(), self.path), page, position);
        Meta {
            page: paging.number,
            page_size: paging.window.size,
            first_page_url: links.first,
            previous_page_url: links.previous,
            url: links.current,
            next_page_url: links.next,
            key,
        }
    }

    /// The answer of the 2010 API: the items under `key` among the addresses of the pages.
    pub(crate) fn respond_2010<'a, T, V: Serialize>(
        &self,
        key: &'static str,
        paging: &Paging,
        page: &'a Page<T>,
        position: impl Fn(&T) -> Position,
        view: impl Fn(&'a T) -> V,
    ) -> Response {
        let links = paging.links(&self.path, page, position);
        let items: Vec<V> = page.items.iter().map(view).collect();
        let start = u64::from(paging.number) * u64::from(paging.window.size);
        let list = List2010 {
            key,
            end: (start + items.len() as u64).saturating_sub(1).max(start),
            start,
            items,
            page: paging.number,
            page_size: paging.window.size,
            links,
        };
        fetched(&list)
    }
}

fn offset(number: u32, size: u32) -> Result<u32, Fault> {
    number.checked_mul(size).filter(|offset| *offset <= OFFSET_MAX).ok_or_else(|| {
        invalid(format!("Page: beyond {OFFSET_MAX} items, follow next_page_url, which carries a PageToken"))
    })
}

/// The page that is asked for.
pub(crate) struct Paging {
    pub(crate) window: Window,
    list: ListTag,
    number: u32,
    given_token: Option<String>,
    filters: String,
}

struct Links {
    first: String,
    previous: Option<String>,
    current: String,
    next: Option<String>,
}

impl Paging {
    fn links<T>(&self, prefix: &str, page: &Page<T>, position: impl Fn(&T) -> Position) -> Links {
        let link = |number: u32, token: Option<&str>| {
            let (filters, size) = (&self.filters, self.window.size);
            let token = token.map(|token| format!("&PageToken={token}")).unwrap_or_default();
            format!("{prefix}?{filters}PageSize={size}&Page={number}{token}")
        };
        // The number is decoration; it counts up and down from the one that was given.
        let (before, after) = (self.number.saturating_sub(1), self.number.saturating_add(1));
        let previous = page
            .items
            .first()
            .filter(|_| page.more_before)
            .map(|item| link(before, Some(&token::before(self.list, position(item)))));
        let next = page
            .items
            .last()
            .filter(|_| page.more_after)
            .map(|item| link(after, Some(&token::after(self.list, position(item)))));
        Links {
            first: link(0, None),
            previous,
            current: link(self.number, self.given_token.as_deref()),
            next,
        }
    }
}

#[derive(Serialize)]
struct Meta {
    page: u32,
    page_size: u32,
    first_page_url: String,
    previous_page_url: Option<String>,
    url: String,
    next_page_url: Option<String>,
    key: &'static str,
}

/// `{"<key>": […], "meta": {…}}`
struct List<V> {
    key: &'static str,
    items: Vec<V>,
    meta: Meta,
}

impl<V: Serialize> Serialize for List<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry(self.key, &self.items)?;
        map.serialize_entry("meta", &self.meta)?;
        map.end()
    }
}

struct List2010<V> {
    key: &'static str,
    items: Vec<V>,
    page: u32,
    page_size: u32,
    start: u64,
    end: u64,
    links: Links,
}

impl<V: Serialize> Serialize for List2010<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(9))?;
        map.serialize_entry(self.key, &self.items)?;
        map.serialize_entry("first_page_uri", &self.links.first)?;
        map.serialize_entry("previous_page_uri", &self.links.previous)?;
        map.serialize_entry("uri", &self.links.current)?;
        map.serialize_entry("next_page_uri", &self.links.next)?;
        map.serialize_entry("page", &self.page)?;
        map.serialize_entry("page_size", &self.page_size)?;
        map.serialize_entry("start", &self.start)?;
        map.serialize_entry("end", &self.end)?;
        map.end()
    }
}

/// A page of a list that is in memory. An item is found by its position, which must be unique.
///
/// # Errors
/// Code 21481 when the token's item is not in the list.
pub(crate) fn page_of<T>(
    mut items: Vec<T>,
    window: &Window,
    position: impl Fn(&T) -> Position,
) -> Result<Page<T>, Fault> {
    let size = usize::try_from(window.size).expect("a page size fits into memory");
    let place = |wanted: Position| {
        let found = items.iter().position(|item| position(item) == wanted);
        found.ok_or_else(|| Fault::new(Code::InvalidPageToken, "Invalid PageToken"))
    };
    let start = match window.start {
        Start::First => 0,
        Start::After(wanted) => place(wanted)? + 1,
        Start::Before(wanted) => place(wanted)?.saturating_sub(size),
        Start::Offset(offset) => {
            usize::try_from(offset).expect("an offset fits into memory").min(items.len())
        }
    };
    let end = match window.start {
        Start::Before(wanted) => place(wanted)?,
        Start::First | Start::After(_) | Start::Offset(_) => (start + size).min(items.len()),
    };
    let (more_before, more_after) = (start > 0, end < items.len());
    items.truncate(end);
    Ok(Page { items: items.split_off(start), more_before, more_after })
}
