//! Asking the gateway for the state of a topic.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::known::Source;
use super::tracker::Fetched;
use crate::clock::{Clock, Deadline, Timestamp};
use crate::error::{Error, Kind, Result};
use crate::model::{AccountId, Event, Order, OrderId, SymbolTable, Topic};
use crate::session::Session;

/// What happened so long before the latest known thing is asked for again: it may have come late.
const OVERLAP: Duration = Duration::from_secs(600);

/// How far the clocks of the gateway and of this machine may differ.
const SKEW: Duration = Duration::from_secs(2 * 3_600);

/// The opening fills of the positions of a day are known from the beginning.
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// More orders than this are not asked for one by one.
const MOST_BY_ID: usize = 3;

/// What is to be fetched.
#[derive(Debug)]
pub(super) struct Want {
    pub(super) topic: Topic,
    /// The following that it is for.
    pub(super) number: u64,
    pub(super) source: Source,
    /// The latest time that the account told, by the gateway's clock.
    pub(super) latest: Option<Timestamp>,
    /// From when on everything was listed at the beginning.
    pub(super) listed: Option<Timestamp>,
    /// Since when the topic is followed, by ours.
    pub(super) followed: Timestamp,
    /// The orders that were not final, and when they were made.
    pub(super) working: Vec<(OrderId, Option<Timestamp>)>,
}

impl Want {
    /// From when on something may be unknown. What was made before the first list is no news, so a gateway that
    /// has told nothing for days is not asked for them.
    fn since(&self) -> Timestamp {
        let Some(latest) = self.latest else { return self.followed.saturating_sub(SKEW) };
        let since = latest.saturating_sub(OVERLAP);
        // Listed later than the latest only where a clock was wrong.
        self.listed.filter(|listed| *listed <= latest).map_or(since, |listed| listed.max(since))
    }
}

/// Asks by the session of a client.
pub(super) struct Asker {
    pub(super) session: Arc<Session>,
    pub(super) symbols: Arc<SymbolTable>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Asker {
    /// Asks for everything that a topic tells.
    ///
    /// # Errors
    /// As every query.
    pub(super) fn fetch(&self, want: &Want, deadline: Deadline) -> Result<Fetched> {
        let (mut gone, mut listed) = (Vec::new(), None);
        let (symbols, received) = (&*self.symbols, || self.clock.now());
        let rows = match want.topic {
            Topic::Orders(account) => {
                let orders = self.orders(account, want, &mut gone, &mut listed, deadline)?;
                orders.iter().map(|order| Event::of_order(symbols, received(), order, None)).collect()
            }
            Topic::Fills(account) => {
                let since = self.first_fill(account, want, deadline)?;
                let fills = self.session.query(deadline, |gateway, token| {
                    gateway.fills(token, account, since.into(), deadline)
                })?;
                listed = fills.iter().filter_map(|fill| fill.created).max().map(|latest| (since, latest));
                fills.iter().map(|fill| Event::of_fill(symbols, received(), fill, None)).collect()
            }
            Topic::Positions(account) => {
                let positions = self
                    .session
                    .query(deadline, |gateway, token| gateway.positions(token, account, deadline))?;
                let event = |position| Event::of_position(symbols, received(), position, None);
                positions.iter().map(event).collect()
            }
            Topic::Accounts => {
                let accounts = self
                    .session
                    .query(deadline, |gateway, token| gateway.accounts(token, false, deadline))?;
                accounts.iter().map(|account| Event::of_account(symbols, received(), account, None)).collect()
            }
            Topic::Quotes(_) | Topic::Trades(_) | Topic::Depth(_) => {
                return Err(Error::new(Kind::Bug, "market data has no state to fetch"));
            }
        };
        let (topic, number, source) = (want.topic.clone(), want.number, want.source);
        Ok(Fetched { topic, number, source, rows, gone, listed, at: received() })
    }

    /// From when on fills are asked for. At the beginning those that opened what is held are wanted: they are
    /// told again when it is closed, and are no news then.
    fn first_fill(&self, account: AccountId, want: &Want, deadline: Deadline) -> Result<Timestamp> {
        if want.source == Source::Resync {
            return Ok(want.since());
        }
        let positions =
            self.session.query(deadline, |gateway, token| gateway.positions(token, account, deadline))?;
        let opened = positions.iter().filter_map(|position| position.created).min();
        let day = want.followed.saturating_sub(DAY + SKEW);
        Ok(opened.map_or(day, |opened| day.min(opened.saturating_sub(OVERLAP))))
    }

    /// The orders that are not final, those that were made since, and those that were not final before. The
    /// final ones come first, each group oldest first.
    fn orders(
        &self,
        account: AccountId,
        want: &Want,
        gone: &mut Vec<OrderId>,
        listed: &mut Option<(Timestamp, Timestamp)>,
        deadline: Deadline,
    ) -> Result<Vec<Order>> {
        let since = |since: Timestamp| {
            self.session
                .query(deadline, |gateway, token| gateway.orders(token, account, since.into(), deadline))
        };
        let open =
            self.session.query(deadline, |gateway, token| gateway.open_orders(token, account, deadline))?;
        let made = since(want.since())?;
        *listed = made.iter().filter_map(|order| order.created).max().map(|latest| (want.since(), latest));
        let mut found: BTreeMap<OrderId, Order> =
            open.into_iter().chain(made).map(|order| (order.id, order)).collect();
        let mut missing = want.working.clone();
        missing.retain(|(id, _)| !found.contains_key(id));
        let first = missing.iter().filter_map(|(_, created)| *created).min();
        if let Some(first) = first.filter(|_| missing.len() > MOST_BY_ID) {
            let made = since(first.saturating_sub(OVERLAP))?;
            missing.retain(|(id, _)| !made.iter().any(|order| order.id == *id));
            found.extend(made.into_iter().map(|order| (order.id, order)));
        }
        for (id, _) in missing {
            let order =
                self.session.query(deadline, |gateway, token| gateway.order(token, account, id, deadline));
            match order {
                Ok(order) => drop(found.insert(id, order)),
                Err(error) if error.kind() == Kind::NotFound => gone.push(id),
                Err(error) => return Err(error),
            }
        }
        let mut orders: Vec<Order> = found.into_values().collect();
        orders.sort_by_key(|order| !order.status.is_final());
        Ok(orders)
    }
}
