//! What a client was told about an object, and what it asked for without an answer.

use serde_json::{Map, Value};
use std::ops::RangeInclusive;

/// What there is of an object: nothing, or at least these fields of its body.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum State {
    Gone,
    There(Map<String, Value>),
}

impl State {
    /// An object with these fields.
    pub(crate) fn there<const N: usize>(fields: [(&str, Value); N]) -> Self {
        Self::There(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// This object with other values of these fields.
    pub(crate) fn but<const N: usize>(&self, fields: [(&str, Value); N]) -> Self {
        let Self::There(known) = self else { panic!("what is gone cannot change") };
        let mut known = known.clone();
        known.extend(fields.into_iter().map(|(name, value)| (name.to_owned(), value)));
        Self::There(known)
    }

    /// Whether this is what was found: nothing, or a body that has these fields.
    fn is(&self, found: Option<&Value>) -> bool {
        match (self, found) {
            (Self::Gone, None) => true,
            (Self::There(fields), Some(body)) => fields.iter().all(|(name, value)| body[name] == *value),
            _ => false,
        }
    }
}

/// An object that was made for sure.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) sid: String,
    /// Where it is.
    pub(crate) path: String,
    /// What the last answer said.
    acknowledged: State,
    /// What was asked for since then, with no answer or a failure.
    attempts: Vec<State>,
    changes_acknowledged: usize,
    changes_attempted: usize,
    /// It is part of something else and is left alone.
    pub(crate) locked: bool,
    /// It may have changed since it was last compared.
    pub(crate) touched: bool,
}

impl Object {
    /// An object whose creation was answered.
    pub(crate) fn new(sid: String, path: String, state: State) -> Self {
        Self {
            sid,
            path,
            acknowledged: state,
            attempts: Vec::new(),
            changes_acknowledged: 0,
            changes_attempted: 0,
            locked: false,
            touched: true,
        }
    }

    /// What it is, as far as anyone was told.
    pub(crate) fn state(&self) -> &State {
        &self.acknowledged
    }

    /// Whether it can be changed: it is there, and no earlier request is in doubt.
    pub(crate) fn is_free(&self) -> bool {
        !self.locked && self.attempts.is_empty() && self.acknowledged != State::Gone
    }

    /// Notes that it is about to be asked to become this, `by_itself` or as a part of something else,
    /// which has no event of its own.
    pub(crate) fn attempt(&mut self, state: State, by_itself: bool) {
        self.changes_attempted += usize::from(by_itself && state != State::Gone);
        self.attempts.push(state);
        self.touched = true;
    }

    /// Notes that the last attempt was answered with success.
    pub(crate) fn acknowledge(&mut self, by_itself: bool) {
        self.acknowledged = self.attempts.pop().expect("only what was attempted is acknowledged");
        self.attempts.clear();
        self.changes_acknowledged += usize::from(by_itself && self.acknowledged != State::Gone);
    }

    /// How many events of changes there may be.
    pub(crate) fn changes(&self) -> RangeInclusive<usize> {
        self.changes_acknowledged..=self.changes_attempted
    }

    /// Compares with what was found; from now on that is what it is.
    ///
    /// # Panics
    /// When it is neither what was acknowledged last nor what was asked for later.
    pub(crate) fn settle(&mut self, found: Option<&Value>) {
        let known = std::iter::once(&self.acknowledged).chain(&self.attempts);
        match known.rev().find(|state| state.is(found)) {
            Some(state) => self.acknowledged = state.clone(),
            None => panic!("{} was acknowledged as\n{self:?}\nand is\n{found:?}", self.sid),
        }
        self.attempts.clear();
        self.touched = false;
    }
}
