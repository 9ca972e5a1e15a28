//! `/Bundles` (contract section 1).

mod create;
mod delete;
mod filters;
mod paging;
mod unknown;
mod update;

/// The regulation for local German numbers of a business.
const DE_LOCAL_BUSINESS: &str = "RNfd11dde5d4b7252abf96139766f68034";
/// The list.
const BUNDLES: &str = "/v2/RegulatoryCompliance/Bundles";
