//! What customers do, for tests that are about what comes next.

use serde_json::{Value, json};

use super::TestApp;
use super::answer::{Answer, Json};
use super::client::{Client, v2};
use super::multipart::{PDF, Part};

/// A bundle for local German numbers of a business, with everything in it that its regulation asks for.
#[derive(Debug, Clone)]
pub struct Case {
    /// The identifier of the bundle, in draft.
    pub bundle: String,
    /// The identifier of the end user.
    pub end_user: String,
    /// The identifier of the document, which answers every requirement.
    pub document: String,
    /// The identifier of the address the document names.
    pub address: String,
}

impl Case {
    /// What the end user of such a bundle says.
    pub fn end_user_attributes() -> Value {
        json!({
            "business_name": "Beispiel GmbH",
            "business_registration_number": "HRB 12345",
            "business_website": "https://beispiel.example",
            "first_name": "Erika",
            "last_name": "Mustermann",
            "email": "erika@beispiel.example",
        })
    }

    /// What the document of such a bundle says.
    pub fn document_attributes(address: &str) -> Value {
        json!({
            "business_name": "Beispiel GmbH",
            "business_registration_number": "HRB 12345",
            "address_sids": [address],
        })
    }
}

impl Client {
    /// Makes a bundle for local German numbers of a business.
    pub async fn create_bundle(&self, name: &str) -> Json {
        self.create_bundle_for(name, ["DE", "local", "business"]).await
    }

    /// Makes a bundle for a country, a number type and an end-user type.
    pub async fn create_bundle_for(
        &self,
        name: &str,
        [country, number_type, end_user_type]: [&str; 3],
    ) -> Json {
        let form = [
            ("FriendlyName", name),
            ("Email", "compliance@beispiel.example"),
            ("IsoCountry", country),
            ("NumberType", number_type),
            ("EndUserType", end_user_type),
        ];
        self.post(&v2("/Bundles"), &form).await.created()
    }

    /// Makes an end user that is a business.
    pub async fn create_end_user(&self, attributes: &Value) -> Json {
        let attributes = attributes.to_string();
        let form = [("FriendlyName", "Beispiel GmbH"), ("Type", "business"), ("Attributes", &attributes)];
        self.post(&v2("/EndUsers"), &form).await.created()
    }

    /// Makes a document without a file.
    pub async fn create_document(&self, kind: &str, attributes: &Value) -> Json {
        let attributes = attributes.to_string();
        let form = [("FriendlyName", "A document"), ("Type", kind), ("Attributes", &attributes)];
        self.post(&v2("/SupportingDocuments"), &form).await.created()
    }

    /// Makes a document with a PDF.
    pub async fn upload_document(&self, kind: &str, attributes: &Value) -> Json {
        let attributes = attributes.to_string();
        let parts = [
            Part::Text("FriendlyName", "A document"),
            Part::Text("Type", kind),
            Part::Text("Attributes", &attributes),
            Part::File("application/pdf", PDF),
        ];
        self.post_parts(&v2("/SupportingDocuments"), &parts).await.created()
    }

    /// Makes an address in Berlin.
    pub async fn create_address(&self) -> Json {
        let form = [
            ("CustomerName", "Beispiel GmbH"),
            ("Street", "Unter den Linden 1"),
            ("City", "Berlin"),
            ("Region", "Berlin"),
            ("PostalCode", "10117"),
            ("IsoCountry", "DE"),
        ];
        self.post(&self.v2010("/Addresses.json"), &form).await.created()
    }

    /// Puts an item into a bundle.
    pub async fn assign(&self, bundle: &str, object: &str) -> Answer {
        self.post(&v2(&format!("/Bundles/{bundle}/ItemAssignments")), &[("ObjectSid", object)]).await
    }

    /// Evaluates a bundle.
    pub async fn evaluate(&self, bundle: &str) -> Json {
        self.post(&v2(&format!("/Bundles/{bundle}/Evaluations")), &[]).await.created()
    }

    /// Hands a bundle over to review.
    pub async fn submit(&self, bundle: &str) -> Answer {
        self.post(&v2(&format!("/Bundles/{bundle}")), &[("Status", "pending-review")]).await
    }

    /// Fetches a bundle.
    pub async fn bundle(&self, sid: &str) -> Json {
        self.get(&v2(&format!("/Bundles/{sid}"))).await.ok()
    }

    /// Fetches a document.
    pub async fn document(&self, sid: &str) -> Json {
        self.get(&v2(&format!("/SupportingDocuments/{sid}"))).await.ok()
    }

    /// Makes a bundle that is ready to be submitted.
    pub async fn prepare_case(&self) -> Case {
        let bundle = self.create_bundle("Beispiel GmbH, Berlin").await;
        let end_user = self.create_end_user(&Case::end_user_attributes()).await;
        let address = self.create_address().await;
        let attributes = Case::document_attributes(address.sid());
        let document = self.upload_document("commercial_registrar_excerpt", &attributes).await;
        for item in [&end_user, &document] {
            self.assign(bundle.sid(), item.sid()).await.created();
        }
        let sid = |json: &Json| json.sid().to_owned();
        Case {
            bundle: sid(&bundle),
            end_user: sid(&end_user),
            document: sid(&document),
            address: sid(&address),
        }
    }
}

impl TestApp {
    /// A submitted bundle of Alice's, whose review has come to this status.
    pub async fn case_in(&self, status: &str) -> Case {
        let alice = self.alice();
        let case = alice.prepare_case().await;
        if status != "draft" {
            alice.submit(&case.bundle).await.ok();
            self.set_bundle_status(&case.bundle, status).await;
        }
        case
    }
}
