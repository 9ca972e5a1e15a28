//! Page tokens: opaque to clients, a place in one particular list to us (contract 14.1 row 9).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dossier_domain::paging::{Position, Start};
use dossier_domain::sid::AnySid;
use dossier_domain::{Code, Fault};

/// In front of a token that continues forwards.
const FORWARD: &str = "PA";
/// In front of a token that continues backwards.
const BACKWARD: &str = "PB";
/// The tag of the list, the sort key, the identifier's two letters and 16 bytes.
const BYTES: usize = 4 + 8 + 34;

/// Which list a token belongs to: a token of another one is refused instead of misread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ListTag(u32);

impl ListTag {
    /// The tag of a list by its name, which says what it is sorted by.
    pub(crate) const fn new(name: &str) -> Self {
        // FNV-1a: this tells lists apart and guards nothing.
        let (mut hash, mut index, bytes) = (0x811c_9dc5_u32, 0, name.as_bytes());
        while index < bytes.len() {
            hash = (hash ^ bytes[index] as u32).wrapping_mul(0x0100_0193);
            index += 1;
        }
        Self(hash)
    }
}

/// The token for what lies behind an item.
pub(crate) fn after(list: ListTag, position: Position) -> String {
    written(FORWARD, list, position)
}

/// The token for what lies before an item.
pub(crate) fn before(list: ListTag, position: Position) -> String {
    written(BACKWARD, list, position)
}

/// Where a token points.
///
/// # Errors
/// Code 21481 when it was not made by [`after`] or [`before`] for this list.
pub(crate) fn parse(list: ListTag, token: &str) -> Result<Start, Fault> {
    let (prefix, encoded) = token.split_at_checked(2).ok_or_else(refused)?;
    let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| refused())?;
    let bytes: &[u8; BYTES] = bytes.as_slice().try_into().map_err(|_| refused())?;
    let (tag, rest) = bytes.split_first_chunk::<4>().ok_or_else(refused)?;
    let (key, sid) = rest.split_first_chunk::<8>().ok_or_else(refused)?;
    if *tag != list.0.to_be_bytes() {
        return Err(refused());
    }
    let sid = std::str::from_utf8(sid).ok().and_then(|sid| AnySid::parse(sid).ok()).ok_or_else(refused)?;
    let position = Position { key: i64::from_be_bytes(*key), sid };
    match prefix {
        FORWARD => Ok(Start::After(position)),
        BACKWARD => Ok(Start::Before(position)),
        _ => Err(refused()),
    }
}

/// Where a token of a list that goes forward only points.
///
/// # Errors
/// Code 21481 when it was not made by [`after`] for this list.
pub(crate) fn parse_forward(list: ListTag, token: &str) -> Result<Start, Fault> {
    match parse(list, token)? {
        start @ Start::After(_) => Ok(start),
        Start::First | Start::Before(_) | Start::Offset(_) => Err(refused()),
    }
}

fn refused() -> Fault {
    Fault::new(Code::InvalidPageToken, "Invalid PageToken")
}

fn written(prefix: &str, list: ListTag, position: Position) -> String {
    let mut bytes = Vec::with_capacity(BYTES);
    bytes.extend_from_slice(&list.0.to_be_bytes());
    bytes.extend_from_slice(&position.key.to_be_bytes());
    bytes.extend_from_slice(position.sid.text().as_bytes());
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_back_to_its_place_in_its_list_only() {
        let sid = AnySid::parse(&format!("BU{}", "0a".repeat(16))).unwrap();
        let list = ListTag::new("bundles by created");
        for key in [i64::MIN, 0, 1_564_525_764_999_999, i64::MAX] {
            let position = Position { key, sid };
            assert_eq!(parse(list, &after(list, position)), Ok(Start::After(position)));
            assert_eq!(parse(list, &before(list, position)), Ok(Start::Before(position)));
            let other = ListTag::new("bundles by updated");
            assert_eq!(parse(other, &after(list, position)).unwrap_err().code, Code::InvalidPageToken);
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let list = ListTag::new("x");
        let long = format!("PA{}", "A".repeat(200));
        for token in ["", "P", "PA", "PC", "PA!!", "1", "ä", "PAäöü", &long] {
            assert_eq!(parse(list, token).unwrap_err().code, Code::InvalidPageToken, "{token}");
        }
    }
}
