//! Status callbacks: a signed form, sent to an address that a customer chose (contract section 7).

mod connect;
mod exchange;
mod guard;
mod overrides;
mod signature;
mod target;

use std::sync::Arc;

use bytes::Bytes;
use dossier_domain::Timestamp;
use dossier_domain::delivery::{CallbackMessage, Delivery};
use dossier_domain::text::CallbackUrl;
use http::header::{ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderName, HeaderValue, Request, StatusCode};
use http_body_util::Full;
use tokio::time::{Instant, timeout_at};
use url::form_urlencoded;

pub use self::connect::{Resolver, SystemResolver};

use self::connect::{Connector, NoConnection};
use self::exchange::{Answer, NoAnswer, exchange};
use self::guard::Guard;
use self::target::Target;
use super::outcome::{Outcome, Verdict};
use super::{CallbackOptions, NoticeOptions};

const SIGNATURE: HeaderName = HeaderName::from_static("x-twilio-signature");
const IDEMPOTENCY_TOKEN: HeaderName = HeaderName::from_static("i-twilio-idempotency-token");
const AGENT: &str = concat!("Dossier/", env!("CARGO_PKG_VERSION"));

/// Sends callbacks.
pub(super) struct Callbacks {
    connector: Connector,
    documented_names: bool,
}

impl Callbacks {
    pub(super) fn new(options: &NoticeOptions, resolver: Arc<dyn Resolver>) -> Self {
        let CallbackOptions { allow, documented_names, .. } = &options.callbacks;
        let connector = Connector::new(Guard::new(allow.clone()), resolver);
        Self { connector, documented_names: *documented_names }
    }

    /// The parameters of a callback (contract 14.6 row 97).
    pub(super) fn form(&self, delivery: &Delivery, message: &CallbackMessage) -> Vec<(&'static str, String)> {
        let (account, bundle) =
            if self.documented_names { ("AccountSID", "BundleSID") } else { ("AccountSid", "BundleSid") };
        let mut form = vec![
            (account, delivery.account_sid.to_string()),
            (bundle, delivery.bundle_sid.to_string()),
            ("Status", message.status.as_str().to_owned()),
        ];
        form.extend(message.failure_reason.clone().map(|reason| ("FailureReason", reason)));
        form.extend(message.valid_until.map(|until| ("ValidUntil", until.to_string())));
        if !message.missing.is_empty() {
            form.push(("MissingRequirements", message.missing.join(",")));
        }
        form
    }

    /// Tries to deliver once, knocking again at once when there is no connection.
    pub(super) async fn send(
        &self,
        delivery: &Delivery,
        message: &CallbackMessage,
        auth_token: &str,
        now: Timestamp,
    ) -> Outcome {
        let Some(target) = Target::parse(&message.url) else {
            return Outcome::hopeless("address cannot be called");
        };
        let form = self.form(delivery, message);
        let signature = signature::signature(auth_token, &target.called(), &form);
        let Some(request) = request(&target, delivery, &form, &signature) else {
            return Outcome::hopeless("address cannot be called");
        };
        let end = Instant::now() + target.total();
        let answer = timeout_at(end, self.call(&target, &request, now)).await;
        match answer {
            Err(_) => Outcome::again("timeout"),
            Ok(Err(failure)) => Outcome::again(failure.words()),
            Ok(Ok(Err(NoAnswer::Timeout))) => Outcome::again("response timeout"),
            Ok(Ok(Err(NoAnswer::Broken))) => Outcome::again("no HTTP answer"),
            Ok(Ok(Ok(answer))) => judged(answer),
        }
    }

    async fn call(
        &self,
        target: &Target,
        request: &Request<Full<Bytes>>,
        now: Timestamp,
    ) -> Result<Result<Answer, NoAnswer>, NoConnection> {
        let mut knocks = 0;
        let wire = loop {
            match self.connector.connect(target).await {
                Ok(wire) => break wire,
                Err(failure) if knocks < target.patience.retries && failure.may_be_tried_at_once() => {
                    knocks += 1;
                }
                Err(failure) => return Err(failure),
            }
        };
        Ok(exchange(wire, request.clone(), target.patience.read, now).await)
    }
}

/// The host of a callback address, for people who may not see the rest and for counting.
pub(super) fn host(url: &CallbackUrl) -> Option<String> {
    Target::parse(url).map(|target| target.host.to_ascii_lowercase())
}

/// The parameters as the receiver gets them, for rehearsals.
pub(super) fn encoded(form: &[(&'static str, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

fn request(
    target: &Target,
    delivery: &Delivery,
    form: &[(&'static str, String)],
    signature: &str,
) -> Option<Request<Full<Bytes>>> {
    let sid = delivery.sid.to_string();
    let mut request = Request::post(&*target.path)
        .header(HOST, &target.authority)
        .header(USER_AGENT, AGENT)
        .header(ACCEPT, "*/*")
        .header(CONNECTION, "close")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(SIGNATURE, signature)
        .header(IDEMPOTENCY_TOKEN, sid);
    if let Some(authorization) = &target.authorization {
        let mut value = HeaderValue::from_str(authorization).ok()?;
        value.set_sensitive(true);
        request = request.header(AUTHORIZATION, value);
    }
    request.body(Full::new(Bytes::from(encoded(form)))).ok()
}

/// What an answer means (contract 14.6 row 101). A refusal is tried again as well, because receivers
/// refuse by mistake while they are changed; only 410 says that nobody will ever listen.
fn judged(Answer { status, retry_after }: Answer) -> Outcome {
    let verdict = match status {
        status if status.is_success() => Verdict::Delivered,
        StatusCode::GONE => Verdict::Hopeless,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            retry_after.map_or(Verdict::Again, Verdict::Patience)
        }
        _ => Verdict::Again,
    };
    let number = status.as_u16();
    Outcome { words: format!("status {number}").into(), status: Some(number), verdict }
}
