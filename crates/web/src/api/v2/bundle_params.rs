//! What the parameters of `/Bundles` mean (contract sections 1.1, 1.8, 14.2).

use dossier_app::{BundleFilter, BundleSort, CreateBundle, RegulationChoice, UpdateBundle};
use dossier_domain::bundle::{BundleStatus, Contact};
use dossier_domain::regulation::Combination;
use dossier_domain::sid::{BundleSid, RegulationSid};
use dossier_domain::text::{CallbackUrl, Email, FriendlyName};
use dossier_domain::{Code, EndUserType, Fault, IsoCountry, NumberType};

use crate::api::dates::Moment;
use crate::api::params::{Params, invalid};
use crate::api::token::ListTag;

/// How many bundles can be asked for by their identifiers at once.
const SIDS_MAX: usize = 20;

pub(super) fn create_command(params: &Params) -> Result<CreateBundle, Fault> {
    Ok(CreateBundle {
        friendly_name: FriendlyName::parse(params.required("FriendlyName")?)?,
        contact: Contact {
            email: Email::parse(params.required("Email")?)?,
            status_callback: params.parsed("StatusCallback", CallbackUrl::parse)?,
        },
        regulation: regulation(params)?,
        is_test: params.boolean("IsTest")?.unwrap_or(false),
    })
}

pub(super) fn update_command(params: &Params) -> Result<UpdateBundle, Fault> {
    Ok(UpdateBundle {
        status: params.parsed("Status", BundleStatus::parse)?,
        friendly_name: params.parsed("FriendlyName", FriendlyName::parse)?,
        email: params.parsed("Email", Email::parse)?,
        // An empty address ends the callbacks.
        status_callback: match params.get("StatusCallback") {
            None => None,
            Some(text) if text.trim().is_empty() => Some(None),
            Some(text) => Some(Some(CallbackUrl::parse(text)?)),
        },
    })
}

/// Contract 14.2 row 43. A well-formed identifier of no regulation is found out by the use case.
fn regulation(params: &Params) -> Result<RegulationChoice, Fault> {
    let sid = params.parsed("RegulationSid", regulation_sid)?;
    let bad_type =
        |name: &str| Fault::new(Code::InvalidBundleType, format!("Invalid {name}: there is no such type"));
    let number_type =
        params.parsed("NumberType", |text| NumberType::parse(text).ok_or_else(|| bad_type("NumberType")))?;
    let end_user_type = params
        .parsed("EndUserType", |text| EndUserType::parse(text).ok_or_else(|| bad_type("EndUserType")))?;
    let iso_country = country(params)?;
    let combination = match (iso_country, number_type, end_user_type) {
        (Some(iso_country), Some(number_type), Some(end_user_type)) => {
            Some(Combination { iso_country, number_type, end_user_type })
        }
        (None, None, None) => None,
        // Beside an identifier, an incomplete combination has nothing to say.
        _ if sid.is_some() => None,
        _ => {
            let message = "IsoCountry, NumberType and EndUserType must be given together";
            return Err(Fault::new(Code::RegulationNotGiven, message));
        }
    };
    Ok(RegulationChoice { sid, combination })
}

pub(super) fn filter(params: &Params) -> Result<BundleFilter, Fault> {
    let bad_number = || Fault::new(Code::InvalidNumberType, "Invalid NumberType: there is no such type");
    let bad_end_user = || Fault::new(Code::InvalidEndUserType, "Invalid EndUserType: there is no such type");
    let moment = |name| params.parsed(name, |text| Moment::parse(name, text));
    let (exact, to, from) =
        (moment("ValidUntilDate")?, moment("ValidUntilDate<")?, moment("ValidUntilDate>")?);
    Ok(BundleFilter {
        status: params.parsed("Status", BundleStatus::parse)?,
        sids: params.parsed("BundleSids", sids)?.unwrap_or_default(),
        friendly_name: params.filled("FriendlyName").map(str::to_owned),
        regulation: params.parsed("RegulationSid", regulation_sid)?,
        iso_country: country(params)?,
        number_type: params.parsed("NumberType", |text| NumberType::parse(text).ok_or_else(bad_number))?,
        end_user_type: params
            .parsed("EndUserType", |text| EndUserType::parse(text).ok_or_else(bad_end_user))?,
        has_valid_until: params.boolean("HasValidUntilDate")?,
        // A moment is a second or a day long; both ends are inclusive (contract 14.1 row 11).
        valid_from: [exact, from].into_iter().flatten().map(|moment| moment.first).max(),
        valid_to: [exact, to].into_iter().flatten().map(|moment| moment.last).min(),
        sort_by: params.parsed("SortBy", sort_by)?.unwrap_or_default(),
        ascending: params.parsed("SortDirection", ascending)?.unwrap_or(false),
    })
}

/// Each order is a list of its own, so that a token of one is not taken for a place in another.
pub(super) fn list_tag(filter: &BundleFilter) -> ListTag {
    match (filter.sort_by, filter.ascending) {
        (BundleSort::Created, false) => const { ListTag::new("bundles by created, descending") },
        (BundleSort::Created, true) => const { ListTag::new("bundles by created, ascending") },
        (BundleSort::Updated, false) => const { ListTag::new("bundles by updated, descending") },
        (BundleSort::Updated, true) => const { ListTag::new("bundles by updated, ascending") },
        (BundleSort::ValidUntil, false) => const { ListTag::new("bundles by valid until, descending") },
        (BundleSort::ValidUntil, true) => const { ListTag::new("bundles by valid until, ascending") },
    }
}

fn regulation_sid(text: &str) -> Result<RegulationSid, Fault> {
    RegulationSid::parse(text)
        .map_err(|_| invalid("RegulationSid: it must be `RN` and 32 hexadecimal digits"))
}

fn country(params: &Params) -> Result<Option<IsoCountry>, Fault> {
    params.parsed("IsoCountry", |text| {
        IsoCountry::parse(text.trim())
            .ok_or_else(|| invalid("IsoCountry: it must be a two-letter country code"))
    })
}

fn sids(text: &str) -> Result<Vec<BundleSid>, Fault> {
    let refused = || invalid("BundleSids: it must be 1 to 20 bundle identifiers, separated by commas");
    let sids: Result<Vec<_>, _> = text.split(',').map(|sid| BundleSid::parse(sid.trim())).collect();
    sids.ok().filter(|sids| sids.len() <= SIDS_MAX).ok_or_else(refused)
}

fn sort_by(text: &str) -> Result<BundleSort, Fault> {
    match text.to_ascii_lowercase().as_str() {
        "date-created" => Ok(BundleSort::Created),
        "date-updated" => Ok(BundleSort::Updated),
        "valid-until" | "valid-until-date" => Ok(BundleSort::ValidUntil),
        _ => Err(invalid("SortBy: it must be `date-updated`, `valid-until` or `date-created`")),
    }
}

fn ascending(text: &str) -> Result<bool, Fault> {
    match text.to_ascii_uppercase().as_str() {
        "ASC" => Ok(true),
        "DESC" => Ok(false),
        _ => Err(invalid("SortDirection: it must be `ASC` or `DESC`")),
    }
}
