//! Where a callback goes: the address as the customer wrote it, taken apart once.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dossier_domain::text::CallbackUrl;
use http::Uri;
use percent_encoding::percent_decode_str;
use url::Url;

use super::overrides::Patience;

/// A callback address that can be called.
pub(super) struct Target {
    /// Whether it is called over TLS.
    pub(super) tls: bool,
    /// The name or the number to connect to, without brackets.
    pub(super) host: String,
    /// The port to connect to.
    pub(super) port: u16,
    /// The `Host` header: as it was written, without credentials.
    pub(super) authority: String,
    /// The path and the query, beginning with a slash.
    pub(super) path: String,
    /// How long to wait, and how often to knock.
    pub(super) patience: Patience,
    /// The `Authorization` header, when the address has credentials.
    pub(super) authorization: Option<String>,
}

impl Target {
    /// Takes an address apart, or finds that nobody could call it.
    pub(super) fn parse(url: &CallbackUrl) -> Option<Self> {
        let (address, fragment) = match url.as_str().split_once('#') {
            Some((address, fragment)) => (address, fragment),
            None => (url.as_str(), ""),
        };
        let uri = uri(address)?;
        let tls = match uri.scheme_str()? {
            "http" => false,
            "https" => true,
            _ => return None,
        };
        let (credentials, authority) = match uri.authority()?.as_str().rsplit_once('@') {
            Some((credentials, authority)) => (Some(credentials), authority),
            None => (None, uri.authority()?.as_str()),
        };
        let host = uri.host()?.trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() {
            return None;
        }
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        Some(Self {
            tls,
            host,
            port: uri.port_u16().unwrap_or(if tls { 443 } else { 80 }),
            authority: authority.to_owned(),
            path: format!("{}{query}", uri.path()),
            patience: Patience::from_fragment(fragment),
            authorization: credentials.map(basic),
        })
    }

    /// The address as the receiver sees it, which is what the signature covers: without fragment and
    /// without credentials (contract 14.6 row 100).
    pub(super) fn called(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}{}", self.authority, self.path)
    }

    /// How long everything may take.
    pub(super) fn total(&self) -> Duration {
        self.patience.total
    }
}

/// As it was written when that is a URI; else what a browser would make of it, such as a path with
/// umlauts.
fn uri(address: &str) -> Option<Uri> {
    let written = address.parse::<Uri>().ok().filter(|uri| uri.host().is_some());
    written.or_else(|| Url::parse(address).ok()?.as_str().parse().ok())
}

fn basic(credentials: &str) -> String {
    let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
    let mut plain: Vec<u8> = percent_decode_str(user).collect();
    plain.push(b':');
    plain.extend(percent_decode_str(password));
    format!("Basic {}", STANDARD.encode(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Option<Target> {
        Target::parse(&CallbackUrl::from_stored(text.to_owned()))
    }

    #[test]
    fn the_address_that_is_called_is_the_one_that_was_written() {
        for (text, host, port, called) in [
            ("http://example.com", "example.com", 80, "http://example.com/"),
            (
                "https://Example.com/a/../b?x=%20y&x=1",
                "Example.com",
                443,
                "https://Example.com/a/../b?x=%20y&x=1",
            ),
            ("https://example.com:8443?x", "example.com", 8443, "https://example.com:8443/?x"),
            ("https://example.com:443/a#rc=2", "example.com", 443, "https://example.com:443/a"),
            ("http://u:p@example.com/a", "example.com", 80, "http://example.com/a"),
            ("http://[::1]:80/a", "::1", 80, "http://[::1]:80/a"),
            ("https://exämple.com/ä", "xn--exmple-cua.com", 443, "https://xn--exmple-cua.com/%C3%A4"),
        ] {
            let target = target(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((&*target.host, target.port, &*target.called()), (host, port, called), "{text}");
        }
    }

    #[test]
    fn credentials_become_a_header() {
        let header = |text| target(text).unwrap().authorization;
        assert_eq!(header("http://u:p%40ss@h/").as_deref(), Some("Basic dTpwQHNz"));
        assert_eq!(header("http://u@h/").as_deref(), Some("Basic dTo="));
        assert_eq!(header("http://h/"), None);
    }

    #[test]
    fn what_nobody_could_call_is_refused() {
        for text in ["", "example.com", "/path", "ftp://example.com/", "http://", "http://u@/"] {
            assert!(target(text).is_none(), "{text}");
        }
    }
}
