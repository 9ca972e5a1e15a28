//! The form of a backup: a directory of texts, the same from either engine.
//!
//! ```text
//! manifest.json        what is in it, with counts and hashes; written last
//! manifest.sha256      the hash of the manifest, as `sha256sum` writes it
//! tables/NAME.jsonl    the columns' names, then a row in each line, in the order of the primary key
//! documents.jsonl      the document files that the rows name, with size and hash, in the rows' order
//! documents/AC…/RD…/…  the files, sealed as they are stored
//! ```
//!
//! Sealed columns and files stay sealed, so none of this can be read without the master key, which is no
//! part of it. Rows and their order do not depend on the engine: the same rows have the same hash, so a
//! restored table can be compared with its file by writing it once more.

mod cell;
mod damage;
mod document_list;
mod folder;
mod hashed;
mod manifest;
mod table;
mod table_file;

pub use cell::Cell;
pub use damage::Damage;
pub use document_list::{DocumentCopy, DocumentLine, DocumentList, DocumentListWriter};
pub use folder::{Folder, FolderError, NewFolder};
pub use hashed::{Hashed, Totals};
pub use manifest::{
    CheckpointEntry, DocumentsEntry, DocumentsMode, FORMAT, Manifest, StepEntry, TableEntry, steps_of,
};
pub use table::{FILE_KEY, dump, insert, statements_of};
pub use table_file::{TableFile, read_table};
