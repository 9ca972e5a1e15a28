//! Where one bundle stands in a campaign.

use std::fmt;

macro_rules! standings {
    ($($(#[$doc:meta])* $name:ident $text:literal,)*) => {
        /// Where a bundle stands in a campaign. Each counts once, as far as it got.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Standing {
            $($(#[$doc])* $name,)*
        }

        impl Standing {
            /// All of them, as they follow each other.
            pub const ALL: [Self; 8] = [$(Self::$name,)*];

            /// The name in the database and on the operator surface.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Parses a name.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|standing| standing.as_str() == text)
            }
        }
    };
}

standings! {
    /// Its approval has an end, and there was no way to tell anybody: no callback, and no mail server.
    Affected "affected",
    /// Its people were told.
    Notified "notified",
    /// They made a copy of it.
    Copied "copied",
    /// They submitted the copy.
    Submitted "submitted",
    /// The copy is approved.
    Approved "approved",
    /// Its items were replaced by those of a copy, or it was itself approved anew.
    Replaced "replaced",
    /// Its approval ended before that.
    Overdue "overdue",
    /// It was deleted before that.
    Deleted "deleted",
}

/// Something that happens to a bundle of a campaign, or to a copy of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// A copy was made.
    Copied,
    /// A copy was submitted.
    CopySubmitted,
    /// A copy was approved.
    CopyApproved,
    /// A copy was rejected or taken back, and can be submitted again.
    CopySentBack,
    /// A copy was deleted.
    CopyDeleted,
    /// The bundle's items were replaced by those of a copy.
    Replaced,
    /// The bundle's approval ended.
    Ended,
    /// The bundle itself was approved again.
    ApprovedAnew,
    /// The bundle was deleted.
    Deleted,
}

impl Standing {
    /// Where the bundle stands after something happened. What leads nowhere new leaves it where it is.
    #[must_use]
    pub const fn after(self, happening: Happening) -> Self {
        match (self, happening) {
            // These are ends: what comes later is the business of another campaign.
            (Self::Replaced | Self::Deleted, _) => self,
            (_, Happening::Replaced | Happening::ApprovedAnew) => Self::Replaced,
            (_, Happening::Deleted) => Self::Deleted,
            (_, Happening::Ended) => Self::Overdue,
            // A copy can no longer take the place of a bundle whose approval has ended.
            (Self::Overdue, _) => self,
            (Self::Affected | Self::Notified, Happening::Copied) => Self::Copied,
            (Self::Affected | Self::Notified | Self::Copied, Happening::CopySubmitted) => Self::Submitted,
            (Self::Affected | Self::Notified | Self::Copied | Self::Submitted, Happening::CopyApproved) => {
                Self::Approved
            }
            (Self::Submitted, Happening::CopySentBack) => Self::Copied,
            (Self::Copied | Self::Submitted | Self::Approved, Happening::CopyDeleted) => Self::Notified,
            _ => self,
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Happening::{
        ApprovedAnew, Copied, CopyApproved, CopyDeleted, CopySentBack, CopySubmitted, Deleted, Ended,
        Replaced,
    };
    use super::*;

    #[test]
    fn what_happens_leads_from_one_to_the_next() {
        let table = [
            // the happening, and what becomes of affected, notified, copied, submitted, approved, overdue
            (Copied, ["copied", "copied", "copied", "submitted", "approved", "overdue"]),
            (CopySubmitted, ["submitted", "submitted", "submitted", "submitted", "approved", "overdue"]),
            (CopyApproved, ["approved", "approved", "approved", "approved", "approved", "overdue"]),
            (CopySentBack, ["affected", "notified", "copied", "copied", "approved", "overdue"]),
            (CopyDeleted, ["affected", "notified", "notified", "notified", "notified", "overdue"]),
            (Replaced, ["replaced"; 6]),
            (ApprovedAnew, ["replaced"; 6]),
            (Ended, ["overdue"; 6]),
            (Deleted, ["deleted"; 6]),
        ];
        let from = [
            Standing::Affected,
            Standing::Notified,
            Standing::Copied,
            Standing::Submitted,
            Standing::Approved,
            Standing::Overdue,
        ];
        for (happening, expected) in table {
            assert_eq!(from.map(|standing| standing.after(happening).as_str()), expected, "{happening:?}");
            for end in [Standing::Replaced, Standing::Deleted] {
                assert_eq!(end.after(happening), end, "{happening:?}");
            }
        }
    }

    #[test]
    fn names_are_read_back() {
        for standing in Standing::ALL {
            assert_eq!(Standing::parse(standing.as_str()), Some(standing));
        }
    }
}
