//! Text that must not be seen.

use super::value::Value;
use std::fmt;
use zeroize::Zeroizing;

/// What stands for a secret wherever one would be printed.
pub(super) const DOTS: &str = "••••••";

/// A text that prints as dots and is wiped from memory when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Keeps this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself, for the code that uses it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(DOTS)
    }
}

impl Value for Secret {
    const ENVIRONMENT_ONLY: bool = true;
    const MASKED: bool = true;
    const NAME: &'static str = "SECRET";

    fn form() -> String {
        "a text that is not empty".to_owned()
    }

    fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() { Err("must not be empty".to_owned()) } else { Ok(Self::new(text)) }
    }

    fn shown(&self) -> String {
        DOTS.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_user_of_a_secret_sees_it() {
        let secret = Secret::parse("correct horse").unwrap();
        assert_eq!(format!("{secret:?} {}", secret.shown()), format!("{DOTS} {DOTS}"));
        assert_eq!(secret.expose(), "correct horse");
    }
}
