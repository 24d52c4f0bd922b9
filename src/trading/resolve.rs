//! Finding out what became of an order whose answer was lost.

use std::time::Duration;

use super::pace::Pace;
use crate::clock::{Deadline, Timestamp};
use crate::error::{Error, Kind, Outcome, Result};
use crate::model::{AccountId, Order, OrderStatus, Resolution};
use crate::session::Session;
use crate::sync::StopToken;

/// How far the clocks of the gateway and of this machine may differ.
pub(crate) const SKEW: Duration = Duration::from_secs(2 * 3600);

/// The second look comes so long after the first, the others ever later.
const SECOND_LOOK: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What is looked for.
pub(crate) struct Search<'a> {
    pub(crate) account: AccountId,
    pub(crate) tag: &'a str,
    /// When it was made at the earliest, by the clock of this machine.
    pub(crate) since: Timestamp,
    /// How long it must stay out of sight to count as not there: the gateway may still be at a request whose
    /// answer nobody waits for any more.
    pub(crate) span: Duration,
}

/// Looks for an order until it is found, or was out of sight for the span. Sends nothing but queries.
///
/// # Errors
/// [`Kind::Argument`] for an empty tag; the last failure when the deadline passes first.
pub(crate) fn resolve(
    session: &Session,
    stop: &StopToken,
    search: &Search<'_>,
    deadline: Deadline,
) -> Result<Resolution> {
    let Search { account, tag, span, .. } = *search;
    let open = |error: Error| error.with_outcome(Outcome::Unknown).with_order(None, Some(tag.to_owned()));
    if tag.is_empty() {
        return Err(Error::new(Kind::Argument, "the client tag is empty"));
    }
    let since = search.since.saturating_sub(SKEW);
    let mut pace = Pace::new(stop, deadline);
    let mut settled: Option<Deadline> = None;
    let mut pause = SECOND_LOOK;
    loop {
        let is_last = settled.is_some_and(Deadline::is_past);
        let failure = match look(session, account, tag, since, pace.attempt()) {
            Ok(Some(order)) if order.status == OrderStatus::Rejected => {
                return Ok(Resolution::Rejected(order));
            }
            Ok(Some(order)) => return Ok(Resolution::Accepted(order)),
            Ok(None) if is_last => return Ok(Resolution::NotThere),
            Ok(None) => None,
            Err(error) if !error.is_retriable() => return Err(open(error)),
            Err(error) => Some(error),
        };
        let waited = match &failure {
            None => {
                let settled = settled.get_or_insert_with(|| Deadline::after(span));
                let delay = settled.remaining().map_or(pause, |left| left.min(pause));
                pause = (pause * 2).min(LONGEST_PAUSE);
                pace.wait_for(delay).map_err(|end| match end.kind() {
                    Kind::Deadline => end.after("the order is not there yet, but may still come; ask again"),
                    _ => end,
                })
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
pub(crate) fn tagged(orders: Vec<Order>, tag: &str) -> Option<Order> {
    let found = orders.into_iter().filter(|order| order.client_tag.as_deref() == Some(tag));
    found.min_by_key(|order| (order.status == OrderStatus::Rejected, order.id))
}
