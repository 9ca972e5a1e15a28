//! What the file inspector accepts, what it refuses and why, and what holds for every file.

mod accepted;
mod laws;
mod refused;
mod samples;

use dossier_domain::file::{FileFault, FileType, Inspector};

/// The verdict on a file that arrives in these chunks.
fn inspect_chunks<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<FileType, FileFault> {
    let mut inspector = Inspector::new();
    for chunk in chunks {
        inspector.feed(chunk)?;
    }
    inspector.finish()
}

fn inspect(file: &[u8]) -> Result<FileType, FileFault> {
    inspect_chunks([file])
}
