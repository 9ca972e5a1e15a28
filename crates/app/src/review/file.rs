//! Files of documents, for the eyes of reviewers. Every look is recorded before the first byte.

use std::sync::Arc;

use dossier_domain::audit::Action;
use dossier_domain::document::{Document, DocumentFile};
use dossier_domain::operator::Permission;
use dossier_domain::sid::DocumentSid;
use dossier_store::files::Download;
use dossier_store::{Owner, audit, cases, documents};

use crate::{App, Error, OperatorCaller, Result, keys, not_found};

/// A file on its way to a reviewer.
#[derive(Debug)]
pub struct DocumentDownload {
    /// What it is.
    pub file: DocumentFile,
    /// Its bytes, verified chunk by chunk.
    pub download: Download,
}

impl App {
    /// The file of a document that came to review.
    ///
    /// # Errors
    /// Code 20403 when the role may not see personal data; 20404 when there is no such document, it
    /// never came to review, or it has no file.
    pub async fn document_file(&self, caller: &OperatorCaller, sid: DocumentSid) -> Result<DocumentDownload> {
        caller.must(Permission::SeePersonalData)?;
        let keyring = Arc::clone(&self.keyring);
        let found = self
            .db
            .read(move |tx| {
                let Some(account) = cases::owner_of_document(tx, sid)? else { return Ok(None) };
                let owner = keys::owner_in_unit(tx, &keyring, account)?;
                Ok::<_, Error>(documents::get(tx, &owner, sid)?.map(|document| (owner, document)))
            })
            .await?;
        let Some((owner, Document { file: Some(file), .. })) = found else { return Err(not_found(sid)) };
        let download = self.files.read(&file.key, owner.account, sid, &owner.key).await?;
        self.record_view(caller, &owner, sid).await?;
        Ok(DocumentDownload { file, download })
    }

    async fn record_view(&self, caller: &OperatorCaller, owner: &Owner, sid: DocumentSid) -> Result<()> {
        let event = caller.event(owner.account, self.now(), Action::FileViewed, sid);
        Ok(self.db.write(move |tx| audit::append(tx, &event)).await?)
    }
}
