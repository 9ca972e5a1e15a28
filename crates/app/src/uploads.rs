//! Files on their way in: limited, inspected, hashed, sealed and stored in one pass.

use dossier_domain::document::DocumentFile;
use dossier_domain::file::Inspector;
use dossier_domain::sid::DocumentSid;
use dossier_domain::{Code, Fault};
use dossier_store::files::Upload;

use crate::{App, Caller, Result};

/// A file that is being received. Dropping it leaves nothing behind.
pub struct ReceivingFile {
    upload: Upload,
    inspector: Inspector,
    declared_type: Option<String>,
    bytes: u64,
    bytes_max: u64,
}

/// A file that is stored and that no row names yet.
#[derive(Debug)]
pub struct ReceivedFile(DocumentFile);

impl App {
    /// Begins to receive the file of a document that exists or is about to.
    ///
    /// `declared_type` is what the sender calls it; it matters only when the content contradicts it.
    pub fn receive_file(
        &self,
        caller: &Caller,
        document: DocumentSid,
        declared_type: Option<String>,
    ) -> ReceivingFile {
        ReceivingFile {
            upload: self.files.begin(caller.account(), document, &caller.owner.key),
            inspector: Inspector::new(),
            declared_type,
            bytes: 0,
            bytes_max: self.options.file_bytes_max,
        }
    }

    /// Deletes a file that was received and will not be used.
    pub async fn discard_file(&self, file: ReceivedFile) {
        self.delete_file(Some(file.stored())).await;
    }
}

impl ReceivingFile {
    /// Takes the next part of the content.
    ///
    /// # Errors
    /// Code 20413 when it is too much, 12301 or 18024 as soon as it shows that the file is not accepted.
    pub async fn write(&mut self, chunk: &[u8]) -> Result<()> {
        self.bytes += chunk.len() as u64;
        if self.bytes > self.bytes_max {
            let message = format!("The file is larger than {} bytes", self.bytes_max);
            return Err(Fault::new(Code::BodyTooLarge, message).into());
        }
        self.inspector.feed(chunk).map_err(Fault::from)?;
        Ok(self.upload.write(chunk).await?)
    }

    /// Ends the content. The file is on disk when this returns.
    ///
    /// # Errors
    /// Code 12301 or 18024 when the file is not accepted (contract 14.3 row 55).
    pub async fn finish(self) -> Result<ReceivedFile> {
        let file_type = self.inspector.finish().map_err(Fault::from)?;
        file_type.check_declared(self.declared_type.as_deref()).map_err(Fault::from)?;
        let stored = self.upload.finish().await?;
        Ok(ReceivedFile(DocumentFile {
            key: stored.key,
            file_type,
            bytes: stored.plain_bytes,
            sha256: stored.sha256,
        }))
    }
}

impl ReceivedFile {
    pub(crate) fn stored(&self) -> DocumentFile {
        self.0.clone()
    }
}
