//! The chain that proves the audit: batches of events under a Merkle root, each naming the one before.
//!
//! Everything is hashed in a canonical form, whose texts stand after their lengths, so that no two
//! events and no two checkpoints have the same one. Who knows the hash of one checkpoint can tell
//! whether anything it covers was changed, and so can tell for everything before it.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};

use crate::Timestamp;

/// A SHA-256, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// What the first checkpoint names as the one before it.
    pub const NONE: Self = Self([0; 32]);

    /// The digest of these bytes, which were computed before.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Parses 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let text: &[u8; 64] = text.as_bytes().try_into().ok()?;
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_chunks::<2>().0) {
            let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An event as it is stored: texts, because what was tampered with need not be of any type.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of the table, in its order")]
pub struct EventRecord<'a> {
    pub account_sid: &'a str,
    pub at: i64,
    pub sid: &'a str,
    pub actor: &'a str,
    pub action: &'a str,
    pub target: &'a str,
    pub outcome: &'a str,
    pub request_id: &'a str,
    pub rule_revision: Option<i64>,
}

impl EventRecord<'_> {
    /// What stands for the event in the tree of its checkpoint. It covers every column.
    pub fn leaf(&self) -> Digest {
        let Self { account_sid, at, sid, actor, action, target, outcome, request_id, rule_revision } = self;
        let mut hasher = Hasher::new(LEAF);
        hasher.text("dossier audit event 1");
        hasher.text(account_sid);
        hasher.number(*at);
        for text in [sid, actor, action, target, outcome, request_id] {
            hasher.text(text);
        }
        hasher.0.update(&[u8::from(rule_revision.is_some())]);
        hasher.number(rule_revision.unwrap_or_default());
        hasher.finish()
    }
}

/// What a checkpoint says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// Its place in the chain, from 1 without gaps.
    pub number: i64,
    /// The hash of the checkpoint before it; [`Digest::NONE`] for the first.
    pub previous_hash: Digest,
    /// The root over its events, see [`MerkleRoot`].
    pub merkle_root: Digest,
    /// How many events it covers; at least one.
    pub event_count: i64,
    /// When it was made.
    pub sealed_at: Timestamp,
}

impl Checkpoint {
    /// The hash that the next checkpoint names.
    pub fn hash(&self) -> Digest {
        let Self { number, previous_hash, merkle_root, event_count, sealed_at } = self;
        let mut hasher = Hasher::new(CHECKPOINT);
        hasher.text("dossier audit checkpoint 1");
        hasher.number(*number);
        hasher.0.update(previous_hash.as_bytes());
        hasher.0.update(merkle_root.as_bytes());
        hasher.number(*event_count);
        hasher.number(sealed_at.as_micros());
        hasher.finish()
    }
}

/// The root of a Merkle tree in the form of RFC 6962, section 2.1, computed while leaves come in.
///
/// Memory grows with the logarithm of the number of leaves: only the roots of complete subtrees are
/// kept, from the largest on the left to the smallest on the right.
#[derive(Debug, Clone, Default)]
pub struct MerkleRoot {
    leaves: u64,
    subtrees: Vec<Digest>,
}

impl MerkleRoot {
    /// Adds a leaf behind those that are there.
    pub fn push(&mut self, leaf: Digest) {
        self.subtrees.push(leaf);
        // Each bit of the count that is set stands for a complete subtree; adding one carries.
        for _ in 0..self.leaves.trailing_ones() {
            self.join();
        }
        self.leaves += 1;
    }

    /// How many leaves there are.
    pub const fn leaves(&self) -> u64 {
        self.leaves
    }

    /// The root; that of no leaves is the hash of nothing.
    pub fn root(mut self) -> Digest {
        while self.subtrees.len() > 1 {
            self.join();
        }
        self.subtrees.pop().unwrap_or_else(|| Hasher(Context::new(&SHA256)).finish())
    }

    fn join(&mut self) {
        if let (Some(right), Some(left)) = (self.subtrees.pop(), self.subtrees.pop()) {
            self.subtrees.push(join(left, right));
        }
    }
}

/// What proves that a leaf is in a tree (RFC 6962, section 2.1.1): the roots of the subtrees beside the way
/// from the leaf to the root, the nearest first. `None` when there is no such leaf.
pub fn inclusion_path(leaves: &[Digest], index: usize) -> Option<Vec<Digest>> {
    leaves.get(index)?;
    let (mut path, mut leaves, mut index) = (Vec::new(), leaves, index);
    while leaves.len() > 1 {
        // The largest power of two that is smaller than the number of leaves.
        let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
        let (inside, beside) = if index < left.len() { (left, right) } else { (right, left) };
        index -= if index < left.len() { 0 } else { left.len() };
        path.push(root(beside));
        leaves = inside;
    }
    path.reverse();
    Some(path)
}

/// The root of the tree of `count` leaves in which `leaf` stands at `index`, if the path is one of such a
/// tree: whoever knows the root compares.
pub fn root_of_path(leaf: Digest, index: u64, count: u64, path: &[Digest]) -> Option<Digest> {
    if index >= count {
        return None;
    }
    // As in RFC 9162, section 2.1.3.2: `last` is where the rightmost leaf is on each level.
    let (mut here, mut last, mut hash) = (index, count - 1, leaf);
    for beside in path {
        if last == 0 {
            return None;
        }
        if here % 2 == 1 || here == last {
            hash = join(*beside, hash);
            // A subtree on the right that is not full stands higher than its leaves are deep.
            while here % 2 == 0 && here != 0 {
                (here, last) = (here >> 1, last >> 1);
            }
        } else {
            hash = join(hash, *beside);
        }
        (here, last) = (here >> 1, last >> 1);
    }
    (last == 0).then_some(hash)
}

fn root(leaves: &[Digest]) -> Digest {
    let mut tree = MerkleRoot::default();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    tree.root()
}

fn join(left: Digest, right: Digest) -> Digest {
    let mut hasher = Hasher::new(NODE);
    hasher.0.update(left.as_bytes());
    hasher.0.update(right.as_bytes());
    hasher.finish()
}

/// First bytes of what is hashed, so that no leaf can be passed off as a node (RFC 6962) or a checkpoint.
const LEAF: u8 = 0;
const NODE: u8 = 1;
const CHECKPOINT: u8 = 2;

struct Hasher(Context);

impl Hasher {
    fn new(kind: u8) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(&[kind]);
        Self(context)
    }

    fn number(&mut self, number: i64) {
        self.0.update(&number.to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        self.0.update(&(text.len() as u64).to_be_bytes());
        self.0.update(text.as_bytes());
    }

    fn finish(self) -> Digest {
        Digest(*self.0.finish().as_ref().first_chunk().expect("SHA-256 is 32 bytes long"))
    }
}

#[cfg(test)]
mod tests;
