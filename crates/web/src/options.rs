//! What can be chosen about the surfaces.

/// How the service looks from outside.
#[derive(Debug, Clone)]
pub struct WebOptions {
    /// Rehearsal mode: `/dev/v1` is there.
    pub rehearsal: bool,
    /// What every URL in an answer begins with, without a slash at its end; the request's own host when
    /// it is not given.
    pub public_url: Option<String>,
    /// Whether the listener speaks TLS, for URLs made from the request's own host.
    pub tls: bool,
    /// A page size above 1000 is refused (code 20007) instead of lowered (contract 14.1 row 8).
    pub strict_page_size: bool,
    /// The largest form, in bytes.
    pub form_bytes_max: usize,
    /// Requests of one account that are worked on at the same time (contract 14.1 row 17).
    pub requests_per_account_max: usize,
}
