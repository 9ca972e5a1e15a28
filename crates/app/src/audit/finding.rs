//! What is wrong with the audit, in words for people.

use std::fmt;

use dossier_domain::Timestamp;
use dossier_store::audit_chain::EventKey;

/// Something that cannot be unless somebody changed the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A checkpoint is not what its hash says.
    CheckpointAltered(i64),
    /// A checkpoint was not made with the key of this installation.
    CheckpointForged(i64),
    /// A row of the table of checkpoints is none.
    CheckpointUnreadable(i64),
    /// A checkpoint names another one as the one before it than there is.
    ChainBroken(i64),
    /// There are no checkpoints with these numbers, both included.
    CheckpointsMissing(i64, i64),
    /// The chain says that its newest checkpoint is another than it is.
    NewestDiffers {
        /// What the chain says; `None` when it says nothing any more.
        said: Option<i64>,
        /// What is there; 0 when nothing is.
        found: i64,
    },
    /// The checkpoint that was kept elsewhere is not in the database: the chain was cut off.
    Truncated(i64),
    /// The checkpoint that was kept elsewhere is another one in the database: the chain was made anew.
    Rewritten(i64),
    /// The events of a checkpoint are not what it covers.
    EventsDiffer {
        /// Which checkpoint.
        checkpoint: i64,
        /// How many events it covers.
        covered: i64,
        /// How many it has.
        found: u64,
    },
    /// The leaves a checkpoint lists are not what it covers.
    LeavesAltered(i64),
    /// A sealed event is not what it was.
    EventAltered {
        /// Which.
        event: EventKey,
        /// In which checkpoint.
        checkpoint: i64,
    },
    /// A sealed event is not there any more.
    EventMissing {
        /// Which.
        event: EventKey,
        /// In which checkpoint.
        checkpoint: i64,
    },
    /// Events of a checkpoint are gone, and so is every mention of them.
    EventsGone {
        /// Which checkpoint.
        checkpoint: i64,
        /// How many.
        events: u64,
    },
    /// An event is in no checkpoint and does not wait for one either.
    EventAdded(EventKey),
    /// An event that waited for a checkpoint is not there any more.
    WaitingEventMissing(EventKey),
    /// Events are listed for a checkpoint that does not exist.
    SealsWithoutCheckpoint(i64),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CheckpointAltered(number) => {
                write!(f, "checkpoint {number} was altered: its hash is not that of what it says")
            }
            Self::CheckpointForged(number) => {
                write!(f, "checkpoint {number} was not made with the key of this installation")
            }
            Self::CheckpointUnreadable(number) => {
                write!(f, "checkpoint {number} was altered: it cannot be read")
            }
            Self::ChainBroken(number) => {
                write!(f, "checkpoint {number} does not follow the one before it: one of them was replaced")
            }
            Self::CheckpointsMissing(from, to) if from == to => write!(f, "checkpoint {from} is missing"),
            Self::CheckpointsMissing(from, to) => write!(f, "checkpoints {from} to {to} are missing"),
            Self::NewestDiffers { said: Some(said), found } => {
                write!(f, "the newest checkpoint should be {said} and is {found}")
            }
            Self::NewestDiffers { said: None, found } => {
                write!(f, "the number of the newest checkpoint is gone; the newest found is {found}")
            }
            Self::Truncated(number) => {
                write!(
                    f,
                    "checkpoint {number} was exported and is missing: the chain was cut off or replaced"
                )
            }
            Self::Rewritten(number) => {
                write!(f, "checkpoint {number} is not the one that was exported: the chain was made anew")
            }
            Self::EventsDiffer { checkpoint, covered, found } => write!(
                f,
                "the events of checkpoint {checkpoint} do not give its root; there are {found}, and it covers {covered}"
            ),
            Self::LeavesAltered(number) => {
                write!(f, "the leaves that checkpoint {number} lists were altered; its events are proven")
            }
            Self::EventAltered { event, checkpoint } => {
                write!(f, "event {} is not as checkpoint {checkpoint} sealed it", Named(event))
            }
            Self::EventMissing { event, checkpoint } => {
                write!(f, "event {} of checkpoint {checkpoint} is missing", Named(event))
            }
            Self::EventsGone { checkpoint, events } => {
                write!(f, "events of checkpoint {checkpoint} are gone, and every mention of them: {events}")
            }
            Self::EventAdded(event) => {
                write!(f, "event {} was added behind the chain's back: no checkpoint has it", Named(event))
            }
            Self::WaitingEventMissing(event) => {
                write!(f, "event {}, which waited for a checkpoint, is missing", Named(event))
            }
            Self::SealsWithoutCheckpoint(number) => {
                write!(f, "events are listed for checkpoint {number}, which does not exist")
            }
        }
    }
}

struct Named<'a>(&'a EventKey);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let EventKey { account_sid, at, sid } = self.0;
        // What is in a row that was tampered with may be anything, control characters included.
        write!(f, "{} of account {}, ", sid.escape_debug(), account_sid.escape_debug())?;
        // Nor need its time lie within the calendar.
        match (0..=Timestamp::MAX.as_micros()).contains(at) {
            true => write!(f, "{}", Timestamp::from_micros(*at)),
            false => write!(f, "{at} µs after 1970"),
        }
    }
}
