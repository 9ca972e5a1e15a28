//! The form of a sealed file.
//!
//! ```text
//! "DSR1"  version of the data key (u32)  salt (32 bytes)        the header, 40 bytes
//! chunk 0   64 KiB encrypted, tag (16 bytes)
//! chunk 1   …
//! chunk n   0 to 64 KiB encrypted, tag
//! ```
//!
//! Every file has a key of its own, derived from the data key and the random salt, so the nonces can
//! be counted: seven zero bytes, the chunk's number, and 1 for the last chunk or 0 (the STREAM
//! construction). A chunk that was moved, dropped or added has the wrong nonce, and a file that ends
//! early ends with a chunk that is not marked as the last one. Every chunk is bound to the header and to
//! the document. Numbers are big endian. Only an empty file has an empty chunk.

use aws_lc_rs::digest;
use bytes::Bytes;

use super::FileError;
use crate::seal::{Aad, Cipher, DataKey, NONCE_BYTES, SealError, TAG_BYTES, random};

/// Plain bytes of every chunk but the last.
pub(super) const CHUNK_BYTES: usize = 64 * 1024;
/// More plain bytes than any caller allows. Bounds what a mistake can cost, far below the limits of
/// the format.
pub const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;

pub(super) const SEALED_CHUNK_BYTES: usize = CHUNK_BYTES + TAG_BYTES;
pub(super) const HEADER_BYTES: usize = MAGIC.len() + size_of::<u32>() + SALT_BYTES;

const MAGIC: &[u8; 4] = b"DSR1";
const SALT_BYTES: usize = 32;

/// The key of one file, and what its chunks are bound to.
struct FileCipher {
    cipher: Cipher,
    bound_to: Vec<u8>,
}

impl FileCipher {
    fn new(key: &DataKey, header: &[u8], salt: &[u8], place: &Aad<'_>) -> Self {
        Self { cipher: Cipher::new(&key.derive("dossier file 1", salt)), bound_to: place.encode(header) }
    }
}

fn nonce(number: u32, last: bool) -> [u8; NONCE_BYTES] {
    let mut nonce = [0; NONCE_BYTES];
    nonce[7..11].copy_from_slice(&number.to_be_bytes());
    nonce[11] = u8::from(last);
    nonce
}

/// Turns plain bytes into a sealed file, hashing them on the way.
pub(super) struct FileSealer {
    file: FileCipher,
    number: u32,
    /// The chunk that is being filled. It is only sealed when more follows, or as the last.
    chunk: Vec<u8>,
    hash: digest::Context,
    plain_bytes: u64,
}

impl FileSealer {
    /// A sealer for one file, and the header that goes in front of what it returns.
    pub(super) fn new(key: &DataKey, place: &Aad<'_>) -> (Self, Bytes) {
        let salt: [u8; SALT_BYTES] = random();
        let header = [MAGIC, &key.version().to_be_bytes()[..], &salt].concat();
        let sealer = Self {
            file: FileCipher::new(key, &header, &salt, place),
            number: 0,
            chunk: Vec::new(),
            hash: digest::Context::new(&digest::SHA256),
            plain_bytes: 0,
        };
        (sealer, header.into())
    }

    /// Takes the front part of `plain` and returns what that completes, and the rest of `plain`.
    ///
    /// Until the rest is empty the caller calls again.
    pub(super) fn push<'p>(&mut self, plain: &'p [u8]) -> Result<(Option<Bytes>, &'p [u8]), FileError> {
        let complete = if self.chunk.len() == CHUNK_BYTES && !plain.is_empty() {
            Some(self.seal_chunk(false))
        } else {
            None
        };
        let (now, rest) = plain.split_at(plain.len().min(CHUNK_BYTES - self.chunk.len()));
        self.plain_bytes += now.len() as u64;
        if self.plain_bytes > FILE_BYTES_MAX {
            return Err(FileError::TooLarge);
        }
        if self.chunk.capacity() == 0 {
            self.chunk.reserve_exact(SEALED_CHUNK_BYTES);
        }
        self.hash.update(now);
        self.chunk.extend_from_slice(now);
        Ok((complete, rest))
    }

    /// The last chunk, the number of plain bytes and their SHA-256.
    pub(super) fn finish(mut self) -> (Bytes, u64, [u8; 32]) {
        let last = self.seal_chunk(true);
        let hash = self.hash.finish().as_ref().try_into().expect("SHA-256 gives 32 bytes");
        (last, self.plain_bytes, hash)
    }

    fn seal_chunk(&mut self, last: bool) -> Bytes {
        let mut chunk = std::mem::take(&mut self.chunk);
        self.file.cipher.seal(nonce(self.number, last), &self.file.bound_to, &mut chunk, 0);
        self.number += 1;
        chunk.into()
    }
}

/// Opens the chunks of a sealed file, one after the other.
pub(super) struct FileOpener {
    file: FileCipher,
    number: u32,
    chunks: u32,
    plain_bytes: u64,
}

impl FileOpener {
    /// `sealed_bytes` is the length of the whole sealed file, of which `header` is the beginning.
    pub(super) fn new(
        header: &[u8],
        sealed_bytes: u64,
        key: &DataKey,
        place: &Aad<'_>,
    ) -> Result<Self, SealError> {
        let header = header.get(..HEADER_BYTES).ok_or(SealError::UnknownForm)?;
        let Some((MAGIC, rest)) = header.split_first_chunk() else { return Err(SealError::UnknownForm) };
        let (version, salt) = rest.split_first_chunk().ok_or(SealError::UnknownForm)?;
        let wanted = u32::from_be_bytes(*version);
        if wanted != key.version() {
            return Err(SealError::OtherVersion { wanted, given: key.version() });
        }
        let (chunks, plain_bytes) = measure(sealed_bytes).ok_or(SealError::UnknownForm)?;
        Ok(Self { file: FileCipher::new(key, header, salt, place), number: 0, chunks, plain_bytes })
    }

    /// How many plain bytes the file has, if it is authentic to its end.
    pub(super) fn plain_bytes(&self) -> u64 {
        self.plain_bytes
    }

    /// Whether all chunks were opened.
    pub(super) fn is_at_end(&self) -> bool {
        self.number == self.chunks
    }

    /// Decrypts the next chunk in place and returns its plain length.
    pub(super) fn open(&mut self, sealed: &mut [u8]) -> Result<usize, SealError> {
        if self.is_at_end() {
            return Err(SealError::NotAuthentic);
        }
        let nonce = nonce(self.number, self.number + 1 == self.chunks);
        let plain = self.file.cipher.open(nonce, &self.file.bound_to, sealed)?;
        self.number += 1;
        Ok(plain.len())
    }
}

/// Number of chunks and plain bytes of a sealed file, unless no file has this length.
fn measure(sealed_bytes: u64) -> Option<(u32, u64)> {
    let body = sealed_bytes.checked_sub(HEADER_BYTES as u64)?;
    let chunks = body.div_ceil(SEALED_CHUNK_BYTES as u64);
    let plain_bytes = body.checked_sub(chunks * TAG_BYTES as u64)?;
    let last_bytes = plain_bytes.checked_sub(chunks.checked_sub(1)? * CHUNK_BYTES as u64)?;
    if (last_bytes == 0 && chunks > 1) || plain_bytes > FILE_BYTES_MAX {
        return None;
    }
    Some((u32::try_from(chunks).ok()?, plain_bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::place;
    use dossier_domain::sid::{AccountSid, DocumentSid};
    use proptest::prelude::*;

    fn here() -> Aad<'static> {
        place(AccountSid::from_bytes([1; 16]), DocumentSid::from_bytes([2; 16]))
    }

    fn seal(key: &DataKey, plain: &[u8], write_bytes: usize) -> Vec<u8> {
        let (mut sealer, header) = FileSealer::new(key, &here());
        let mut sealed = header.to_vec();
        for mut slice in plain.chunks(write_bytes) {
            while !slice.is_empty() {
                let (complete, rest) = sealer.push(slice).unwrap();
                sealed.extend(complete.into_iter().flatten());
                slice = rest;
            }
        }
        let (last, plain_bytes, sha256) = sealer.finish();
        assert_eq!(plain_bytes, plain.len() as u64);
        assert_eq!(sha256, digest::digest(&digest::SHA256, plain).as_ref());
        sealed.extend_from_slice(&last);
        sealed
    }

    fn open_at(key: &DataKey, place: &Aad<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut opener = FileOpener::new(sealed, sealed.len() as u64, key, place)?;
        let mut plain = Vec::new();
        let mut body = sealed[HEADER_BYTES..].to_vec();
        for chunk in body.chunks_mut(SEALED_CHUNK_BYTES) {
            let plain_bytes = opener.open(chunk)?;
            plain.extend_from_slice(&chunk[..plain_bytes]);
        }
        assert!(opener.is_at_end());
        assert_eq!(opener.plain_bytes(), plain.len() as u64);
        Ok(plain)
    }

    fn open(key: &DataKey, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        open_at(key, &here(), sealed)
    }

    fn pattern(bytes: usize) -> Vec<u8> {
        (0..bytes).map(|index| (index % 251) as u8).collect()
    }

    #[test]
    fn files_around_the_border_of_a_chunk_come_back() {
        let key = DataKey::generate(1);
        for bytes in [0, 1, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 5_000_000] {
            let plain = pattern(bytes);
            for write_bytes in [1_000, 65_536, 100_000, 5_000_000] {
                let sealed = seal(&key, &plain, write_bytes);
                let chunks = bytes.div_ceil(CHUNK_BYTES).max(1);
                assert_eq!(sealed.len(), HEADER_BYTES + bytes + chunks * TAG_BYTES, "{bytes}");
                assert!(open(&key, &sealed).unwrap() == plain, "{bytes} in writes of {write_bytes}");
            }
        }
    }

    #[test]
    fn a_file_opens_only_for_its_document_and_with_its_key() {
        let key = DataKey::generate(1);
        let sealed = seal(&key, b"passport", 100);
        for (account, document) in [(1, 3), (3, 2)] {
            let elsewhere =
                place(AccountSid::from_bytes([account; 16]), DocumentSid::from_bytes([document; 16]));
            assert_eq!(open_at(&key, &elsewhere, &sealed), Err(SealError::NotAuthentic));
        }
        assert_eq!(open(&DataKey::generate(1), &sealed), Err(SealError::NotAuthentic));
        let refusal = open(&DataKey::generate(2), &sealed);
        assert_eq!(refusal, Err(SealError::OtherVersion { wanted: 1, given: 2 }));
    }

    #[test]
    fn chunks_cannot_be_dropped_moved_repeated_or_added() {
        let key = DataKey::generate(1);
        let sealed = seal(&key, &pattern(4 * CHUNK_BYTES), CHUNK_BYTES);
        let (header, body) = sealed.split_at(HEADER_BYTES);
        let chunks: Vec<_> = body.chunks(SEALED_CHUNK_BYTES).collect();
        let other = seal(&key, &pattern(4 * CHUNK_BYTES), CHUNK_BYTES);
        let foreign = &other[HEADER_BYTES..][..SEALED_CHUNK_BYTES];
        for order in [
            vec![],
            vec![chunks[0]],
            vec![chunks[0], chunks[1], chunks[2]],
            vec![chunks[1], chunks[2], chunks[3]],
            vec![chunks[0], chunks[1], chunks[3]],
            vec![chunks[1], chunks[0], chunks[2], chunks[3]],
            vec![chunks[0], chunks[1], chunks[2], chunks[3], chunks[3]],
            vec![chunks[0], chunks[0], chunks[1], chunks[2], chunks[3]],
            vec![chunks[0], chunks[1], chunks[2], chunks[3], &[0; TAG_BYTES]],
            vec![foreign, chunks[1], chunks[2], chunks[3]],
        ] {
            assert!(open(&key, &[header, &order.concat()].concat()).is_err());
        }
        assert!(open(&key, &[header, &chunks.concat()].concat()).is_ok());
    }

    #[test]
    fn an_altered_header_is_noticed() {
        let key = DataKey::generate(1);
        let sealed = seal(&key, b"passport", 100);
        for index in 0..HEADER_BYTES {
            let mut altered = sealed.clone();
            altered[index] ^= 1;
            assert!(open(&key, &altered).is_err(), "byte {index}");
        }
    }

    #[test]
    fn no_more_than_the_largest_file_is_taken() {
        let (mut sealer, _) = FileSealer::new(&DataKey::generate(1), &here());
        sealer.plain_bytes = FILE_BYTES_MAX - 1;
        assert!(sealer.push(b"1").is_ok());
        assert!(matches!(sealer.push(b"2"), Err(FileError::TooLarge)));
        assert_eq!(measure(u64::MAX), None);
    }

    proptest! {
        #[test]
        fn opening_reverses_sealing(bytes in 0..200_000_usize, write_bytes in 1_000..200_000_usize) {
            let key = DataKey::generate(1);
            let plain = pattern(bytes);
            prop_assert!(open(&key, &seal(&key, &plain, write_bytes)).unwrap() == plain);
        }

        #[test]
        fn any_flipped_bit_and_any_cut_is_noticed(
            bytes in 0..140_000_usize,
            bit: prop::sample::Index,
            cut: prop::sample::Index,
        ) {
            let key = DataKey::generate(1);
            let sealed = seal(&key, &pattern(bytes), CHUNK_BYTES);
            let bit = bit.index(sealed.len() * 8);
            let mut altered = sealed.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(open(&key, &altered).is_err());
            prop_assert!(open(&key, &sealed[..cut.index(sealed.len())]).is_err());
        }
    }
}
