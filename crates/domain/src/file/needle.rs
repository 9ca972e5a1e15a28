//! Searching for a string in a stream.

use memchr::memmem::Finder;

/// Finds a byte string, also where it lies across chunks.
pub(super) struct Needle {
    finder: Finder<'static>,
    /// How many bytes of the needle the bytes seen last are.
    matched: usize,
}

impl Needle {
    pub(super) fn new(needle: &'static [u8]) -> Self {
        Self { finder: Finder::new(needle), matched: 0 }
    }

    /// The position just after the first occurrence that ends in this chunk.
    ///
    /// After `None` the whole chunk has been seen; after `Some` only the bytes before the position, and the
    /// next search begins there, so occurrences never overlap.
    pub(super) fn find(&mut self, chunk: &[u8]) -> Option<usize> {
        let length = self.finder.needle().len();
        let mut position = 0;
        while self.matched > 0 && position < chunk.len() {
            self.advance(chunk[position]);
            position += 1;
            if self.matched == length {
                self.matched = 0;
                return Some(position);
            }
        }
        let rest = &chunk[position..];
        if let Some(start) = self.finder.find(rest) {
            return Some(position + start + length);
        }
        // Not in here as a whole, so only the last bytes can be the beginning of one.
        for byte in &rest[rest.len().saturating_sub(length - 1)..] {
            self.advance(*byte);
        }
        None
    }

    /// One byte more: the longest beginning of the needle that the bytes seen so far end with.
    fn advance(&mut self, byte: u8) {
        let needle = self.finder.needle();
        while needle[self.matched] != byte {
            let Some(shorter) = longest_border(&needle[..self.matched]) else { return };
            self.matched = shorter;
        }
        self.matched += 1;
    }
}

/// The length of the longest shorter string that `matched` both begins and ends with; `None` for an empty
/// one.
fn longest_border(matched: &[u8]) -> Option<usize> {
    (0..matched.len()).rev().find(|length| matched.ends_with(&matched[..*length]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn positions(needle: &'static [u8], chunks: &[&[u8]]) -> Vec<usize> {
        let mut search = Needle::new(needle);
        let mut positions = Vec::new();
        let mut offset = 0;
        for chunk in chunks {
            let mut seen = 0;
            while let Some(end) = search.find(&chunk[seen..]) {
                seen += end;
                positions.push(offset + seen);
            }
            offset += chunk.len();
        }
        positions
    }

    #[test]
    fn a_false_start_does_not_hide_the_true_one() {
        assert_eq!(positions(b"aab", &[b"a", b"a", b"ab"]), [4]);
        assert_eq!(positions(b"endstream", &[b"endstr", b"endstream", b"!"]), [15]);
        assert_eq!(positions(b"endstream", &[b"endstre", b"ndstream"]), [15]);
    }

    proptest! {
        #[test]
        fn where_the_chunks_are_cut_does_not_matter(text in "[ab]{0,60}", size in 1_usize..9) {
            for needle in [b"aab".as_slice(), b"abab", b"a", b"aabaaab"] {
                let whole = positions(needle, &[text.as_bytes()]);
                let chunks: Vec<&[u8]> = text.as_bytes().chunks(size).collect();
                let expected: Vec<usize> = memchr::memmem::find_iter(text.as_bytes(), needle)
                    .map(|start| start + needle.len())
                    .collect();
                prop_assert_eq!(&whole, &expected);
                prop_assert_eq!(positions(needle, &chunks), expected);
            }
        }
    }
}
