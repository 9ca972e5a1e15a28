//! Values, states and rules of Dossier.
//!
//! Everything here is a plain function of its arguments: no I/O, no clock, no environment, no wire
//! format. The names of states and types are those of the wire, which the database shares. A value that
//! exists is valid; its constructor returns the reason why it could not be made.

pub mod account;
pub mod address;
pub mod api_key;
pub mod attributes;
pub mod audit;
pub mod bundle;
pub mod campaign;
pub mod catalogue;
pub mod country;
pub mod delivery;
pub mod document;
pub mod eligibility;
pub mod end_user;
pub mod erasure;
pub mod evaluation;
pub mod fault;
pub mod file;
pub mod item_assignment;
pub mod lineage;
pub mod notice;
pub mod number;
pub mod operator;
pub mod paging;
pub mod phone_number;
pub mod reason;
pub mod regulation;
pub mod review;
pub mod sid;
pub mod text;
pub mod time;

pub use attributes::Attributes;
pub use country::IsoCountry;
pub use fault::{Code, Fault};
pub use number::{EndUserType, NumberType};
pub use time::Timestamp;
