//! Orders as they were told last.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::known::{Known, Source, is_before};
use crate::model::{AccountId, Event, OrderEvent, OrderId, OrderStatus};

/// Final orders are remembered to know a late event of theirs from news. Such an event comes within seconds,
/// so these are enough for hours of busy trading, in a megabyte.
const MOST_FINAL: usize = 4_096;

type Key = (AccountId, OrderId);

/// Every order that is not final, and the latest of those that are.
#[derive(Debug, Default)]
pub(super) struct Orders {
    working: BTreeMap<Key, Known<OrderEvent>>,
    ended: HashMap<Key, Known<OrderEvent>>,
    /// The final ones in the order of their end.
    ends: VecDeque<Key>,
}

impl Orders {
    /// Takes an order's state; true when it is news for the streams.
    pub(super) fn take(&mut self, event: &Event, order: &OrderEvent, source: Source) -> bool {
        let key = (order.account, order.id);
        let mut is_news = source != Source::Seed;
        if let Some(known) = self.working.get_mut(&key).or_else(|| self.ended.get_mut(&key)) {
            if is_older(known, event, order, source) {
                return false;
            }
            if is_same(&known.body, order) {
                // What was only fetched so far is told when the hub tells it.
                is_news = source == Source::Hub && !known.is_told;
                known.is_told |= is_news;
                return is_news;
            }
        }
        let known = Known::new(event, *order, source);
        if order.status.is_final() {
            self.working.remove(&key);
            self.end(key, known);
        } else {
            self.ended.remove(&key);
            self.working.insert(key, known);
        }
        is_news
    }

    fn end(&mut self, key: Key, known: Known<OrderEvent>) {
        if self.ended.insert(key, known).is_some() {
            return;
        }
        self.ends.push_back(key);
        while self.ends.len() > MOST_FINAL {
            if let Some(oldest) = self.ends.pop_front() {
                self.ended.remove(&oldest);
            }
        }
    }

    /// The orders of an account that are not final, oldest first.
    pub(super) fn working(&self, account: AccountId) -> impl Iterator<Item = &Known<OrderEvent>> {
        let first = (account, OrderId::new(i64::MIN));
        self.working
            .range(first..)
            .map(|(_, known)| known)
            .take_while(move |known| known.body.account == account)
    }

    /// Forgets an order that the gateway does not know any more.
    pub(super) fn forget(&mut self, account: AccountId, id: OrderId) -> Option<Known<OrderEvent>> {
        self.working.remove(&(account, id))
    }

    #[cfg(test)]
    pub(super) fn ended_count(&self) -> usize {
        self.ended.len().max(self.ends.len())
    }

    /// Forgets what an account's orders are, as nobody follows them any more.
    pub(super) fn forget_account(&mut self, account: AccountId) {
        self.working.retain(|(owner, _), _| *owner != account);
        self.ended.retain(|(owner, _), _| *owner != account);
        self.ends.retain(|(owner, _)| *owner != account);
    }
}

/// Whether this state is one that the order has left behind.
fn is_older(known: &Known<OrderEvent>, event: &Event, order: &OrderEvent, source: Source) -> bool {
    let (before, after) = (known.body.status, order.status);
    // Nothing comes after the end. A status without a name may be anything, so it is passed on.
    if before.is_final() && !after.is_final() && !matches!(after, OrderStatus::Other(_)) {
        return true;
    }
    // An order ends whatever its times say; and what is fetched is later than what was known at the loss.
    if source == Source::Resync || (after.is_final() && !before.is_final()) {
        return false;
    }
    if is_before(event.at, known.at) {
        return true;
    }
    // A fill does not change the time, so it is told apart by what is filled.
    let is_later = is_before(known.at, event.at);
    let filled = known.body.fill_volume.zip(order.fill_volume);
    !is_later && (filled.is_some_and(|(before, after)| after < before) || step(after) < step(before))
}

/// How far an order has come.
fn step(status: OrderStatus) -> u8 {
    match status {
        OrderStatus::None | OrderStatus::Pending | OrderStatus::Suspended => 0,
        status if status.is_final() => 2,
        _ => 1,
    }
}

/// Whether two events tell the same. The number of the change says nothing, and the times differ in digits.
fn is_same(known: &OrderEvent, order: &OrderEvent) -> bool {
    OrderEvent { created: None, action: None, ..*known }
        == OrderEvent { created: None, action: None, ..*order }
}
