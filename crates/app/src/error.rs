//! Why a use case did not do what was asked.

use dossier_domain::address::Refusal;
use dossier_domain::sid::{BundleSid, EvaluationSid};
use dossier_domain::{Code, Fault};
use dossier_store::StoreError;
use dossier_store::files::FileError;
use dossier_store::seal::SealError;

use crate::review::StaleCase;

/// The result of a use case.
pub type Result<T> = std::result::Result<T, Error>;

/// A refusal, or a failure of our own. The caller reads the former and learns nothing of the latter.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller did something that is not allowed.
    #[error("{0}")]
    Fault(#[from] Fault),
    /// An address was refused, perhaps with a suggestion that only the caller may read.
    #[error("{0}")]
    Address(#[from] Refusal),
    /// A submission was refused because the bundle does not satisfy its regulation
    /// (contract 14.2 row 28).
    #[error("bundle {bundle} is not compliant, see evaluation {evaluation}")]
    Noncompliant {
        /// The bundle, whose status is unchanged.
        bundle: BundleSid,
        /// The stored evaluation that says why.
        evaluation: EvaluationSid,
    },
    /// A review case has changed since the caller looked at it.
    #[error("the case is in version {} by now", .0.version)]
    StaleCase(StaleCase),
    /// The service cannot work now; the same request may succeed later.
    #[error("the service is not available")]
    Unavailable(#[source] StoreError),
    /// The database failed.
    #[error("the database failed")]
    Store(#[source] StoreError),
    /// The document store failed.
    #[error("the document store failed")]
    Files(#[from] FileError),
    /// A data key could not be opened.
    #[error("a data key could not be opened")]
    Key(#[from] SealError),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::RowCount { .. } => {
                Fault::new(Code::Conflict, "Somebody else changed the resource at the same time; try again")
                    .into()
            }
            error if error.is_unavailable() => Self::Unavailable(error),
            error => Self::Store(error),
        }
    }
}

/// An error and everything that caused it, in one line for the log.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
