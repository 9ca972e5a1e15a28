//! Erasures: what a person or a closed account left behind is removed, wherever it went.

use std::fmt;

/// What a name becomes when it is erased.
pub const ERASED_NAME: &str = "erased";

/// Where an erasure stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErasureState {
    /// It begins when its time has come; until then it can be undone.
    Waiting,
    /// Objects are being erased.
    Running,
    /// A legal hold is in its way, or something that is in use. It goes on when that has ended.
    Blocked,
    /// Nothing is left.
    Done,
    /// It was called off before it began.
    Undone,
}

impl ErasureState {
    /// All states.
    pub const ALL: [Self; 5] = [Self::Waiting, Self::Running, Self::Blocked, Self::Done, Self::Undone];

    /// The name in the database and on the operator surface.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Blocked => "blocked",
            Self::Done => "done",
            Self::Undone => "undone",
        }
    }

    /// Parses a name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether it is still to come to its end.
    pub const fn is_open(self) -> bool {
        match self {
            Self::Waiting | Self::Running | Self::Blocked => true,
            Self::Done | Self::Undone => false,
        }
    }
}

impl fmt::Display for ErasureState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for state in ErasureState::ALL {
            assert_eq!(ErasureState::parse(state.as_str()), Some(state));
        }
        assert_eq!(ErasureState::parse("erased"), None);
    }
}
