//! What Dossier keeps, and how it keeps it unreadable to whoever copies the disk.

pub mod seal;
