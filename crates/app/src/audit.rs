//! The audit: sealing events into checkpoints, and proving that nothing was changed afterwards.

mod events;
mod finding;
mod seal;
mod verify;

pub use self::events::{AuditEventPage, AuditEventQuery};
pub use self::finding::Finding;
pub use self::seal::{Sealed, newest_checkpoint};
pub(crate) use self::verify::prove;
pub use self::verify::{Authenticity, ChainReport, ExpectedCheckpoint, verify_audit};
