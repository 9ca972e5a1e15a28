//! What holds for every file, however it is cut, shortened or damaged.

use crate::samples::{FRAME, GOOD, SCAN, Sample, concat, jpeg, samsung_trailer};
use crate::{inspect, inspect_chunks};
use dossier_domain::file::{FileFault, FileType};
use proptest::prelude::*;
use proptest::sample::Index;

fn any_sample() -> impl Strategy<Value = &'static Sample> {
    proptest::sample::select(GOOD.iter().collect::<Vec<_>>())
}

/// Cuts the file at these places, in any order and with repetitions.
fn cut<'a>(file: &'a [u8], places: &[Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = places.iter().map(|place| place.index(file.len() + 1)).collect();
    places.sort_unstable();
    let mut chunks = Vec::new();
    let mut start = 0;
    for place in places {
        chunks.push(&file[start..place]);
        start = place;
    }
    chunks.push(&file[start..]);
    chunks
}

/// Where a file could end and still be whole: after its first image, before its update, without its last line.
fn is_whole_by_itself(sample: &Sample, prefix: &[u8]) -> bool {
    match sample.kind {
        FileType::Pdf => prefix.trim_ascii_end().ends_with(b"%%EOF"),
        FileType::Jpeg => {
            prefix.ends_with(b"\xFF\xD9") && sample.bytes[prefix.len()..].starts_with(b"\xFF\xD8")
        }
        FileType::Png => false,
    }
}

#[test]
fn no_file_that_was_cut_off_is_accepted() {
    for sample in GOOD {
        for length in 0..sample.bytes.len() {
            let prefix = &sample.bytes[..length];
            let verdict = inspect(prefix);
            if !is_whole_by_itself(sample, prefix) {
                let expected = if length == 0 { FileFault::Empty } else { FileFault::Truncated };
                assert_eq!(verdict, Err(expected), "{} of {} bytes", sample.name, length);
            }
        }
    }
}

#[test]
fn the_first_part_of_a_linearised_file_is_not_the_file() {
    let file = include_bytes!("../files/linearised.pdf");
    let end = file.windows(5).position(|bytes| bytes == b"%%EOF").unwrap() + 5;
    assert!(end < file.len() - 100);
    assert_eq!(inspect(&file[..end]), Err(FileFault::Truncated));
}

#[test]
fn bytes_may_come_one_by_one() {
    let notes = concat(&[&jpeg(&[FRAME, SCAN]), &[0; 5], &samsung_trailer(&[(0x0A01, b"154"), (1, b"x")])]);
    for file in GOOD.iter().map(|sample| sample.bytes).chain([notes.as_slice()]) {
        assert_eq!(inspect_chunks(file.chunks(1)), inspect(file));
    }
}

#[test]
fn no_changed_byte_of_a_png_goes_unnoticed() {
    for sample in GOOD.iter().filter(|sample| sample.kind == FileType::Png) {
        for position in 0..sample.bytes.len() {
            let mut file = sample.bytes.to_vec();
            file[position] ^= 0x20;
            assert!(inspect(&file).is_err(), "{} changed at {position}", sample.name);
        }
    }
}

proptest! {
    #[test]
    fn where_chunks_are_cut_does_not_matter(
        sample in any_sample(),
        changes: Vec<(Index, u8)>,
        length: Option<Index>,
        suffix in proptest::option::of(proptest::collection::vec(any::<u8>(), 0..80)),
        places in proptest::collection::vec(any::<Index>(), 0..40),
    ) {
        let mut file = sample.bytes.to_vec();
        for (position, byte) in changes.iter().take(3) {
            let position = position.index(file.len());
            file[position] = *byte;
        }
        file.truncate(length.map_or(file.len(), |length| length.index(file.len() + 1)));
        file.extend(suffix.unwrap_or_default());
        prop_assert_eq!(inspect_chunks(cut(&file, &places)), inspect(&file));
        prop_assert_eq!(inspect_chunks(file.chunks(1)), inspect(&file));
    }

    #[test]
    fn nothing_can_be_appended(sample in any_sample(), first in 1_u8.., suffix: Vec<u8>) {
        prop_assume!(!first.is_ascii_whitespace());
        let file = concat(&[sample.bytes, &[first], &suffix]);
        prop_assert!(inspect(&file).is_err());
    }

    #[test]
    fn random_bytes_behind_a_signature_are_no_file(
        signature in proptest::sample::select(vec![
            b"%PDF-1.7".as_slice(), b"\xFF\xD8\xFF", b"\x89PNG\r\n\x1A\n", b"",
        ]),
        bytes: Vec<u8>,
    ) {
        prop_assert!(inspect(&concat(&[signature, &bytes])).is_err());
    }

    /// Only the bytes that the formats give a meaning to, so that most steps of the walks are taken.
    #[test]
    fn soups_of_syntax_are_cut_anywhere(
        header in proptest::sample::select(vec![b"%PDF-1.7".to_vec(), b"\xFF\xD8\xFF".to_vec(), jpeg(&[FRAME, SCAN])]),
        words in proptest::collection::vec(proptest::sample::select(vec![
            b">>".as_slice(), b"stream", b"\n", b"endstream", b"/Encrypt", b"%%EOF", b"startxref", b"9", b"%", b"e",
            b"\0", b"\0\0\0\0", b"\xFF", b"\xFF\xD8", b"\xFF\xD9", FRAME, SCAN, b"SEF", b"H", b"SEFT",
            b"PK\x05\x06\0\0", b"\x01\0\0\0",
        ]), 0..40),
        places in proptest::collection::vec(any::<Index>(), 0..40),
    ) {
        let file = concat(&[&header, &words.concat()]);
        prop_assert_eq!(inspect_chunks(cut(&file, &places)), inspect(&file));
    }
}
