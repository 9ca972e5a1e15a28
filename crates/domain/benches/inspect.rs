//! How fast a large file passes the inspector: `cargo bench -p dossier-domain --bench inspect`.
//!
//! For comparison: hashing and sealing the same bytes runs at about 1500 MB/s on the machine this was tuned on.

#![expect(clippy::print_stdout, reason = "printing the numbers is what this program is for")]

use dossier_domain::file::Inspector;
use std::hint::black_box;
use std::time::{Duration, Instant};

const FILE_BYTES: usize = 64 << 20;
const CHUNK_BYTES: usize = 64 << 10;
const ROUNDS: usize = 8;

fn main() {
    let noise = noise(FILE_BYTES);
    for (name, file) in [
        ("pdf, one stream", pdf_of_streams(&noise, FILE_BYTES)),
        ("pdf, 8 KiB streams", pdf_of_streams(&noise, 8 << 10)),
        ("pdf, no streams", pdf_of_objects()),
        ("jpeg", jpeg(&noise)),
        ("png, 8 KiB chunks", png(&noise)),
    ] {
        let best = (0..ROUNDS).map(|_| inspect(&file)).min().expect("there are rounds");
        println!("{name:20} {:6.0} MB/s", file.len() as f64 / best.as_secs_f64() / 1e6);
    }
}

fn inspect(file: &[u8]) -> Duration {
    let start = Instant::now();
    let mut inspector = Inspector::new();
    for chunk in file.chunks(CHUNK_BYTES) {
        inspector.feed(black_box(chunk)).expect("the file is good");
    }
    black_box(inspector.finish()).expect("the file is whole");
    start.elapsed()
}

/// Bytes as they look after compression (xorshift64).
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..length / 8).flat_map(|_| next()).collect()
}

fn pdf_of_streams(noise: &[u8], stream_bytes: usize) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    for (number, stream) in noise.chunks(stream_bytes).enumerate() {
        file.extend(format!("{number} 0 obj\n<< /Length {} >>\nstream\n", stream.len()).bytes());
        file.extend(stream);
        file.extend(b"\nendstream\nendobj\n");
    }
    file.extend(b"startxref\n9\n%%EOF\n");
    file
}

fn pdf_of_objects() -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    while file.len() < FILE_BYTES {
        file.extend(
            b"12 0 obj\n<< /Type /Annot /Subtype /Link /Rect [ 10 20 30 40 ] /Border [ 0 0 0 ] >>\nendobj\n",
        );
    }
    file.extend(b"startxref\n9\n%%EOF\n");
    file
}

fn jpeg(noise: &[u8]) -> Vec<u8> {
    let mut file = b"\xFF\xD8\xFF\xC0\x00\x0B\x08\x10\x00\x10\x00\x01\x01\x11\x00".to_vec();
    file.extend(b"\xFF\xDA\x00\x08\x01\x01\x00\x00\x3F\x00");
    for byte in noise {
        file.push(*byte);
        if *byte == 0xFF {
            file.push(0);
        }
    }
    file.extend(b"\xFF\xD9");
    file
}

fn png(noise: &[u8]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1A\n".to_vec();
    let mut push = |kind: &[u8; 4], data: &[u8]| {
        file.extend(u32::try_from(data.len()).expect("chunks are small").to_be_bytes());
        let start = file.len();
        file.extend(kind);
        file.extend(data);
        let checksum = crc32fast::hash(&file[start..]);
        file.extend(checksum.to_be_bytes());
    };
    push(b"IHDR", &[0, 0, 16, 0, 0, 0, 16, 0, 8, 2, 0, 0, 0]);
    for data in noise.chunks(8 << 10) {
        push(b"IDAT", data);
    }
    push(b"IEND", &[]);
    file
}
