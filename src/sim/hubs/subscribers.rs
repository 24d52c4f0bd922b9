//! Who listens to what.

use std::collections::HashMap;
use std::sync::Arc;

use crate::sim::hubs::outbox::{Outbox, Record};

/// Something that hub clients subscribe to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::sim) enum Topic {
    /// All accounts of the user.
    Accounts,
    /// Orders of an account.
    Orders(i32),
    /// Positions of an account.
    Positions(i32),
    /// Fills of an account.
    Fills(i32),
    /// Quotes of a contract, by its index.
    Quotes(usize),
    /// Market trades of a contract, by its index.
    MarketTrades(usize),
    /// Depth of a contract, by its index.
    Depth(usize),
}

/// The subscriptions of all connections.
#[derive(Debug, Default)]
pub(in crate::sim) struct Subscribers(HashMap<Topic, Vec<Arc<Outbox>>>);

impl Subscribers {
    /// Adds a connection, once.
    pub(in crate::sim) fn add(&mut self, topic: Topic, outbox: &Arc<Outbox>) {
        let listeners = self.0.entry(topic).or_default();
        if !listeners.iter().any(|known| known.id == outbox.id) {
            listeners.push(outbox.clone());
        }
    }

    /// Takes a connection off one topic.
    pub(in crate::sim) fn remove(&mut self, topic: Topic, outbox: &Outbox) {
        if let Some(listeners) = self.0.get_mut(&topic) {
            listeners.retain(|known| known.id != outbox.id);
            if listeners.is_empty() {
                self.0.remove(&topic);
            }
        }
    }

    /// Takes a connection off every topic.
    pub(in crate::sim) fn remove_everywhere(&mut self, outbox: &Outbox) {
        self.0.retain(|_, listeners| {
            listeners.retain(|known| known.id != outbox.id);
            !listeners.is_empty()
        });
    }

    /// Whether somebody listens.
    pub(in crate::sim) fn has(&self, topic: Topic) -> bool {
        self.0.contains_key(&topic)
    }

    /// How many topics a connection listens to.
    pub(in crate::sim) fn count(&self, outbox: &Outbox) -> usize {
        let listens = |listeners: &&Vec<Arc<Outbox>>| listeners.iter().any(|known| known.id == outbox.id);
        self.0.values().filter(listens).count()
    }

    /// The connections that listen.
    pub(in crate::sim) fn of(&self, topic: Topic) -> &[Arc<Outbox>] {
        self.0.get(&topic).map_or(&[], Vec::as_slice)
    }

    /// Sends a record, which is only made when somebody listens.
    pub(in crate::sim) fn publish(&self, topic: Topic, record: impl FnOnce() -> Record) {
        self.publish_all(topic, || [record()]);
    }

    /// Sends records, which are only made when somebody listens.
    pub(in crate::sim) fn publish_all<R: AsRef<[Record]>>(&self, topic: Topic, records: impl FnOnce() -> R) {
        let listeners = self.of(topic);
        if listeners.is_empty() {
            return;
        }
        let records = records();
        for listener in listeners {
            records.as_ref().iter().for_each(|record| listener.push(record.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;
    use crate::net::Waiter;

    #[test]
    fn records_go_to_those_who_listen() {
        let waiter = Waiter::new().unwrap();
        let (one, two) = (Outbox::new(1, waiter.waker()), Outbox::new(2, waiter.waker()));
        let mut subscribers = Subscribers::default();
        subscribers.add(Topic::Orders(5), &one);
        subscribers.add(Topic::Orders(5), &one);
        subscribers.add(Topic::Orders(5), &two);
        subscribers.remove(Topic::Orders(5), &two);
        subscribers.publish(Topic::Orders(5), || "a".into());
        subscribers.publish(Topic::Orders(6), || panic!("nobody listens"));
        let received = |outbox: &Outbox| {
            let mut records = VecDeque::new();
            outbox.take(&mut records);
            records.len()
        };
        assert_eq!((received(&one), received(&two)), (1, 0));
        subscribers.remove_everywhere(&one);
        assert!(!subscribers.has(Topic::Orders(5)));
    }
}
