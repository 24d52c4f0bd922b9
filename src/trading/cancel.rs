//! Cancels that are confirmed by reading the order back.

use super::pace::{Pace, share};
use crate::clock::Deadline;
use crate::error::{Error, Kind, Outcome, Result};
use crate::model::{AccountId, CancelOutcome, CancelReport, ContractId, OrderId, OrderStatus};
use crate::session::Session;
use crate::sync::StopToken;

/// Asks for a cancel, once, and reads the order back until its end is seen or the deadline passes.
pub(crate) fn cancel_confirmed(
    session: &Session,
    stop: &StopToken,
    account: AccountId,
    order: OrderId,
    deadline: Deadline,
) -> CancelOutcome {
    let sent = send(session, account, order, deadline);
    confirm(session, stop, account, order, sent, deadline)
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
        .query(deadline, |gateway, token| gateway.open_orders(token, account, deadline))
        .map_err(|error| error.with_outcome(Outcome::NotSent))?;
    let mut orders: Vec<_> =
        listed.into_iter().filter(|order| contract.is_none_or(|wanted| order.contract == *wanted)).collect();
    // Entries first: a leg must not be gone while its entry can still fill.
    orders.sort_by_key(|order| (order.parent.is_some(), order.id));
    let sent: Vec<_> = orders.iter().map(|order| send(session, account, order.id, deadline)).collect();
    let reports = orders.into_iter().zip(sent).map(|(order, sent)| {
        let outcome = confirm(session, stop, account, order.id, sent, deadline);
        CancelReport { order, outcome }
    });
    Ok(reports.collect())
}

/// Asks for the cancel, once, and leaves time for reading back.
fn send(session: &Session, account: AccountId, order: OrderId, deadline: Deadline) -> Result<()> {
    let deadline = share(deadline);
    let sent = session.mutate(|gateway, token| gateway.cancel(token, account, order, deadline));
    sent.map_err(|error| error.with_order(Some(order.get()), None))
}

/// Reads back what became of a cancel. What the gateway said of it does not count for much: an order that is
/// final already is refused with several codes, and one that is cancelled may have filled first.
fn confirm(
    session: &Session,
    stop: &StopToken,
    account: AccountId,
    order: OrderId,
    sent: Result<()>,
    deadline: Deadline,
) -> CancelOutcome {
    let refusal = match sent {
        Err(error) if error.outcome() == Outcome::NotSent => return CancelOutcome::Failed(error),
        Err(error) if error.outcome() == Outcome::Rejected => Some(error),
        _ => None,
    };
    let unconfirmed = |error: Error| {
        let error = error.with_outcome(Outcome::Unknown).with_order(Some(order.get()), None);
        CancelOutcome::Unconfirmed(error)
    };
    let mut pace = Pace::new(stop, deadline);
    loop {
        let turn = share(deadline);
        let found = session.query(turn, |gateway, token| gateway.order(token, account, order, turn));
        let failure = match (found, &refusal) {
            (Ok(order), _) if order.status == OrderStatus::Filled => {
                return CancelOutcome::FilledFirst(order);
            }
            (Ok(order), _) if order.status.is_final() => return CancelOutcome::Confirmed(order),
            (Ok(_), Some(refusal)) => return CancelOutcome::Failed(refusal.clone()),
            (Ok(_), None) => None,
            (Err(error), Some(refusal)) if error.kind() == Kind::NotFound => {
                return CancelOutcome::Failed(refusal.clone());
            }
            (Err(error), _) if !error.is_retriable() => return unconfirmed(error),
            (Err(error), _) => Some(error),
        };
        match (pace.wait(), failure) {
            (Ok(()), _) => {}
            (Err(end), Some(failure)) if end.kind() == Kind::Deadline => return unconfirmed(failure),
            (Err(end), None) if end.kind() == Kind::Deadline => {
                let message = "the order still worked when the time was up; it may end cancelled or filled";
                return unconfirmed(Error::new(Kind::Deadline, message).in_operation("Order/cancel"));
            }
            (Err(end), _) => return unconfirmed(end),
        }
    }
}
