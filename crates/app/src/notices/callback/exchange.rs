//! One request and the head of its answer. Whatever the receiver sends, little of it is read.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use jiff::fmt::rfc2822;
use tokio::time::timeout;

use super::connect::Wire;
use dossier_domain::Timestamp;

/// Bytes of the head of an answer, and header lines in it.
const HEAD_BYTES_MAX: usize = 16 * 1024;
const HEADERS_MAX: usize = 100;
/// What is read of a body, so that an orderly receiver can end its answer in peace.
const BODY_BYTES_MAX: usize = 8 * 1024;
const BODY_WAIT_MAX: Duration = Duration::from_secs(1);

/// What the receiver answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// How long it asks to be left alone.
    pub(super) retry_after: Option<Duration>,
}

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoAnswer {
    Timeout,
    /// The connection ended first, or what came was no HTTP.
    Broken,
}

pub(super) async fn exchange(
    wire: Box<dyn Wire>,
    request: Request<Full<Bytes>>,
    patience: Duration,
    now: Timestamp,
) -> Result<Answer, NoAnswer> {
    let mut builder = http1::Builder::new();
    // Some receivers look for `X-Twilio-Signature` to the letter.
    builder.title_case_headers(true).max_buf_size(HEAD_BYTES_MAX).max_headers(HEADERS_MAX);
    let (mut sender, connection) =
        builder.handshake(TokioIo::new(wire)).await.map_err(|_| NoAnswer::Broken)?;
    let talk = async {
        let response = timeout(patience, sender.send_request(request)).await;
        let response = response.map_err(|_| NoAnswer::Timeout)?.map_err(|_| NoAnswer::Broken)?;
        let answer = Answer { status: response.status(), retry_after: retry_after(response.headers(), now) };
        // The answer is known; nothing that happens to its body changes it.
        let _ = timeout(BODY_WAIT_MAX, drain(response.into_body())).await;
        Ok(answer)
    };
    let (mut talk, connection) = (pin!(talk), pin!(connection));
    tokio::select! {
        answer = &mut talk => return answer,
        // It ended, perhaps after the answer; what it has read is still to be had.
        _ = connection => {}
    }
    talk.await
}

async fn drain(mut body: Incoming) {
    let mut read = 0;
    while read < BODY_BYTES_MAX
        && let Some(Ok(frame)) = body.frame().await
    {
        read += frame.data_ref().map_or(0, Bytes::len);
    }
}

/// Seconds, or a date.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = Timestamp::from(rfc2822::parse(text).ok()?.timestamp());
    u64::try_from(at.as_micros() - now.as_micros()).ok().map(Duration::from_micros)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn patience_is_asked_for_in_seconds_or_until_a_date() {
        let now = Timestamp::from_micros(784_111_777_000_000); // Sun, 06 Nov 1994 08:49:37 GMT
        for (text, expected) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:50:00 GMT", Some(23)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", None),
            ("-1", None),
            ("soon", None),
            ("99999999999999999999999", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(text))]);
            assert_eq!(retry_after(&headers, now), expected.map(Duration::from_secs), "{text}");
        }
    }
}
