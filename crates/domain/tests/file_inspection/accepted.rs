//! Files that a reviewer can open, the unusual ones included.

use crate::inspect;
use crate::samples::{
    FRAME, GOOD, IMAGE_DATA, SCAN, concat, jpeg, passport, pdf, png, png_header, samsung_trailer, segment,
    zip,
};
use dossier_domain::file::FileType::{Jpeg, Pdf, Png};

#[test]
fn files_of_real_programs() {
    for sample in GOOD {
        assert_eq!(inspect(sample.bytes), Ok(sample.kind), "{}", sample.name);
    }
}

#[test]
fn unusual_jpegs() {
    let ordinary = jpeg(&[FRAME, SCAN]);
    let progressive = [&[0xFF, 0xC2], &FRAME[2..]].concat();
    for (name, file) in [
        ("minimal", ordinary.clone()),
        ("several scans with tables between", jpeg(&[&progressive, SCAN, &segment(0xC4, b"table"), SCAN])),
        ("fill bytes before a marker", jpeg(&[b"\xFF\xFF\xFF", FRAME, SCAN])),
        ("an empty segment", jpeg(&[&segment(0xE0, b""), FRAME, SCAN])),
        ("markers inside of a segment", jpeg(&[&segment(0xFE, b"\xFF\xD9\xFF\xD8"), FRAME, SCAN])),
        ("zeros at the end", concat(&[&ordinary, &[0; 3000]])),
        ("a second image after zeros", concat(&[&ordinary, &[0; 30], passport(Jpeg)])),
        (
            "Samsung's notes",
            concat(&[&ordinary, &samsung_trailer(&[(0x0A01, b"1540000000000"), (0x0BD1, b"x")])]),
        ),
        ("Samsung's notes after padding", concat(&[&ordinary, &[0; 9], &samsung_trailer(&[(0x0A01, b"1")])])),
        (
            "Samsung's notes after a second image",
            concat(&[&ordinary, &ordinary, &samsung_trailer(&[(0x0A01, b"1")])]),
        ),
    ] {
        assert_eq!(inspect(&file), Ok(Jpeg), "{name}");
    }
}

#[test]
fn unusual_pngs() {
    let (direct, indexed) = (png_header(4, 4, 2), png_header(4, 4, 3));
    for (name, file) in [
        ("minimal", png(&[(b"IHDR", &direct), (b"IDAT", IMAGE_DATA), (b"IEND", b"")])),
        (
            "empty and several data chunks",
            png(&[
                (b"IHDR", &direct),
                (b"IDAT", b""),
                (b"IDAT", IMAGE_DATA),
                (b"IDAT", IMAGE_DATA),
                (b"IEND", b""),
            ]),
        ),
        (
            "unknown chunks that may be skipped",
            png(&[
                (b"IHDR", &direct),
                (b"quIz", b"?"),
                (b"IDAT", IMAGE_DATA),
                (b"tIME", b"!"),
                (b"IEND", b""),
            ]),
        ),
        (
            "a palette",
            png(&[(b"IHDR", &indexed), (b"PLTE", b"rgbRGB"), (b"IDAT", IMAGE_DATA), (b"IEND", b"")]),
        ),
        (
            "a suggested palette",
            png(&[(b"IHDR", &direct), (b"PLTE", b"rgb"), (b"IDAT", IMAGE_DATA), (b"IEND", b"")]),
        ),
    ] {
        assert_eq!(inspect(&file), Ok(Png), "{name}");
    }
}

#[test]
fn unusual_pdfs() {
    for (name, file) in [
        ("version 2.0", b"%PDF-2.0\n<<>>\nstartxref 5 %%EOF".to_vec()),
        ("the name of another entry", pdf(b"<< /EncryptMetadata true /Encryption 1 >>")),
        ("the name inside of a stream", pdf(b"<< /Length 9 >>\nstream\n<< /Encrypt 1 0 R >>\nendstream")),
        ("the end of the file inside of a stream", pdf(b"<<>> stream\r\n%%EOF\x01\x02\nendstream")),
        ("a false end of a stream", pdf(b"<<>>stream\nendstr endstreendstream")),
        ("the keyword in a text", pdf(b"(a >> streamlet) (stream\n)")),
        ("zeros and lines at the end", concat(&[&pdf(b""), &[0; 500], b"\r\n \t"])),
        ("an archive deep inside", pdf(&concat(&[&zip(b""), &[b' '; 70_000]]))),
    ] {
        assert_eq!(inspect(&file), Ok(Pdf), "{name}");
    }
}
