//! Somebody on our side: the operator surface with a bearer token.

use dossier_domain::operator::Role;
use dossier_domain::text::FriendlyName;
use serde_json::Value;

use super::TestApp;
use super::answer::Answer;
use super::client::Client;

/// A path of the operator surface: `operator("/numbers")`.
pub fn operator(below: &str) -> String {
    format!("/operator/v1{below}")
}

/// An operator who is logged in. Paths are those below `/operator/v1`.
#[derive(Clone)]
pub struct OperatorClient {
    client: Client,
    sid: String,
    token: String,
}

impl TestApp {
    /// A new operator of this role.
    ///
    /// # Panics
    /// When none can be made.
    pub async fn operator(&self, role: Role) -> OperatorClient {
        let name = FriendlyName::from_stored(format!("A {role}"));
        let new = self.service().create_operator(name, role).await.expect("an operator can be made");
        OperatorClient { client: self.nobody(), sid: new.operator.sid.to_string(), token: new.token }
    }
}

impl OperatorClient {
    /// The operator's identifier.
    pub fn sid(&self) -> &str {
        &self.sid
    }

    /// The bearer token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The same service with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// The identifiers of all items of a list, page by page.
    ///
    /// # Panics
    /// When a page is refused.
    pub async fn walk(&self, path: &str) -> Vec<String> {
        let (mut sids, mut page) = (Vec::new(), self.get(path).await.ok());
        loop {
            let of_item = |item: &Value| item["sid"].as_str().expect("an item has a sid").to_owned();
            sids.extend(page.items("items").iter().map(of_item));
            let Some(next) = page["next"].as_str() else { return sids };
            let joint = if path.contains('?') { '&' } else { '?' };
            page = self.get(&format!("{path}{joint}after={next}")).await.ok();
        }
    }

    /// Fetches.
    pub async fn get(&self, path: &str) -> Answer {
        self.request("GET", path, None).await
    }

    /// Posts without a body.
    pub async fn act(&self, path: &str) -> Answer {
        self.request("POST", path, None).await
    }

    /// Posts JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.request("POST", path, Some(body)).await
    }

    /// Puts JSON.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.request("PUT", path, Some(body)).await
    }

    /// Deletes.
    pub async fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path, None).await
    }

    async fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let request = self.client.request(method, &operator(path));
        let request = request.header("Authorization", &format!("Bearer {}", self.token));
        match body {
            Some(body) => request.body("application/json", body.to_string()).send().await,
            None => request.send().await,
        }
    }
}
