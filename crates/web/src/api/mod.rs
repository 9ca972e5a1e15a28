//! The Twilio-compatible surface: its wire format, exactly (contract sections 8, 9 and 14.1).

mod auth;
mod base_url;
pub(crate) mod body;
pub(crate) mod dates;
pub(crate) mod error;
pub(crate) mod json;
mod page;
pub(crate) mod params;
pub(crate) mod path;
pub(crate) mod token;
mod upload;
pub(crate) mod v2;
pub(crate) mod v2010;
