//! Supporting documents.

use dossier_domain::audit::Action;
use dossier_domain::bundle::BundleStatus;
use dossier_domain::document::{Document, DocumentFile, DocumentStatus};
use dossier_domain::evaluation::address_references;
use dossier_domain::paging::{Page, Window};
use dossier_domain::sid::DocumentSid;
use dossier_domain::text::FriendlyName;
use dossier_domain::{Attributes, Code, Fault};
use dossier_store::{audit, documents, item_assignments};

use crate::legal_holds::refuse_if_held;
use crate::{App, Caller, ReceivedFile, Result, error, not_found};

/// What a document is made of.
#[derive(Debug)]
pub struct CreateDocument {
    /// Its identifier, which its file was received under.
    pub sid: DocumentSid,
    /// Its name.
    pub friendly_name: FriendlyName,
    /// The machine name of its type.
    pub kind: String,
    /// What is written in it.
    pub attributes: Attributes,
    /// Its file, if there is one.
    pub file: Option<ReceivedFile>,
}

/// What changes about a document; what is `None` stays.
#[derive(Debug, Default)]
pub struct UpdateDocument {
    /// Its name.
    pub friendly_name: Option<FriendlyName>,
    /// What is written in it: the whole object is replaced (contract 14.3 row 46).
    pub attributes: Option<Attributes>,
    /// A file in the place of the one it had.
    pub file: Option<ReceivedFile>,
}

impl App {
    /// The canonical machine name of a document type, given in any case.
    ///
    /// # Errors
    /// Code 22210 when there is no such type (contract 14.3 row 50).
    pub fn document_kind(&self, name: &str) -> Result<String> {
        let name = name.trim().to_ascii_lowercase();
        match self.catalogue().document_type(&name) {
            Some(found) => Ok(found.machine_name.to_string()),
            None => Err(Fault::new(
                Code::InvalidDocumentType,
                "Invalid Type: there is no such type; list those there are with GET /v2/RegulatoryCompliance/SupportingDocumentTypes",
            )
            .into()),
        }
    }

    /// Makes a document in draft.
    ///
    /// # Errors
    /// When the database fails; if the row was not written, the sweep deletes the received file.
    pub async fn create_document(&self, caller: Caller, command: CreateDocument) -> Result<Document> {
        let now = self.now();
        let document = Document {
            sid: command.sid,
            account_sid: caller.account(),
            kind: command.kind,
            friendly_name: command.friendly_name,
            status: DocumentStatus::Draft,
            attributes: command.attributes,
            file: command.file.as_ref().map(ReceivedFile::stored),
            rejection: None,
            created_at: now,
            updated_at: now,
        };
        let addresses = address_references(&document.attributes).sids;
        let created = self
            .db
            .write(move |tx| {
                documents::insert(tx, &caller.owner, &document, &addresses)?;
                audit::append(tx, &caller.event(now, Action::DocumentCreated, document.sid))?;
                Ok(document.clone())
            })
            .await;
        self.keep_if_ok(command.file, &created).await;
        created
    }

    /// One document.
    ///
    /// # Errors
    /// Code 20404.
    pub async fn document(&self, caller: Caller, sid: DocumentSid) -> Result<Document> {
        self.db.read(move |tx| documents::get(tx, &caller.owner, sid)).await?.ok_or_else(|| not_found(sid))
    }

    /// One page of the account's documents, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_documents(&self, caller: Caller, window: Window) -> Result<Page<Document>> {
        Ok(self.db.read(move |tx| documents::list(tx, &caller.owner, &window)).await?)
    }

    /// Changes a document. A new file takes the place of the old one, which is deleted.
    ///
    /// # Errors
    /// Code 20404; 20409 when more than the name changes while it is under review or approved
    /// (contract 14.3 row 52).
    pub async fn update_document(
        &self,
        caller: Caller,
        sid: DocumentSid,
        command: UpdateDocument,
    ) -> Result<Document> {
        let now = self.now();
        let UpdateDocument { friendly_name, attributes, file } = command;
        let new_file = file.as_ref().map(ReceivedFile::stored);
        let updated = self
            .db
            .write(move |tx| {
                let mut document = documents::lock(tx, &caller.owner, sid)?.ok_or_else(|| not_found(sid))?;
                refuse_if_held(tx, &caller.owner, sid)?;
                if attributes.is_some() || new_file.is_some() {
                    document.status.allows_edit(sid)?;
                    // Rejected with one bundle, it may lie before the reviewers of another.
                    let statuses = item_assignments::bundle_statuses(tx, &caller.owner, sid.into())?;
                    if statuses.into_iter().any(BundleStatus::is_under_review) {
                        return Err(under_review(sid).into());
                    }
                }
                let old_file = match &new_file {
                    Some(file) => document.file.replace(file.clone()),
                    None => None,
                };
                if let Some(attributes) = &attributes {
                    document.attributes = attributes.clone();
                }
                if let Some(friendly_name) = &friendly_name {
                    document.friendly_name = friendly_name.clone();
                }
                document.updated_at = now;
                let addresses = address_references(&document.attributes).sids;
                documents::save(tx, &caller.owner, &document, &addresses)?;
                audit::append(tx, &caller.event(now, Action::DocumentUpdated, sid))?;
                Ok((document, old_file))
            })
            .await;
        self.keep_if_ok(file, &updated).await;
        let (document, old_file) = updated?;
        self.delete_file(old_file).await;
        Ok(document)
    }

    /// Deletes a document that is in no bundle, and its file.
    ///
    /// # Errors
    /// Code 20404; 21645 when it is in a bundle, 21646 while it is under review.
    pub async fn delete_document(&self, caller: Caller, sid: DocumentSid) -> Result<()> {
        let now = self.now();
        let file = self
            .db
            .write(move |tx| {
                let owner = &caller.owner;
                let document = documents::lock(tx, owner, sid)?.ok_or_else(|| not_found(sid))?;
                refuse_if_held(tx, owner, sid)?;
                if item_assignments::is_assigned(tx, owner, sid.into())? {
                    let message = format!(
                        "Supporting document {sid} is assigned to a bundle; remove it from there first"
                    );
                    return Err(Fault::new(Code::DocumentAssigned, message).into());
                }
                document.status.allows_deletion(sid)?;
                documents::delete(tx, owner, sid, document.status)?;
                audit::append(tx, &caller.event(now, Action::DocumentDeleted, sid))?;
                Ok::<_, crate::Error>(document.file)
            })
            .await?;
        self.delete_file(file).await;
        Ok(())
    }

    /// Keeps a received file when the row that names it was written, and deletes it when it was not.
    async fn keep_if_ok<T>(&self, file: Option<ReceivedFile>, outcome: &Result<T>) {
        // After a failure of the database nobody knows whether the row is there; the sweep finds out.
        let refused = matches!(outcome, Err(error::Error::Fault(_)));
        self.delete_file(file.filter(|_| refused).map(|file| file.stored())).await;
    }

    /// Deletes a file no row names any more. If that fails, the sweep deletes it later.
    pub(crate) async fn delete_file(&self, file: Option<DocumentFile>) {
        if let Some(file) = file
            && let Err(error) = self.files.delete(&file.key).await
        {
            tracing::warn!(
                error = error::chain(&error),
                "a document file could not be deleted; the sweep will try again"
            );
        }
    }
}

fn under_review(sid: DocumentSid) -> Fault {
    let message = format!(
        "Supporting document {sid} is in a bundle under review, so only its FriendlyName can be changed"
    );
    Fault::new(Code::Conflict, message)
}
