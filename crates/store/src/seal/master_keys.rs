//! The master keys of an installation: the current one, and older ones while data keys are rewrapped.

use zeroize::Zeroizing;

use super::{MasterKey, MasterKeyId, NotAMasterKey};

/// Most keys that are read, so that a wrong file is refused and not searched.
const KEYS_MAX: usize = 32;

/// One or more master keys; the first wraps, all unwrap.
#[derive(Debug, Clone)]
pub struct MasterKeys {
    current: MasterKey,
    older: Vec<MasterKey>,
}

impl MasterKeys {
    /// Just this key.
    pub fn new(current: MasterKey) -> Self {
        Self { current, older: Vec::new() }
    }

    /// Reads the text of a key file: one key a line, the current one first; empty lines and lines that
    /// start with `#` do not count.
    ///
    /// # Errors
    /// [`MasterKeysError`] when there is no key, more than 32, or a line that is none.
    pub fn parse_file(text: &str) -> Result<Self, MasterKeysError> {
        let lines = text.lines().zip(1..).map(|(line, number)| (line.trim(), number));
        Self::collect(lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#')))
    }

    /// Reads the value of `DOSSIER_MASTER_KEY`: keys with commas between them, the current one first.
    ///
    /// # Errors
    /// [`MasterKeysError`] when there is no key, more than 32, or an entry that is none.
    pub fn parse_list(text: &str) -> Result<Self, MasterKeysError> {
        Self::collect(text.split(',').zip(1..).map(|(entry, number)| (entry.trim(), number)))
    }

    fn collect<'a>(entries: impl Iterator<Item = (&'a str, usize)>) -> Result<Self, MasterKeysError> {
        let mut keys = Vec::new();
        for (text, number) in entries {
            if keys.len() == KEYS_MAX {
                return Err(MasterKeysError::TooMany);
            }
            keys.push(MasterKey::parse(text).map_err(|source| MasterKeysError::Entry { number, source })?);
        }
        if keys.is_empty() {
            return Err(MasterKeysError::None);
        }
        let current = keys.remove(0);
        Ok(Self { current, older: keys })
    }

    /// The text of a key file with these keys.
    pub(super) fn to_file(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(256 + 65 * (1 + self.older.len())));
        text.push_str("# Master keys of this Dossier installation, the current one first.\n");
        text.push_str(
            "# Without them nothing personal in the database can be read: back them up elsewhere.\n",
        );
        for key in self.all() {
            text.push_str(&key.to_text());
            text.push('\n');
        }
        text
    }

    /// The key that wraps new data keys.
    pub fn current(&self) -> &MasterKey {
        &self.current
    }

    /// The key with this name.
    pub fn find(&self, id: MasterKeyId) -> Option<&MasterKey> {
        self.all().find(|key| key.id() == id)
    }

    /// All keys, the current one first.
    pub fn all(&self) -> impl Iterator<Item = &MasterKey> {
        std::iter::once(&self.current).chain(&self.older)
    }

    /// These keys behind a new current one: the first step of a rotation. Every data key must be
    /// rewrapped before the older ones are given up.
    #[must_use]
    pub fn with_new_current(self, current: MasterKey) -> Self {
        let older = std::iter::once(self.current).chain(self.older).collect();
        Self { current, older }
    }

    /// Only the current key: the last step of a rotation.
    #[must_use]
    pub fn without_older(self) -> Self {
        Self::new(self.current)
    }
}

/// Why a text gives no master keys. It never repeats the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeysError {
    /// Nothing but comments and blanks.
    #[error("there is no master key; `openssl rand -hex 32` makes one")]
    None,
    /// More keys than any rotation needs.
    #[error("there are more than {KEYS_MAX} master keys; is this a key file?")]
    TooMany,
    /// A line of the file, or an entry of the list, is no key.
    #[error("line or entry {number} is no master key")]
    Entry {
        /// Which, counted from 1.
        number: usize,
        /// What a key looks like.
        source: NotAMasterKey,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(keys: &MasterKeys) -> Vec<MasterKeyId> {
        keys.all().map(MasterKey::id).collect()
    }

    #[test]
    fn a_file_is_read_as_it_is_written() {
        let keys = MasterKeys::new(MasterKey::generate()).with_new_current(MasterKey::generate());
        let again = MasterKeys::parse_file(&keys.to_file()).unwrap();
        assert_eq!(ids(&again), ids(&keys));
        assert_eq!(again.current().id(), keys.current().id());
    }

    #[test]
    fn a_list_has_the_current_key_first() {
        let (one, two) = (MasterKey::generate(), MasterKey::generate());
        let text = format!(" {}, {} ", &*one.to_text(), &*two.to_text());
        let keys = MasterKeys::parse_list(&text).unwrap();
        assert_eq!(ids(&keys), [one.id(), two.id()]);
        assert_eq!(keys.find(two.id()).unwrap().id(), two.id());
        assert!(keys.find(MasterKey::generate().id()).is_none());
        assert_eq!(ids(&keys.without_older()), [one.id()]);
    }

    #[test]
    fn what_is_wrong_is_said_without_repeating_it() {
        let good = MasterKey::generate().to_text();
        assert_eq!(MasterKeys::parse_file("# nothing\n\n").unwrap_err(), MasterKeysError::None);
        let entry = |number| MasterKeysError::Entry { number, source: NotAMasterKey };
        assert_eq!(MasterKeys::parse_file(&format!("# c\n{}\nhunter2\n", &*good)).unwrap_err(), entry(3));
        assert_eq!(MasterKeys::parse_list("").unwrap_err(), entry(1));
        assert_eq!(MasterKeys::parse_list(&format!("{},", &*good)).unwrap_err(), entry(2));
        let many = [good.as_str(); 33].join("\n");
        assert_eq!(MasterKeys::parse_file(&many).unwrap_err(), MasterKeysError::TooMany);
    }
}
