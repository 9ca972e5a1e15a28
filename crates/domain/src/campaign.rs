//! Campaigns: a change of a rule, carried to everybody whose approval it ends (contract sections 1.7 and 6).
//!
//! A campaign is about one revision of one regulation. It finds the approved bundles that do not satisfy
//! that revision, gives their approvals an end, tells their people what will be missing, and follows each
//! of them until something that satisfies the revision is in its place, or its time is over.

mod missing;
mod standing;

use std::fmt;

pub use missing::MissingItem;
pub use standing::{Happening, Standing};

use crate::paging::Position;
use crate::regulation::Combination;
use crate::sid::{CampaignSid, RegulationSid};
use crate::{Code, Fault, Timestamp};

/// A change of a rule, and how far it was carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    /// Its identifier.
    pub sid: CampaignSid,
    /// The regulation that changes.
    pub regulation_sid: RegulationSid,
    /// What the regulation is for.
    pub combination: Combination,
    /// The revision that approvals are measured by.
    pub revision: u32,
    /// Where it stands.
    pub state: CampaignState,
    /// Since when it does nothing, if somebody paused it.
    pub paused_at: Option<Timestamp>,
    /// When the revision comes into force.
    pub effective_from: Timestamp,
    /// When approvals that do not satisfy it end.
    pub approvals_end: Timestamp,
    /// Bundles that were looked at.
    pub looked_at: u64,
    /// When it began.
    pub created_at: Timestamp,
    /// When it last got anywhere.
    pub updated_at: Timestamp,
}

impl Campaign {
    /// Its place among all campaigns, oldest first.
    pub fn position(&self) -> Position {
        Position { key: self.created_at.as_micros(), sid: self.sid.into() }
    }

    /// Whether it may be paused now.
    ///
    /// # Errors
    /// Code 20409 when it is paused, or has nothing left to do.
    pub fn pause(&mut self, now: Timestamp) -> Result<(), Fault> {
        if self.paused_at.is_some() {
            return Err(self.conflict("paused already"));
        }
        self.must_be_under_way("be paused")?;
        self.paused_at = Some(now);
        Ok(())
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// Code 20409 when it is not paused.
    pub fn resume(&mut self) -> Result<(), Fault> {
        match self.paused_at.take() {
            Some(_) => Ok(()),
            None => Err(self.conflict("not paused")),
        }
    }

    /// Begins to take back what it did.
    ///
    /// # Errors
    /// Code 20409 when it is over: approvals have ended then.
    pub fn cancel(&mut self) -> Result<(), Fault> {
        self.must_be_under_way("be cancelled")?;
        self.state = CampaignState::Cancelling;
        self.paused_at = None;
        Ok(())
    }

    fn must_be_under_way(&self, what: &str) -> Result<(), Fault> {
        match self.state {
            CampaignState::Walking | CampaignState::Open => Ok(()),
            CampaignState::Closed | CampaignState::Cancelling | CampaignState::Cancelled => {
                Err(self.conflict(&format!("{} and cannot {what}", self.state)))
            }
        }
    }

    fn conflict(&self, is: &str) -> Fault {
        Fault::new(Code::Conflict, format!("Campaign {} is {is}", self.sid))
    }
}

macro_rules! states {
    ($($(#[$doc:meta])* $name:ident $text:literal,)*) => {
        /// Where a campaign stands.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum CampaignState {
            $($(#[$doc])* $name,)*
        }

        impl CampaignState {
            /// All of them, as they follow each other.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name in the database and on the operator surface.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Parses a name.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|state| state.as_str() == text)
            }
        }
    };
}

states! {
    /// It looks at all bundles, and tells those it concerns.
    Walking "walking",
    /// Everybody is told; their people make copies, change and submit them.
    Open "open",
    /// The approvals it concerns have ended, as far as nothing took their place.
    Closed "closed",
    /// It is taking back the ends that it gave.
    Cancelling "cancelling",
    /// It took back the ends that it gave.
    Cancelled "cancelled",
}

impl CampaignState {
    /// Whether bundles of the regulation are measured by the campaign's revision: from its beginning, and
    /// also when its time is over, but not once it is taken back.
    pub const fn holds(self) -> bool {
        match self {
            Self::Walking | Self::Open | Self::Closed => true,
            Self::Cancelling | Self::Cancelled => false,
        }
    }
}

impl fmt::Display for CampaignState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EndUserType, IsoCountry, NumberType};

    fn campaign(state: CampaignState) -> Campaign {
        let at = Timestamp::from_micros(1);
        Campaign {
            sid: CampaignSid::from_bytes([1; 16]),
            regulation_sid: RegulationSid::from_bytes([2; 16]),
            combination: Combination {
                iso_country: IsoCountry::parse("DE").unwrap(),
                number_type: NumberType::Local,
                end_user_type: EndUserType::Business,
            },
            revision: 2,
            state,
            paused_at: None,
            effective_from: at,
            approvals_end: at,
            looked_at: 0,
            created_at: at,
            updated_at: at,
        }
    }

    #[test]
    fn what_is_over_can_be_neither_paused_nor_cancelled() {
        for &state in CampaignState::ALL {
            let under_way = matches!(state, CampaignState::Walking | CampaignState::Open);
            assert_eq!(campaign(state).pause(Timestamp::from_micros(2)).is_ok(), under_way, "{state}");
            assert_eq!(campaign(state).cancel().is_ok(), under_way, "{state}");
            assert_eq!(CampaignState::parse(state.as_str()), Some(state));
        }
    }

    #[test]
    fn pausing_and_resuming_take_turns() {
        let mut campaign = campaign(CampaignState::Walking);
        assert_eq!(campaign.resume().unwrap_err().code, Code::Conflict);
        campaign.pause(Timestamp::from_micros(2)).unwrap();
        assert_eq!(campaign.pause(Timestamp::from_micros(3)).unwrap_err().code, Code::Conflict);
        assert_eq!(campaign.paused_at, Some(Timestamp::from_micros(2)));
        campaign.resume().unwrap();
        assert_eq!(campaign.paused_at, None);
        campaign.pause(Timestamp::from_micros(4)).unwrap();
        campaign.cancel().unwrap();
        assert_eq!((campaign.state, campaign.paused_at), (CampaignState::Cancelling, None));
    }
}
