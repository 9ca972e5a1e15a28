//! `/SupportingDocuments` (contract section 2): without a file, with one, with another one.

mod delete;
mod form;
mod refused_files;
mod update;
mod upload;

/// The list.
const DOCUMENTS: &str = "/v2/RegulatoryCompliance/SupportingDocuments";

/// A PDF of exactly this size.
fn pdf_of(bytes: usize) -> Vec<u8> {
    let (begin, end) = (b"%PDF-1.7\n%", b"\nstartxref\n9\n%%EOF\n");
    let padding = vec![b'x'; bytes - begin.len() - end.len()];
    [begin.as_slice(), &padding, end].concat()
}
