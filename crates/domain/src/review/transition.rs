//! Who may do what to a case in which state.

use super::{Case, CaseAction, CaseActor, CaseRefusal, CaseState, Outcome};
use crate::Timestamp;
use crate::operator::Permission;
use crate::sid::OperatorSid;

/// What an actor is to a case.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seat {
    /// Has the claim.
    Holder,
    /// Made the decision that waits.
    Maker,
    /// May confirm what others decided.
    Senior,
    /// May review.
    Reviewer,
    /// May look at most.
    Onlooker,
    Customer,
    Policy,
    Clock,
}

impl Case {
    /// The state after `action`.
    ///
    /// A claim whose time is over has ended, whether or not anybody has written that down yet.
    ///
    /// # Errors
    /// The reason why it cannot be done.
    pub fn after(
        &self,
        action: CaseAction,
        actor: CaseActor,
        now: Timestamp,
    ) -> Result<CaseState, CaseRefusal> {
        let state = self.state_at(now);
        let seat = seat(state, actor);
        match action {
            CaseAction::Claim { until } => self.claim(state, seat, actor, until),
            CaseAction::Release => self.release(state, seat),
            CaseAction::EndClaim => self.end_claim(state, seat),
            CaseAction::Judge => judge(state, seat),
            CaseAction::Decide { outcome, needs_confirmation } => {
                decide(state, seat, outcome, needs_confirmation)
            }
            CaseAction::Confirm => {
                let (maker, outcome) = to_confirm(state, seat)?;
                Ok(CaseState::Decided { outcome, by: Some(maker) })
            }
            CaseAction::SendBack { until } => {
                let (maker, _) = to_confirm(state, seat)?;
                Ok(CaseState::Claimed { by: maker, until })
            }
            CaseAction::Withdraw => self.withdraw(state, seat),
        }
    }

    /// The state now: as it is written down, unless it is a claim whose time is over.
    pub fn state_at(&self, now: Timestamp) -> CaseState {
        match self.state {
            CaseState::Claimed { until, .. } if until <= now => self.unclaimed(),
            state => state,
        }
    }

    /// The state in which nobody is at the case.
    const fn unclaimed(&self) -> CaseState {
        if self.provisional {
            CaseState::Decided { outcome: Outcome::ProvisionallyApproved, by: None }
        } else {
            CaseState::Waiting
        }
    }

    fn claim(
        &self,
        state: CaseState,
        seat: Seat,
        actor: CaseActor,
        until: Timestamp,
    ) -> Result<CaseState, CaseRefusal> {
        let CaseActor::Operator(by, _) = actor else { return Err(CaseRefusal::NotAllowed) };
        if seat == Seat::Onlooker {
            return Err(CaseRefusal::NotAllowed);
        }
        match state {
            CaseState::Claimed { .. } if seat != Seat::Holder => Err(CaseRefusal::ClaimedByAnother),
            CaseState::Waiting | CaseState::Claimed { .. } => Ok(CaseState::Claimed { by, until }),
            CaseState::Confirming { .. } => Err(CaseRefusal::AwaitsConfirmation),
            // Only a provisional approval can still become something else.
            CaseState::Decided { outcome: Outcome::ProvisionallyApproved, .. } => {
                Ok(CaseState::Claimed { by, until })
            }
            CaseState::Decided { outcome: Outcome::Approved | Outcome::Rejected, .. } => {
                Err(CaseRefusal::Decided)
            }
            CaseState::Withdrawn => Err(CaseRefusal::Withdrawn),
        }
    }

    /// A senior may release what a colleague who went home has claimed.
    fn release(&self, state: CaseState, seat: Seat) -> Result<CaseState, CaseRefusal> {
        match seat {
            Seat::Onlooker | Seat::Customer | Seat::Policy | Seat::Clock => Err(CaseRefusal::NotAllowed),
            Seat::Holder | Seat::Maker | Seat::Senior | Seat::Reviewer => match state {
                CaseState::Waiting => Err(CaseRefusal::NotClaimed),
                CaseState::Claimed { .. } if seat == Seat::Reviewer => Err(CaseRefusal::ClaimedByAnother),
                CaseState::Claimed { .. } => Ok(self.unclaimed()),
                CaseState::Confirming { .. } if seat == Seat::Maker => Ok(self.unclaimed()),
                CaseState::Confirming { .. } => Err(CaseRefusal::AwaitsConfirmation),
                CaseState::Decided { .. } => Err(CaseRefusal::Decided),
                CaseState::Withdrawn => Err(CaseRefusal::Withdrawn),
            },
        }
    }

    fn end_claim(&self, state: CaseState, seat: Seat) -> Result<CaseState, CaseRefusal> {
        if seat != Seat::Clock {
            return Err(CaseRefusal::NotAllowed);
        }
        match state {
            CaseState::Claimed { .. } => Err(CaseRefusal::ClaimLasts),
            CaseState::Waiting | CaseState::Decided { .. }
                if matches!(self.state, CaseState::Claimed { .. }) =>
            {
                Ok(state)
            }
            CaseState::Waiting => Err(CaseRefusal::NotClaimed),
            CaseState::Confirming { .. } => Err(CaseRefusal::AwaitsConfirmation),
            CaseState::Decided { .. } => Err(CaseRefusal::Decided),
            CaseState::Withdrawn => Err(CaseRefusal::Withdrawn),
        }
    }

    /// Whether the bundle may be taken back or deleted is said by its own state; a provisionally
    /// approved one may be deleted, and may run out, whoever is at the case.
    fn withdraw(&self, state: CaseState, seat: Seat) -> Result<CaseState, CaseRefusal> {
        match seat {
            Seat::Customer => {}
            Seat::Clock if self.provisional => {}
            Seat::Holder
            | Seat::Maker
            | Seat::Senior
            | Seat::Reviewer
            | Seat::Onlooker
            | Seat::Policy
            | Seat::Clock => return Err(CaseRefusal::NotAllowed),
        }
        match state {
            CaseState::Waiting => Ok(CaseState::Withdrawn),
            CaseState::Claimed { .. } | CaseState::Confirming { .. } if self.provisional => {
                Ok(CaseState::Withdrawn)
            }
            CaseState::Claimed { .. } => Err(CaseRefusal::ClaimedByAnother),
            CaseState::Confirming { .. } => Err(CaseRefusal::AwaitsConfirmation),
            CaseState::Decided { outcome: Outcome::ProvisionallyApproved, .. } => Ok(CaseState::Withdrawn),
            CaseState::Decided { outcome: Outcome::Approved | Outcome::Rejected, .. } => {
                Err(CaseRefusal::Decided)
            }
            CaseState::Withdrawn => Err(CaseRefusal::Withdrawn),
        }
    }
}

fn seat(state: CaseState, actor: CaseActor) -> Seat {
    let (operator, role) = match actor {
        CaseActor::Operator(operator, role) => (operator, role),
        CaseActor::Customer => return Seat::Customer,
        CaseActor::Policy => return Seat::Policy,
        CaseActor::Clock => return Seat::Clock,
    };
    match state {
        // A role that was taken away counts at once, also for whoever is in the middle of it.
        _ if !role.may(Permission::Review) => Seat::Onlooker,
        CaseState::Claimed { by, .. } if by == operator => Seat::Holder,
        CaseState::Confirming { maker, .. } if maker == operator => Seat::Maker,
        _ if role.may(Permission::Confirm) => Seat::Senior,
        _ => Seat::Reviewer,
    }
}

fn judge(state: CaseState, seat: Seat) -> Result<CaseState, CaseRefusal> {
    match seat {
        Seat::Onlooker | Seat::Customer | Seat::Policy | Seat::Clock => Err(CaseRefusal::NotAllowed),
        Seat::Holder | Seat::Maker | Seat::Senior | Seat::Reviewer => holder(state, seat).map(|_| state),
    }
}

fn decide(
    state: CaseState,
    seat: Seat,
    outcome: Outcome,
    needs_confirmation: bool,
) -> Result<CaseState, CaseRefusal> {
    match seat {
        Seat::Onlooker | Seat::Customer | Seat::Clock => Err(CaseRefusal::NotAllowed),
        // A rule outranks whoever is at the case (contract 14.2 rows 34, 35 and 39).
        Seat::Policy => match state {
            CaseState::Waiting | CaseState::Claimed { .. } | CaseState::Confirming { .. } => {
                Ok(CaseState::Decided { outcome, by: None })
            }
            CaseState::Decided { outcome: Outcome::ProvisionallyApproved, .. } => {
                Ok(CaseState::Decided { outcome, by: None })
            }
            CaseState::Decided { outcome: Outcome::Approved | Outcome::Rejected, .. } => {
                Err(CaseRefusal::Decided)
            }
            CaseState::Withdrawn => Err(CaseRefusal::Withdrawn),
        },
        Seat::Holder | Seat::Maker | Seat::Senior | Seat::Reviewer => {
            let maker = holder(state, seat)?;
            Ok(if needs_confirmation {
                CaseState::Confirming { maker, outcome }
            } else {
                CaseState::Decided { outcome, by: Some(maker) }
            })
        }
    }
}

/// Who has the claim, when it is the operator who asks.
fn holder(state: CaseState, seat: Seat) -> Result<OperatorSid, CaseRefusal> {
    match state {
        CaseState::Claimed { by, .. } if seat == Seat::Holder => Ok(by),
        CaseState::Claimed { .. } => Err(CaseRefusal::ClaimedByAnother),
        CaseState::Waiting => Err(CaseRefusal::NotClaimed),
        CaseState::Confirming { .. } => Err(CaseRefusal::AwaitsConfirmation),
        CaseState::Decided { outcome: Outcome::ProvisionallyApproved, .. } => Err(CaseRefusal::NotClaimed),
        CaseState::Decided { outcome: Outcome::Approved | Outcome::Rejected, .. } => {
            Err(CaseRefusal::Decided)
        }
        CaseState::Withdrawn => Err(CaseRefusal::Withdrawn),
    }
}

/// Who made the decision that waits, and which it is, for somebody who may confirm it.
fn to_confirm(state: CaseState, seat: Seat) -> Result<(OperatorSid, Outcome), CaseRefusal> {
    match seat {
        Seat::Onlooker | Seat::Customer | Seat::Policy | Seat::Clock => Err(CaseRefusal::NotAllowed),
        Seat::Maker => Err(CaseRefusal::OwnDecision),
        Seat::Reviewer => Err(CaseRefusal::NotAllowed),
        Seat::Holder | Seat::Senior => match state {
            CaseState::Confirming { maker, outcome } => Ok((maker, outcome)),
            CaseState::Waiting | CaseState::Claimed { .. } | CaseState::Decided { .. } => {
                Err(CaseRefusal::NothingToConfirm)
            }
            CaseState::Withdrawn => Err(CaseRefusal::Withdrawn),
        },
    }
}
