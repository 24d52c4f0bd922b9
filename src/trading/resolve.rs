//! Finding out what became of an order whose answer was lost.

use std::time::Duration;

use super::pace::Pace;
use crate::clock::{Deadline, Timestamp};
use crate::error::{Error, Kind, Outcome, Result};
use crate::model::{AccountId, Order, OrderStatus, Resolution};
use crate::session::Session;
use crate::sync::StopToken;

/// An order counts as not there when two looks so far apart do not find it: the first may have been in time
/// to miss one that was just on its way.
const SETTLE: Duration = Duration::from_millis(500);

/// How far the clocks of the gateway and of this machine may differ.
const SKEW: Duration = Duration::from_secs(2 * 3600);

/// Looks for the order with this tag until it is found, or is surely not there. Sends nothing but queries.
///
/// # Errors
/// [`Kind::Argument`] for an empty tag; the last failure when the deadline passes first.
pub(crate) fn resolve(
    session: &Session,
    stop: &StopToken,
    account: AccountId,
    tag: &str,
    since: Timestamp,
    deadline: Deadline,
) -> Result<Resolution> {
    let open = |error: Error| error.with_outcome(Outcome::Unknown).with_order(None, Some(tag.to_owned()));
    if tag.is_empty() {
        return Err(Error::new(Kind::Argument, "the client tag is empty"));
    }
    let since = since.saturating_sub(SKEW);
    let mut pace = Pace::new(stop, deadline);
    let mut was_missed = false;
    loop {
        let failure = match look(session, account, tag, since, pace.attempt()) {
            Ok(Some(order)) if order.status == OrderStatus::Rejected => {
                return Ok(Resolution::Rejected(order));
            }
            Ok(Some(order)) => return Ok(Resolution::Accepted(order)),
            Ok(None) if was_missed => return Ok(Resolution::NotThere),
            Ok(None) => None,
            Err(error) if !error.is_retriable() => return Err(open(error)),
            Err(error) => Some(error),
        };
        let waited = match &failure {
            None => {
                was_missed = true;
                pace.wait_for(SETTLE)
            }
            Some(_) => pace.wait(),
        };
        match (waited, failure) {
            (Ok(()), _) => {}
            (Err(end), Some(failure)) if end.kind() == Kind::Deadline => return Err(open(failure)),
            (Err(end), _) => return Err(open(end)),
        }
    }
}

/// The order with this tag. The live ones come first, as the list by time leaves those out that are pending
/// or suspended; whatever ends meanwhile is in that list.
fn look(
    session: &Session,
    account: AccountId,
    tag: &str,
    since: Timestamp,
    deadline: Deadline,
) -> Result<Option<Order>> {
    let live = session.query(deadline, |gateway, token| gateway.open_orders(token, account, deadline))?;
    if let Some(order) = tagged(live, tag) {
        return Ok(Some(order));
    }
    let made =
        session.query(deadline, |gateway, token| gateway.orders(token, account, since.into(), deadline))?;
    Ok(tagged(made, tag))
}

/// The order with this tag. A second one with the same tag was refused for it, so the other counts.
fn tagged(orders: Vec<Order>, tag: &str) -> Option<Order> {
    let found = orders.into_iter().filter(|order| order.client_tag.as_deref() == Some(tag));
    found.min_by_key(|order| (order.status == OrderStatus::Rejected, order.id))
}
