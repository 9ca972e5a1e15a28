//! Identifiers: a two-letter kind and 128 random bits, written `BU0123…` (contract section 0.1).

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::ops::Deref;
use std::str::FromStr;

/// What a [`Sid`] identifies. Implemented by the marker types of [`kinds`] only.
pub trait Kind: Copy + 'static {
    /// The two capital letters in front of the hexadecimal digits.
    const PREFIX: &'static str;
    /// The noun used in messages, such as `bundle`.
    const NOUN: &'static str;
}

/// A typed identifier: 16 bytes in memory, 34 characters as text.
///
/// Text is parsed with either case of hexadecimal digits and always written in lower case
/// (contract 14.1 row 20).
pub struct Sid<K> {
    bytes: [u8; 16],
    kind: PhantomData<fn() -> K>,
}

impl<K: Kind> Sid<K> {
    /// The two capital letters of the kind.
    pub const PREFIX: &'static str = K::PREFIX;

    /// The identifier made of these 16 bytes. Randomness is the caller's affair.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self { bytes, kind: PhantomData }
    }

    /// The 16 bytes behind the prefix.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.bytes
    }

    /// The 34 characters, without allocating.
    pub fn text(&self) -> SidText {
        SidText::new(K::PREFIX, &self.bytes)
    }

    /// Parses 34 characters.
    ///
    /// # Errors
    /// [`NotASid`] when the length, the prefix or a digit is wrong.
    pub fn parse(text: &str) -> Result<Self, NotASid> {
        AnySid::parse(text)?.of_kind().ok_or(NotASid)
    }
}

/// The text is not two letters followed by 32 hexadecimal digits, or has another kind's letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of this kind")]
pub struct NotASid;

/// An identifier whose kind is only known at run time, such as the object of an item assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AnySid {
    prefix: [u8; 2],
    bytes: [u8; 16],
}

impl AnySid {
    /// Parses two letters and 32 hexadecimal digits (`^[a-zA-Z]{2}[0-9a-fA-F]{32}$`).
    ///
    /// # Errors
    /// [`NotASid`] when the text has any other form.
    pub fn parse(text: &str) -> Result<Self, NotASid> {
        let text: &[u8; 34] = text.as_bytes().try_into().map_err(|_| NotASid)?;
        let prefix = [text[0], text[1]];
        if !prefix.iter().all(u8::is_ascii_alphabetic) {
            return Err(NotASid);
        }
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(text[2..].as_chunks::<2>().0) {
            *byte = hex_digit(pair[0])? << 4 | hex_digit(pair[1])?;
        }
        Ok(Self { prefix, bytes })
    }

    /// This identifier as one of kind `K`, when the letters say so.
    pub fn of_kind<K: Kind>(&self) -> Option<Sid<K>> {
        (self.prefix == K::PREFIX.as_bytes()).then_some(Sid::from_bytes(self.bytes))
    }

    /// The noun of its kind, such as `bundle`, when it is one of ours.
    pub fn noun(&self) -> Option<&'static str> {
        NOUNS.iter().find(|(prefix, _)| prefix.as_bytes() == self.prefix).map(|(_, noun)| *noun)
    }

    /// The 34 characters, without allocating.
    pub fn text(&self) -> SidText {
        SidText::new(std::str::from_utf8(&self.prefix).expect("the prefix is ASCII letters"), &self.bytes)
    }
}

impl<K: Kind> From<Sid<K>> for AnySid {
    fn from(sid: Sid<K>) -> Self {
        let prefix = K::PREFIX.as_bytes();
        Self { prefix: [prefix[0], prefix[1]], bytes: sid.bytes }
    }
}

impl fmt::Display for AnySid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

fn hex_digit(byte: u8) -> Result<u8, NotASid> {
    match byte {
        b'0'..=b'9' => Ok(byte - b'0'),
        b'a'..=b'f' => Ok(byte - b'a' + 10),
        b'A'..=b'F' => Ok(byte - b'A' + 10),
        _ => Err(NotASid),
    }
}

/// The written form of a [`Sid`], held on the stack.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SidText([u8; 34]);

impl SidText {
    fn new(prefix: &str, bytes: &[u8; 16]) -> Self {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 34];
        text[..2].copy_from_slice(prefix.as_bytes());
        for (pair, byte) in text[2..].as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
            *pair = [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
        }
        Self(text)
    }
}

impl Deref for SidText {
    type Target = str;

    fn deref(&self) -> &str {
        std::str::from_utf8(&self.0).expect("letters and digits are ASCII")
    }
}

impl<K: Kind> fmt::Display for Sid<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl<K: Kind> fmt::Debug for Sid<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl<K: Kind> FromStr for Sid<K> {
    type Err = NotASid;

    fn from_str(text: &str) -> Result<Self, NotASid> {
        Self::parse(text)
    }
}

// Written by hand, because derives would ask the marker type for each of these traits.
impl<K> Clone for Sid<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Sid<K> {}
impl<K> PartialEq for Sid<K> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}
impl<K> Eq for Sid<K> {}
impl<K> PartialOrd for Sid<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Sid<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bytes.cmp(&other.bytes)
    }
}
impl<K> Hash for Sid<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $prefix:literal $noun:literal => $alias:ident;)*) => {
        /// One marker type per kind of identifier.
        pub mod kinds {
            $($(#[$doc])* #[derive(Debug, Clone, Copy)] pub struct $kind;)*
        }
        /// The letters and the noun of each kind.
        const NOUNS: &[(&str, &str)] = &[$(($prefix, $noun)),*];
        $(
            impl Kind for kinds::$kind {
                const PREFIX: &'static str = $prefix;
                const NOUN: &'static str = $noun;
            }
            $(#[$doc])*
            pub type $alias = Sid<kinds::$kind>;
        )*
    };
}

kinds! {
    /// An account, `AC…`: the owner of everything a customer has.
    Account "AC" "account" => AccountSid;
    /// An API key of an account, `SK…`.
    ApiKey "SK" "API key" => ApiKeySid;
    /// A regulation, `RN…`: the same on every installation.
    Regulation "RN" "regulation" => RegulationSid;
    /// An end-user type or supporting-document type, `OY…`: the same on every installation.
    ObjectType "OY" "type" => ObjectTypeSid;
    /// A bundle, `BU…`.
    Bundle "BU" "bundle" => BundleSid;
    /// An end user, `IT…`.
    EndUser "IT" "end user" => EndUserSid;
    /// A supporting document, `RD…`.
    Document "RD" "supporting document" => DocumentSid;
    /// The assignment of an item to a bundle, `BV…`.
    ItemAssignment "BV" "item assignment" => ItemAssignmentSid;
    /// A stored evaluation, `EL…`.
    Evaluation "EL" "evaluation" => EvaluationSid;
    /// An address, `AD…`.
    Address "AD" "address" => AddressSid;
    /// A campaign, `CP…`: a change of a rule, carried to those it concerns.
    Campaign "CP" "campaign" => CampaignSid;
    /// A review case, `RV…`.
    Case "RV" "review case" => CaseSid;
    /// A number in service, `PN…`.
    PhoneNumber "PN" "phone number" => PhoneNumberSid;
    /// The delivery of a callback or a mail, `WD…`.
    Delivery "WD" "delivery" => DeliverySid;
    /// A legal hold, `LH…`: what it names is neither changed nor erased.
    LegalHold "LH" "legal hold" => LegalHoldSid;
    /// An erasure, `ER…`.
    Erasure "ER" "erasure" => ErasureSid;
    /// An operator, `OP…`.
    Operator "OP" "operator" => OperatorSid;
    /// An audit event, `AE…`.
    AuditEvent "AE" "audit event" => AuditEventSid;
    /// One HTTP request, `RQ…`, as in the `Twilio-Request-Id` header (contract section 9.3).
    Request "RQ" "request" => RequestSid;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_has_the_prefix_and_lower_case_digits() {
        let sid = BundleSid::from_bytes([0xAB; 16]);
        assert_eq!(sid.to_string(), format!("BU{}", "ab".repeat(16)));
    }

    #[test]
    fn hexadecimal_digits_are_read_in_either_case() {
        let lower = format!("BU{}", "ab".repeat(16));
        let upper = format!("BU{}", "AB".repeat(16));
        assert_eq!(BundleSid::parse(&lower), BundleSid::parse(&upper));
    }

    #[test]
    fn other_kinds_and_other_forms_are_refused() {
        let digits = "0".repeat(32);
        for text in [
            "",
            "BU",
            &format!("RD{digits}"),
            &format!("bu{digits}"),
            &format!("BU{digits}0"),
            &format!("BUg{}", &digits[1..]),
        ] {
            assert_eq!(BundleSid::parse(text), Err(NotASid), "{text}");
        }
    }

    proptest! {
        #[test]
        fn parsing_reverses_writing(bytes: [u8; 16]) {
            let sid = EndUserSid::from_bytes(bytes);
            prop_assert_eq!(EndUserSid::parse(&sid.text()), Ok(sid));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = AnySid::parse(&text);
        }
    }
}
