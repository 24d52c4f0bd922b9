//! What was asked lately and need not be asked again.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::clock::{Clock, Timestamp};
use crate::error::Result;
use crate::model::{Account, Contract, ContractId, OrderId};

/// More answers than this are not remembered, so that a program that asks for ever new things does not grow.
const MOST_ENTRIES: usize = 1_000;

/// The answers that are remembered.
pub(super) struct Caches {
    /// By whether only active ones were asked for.
    pub(super) accounts: Cache<bool, Vec<Account>>,
    pub(super) contracts: Cache<ContractId, Contract>,
    /// By what was searched for, and whether live.
    pub(super) searches: Cache<(String, bool), Vec<Contract>>,
    /// By whether live.
    pub(super) available: Cache<bool, Vec<Contract>>,
    /// The contract of an order, which never changes.
    pub(super) order_contracts: Cache<OrderId, ContractId>,
}

impl Caches {
    pub(super) fn new(lifetime: Duration, clock: &Arc<dyn Clock>) -> Caches {
        Caches {
            accounts: Cache::new(lifetime, clock),
            contracts: Cache::new(lifetime, clock),
            searches: Cache::new(lifetime, clock),
            available: Cache::new(lifetime, clock),
            order_contracts: Cache::new(Duration::MAX, clock),
        }
    }

    pub(super) fn clear(&self) {
        self.accounts.clear();
        self.contracts.clear();
        self.searches.clear();
        self.available.clear();
        self.order_contracts.clear();
    }
}

/// Answers by what was asked, each for a while.
pub(super) struct Cache<K, V> {
    lifetime: Duration,
    clock: Arc<dyn Clock>,
    state: Mutex<State<K, V>>,
}

struct State<K, V> {
    entries: HashMap<K, (Timestamp, V)>,
    /// Grows with every clearing: what was asked before must not come back after.
    generation: u64,
}

impl<K: Eq + Hash, V: Clone> Cache<K, V> {
    fn new(lifetime: Duration, clock: &Arc<dyn Clock>) -> Cache<K, V> {
        let state = State { entries: HashMap::new(), generation: 0 };
        Cache { lifetime, clock: clock.clone(), state: Mutex::new(state) }
    }

    /// What is remembered, else what `ask` gives. Nothing is locked while it asks.
    ///
    /// # Errors
    /// Whatever `ask` fails with; failures are not remembered.
    pub(super) fn get_or(&self, key: K, ask: impl FnOnce() -> Result<V>) -> Result<V> {
        let now = self.clock.now();
        let generation = {
            let state = self.state.lock();
            match state.entries.get(&key) {
                // What was asked after now was asked before the clock was set back.
                Some((asked, value)) if *asked <= now && now.since(*asked) < self.lifetime => {
                    return Ok(value.clone());
                }
                _ => state.generation,
            }
        };
        let value = ask()?;
        let mut state = self.state.lock();
        if state.generation == generation && !self.lifetime.is_zero() {
            if state.entries.len() >= MOST_ENTRIES {
                state.entries.clear();
            }
            state.entries.insert(key, (now, value.clone()));
        }
        Ok(value)
    }

    /// Remembers what became known without being asked for.
    pub(super) fn remember(&self, key: K, value: &V) {
        // Nothing is asked, so nothing can fail.
        let _ = self.get_or(key, || Ok(value.clone()));
    }

    fn clear(&self) {
        let mut state = self.state.lock();
        state.entries.clear();
        state.generation += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use crate::error::{Error, Kind};

    fn cache(seconds: u64) -> (Cache<u32, u32>, ManualClock) {
        let clock = ManualClock::new(Timestamp::from_nanos(0));
        let shared: Arc<dyn Clock> = Arc::new(clock.clone());
        (Cache::new(Duration::from_secs(seconds), &shared), clock)
    }

    #[test]
    fn an_answer_is_remembered_for_its_time() {
        let (cache, clock) = cache(300);
        let ask = |answer| cache.get_or(1, || Ok(answer)).unwrap();
        assert_eq!((ask(10), ask(11)), (10, 10));
        clock.advance(Duration::from_secs(299));
        assert_eq!(ask(12), 10);
        clock.advance(Duration::from_secs(1));
        assert_eq!((ask(13), ask(14)), (13, 13));
        clock.set_back(Duration::from_secs(3_600));
        assert_eq!(ask(15), 15);
        cache.clear();
        assert_eq!(ask(16), 16);
    }

    #[test]
    fn failures_and_what_was_asked_before_a_clearing_are_not_remembered() {
        let (cache, _) = cache(300);
        cache.get_or(1, || Err(Error::new(Kind::Network, "gone"))).unwrap_err();
        let early = cache.get_or(1, || {
            cache.clear();
            Ok(10)
        });
        assert_eq!(early.unwrap(), 10);
        assert_eq!(cache.get_or(1, || Ok(11)).unwrap(), 11);
    }

    #[test]
    fn no_lifetime_and_too_many_answers() {
        let (none, _) = cache(0);
        assert_eq!((none.get_or(1, || Ok(1)).unwrap(), none.get_or(1, || Ok(2)).unwrap()), (1, 2));
        let (cache, _) = cache(300);
        for key in 0..10_000 {
            cache.get_or(key, || Ok(key)).unwrap();
        }
        assert!(cache.state.lock().entries.len() <= MOST_ENTRIES);
    }
}
