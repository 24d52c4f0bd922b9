//! Cancels that are confirmed by reading the order back.

use std::collections::HashSet;
use std::time::Duration;

use super::pace::{Pace, share};
use crate::clock::Deadline;
use crate::error::{Error, Kind, Outcome, Result};
use crate::model::{AccountId, CancelOutcome, CancelReport, ContractId, Order, OrderId, OrderStatus};
use crate::session::Session;
use crate::sync::StopToken;

/// What a cancel has not told by then is read back.
const LONGEST_ANSWER: Duration = Duration::from_secs(5);

/// Asks for a cancel, once, and reads the order back until its end is seen or the deadline passes.
pub(crate) fn cancel_confirmed(
    session: &Session,
    stop: &StopToken,
    account: AccountId,
    order: OrderId,
    deadline: Deadline,
) -> CancelOutcome {
    let mut cancel = Cancel::send(session, account, order, deadline);
    let end = confirm(session, stop, std::slice::from_mut(&mut cancel), deadline);
    cancel.outcome(end)
}

/// Cancels every order of an account that is not final, of one contract only if it is given: all cancels go
/// out before the first is read back.
///
/// # Errors
/// When the orders cannot be listed; then nothing was cancelled.
pub(crate) fn cancel_all(
    session: &Session,
    stop: &StopToken,
    account: AccountId,
    contract: Option<&ContractId>,
    deadline: Deadline,
) -> Result<Vec<CancelReport>> {
    let listed = session
        .query_urgently(deadline, |gateway, token| gateway.open_orders(token, account, deadline))
        .map_err(|error| error.with_outcome(Outcome::NotSent))?;
    let mut orders: Vec<_> =
        listed.into_iter().filter(|order| contract.is_none_or(|wanted| order.contract == *wanted)).collect();
    // Entries first: a leg must not be gone while its entry can still fill.
    orders.sort_by_key(|order| (order.parent.is_some(), order.id));
    let mut cancels: Vec<_> =
        orders.iter().map(|order| Cancel::send(session, account, order.id, deadline)).collect();
    let end = confirm(session, stop, &mut cancels, deadline);
    let reports = orders.into_iter().zip(cancels);
    Ok(reports.map(|(order, cancel)| CancelReport { order, outcome: cancel.outcome(end.clone()) }).collect())
}

/// Reads orders back in turns until the end of each is seen; gives the error that ended it before.
fn confirm(session: &Session, stop: &StopToken, cancels: &mut [Cancel], deadline: Deadline) -> Option<Error> {
    let mut pace = Pace::new(stop, deadline);
    loop {
        look_at(
            session,
            cancels.iter_mut().filter(|cancel| cancel.outcome.is_none()).collect(),
            pace.attempt(),
        );
        if cancels.iter().all(|cancel| cancel.outcome.is_some()) {
            return None;
        }
        if let Err(end) = pace.wait() {
            return Some(end);
        }
    }
}

/// Looks once what became of each. Of several one list tells which still work: many orders looked at one by
/// one, again and again, would use up the rate limit, and leave nothing to close positions with.
fn look_at(session: &Session, mut cancels: Vec<&mut Cancel>, deadline: Deadline) {
    let account = match &mut cancels[..] {
        [] => return,
        [single] => {
            let found = session.query_urgently(deadline, |gateway, token| {
                gateway.order(token, single.account, single.order, deadline)
            });
            return single.learn(found);
        }
        [first, ..] => first.account,
    };
    let listed =
        session.query_urgently(deadline, |gateway, token| gateway.open_orders(token, account, deadline));
    match listed {
        Ok(working) => {
            let working: HashSet<OrderId> = working.iter().map(|order| order.id).collect();
            for cancel in cancels {
                if working.contains(&cancel.order) {
                    cancel.works();
                } else {
                    // It cannot fill any more. How it ended may wait, and leaves the reserve alone.
                    let (account, order) = (cancel.account, cancel.order);
                    cancel
                        .learn(session.query(deadline, |gateway, token| {
                            gateway.order(token, account, order, deadline)
                        }));
                }
            }
        }
        Err(error) => cancels.into_iter().for_each(|cancel| cancel.fails(error.clone())),
    }
}

/// A cancel that was asked for.
struct Cancel {
    account: AccountId,
    order: OrderId,
    /// What the gateway had against it. It does not count for much: an order that is final already is refused
    /// with several codes.
    refusal: Option<Error>,
    /// Why the last look saw nothing.
    failure: Option<Error>,
    outcome: Option<CancelOutcome>,
}

impl Cancel {
    /// Asks for it, once, and leaves time for reading back.
    fn send(session: &Session, account: AccountId, order: OrderId, deadline: Deadline) -> Cancel {
        let deadline = share(deadline, LONGEST_ANSWER);
        let sent = session
            .mutate_urgently(deadline, |gateway, token| gateway.cancel(token, account, order, deadline));
        let error = sent.err().map(|error| error.with_order(Some(order.get()), None));
        let (not_sent, refusal) = match error {
            Some(error) if error.outcome() == Outcome::NotSent => (Some(error), None),
            Some(error) if error.outcome() == Outcome::Rejected => (None, Some(error)),
            _ => (None, None),
        };
        Cancel { account, order, refusal, failure: None, outcome: not_sent.map(CancelOutcome::Failed) }
    }

    /// Takes in what a look at the order saw.
    fn learn(&mut self, found: Result<Order>) {
        match found {
            Ok(order) if order.status == OrderStatus::Filled => {
                self.outcome = Some(CancelOutcome::FilledFirst(order));
            }
            Ok(order) if order.status.is_final() => self.outcome = Some(CancelOutcome::Confirmed(order)),
            Ok(_) => self.works(),
            Err(error) if error.kind() == Kind::NotFound && self.refusal.is_some() => self.works(),
            Err(error) => self.fails(error),
        }
    }

    /// It works on, so a refusal stands.
    fn works(&mut self) {
        self.failure = None;
        self.outcome = self.refusal.take().map(CancelOutcome::Failed);
    }

    /// Nothing was seen of it.
    fn fails(&mut self, error: Error) {
        if !error.is_retriable() {
            self.outcome = Some(self.unconfirmed(error));
            return;
        }
        // That time ran out says less than what went wrong before.
        let is_late = error.kind() == Kind::Deadline;
        self.failure = self.failure.take().filter(|_| is_late).or(Some(error));
    }

    /// What became of it, if nothing was seen before this end of the reading.
    fn outcome(mut self, end: Option<Error>) -> CancelOutcome {
        if let Some(outcome) = self.outcome.take() {
            return outcome;
        }
        let is_late = end.as_ref().is_none_or(|end| end.kind() == Kind::Deadline);
        let reason = if is_late { self.failure.take() } else { end };
        self.unconfirmed(reason.unwrap_or_else(|| {
            let message = "the order still worked when the time was up; it may end cancelled or filled";
            Error::new(Kind::Deadline, message).in_operation("Order/cancel")
        }))
    }

    fn unconfirmed(&self, error: Error) -> CancelOutcome {
        CancelOutcome::Unconfirmed(
            error.with_outcome(Outcome::Unknown).with_order(Some(self.order.get()), None),
        )
    }
}
