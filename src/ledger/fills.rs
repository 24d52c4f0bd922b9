//! Fills, each told once by its id.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::known::{Known, Source, is_before};
use crate::clock::Timestamp;
use crate::model::{AccountId, Event, FillEvent, FillId};

/// The opening fill is told again when its position is closed, which may be days later. So many fills are
/// remembered to know it again, in ten megabytes at most; what is older than those counts as told.
const MOST: usize = 65_536;

/// A fill that was fetched at the beginning is told if the hub brings it so soon after: then it happened
/// while the subscription began. Later it is the repetition of an old one.
const ON_ITS_WAY: Duration = Duration::from_secs(5);

type Key = (AccountId, FillId);

/// The fills that were told.
#[derive(Debug, Default)]
pub(super) struct Fills {
    known: HashMap<Key, Known<FillEvent>>,
    /// The same, in the order in which they came.
    order: VecDeque<Key>,
    beginnings: HashMap<AccountId, Beginning>,
}

/// From when on an account's fills are news.
#[derive(Debug, Clone, Copy)]
struct Beginning {
    /// Fills made before count as told, by the gateway's clock; ours may be wrong.
    horizon: Option<Timestamp>,
    /// When the fills were fetched, by ours.
    fetched: Timestamp,
}

/// What a fill tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FillNews {
    /// Nothing that was not told.
    Nothing,
    /// It was not told so far.
    Made,
    /// It was told, and something of it has changed: it stands so now.
    Revised(FillEvent),
}

impl Fills {
    /// Takes a fill; gives what it tells.
    pub(super) fn take(&mut self, event: &Event, fill: &FillEvent, source: Source) -> FillNews {
        let key = (fill.account, fill.id);
        let beginning = self.beginnings.get(&fill.account);
        if let Some(known) = self.known.get_mut(&key) {
            let revised = revise(&known.body, fill);
            if revised != known.body {
                known.body = revised;
                let told = FillEvent { action: fill.action, ..revised };
                return if source == Source::Seed { FillNews::Nothing } else { FillNews::Revised(told) };
            }
            let was_on_its_way =
                beginning.is_some_and(|beginning| event.received.since(beginning.fetched) < ON_ITS_WAY);
            if known.is_told || source != Source::Hub || !was_on_its_way {
                return FillNews::Nothing;
            }
            known.is_told = true;
            return FillNews::Made;
        }
        if beginning.is_some_and(|beginning| is_before(event.at, beginning.horizon)) {
            return FillNews::Nothing;
        }
        self.known.insert(key, Known::new(event, *fill, source));
        self.order.push_back(key);
        while self.order.len() > MOST {
            self.forget_oldest();
        }
        if source == Source::Seed { FillNews::Nothing } else { FillNews::Made }
    }

    fn forget_oldest(&mut self) {
        let Some(key) = self.order.pop_front() else { return };
        let made = self.known.remove(&key).and_then(|known| known.at);
        if let (Some(made), Some(beginning)) = (made, self.beginnings.get_mut(&key.0)) {
            beginning.horizon = beginning.horizon.max(Some(made));
        }
    }

    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.known.len().max(self.order.len())
    }

    /// From now on the fills of an account that were made before `horizon` count as told.
    pub(super) fn begin(&mut self, account: AccountId, horizon: Option<Timestamp>, fetched: Timestamp) {
        let before = self.beginnings.get(&account).and_then(|before| before.horizon);
        self.beginnings.insert(account, Beginning { horizon: horizon.max(before), fetched });
    }
}

/// A fill after it was told again. What is left out stays as it is, and what was undone stays undone.
fn revise(known: &FillEvent, again: &FillEvent) -> FillEvent {
    FillEvent {
        profit_and_loss: again.profit_and_loss.or(known.profit_and_loss),
        commissions: again.commissions.or(known.commissions),
        voided: known.voided || again.voided,
        action: known.action,
        ..*again
    }
}
