//! Units of work on their way through a queue.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use super::error::StoreError;
use super::tx::Tx;

/// A unit of work with its types erased.
pub(super) trait Unit: Send {
    /// Runs the closure and keeps its outcome. `true` when its changes are to be kept.
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;

    /// Puts an error in the place of the outcome, because its changes are not kept.
    fn refuse(&mut self, error: StoreError);

    /// Answers the caller: with the outcome of the last run, or with `error` in its place.
    fn answer(self: Box<Self>, error: Option<StoreError>);
}

/// Runs a closure and makes a panic in it an error.
///
/// A panic is a bug in one use case; the thread serves all of them, so it must survive.
pub(super) fn caught<T, E: From<StoreError>>(unit: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(unit)).unwrap_or_else(|_| Err(E::from(StoreError::Panicked)))
}

/// A closure, its outcome, and who waits for it.
pub(super) struct Work<F, T, E> {
    unit: F,
    outcome: Option<Result<T, E>>,
    caller: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Work<F, T, E>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    pub(super) fn new(unit: F) -> (Box<Self>, oneshot::Receiver<Result<T, E>>) {
        let (caller, answer) = oneshot::channel();
        (Box::new(Self { unit, outcome: None, caller }), answer)
    }
}

impl<F, T, E> Unit for Work<F, T, E>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let outcome = caught(|| (self.unit)(tx));
        let keep = outcome.is_ok();
        self.outcome = Some(outcome);
        keep
    }

    fn refuse(&mut self, error: StoreError) {
        self.outcome = Some(Err(E::from(error)));
    }

    fn answer(self: Box<Self>, error: Option<StoreError>) {
        let Self { outcome, caller, .. } = *self;
        let answer = match (error, outcome) {
            (None, Some(outcome)) => outcome,
            (Some(error), _) => Err(E::from(error)),
            (None, None) => Err(E::from(StoreError::Closed)),
        };
        // A caller that has gone away is not owed an answer; what it asked for has happened.
        let _ = caller.send(answer);
    }
}
