//! Somebody who uses the service.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::answer::Answer;
use super::multipart::Part;
use super::request::Request;

/// What the paths of the v2 API begin with.
pub const V2: &str = "/v2/RegulatoryCompliance";

/// A path of the v2 API: `v2("/Bundles")`.
pub fn v2(below: &str) -> String {
    format!("{V2}{below}")
}

/// A client with the credentials of an account, or without any.
#[derive(Clone)]
pub struct Client {
    address: SocketAddr,
    login: Option<(String, String)>,
}

impl Client {
    pub(super) fn new(address: SocketAddr, login: Option<(String, String)>) -> Self {
        Self { address, login }
    }

    /// The same service with other credentials.
    pub fn with_login(&self, user: &str, password: &str) -> Self {
        Self::new(self.address, Some((user.to_owned(), password.to_owned())))
    }

    /// The account of the credentials.
    ///
    /// # Panics
    /// When there are none.
    pub fn account(&self) -> &str {
        self.login_user().expect("this client has no account")
    }

    /// The user name of the credentials, if there are any.
    pub fn login_user(&self) -> Option<&str> {
        self.login.as_ref().map(|(user, _)| user.as_str())
    }

    /// The auth token.
    ///
    /// # Panics
    /// When there is none.
    pub fn token(&self) -> &str {
        &self.login.as_ref().expect("this client has no token").1
    }

    /// A path of the 2010 API below the client's own account: `v2010("/Addresses.json")`.
    ///
    /// # Panics
    /// When there is no account.
    pub fn v2010(&self, below: &str) -> String {
        format!("/2010-04-01/Accounts/{}{below}", self.account())
    }

    /// A request with the client's credentials. `target` is a path, or an address out of an answer.
    pub fn request(&self, method: &str, target: &str) -> Request {
        let request = Request::new(self.address, method, target);
        match &self.login {
            Some((user, password)) => request.header("Authorization", &basic(user, password)),
            None => request,
        }
    }

    /// Fetches.
    pub async fn get(&self, target: &str) -> Answer {
        self.request("GET", target).send().await
    }

    /// Fetches with parameters in the query.
    pub async fn query(&self, path: &str, params: &[(&str, &str)]) -> Answer {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
        self.get(&format!("{path}?{query}")).await
    }

    /// Sends a form.
    pub async fn post(&self, path: &str, params: &[(&str, &str)]) -> Answer {
        self.request("POST", path).form(params).send().await
    }

    /// Sends a multipart body.
    pub async fn post_parts(&self, path: &str, parts: &[Part<'_>]) -> Answer {
        self.request("POST", path).multipart(parts).send().await
    }

    /// Deletes.
    pub async fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path).send().await
    }
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}
