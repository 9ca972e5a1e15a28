//! Files that are refused, each for its own reason.

use crate::samples::{
    EOI, FRAME, GOOD, IMAGE_DATA, SCAN, SOI, concat, jpeg, passport, pdf, png, png_header, samsung_trailer,
    segment, zip,
};
use crate::{inspect, inspect_chunks};
use dossier_domain::file::FileFault::{
    Empty, Encrypted, Malformed, TooManyPixels, TrailingData, Truncated, Unsupported,
};
use dossier_domain::file::FileType::{self, Pdf, Png};
use dossier_domain::file::{FileFault, Inspector, PIXELS_MAX};
use dossier_domain::{Code, Fault};

#[test]
fn other_types() {
    let html_first = concat(&[b"<html>", passport(Pdf)]);
    for file in [
        b"hello".as_slice(),
        b"GIF89a",
        b"RIFF\0\0\0\0WEBP",
        b"II*\0",
        b"MZ\x90\0",
        b"\x7FELF",
        b"PK\x03\x04",
        b"\xFF\xD8\x00",
        b"\x89PNG\n\x1A\n",
        b"%PDF-3.0",
        b"%PDX",
        b"\n%PDF-1.4",
        b"\xEF\xBB\xBF%PDF-1.4",
        b"%!PS-Adobe-3.0",
        &html_first,
    ] {
        assert_eq!(inspect(file), Err(Unsupported), "{}", file.escape_ascii());
    }
}

#[test]
fn the_first_wrong_byte_is_enough() {
    assert_eq!(Inspector::new().feed(b"M"), Err(Unsupported));
    let mut inspector = Inspector::new();
    assert_eq!(inspector.feed(b"%PDF-1.x"), Err(Malformed));
    assert_eq!(inspector.feed(b"more"), Err(Malformed));
    assert_eq!(inspector.finish(), Err(Malformed));
}

#[test]
fn nothing_and_next_to_nothing() {
    assert_eq!(inspect(b""), Err(Empty));
    assert_eq!(inspect_chunks([b"".as_slice(), b""]), Err(Empty));
    assert_eq!(inspect(b"%PDF-"), Err(Truncated));
    assert_eq!(inspect(b"\xFF\xD8"), Err(Truncated));
}

#[test]
fn encrypted_pdfs() {
    for (name, file) in [
        ("no password to open", include_bytes!("../files/encrypted-owner-only.pdf").to_vec()),
        ("in a cross-reference stream", include_bytes!("../files/encrypted-object-streams.pdf").to_vec()),
        ("a direct dictionary", pdf(b"<< /Encrypt<</V 1>> >>")),
        ("after the false beginning of a stream", pdf(b"(>> strea) stream\n<< /Encrypt 1 0 R >>")),
        ("after another name", pdf(b"<< /Encrypt1/Encrypt 1 0 R >>")),
    ] {
        assert_eq!(inspect(&file), Err(Encrypted), "{name}");
    }
}

#[test]
fn broken_pdfs() {
    let good = passport(Pdf);
    for (name, file, fault) in [
        ("no version", b"%PDF-1.\n".to_vec(), Malformed),
        ("no end", b"%PDF-1.4\n1 0 obj\nendobj\n".to_vec(), Truncated),
        ("an open stream", pdf(b"<<>>\nstream\n"), Truncated),
        ("no startxref", b"%PDF-1.4\n%%EOF".to_vec(), Malformed),
        ("no position", b"%PDF-1.4\nstartxref\n%%EOF".to_vec(), Malformed),
        ("a position past the end", b"%PDF-1.4\nstartxref\n9\n%%EOF".to_vec(), Malformed),
        ("a huge position", b"%PDF-1.4\nstartxref 99999999999999999999999\n%%EOF".to_vec(), Malformed),
        ("only the first part", b"%PDF-1.4\n<<>>\nstartxref\n0\n%%EOF".to_vec(), Truncated),
        ("the beginning of an update", concat(&[good, b"9 0 obj"]), Truncated),
        ("an archive", concat(&[good, &zip(b"")]), TrailingData),
        ("an archive as a stream", pdf(&concat(&[b"<<>>stream\n", &zip(b""), b"\nendstream"])), TrailingData),
        ("a page", concat(&[good, b"<script>"]), TrailingData),
        ("a lot of space", concat(&[good, &[b' '; 2000]]), TrailingData),
        ("another PDF that is cut", concat(&[good, &good[..900]]), Truncated),
    ] {
        assert_eq!(inspect(&file), Err(fault), "{name}");
    }
}

#[test]
fn broken_jpegs() {
    let good = jpeg(&[FRAME, SCAN]);
    let blank = |height: [u8; 2], width: [u8; 2]| {
        let size = concat(&[&FRAME[..5], &height, &width, &FRAME[9..]]);
        jpeg(&[&size, SCAN])
    };
    let lossless = concat(&[&[0xFF, 0xC3], &FRAME[2..]]);
    let notes = samsung_trailer(&[(0x0A01, b"1540000000000"), (0x0800, b"x")]);
    let gap = concat(&[&notes[..4], b"gap", &notes[4..]]);
    let wrong_count = concat(&[&notes[..notes.len() - 8], &[48, 0, 0, 0], b"SEFT"]);
    let video = samsung_trailer(&[(0x0A30, &vec![1; 100_000])]);
    for (name, file, fault) in [
        ("no end", concat(&[SOI, FRAME, SCAN]), Truncated),
        ("the end inside of a segment", concat(&[SOI, b"\xFF\xE1\x01\x00\xFF\xD9"]), Truncated),
        ("no image", jpeg(&[&segment(0xE0, b"JFIF")]), Malformed),
        ("no scan", jpeg(&[FRAME]), Malformed),
        ("a scan before the frame", jpeg(&[SCAN, FRAME]), Malformed),
        ("two frames", jpeg(&[FRAME, FRAME, SCAN]), Malformed),
        ("a lossless frame", jpeg(&[&lossless, SCAN]), Malformed),
        ("an image in an image", concat(&[SOI, FRAME, SCAN, &good]), Malformed),
        ("bytes between segments", jpeg(&[&segment(0xE0, b"JFIF"), b"\0", FRAME, SCAN]), Malformed),
        ("a segment shorter than its length", jpeg(&[b"\xFF\xE0\x00\x01", FRAME, SCAN]), Malformed),
        ("a reserved marker", jpeg(&[&segment(0x02, b""), FRAME, SCAN]), Malformed),
        ("no width", blank([0, 16], [0, 0]), Malformed),
        ("no height", blank([0, 0], [0, 16]), Malformed),
        ("65,535 × 65,535 pixels", blank([0xFF; 2], [0xFF; 2]), TooManyPixels),
        ("an archive", concat(&[&good, &zip(b"")]), TrailingData),
        ("an archive after zeros", concat(&[&good, &[0; 99], &zip(b"")]), TrailingData),
        ("an archive in a comment", jpeg(&[FRAME, SCAN, &segment(0xFE, &zip(b"\xFF\xD9"))]), TrailingData),
        (
            "an archive in Samsung's notes",
            concat(&[&good, &samsung_trailer(&[(1, &zip(b""))])]),
            TrailingData,
        ),
        ("a video", concat(&[&good, b"\0\0\0\x18ftypmp42"]), TrailingData),
        ("a video in Samsung's notes", concat(&[&good, &video]), TrailingData),
        ("Samsung's notes with a gap", concat(&[&good, &gap]), TrailingData),
        ("Samsung's notes with a wrong count", concat(&[&good, &wrong_count]), TrailingData),
        ("Samsung's notes and more", concat(&[&good, &notes, b"\0"]), TrailingData),
        ("a line", concat(&[&good, b"\n"]), TrailingData),
        ("half a marker", concat(&[&good, b"\xFF"]), Truncated),
        ("a second end", concat(&[&good, EOI]), TrailingData),
        ("half an image", concat(&[&good, &good[..20]]), Truncated),
        ("a broken second image", concat(&[&good, &jpeg(&[FRAME])]), Malformed),
    ] {
        assert_eq!(inspect(&file), Err(fault), "{name}");
    }
}

#[test]
fn broken_pngs() {
    let header = png_header(4, 4, 2);
    let with = |header: &[u8]| png(&[(b"IHDR", header), (b"IDAT", IMAGE_DATA), (b"IEND", b"")]);
    let good = with(&header);
    let interlace_2 = concat(&[&header[..12], &[2]]);
    let depth_3 = concat(&[&header[..8], &[3], &header[9..]]);
    let mut long = good.clone();
    long[33] = 0x80;
    for (name, file, fault) in [
        ("no chunk", good[..8].to_vec(), Truncated),
        ("no end", png(&[(b"IHDR", &header), (b"IDAT", IMAGE_DATA)]), Truncated),
        ("no data", png(&[(b"IHDR", &header), (b"IEND", b"")]), Malformed),
        ("empty data", png(&[(b"IHDR", &header), (b"IDAT", b""), (b"IEND", b"")]), Malformed),
        ("no header", png(&[(b"IDAT", IMAGE_DATA), (b"IEND", b"")]), Malformed),
        ("two headers", png(&[(b"IHDR", &header), (b"IHDR", &header)]), Malformed),
        ("a short header", with(&header[..12]), Malformed),
        (
            "data in two places",
            png(&[(b"IHDR", &header), (b"IDAT", b"1"), (b"tEXt", b"t"), (b"IDAT", b"2"), (b"IEND", b"")]),
            Malformed,
        ),
        ("colours without a palette", with(&png_header(4, 4, 3)), Malformed),
        ("a palette of halves", png(&[(b"IHDR", &header), (b"PLTE", b"rgbr")]), Malformed),
        ("an unknown chunk that matters", png(&[(b"IHDR", &header), (b"MUST", b"")]), Malformed),
        ("a chunk with no name", png(&[(b"IHDR", &header), (b"a-b\0", b"")]), Malformed),
        ("an impossible length", long, Malformed),
        ("an unknown colour type", with(&png_header(4, 4, 5)), Malformed),
        ("an unknown depth", with(&depth_3), Malformed),
        ("an unknown interlacing", with(&interlace_2), Malformed),
        ("no width", with(&png_header(0, 4, 2)), Malformed),
        ("no height", with(&png_header(4, 0, 2)), Malformed),
        ("one pixel too many", with(&png_header(PIXELS_MAX as u32 + 1, 1, 2)), TooManyPixels),
        ("2³¹ × 2³¹ pixels", with(&png_header(1 << 31, 1 << 31, 2)), TooManyPixels),
        ("an archive", concat(&[&good, &zip(b"")]), TrailingData),
        (
            "an archive in a chunk",
            png(&[(b"IHDR", &header), (b"IDAT", IMAGE_DATA), (b"quIz", &zip(b"")), (b"IEND", b"")]),
            TrailingData,
        ),
        ("a zero", concat(&[&good, b"\0"]), TrailingData),
    ] {
        assert_eq!(inspect(&file), Err(fault), "{name}");
    }
}

#[test]
fn two_files_in_one() {
    for first in GOOD {
        for second in FileType::ALL {
            let both = concat(&[first.bytes, passport(second)]);
            // A preview after a JPEG is a JPEG; a PDF after a PDF cannot be told from an update of it.
            if first.kind != second || second == Png {
                assert!(inspect(&both).is_err(), "{} and {second:?}", first.name);
            }
        }
    }
}

#[test]
fn every_fault_has_its_code_and_a_sentence() {
    assert_eq!(Fault::from(Unsupported).code, Code::UnsupportedFile);
    for fault in [
        Empty,
        Truncated,
        Encrypted,
        Malformed,
        TrailingData,
        TooManyPixels,
        FileFault::ContradictsDeclaredType,
    ] {
        assert_eq!(Fault::from(fault).code, Code::UnprocessableFile, "{fault:?}");
    }
    assert_eq!(
        Fault::from(TooManyPixels).message,
        "The picture has more than 120 megapixels; make it smaller and upload it again."
    );
}
