//! Files of documents that are about to be made.

use dossier_domain::document::{Document, DocumentFile};
use dossier_domain::sid::DocumentSid;
use dossier_store::files::{FileError, FileOf};

use super::order::Order;
use super::originals::Originals;
use crate::random::random_sid;
use crate::{App, Result};

/// Files that were stored for new documents and that no row names yet.
pub(super) struct CopiedFiles(Vec<CopiedFile>);

struct CopiedFile {
    original: DocumentSid,
    original_key: String,
    made: DocumentSid,
    file: DocumentFile,
}

impl CopiedFiles {
    /// Identifier and file of what is to be made from the document; `None` when its file is one that was
    /// not copied.
    pub(super) fn for_document(&self, document: &Document) -> Option<(DocumentSid, Option<DocumentFile>)> {
        let Some(file) = &document.file else { return Some((random_sid(), None)) };
        let copied = self.0.iter().find(|copied| copied.original_key == file.key)?;
        Some((copied.made, Some(copied.file.clone())))
    }

    /// Those of documents that are not among the originals any more.
    pub(super) fn unused(&self, originals: &Originals) -> Vec<DocumentFile> {
        let is_used =
            |copied: &&CopiedFile| originals.documents().any(|document| document.sid == copied.original);
        self.0.iter().filter(|copied| !is_used(copied)).map(|copied| copied.file.clone()).collect()
    }

    pub(super) fn all(&self) -> Vec<DocumentFile> {
        self.0.iter().map(|copied| copied.file.clone()).collect()
    }
}

impl App {
    /// Stores the files once more, one after the other, each for a document that is to be made. `None`
    /// when one of them is gone by now.
    pub(super) async fn copy_files(
        &self,
        order: &Order,
        originals: Vec<(DocumentSid, DocumentFile)>,
    ) -> Result<Option<CopiedFiles>> {
        let mut copied = CopiedFiles(Vec::new());
        for (original, file) in originals {
            match self.copy_file(order, original, file).await {
                Ok(file) => copied.0.push(file),
                Err(error) => {
                    self.delete_files(copied.all()).await;
                    return match error {
                        FileError::NotFound { .. } => Ok(None),
                        error => Err(error.into()),
                    };
                }
            }
        }
        Ok(Some(copied))
    }

    async fn copy_file(
        &self,
        order: &Order,
        original: DocumentSid,
        file: DocumentFile,
    ) -> std::result::Result<CopiedFile, FileError> {
        let made = random_sid();
        let from =
            FileOf { owner: &order.caller.owner, document: original, key: &file.key, sha256: file.sha256 };
        let stored = self.files.copy(from, &order.target, made).await?;
        let (original_key, bytes, sha256) = (file.key, stored.plain_bytes, stored.sha256);
        let file = DocumentFile { key: stored.key, file_type: file.file_type, bytes, sha256 };
        Ok(CopiedFile { original, original_key, made, file })
    }

    pub(super) async fn delete_files(&self, files: Vec<DocumentFile>) {
        for file in files {
            self.delete_file(Some(file)).await;
        }
    }
}
