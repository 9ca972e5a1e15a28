//! Magic words: in rehearsal mode the name of a bundle says what becomes of it.

use std::time::Duration;

use super::Outcome;

/// What every magic word begins with.
const PREFIX: &str = "dossier:";

/// What a name asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MagicWord {
    /// How the bundle ends.
    pub outcome: Outcome,
    /// Why, when it is rejected: codes of reasons, which may be unknown.
    pub reasons: Vec<u32>,
    /// How long after its submission.
    pub delay: Duration,
}

impl MagicWord {
    /// The first magic word of a name: `dossier:approve`, `dossier:provisional`, or
    /// `dossier:reject:18002,18003`, each with `@30s` (or `m`, `h`, `d`) for a delay. What only looks
    /// like one means nothing.
    pub fn find(name: &str) -> Option<Self> {
        name.split_whitespace().find_map(|word| Self::parse(word.strip_prefix(PREFIX)?))
    }

    fn parse(word: &str) -> Option<Self> {
        let (verb, delay) = match word.split_once('@') {
            Some((verb, delay)) => (verb, parse_delay(delay)?),
            None => (word, Duration::ZERO),
        };
        let (outcome, reasons) = match verb.split_once(':') {
            None if verb == "approve" => (Outcome::Approved, Vec::new()),
            None if verb == "provisional" => (Outcome::ProvisionallyApproved, Vec::new()),
            Some(("reject", codes)) => {
                let codes: Option<Vec<u32>> = codes.split(',').map(|code| code.parse().ok()).collect();
                (Outcome::Rejected, codes?)
            }
            None | Some(_) => return None,
        };
        Some(Self { outcome, reasons, delay })
    }
}

fn parse_delay(text: &str) -> Option<Duration> {
    let unit = text.chars().last()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return None,
    };
    let number: u32 = text.strip_suffix(unit)?.parse().ok()?;
    Some(Duration::from_secs(u64::from(number) * seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_becomes_of_the_bundle() {
        let word = |outcome, reasons: &[u32], seconds| {
            Some(MagicWord { outcome, reasons: reasons.to_vec(), delay: Duration::from_secs(seconds) })
        };
        for (name, expected) in [
            ("dossier:approve", word(Outcome::Approved, &[], 0)),
            ("Beispiel GmbH dossier:approve@30s", word(Outcome::Approved, &[], 30)),
            ("dossier:provisional@2m x", word(Outcome::ProvisionallyApproved, &[], 120)),
            ("dossier:reject:18002", word(Outcome::Rejected, &[18002], 0)),
            ("dossier:reject:18002,18003@1h", word(Outcome::Rejected, &[18002, 18003], 3600)),
            ("dossier:approve@1d dossier:provisional", word(Outcome::Approved, &[], 86_400)),
        ] {
            assert_eq!(MagicWord::find(name), expected, "{name}");
        }
    }

    #[test]
    fn what_only_looks_like_a_magic_word_means_nothing() {
        for name in [
            "",
            "approve",
            "dossier:",
            "dossier:reject",
            "dossier:reject:",
            "dossier:reject:blurry",
            "dossier:approve:18002",
            "dossier:approved",
            "dossier:approve@",
            "dossier:approve@soon",
            "dossier:approve@1ä",
            "dossier:approve@-1s",
            "dossier:approve@99999999999s",
            "xdossier:approve",
        ] {
            assert_eq!(MagicWord::find(name), None, "{name}");
        }
    }
}
