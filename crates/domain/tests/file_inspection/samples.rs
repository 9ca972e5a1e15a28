//! Good files, and the pieces that good and bad ones are built of.

use dossier_domain::file::FileType;
use std::fmt;

pub(crate) struct Sample {
    pub(crate) name: &'static str,
    pub(crate) kind: FileType,
    pub(crate) bytes: &'static [u8],
}

impl fmt::Debug for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

macro_rules! samples {
    ($($kind:ident $path:literal,)*) => {
        &[$(Sample { name: $path, kind: FileType::$kind, bytes: include_bytes!(concat!("../", $path)) },)*]
    };
}

/// Files as real programs write them; `files/make.py` says which.
pub(crate) const GOOD: &[Sample] = samples![
    Pdf "../../testkit/files/passport.pdf",
    Pdf "files/linearised.pdf",
    Pdf "files/object-streams.pdf",
    Pdf "files/updated.pdf",
    Jpeg "../../testkit/files/passport.jpg",
    Jpeg "files/progressive.jpg",
    Jpeg "files/restarts.jpg",
    Jpeg "files/thumbnail.jpg",
    Jpeg "files/two-images.jpg",
    Png "../../testkit/files/passport.png",
    Png "files/interlaced.png",
    Png "files/palette.png",
];

pub(crate) fn passport(kind: FileType) -> &'static [u8] {
    GOOD.iter().find(|sample| sample.kind == kind).expect("there is one of each kind").bytes
}

pub(crate) fn concat(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// A PDF with this between its header and its last lines.
pub(crate) fn pdf(body: &[u8]) -> Vec<u8> {
    concat(&[b"%PDF-1.7\n", body, b"\nstartxref\n9\n%%EOF\n"])
}

pub(crate) const SOI: &[u8] = b"\xFF\xD8";
pub(crate) const EOI: &[u8] = b"\xFF\xD9";
/// A frame of 16 × 16 pixels and one component.
pub(crate) const FRAME: &[u8] = b"\xFF\xC0\x00\x0B\x08\x00\x10\x00\x10\x01\x01\x11\x00";
/// A scan with every escape there is: stuffing, a restart and a fill byte.
pub(crate) const SCAN: &[u8] =
    b"\xFF\xDA\x00\x08\x01\x01\x00\x00\x3F\x00\x12\x34\xFF\x00\x56\xFF\xD0\x78\xFF\xFF\x00\x9A";

pub(crate) fn jpeg(parts: &[&[u8]]) -> Vec<u8> {
    concat(&[SOI, &concat(parts), EOI])
}

pub(crate) fn segment(code: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).expect("samples are small");
    concat(&[&[0xFF, code], &length.to_be_bytes(), data])
}

pub(crate) const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1A\n";
pub(crate) const IMAGE_DATA: &[u8] = b"any bytes, they are not decompressed";

/// The data of an `IHDR`: 8 bits per sample, not interlaced.
pub(crate) fn png_header(width: u32, height: u32, colour: u8) -> Vec<u8> {
    concat(&[&width.to_be_bytes(), &height.to_be_bytes(), &[8, colour, 0, 0, 0]])
}

pub(crate) fn png(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut file = PNG_SIGNATURE.to_vec();
    for (kind, data) in chunks {
        let checksum = crc32fast::hash(&concat(&[*kind, data]));
        file.extend((data.len() as u32).to_be_bytes());
        file.extend(concat(&[*kind, data, &checksum.to_be_bytes()]));
    }
    file
}

/// What a Samsung phone appends: blocks of type and content, and the directory of them.
pub(crate) fn samsung_trailer(blocks: &[(u16, &[u8])]) -> Vec<u8> {
    let blocks: Vec<Vec<u8>> = blocks
        .iter()
        .map(|(kind, data)| {
            let name = b"Image_UTC_Data";
            let name_length = name.len() as u32;
            concat(&[&[0, 0], &kind.to_le_bytes(), &name_length.to_le_bytes(), name, data])
        })
        .collect();
    let mut directory = concat(&[b"SEFH", &106_u32.to_le_bytes(), &(blocks.len() as u32).to_le_bytes()]);
    let mut distance: usize = blocks.iter().map(Vec::len).sum();
    for block in &blocks {
        let size = block.len() as u32;
        directory.extend(concat(&[&block[..4], &(distance as u32).to_le_bytes(), &size.to_le_bytes()]));
        distance -= block.len();
    }
    concat(&[&blocks.concat(), &directory, &(directory.len() as u32).to_le_bytes(), b"SEFT"])
}

/// A ZIP archive of no files, with this comment.
pub(crate) fn zip(comment: &[u8]) -> Vec<u8> {
    let length = u16::try_from(comment.len()).expect("samples are small");
    concat(&[b"PK\x05\x06", &[0; 16], &length.to_le_bytes(), comment])
}
