//! What happens around every request: its id, its time, its place, its error body, its line in the log.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use dossier_app::random_sid;
use dossier_domain::sid::RequestSid;
use http::{HeaderName, HeaderValue, header};

use crate::api::error::{self, Refused};
use crate::state::{Place, Web};
use crate::unread;

const REQUEST_ID: HeaderName = HeaderName::from_static("twilio-request-id");
const REQUEST_DURATION: HeaderName = HeaderName::from_static("twilio-request-duration");
const CONCURRENT_REQUESTS: HeaderName = HeaderName::from_static("twilio-concurrent-requests");

/// What is known about a request while it is worked on. Extractors add to it.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) request: RequestSid,
    place: Arc<OnceLock<Place>>,
}

impl Context {
    /// Holds the account's place until the answer is made.
    pub(crate) fn hold(&self, place: Place) {
        // A request is authenticated once; a second place would be given back at once.
        let _ = self.place.set(place);
    }
}

pub(crate) async fn serve(State(web): State<Arc<Web>>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let context = Context { request: random_sid(), place: Arc::default() };
    request.extensions_mut().insert(context.clone());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let route = request.extensions().get::<MatchedPath>().cloned();

    let (parts, body) = request.into_parts();
    let (body, unread) = unread::watch(body);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if !unread.drain().await {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if let Some(refused) = response.extensions_mut().remove::<Refused>() {
        response = error::render(response, &refused, &path, context.request);
    }

    let took = started.elapsed();
    let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
    let status = response.status().as_u16();
    add_headers(&mut response, &context, took.as_secs_f64());
    web.metrics.observe(&method, route, status, took);
    let account = context.place.get().map(|place| place.account.text());
    tracing::info!(
        target: "access",
        {
            request.id = %context.request,
            account.sid = account.as_deref(),
            http.method = method.as_str(),
            http.route = route,
            http.status = status,
            duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
        },
        "{method} {route} {status}"
    );
    response
}

/// The headers of contract section 9.3 that mean something.
fn add_headers(response: &mut Response, context: &Context, seconds: f64) {
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, ascii(&context.request.text()));
    headers.insert(REQUEST_DURATION, ascii(&format!("{seconds:.3}")));
    if let Some(place) = context.place.get() {
        headers.insert(CONCURRENT_REQUESTS, ascii(&place.number.to_string()));
    }
    // Answers are about people: no cache keeps them, and no browser guesses what they are.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

fn ascii(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("digits and letters are a header value")
}
