//! The calls of one connection that wait for their completion.

use std::collections::BTreeMap;
use std::time::Instant;

use super::wanted::Askers;
use crate::model::Topic;

/// Calls by their ids. All may stay equally long, so the first is the first to be late.
#[derive(Debug, Default)]
pub(super) struct PendingCalls {
    last_id: u64,
    pending: BTreeMap<u64, PendingCall>,
}

/// A call that waits for its completion.
#[derive(Debug)]
pub(super) struct PendingCall {
    pub(super) topic: Topic,
    pub(super) askers: Askers,
    expires: Instant,
}

impl PendingCalls {
    /// An id for a call whose completion is of no interest.
    pub(super) fn id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// An id for a call that is to be completed until `expires`.
    pub(super) fn begin(&mut self, topic: Topic, askers: Askers, expires: Instant) -> u64 {
        let id = self.id();
        self.pending.insert(id, PendingCall { topic, askers, expires });
        id
    }

    /// The call that a completion belongs to.
    pub(super) fn complete(&mut self, id: &str) -> Option<PendingCall> {
        self.pending.remove(&id.parse().ok()?)
    }

    /// A call that was not completed in time.
    pub(super) fn next_expired(&mut self, now: Instant) -> Option<PendingCall> {
        let first = self.pending.first_entry().filter(|first| first.get().expires <= now)?;
        Some(first.remove())
    }

    /// When the next call will be late.
    pub(super) fn next_expiry(&self) -> Option<Instant> {
        self.pending.first_key_value().map(|(_, first)| first.expires)
    }

    /// Forgets the calls about a topic that nobody wants any more. A mark still tells what has come by its answer.
    pub(super) fn forget(&mut self, topic: &Topic) {
        self.pending.retain(|_, pending| pending.topic != *topic || pending.askers.is_mark());
    }

    /// Whether this call is not completed yet.
    pub(super) fn has(&self, id: u64) -> bool {
        self.pending.contains_key(&id)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// All that wait, because no completion will come any more.
    pub(super) fn take_all(&mut self) -> impl Iterator<Item = PendingCall> {
        std::mem::take(&mut self.pending).into_values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_outlives_the_subscription_that_it_repeats() {
        let (mut calls, expires) = (PendingCalls::default(), Instant::now());
        let call = calls.begin(Topic::Accounts, Askers::of(None), expires);
        let mark = calls.begin(Topic::Accounts, Askers::mark(), expires);
        calls.forget(&Topic::Accounts);
        assert!(!calls.has(call) && calls.has(mark));
    }
}
