//! `/Regulations` (contract sections 5.1 and 5.2).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use dossier_domain::catalogue::RegulationFilter;
use dossier_domain::regulation::Regulation;
use dossier_domain::sid::kinds;
use dossier_domain::{Code, EndUserType, Fault, IsoCountry, NumberType};

use super::in_memory;
use super::regulation_view::Style;
use crate::api::auth::Authenticated;
use crate::api::base_url::BaseUrl;
use crate::api::error::ApiResult;
use crate::api::json::written;
use crate::api::page::{ListRequest, page_of};
use crate::api::params::{Params, Query, invalid};
use crate::api::path::PathSid;
use crate::api::token::ListTag;
use crate::state::Web;

const LIST: ListTag = ListTag::new("regulations");
const FILTERS: [&str; 4] = ["EndUserType", "IsoCountry", "NumberType", "IncludeConstraints"];

pub(super) fn routes() -> Router<Arc<Web>> {
    Router::new().route("/Regulations", get(list)).route("/Regulations/{sid}", get(fetch))
}

async fn fetch(
    State(web): State<Arc<Web>>,
    _: Authenticated,
    PathSid(sid): PathSid<kinds::Regulation>,
    base: BaseUrl,
    Query(params): Query,
) -> ApiResult<Response> {
    let style = style(&params)?;
    let text = web.regulations.text(&web.app.regulation(sid)?, style);
    let mut json = Vec::new();
    text.write(&base, &mut json);
    Ok(written(json))
}

async fn list(State(web): State<Arc<Web>>, _: Authenticated, request: ListRequest) -> ApiResult<Response> {
    let style = style(&request.params)?;
    let paging = request.paging(LIST, &FILTERS)?;
    let regulations = web.app.regulations(filter(&request.params)?);
    let page = page_of(regulations, &paging.window, |regulation| in_memory(regulation.sid))?;
    let position = |regulation: &Arc<Regulation>| in_memory(regulation.sid);
    Ok(request.respond_written("results", &paging, &page, position, |regulation, json| {
        web.regulations.text(regulation, style).write(request.base(), json);
    }))
}

fn style(params: &Params) -> Result<Style, Fault> {
    let constraints = params.boolean("IncludeConstraints")?.unwrap_or(false);
    Ok(if constraints { Style::WithConstraints } else { Style::WithoutConstraints })
}

fn filter(params: &Params) -> Result<RegulationFilter, Fault> {
    let bad_country = || invalid("IsoCountry: it must be a two-letter country code");
    let bad_number = || Fault::new(Code::InvalidNumberType, "Invalid NumberType: there is no such type");
    let bad_end_user = || Fault::new(Code::InvalidEndUserType, "Invalid EndUserType: there is no such type");
    Ok(RegulationFilter {
        iso_country: params
            .parsed("IsoCountry", |text| IsoCountry::parse(text.trim()).ok_or_else(bad_country))?,
        number_type: params.parsed("NumberType", |text| NumberType::parse(text).ok_or_else(bad_number))?,
        end_user_type: params
            .parsed("EndUserType", |text| EndUserType::parse(text).ok_or_else(bad_end_user))?,
    })
}
