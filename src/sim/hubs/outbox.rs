//! What waits to be sent to one hub client.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};
use tungstenite::Utf8Bytes;

use crate::clock::{Deadline, Timestamp};
use crate::net::Waker;
use crate::sim::faults::Fault;
use crate::sim::faults::line::{Damage, Held, Line, Passage};

/// How many records may wait. At the usual rates this is minutes of one contract.
const CAPACITY: usize = 16 * 1024;
/// How many bytes may wait, whatever clients have sent back to them.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// A record of the hub protocol with its end mark. Cheap to clone: clients share the text.
pub(in crate::sim) type Record = Utf8Bytes;

/// Records on their way to one client. Those who fill it never wait for the client.
#[derive(Debug)]
pub(in crate::sim) struct Outbox {
    /// Number of the connection.
    pub(in crate::sim) id: u64,
    waker: Waker,
    /// Where faults strike; only the outboxes of real connections have one.
    line: Option<Line>,
    state: Mutex<State>,
    emptied: Condvar,
}

#[derive(Debug, Default)]
struct State {
    records: VecDeque<Record>,
    /// How long all records together are.
    bytes: usize,
    /// What faults hold back.
    held: Held,
    ending: Option<Ending>,
}

/// Why the simulator ends a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sim) enum Ending {
    /// The client reads too slowly.
    TooSlow,
    /// The connection is cut without a word.
    Dropped,
    /// The connection is closed in order once everything has been sent.
    Closed,
    /// A fault ends the connection once everything has been sent.
    Damaged(Damage),
}

impl Outbox {
    /// An empty outbox whose connection is woken by `waker`, out of the reach of faults.
    #[cfg(test)]
    pub(in crate::sim) fn new(id: u64, waker: Waker) -> Arc<Outbox> {
        Arc::new(Outbox { id, waker, line: None, state: Mutex::default(), emptied: Condvar::new() })
    }

    /// An empty outbox of a connection that faults may strike.
    pub(in crate::sim) fn of_line(id: u64, waker: Waker, line: Line) -> Arc<Outbox> {
        Arc::new(Outbox { id, waker, line: Some(line), state: Mutex::default(), emptied: Condvar::new() })
    }

    /// The line to the client.
    pub(in crate::sim) fn line(&self) -> Option<&Line> {
        self.line.as_ref()
    }

    /// Adds a record, unless a fault strikes it.
    pub(in crate::sim) fn push(&self, record: Record) {
        let fault = self.line.as_ref().and_then(|line| line.strike(&record));
        let mut state = self.state.lock();
        let passage = match (&self.line, fault) {
            (Some(line), Some(fault)) => line.suffer(&fault, &mut state.held, Some(record)),
            (Some(line), None) if !state.held.is_empty() => {
                Passage::Through(line.pass(&mut state.held, record))
            }
            _ => return self.put(&mut state, record),
        };
        self.let_pass(&mut state, passage);
    }

    /// Lets a fault strike the connection; false when it is over already.
    pub(in crate::sim) fn suffer(&self, fault: &Fault) -> bool {
        let Some(line) = &self.line else { return false };
        let mut state = self.state.lock();
        if state.ending.is_some() {
            return false;
        }
        let passage = line.suffer(fault, &mut state.held, None);
        self.let_pass(&mut state, passage);
        true
    }

    /// Sends what was held back until `now` or earlier, or all that is held back.
    pub(in crate::sim) fn release(&self, now: Option<Timestamp>) {
        let mut state = self.state.lock();
        let records = match now {
            Some(now) => state.held.release(now),
            None => state.held.release_all(),
        };
        self.let_pass(&mut state, Passage::Through(records));
    }

    fn let_pass(&self, state: &mut State, passage: Passage) {
        let (records, damage) = match passage {
            Passage::Through(records) => (records, None),
            Passage::End(records, damage) => (records, Some(damage)),
        };
        records.into_iter().for_each(|record| self.put(state, record));
        if state.held.len() > CAPACITY {
            state.ending.get_or_insert(Ending::TooSlow);
            self.waker.wake();
        }
        if let Some(damage) = damage {
            state.ending.get_or_insert(Ending::Damaged(damage));
            self.emptied.notify_all();
            self.waker.wake();
        }
    }

    /// Adds a record. A client that is too far behind loses its connection instead.
    fn put(&self, state: &mut State, record: Record) {
        if state.ending.is_some() {
            return;
        }
        if state.records.len() >= CAPACITY || state.bytes + record.len() > MOST_BYTES {
            state.ending = Some(Ending::TooSlow);
        } else {
            state.bytes += record.len();
            state.records.push_back(record);
            if state.records.len() > 1 {
                // The connection was woken by the first and takes all that it finds.
                return;
            }
        }
        self.waker.wake();
    }

    /// Ends the connection; the first reason stands.
    pub(in crate::sim) fn end(&self, ending: Ending) {
        self.state.lock().ending.get_or_insert(ending);
        self.emptied.notify_all();
        self.waker.wake();
    }

    /// Lets the connection look around: the time has been moved.
    pub(in crate::sim) fn nudge(&self) {
        self.waker.wake();
    }

    /// Whether and why the connection is to end.
    pub(in crate::sim) fn ending(&self) -> Option<Ending> {
        self.state.lock().ending.clone()
    }

    /// Whether something waits.
    pub(in crate::sim) fn has_records(&self) -> bool {
        !self.state.lock().records.is_empty()
    }

    /// How many records wait.
    pub(in crate::sim) fn waiting(&self) -> usize {
        self.state.lock().records.len()
    }

    /// Moves everything that waits to the end of `records`, and tells whether and why the connection is to
    /// end.
    pub(in crate::sim) fn take(&self, records: &mut VecDeque<Record>) -> Option<Ending> {
        let mut state = self.state.lock();
        records.append(&mut state.records);
        state.bytes = 0;
        self.emptied.notify_all();
        state.ending.clone()
    }

    /// Waits until everything was taken or the connection ends; false when the deadline passes first.
    pub(in crate::sim) fn wait_until_taken(&self, deadline: Deadline) -> bool {
        let mut state = self.state.lock();
        while !state.records.is_empty() && state.ending.is_none() {
            match deadline.instant() {
                None => self.emptied.wait(&mut state),
                Some(at) => {
                    if self.emptied.wait_until(&mut state, at).timed_out() {
                        return false;
                    }
                }
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Waiter;

    #[test]
    fn a_client_that_is_too_far_behind_is_ended() {
        let waiter = Waiter::new().unwrap();
        let outbox = Outbox::new(1, waiter.waker());
        for _ in 0..CAPACITY {
            outbox.push("a".into());
        }
        assert_eq!(outbox.take(&mut VecDeque::new()), None);
        for _ in 0..=CAPACITY {
            outbox.push("a".into());
        }
        outbox.push("b".into());
        let mut records = VecDeque::new();
        assert_eq!(outbox.take(&mut records), Some(Ending::TooSlow));
        assert_eq!(records.len(), CAPACITY);
    }

    #[test]
    fn long_records_count_by_their_length() {
        let waiter = Waiter::new().unwrap();
        let outbox = Outbox::new(1, waiter.waker());
        let record = Record::from("a".repeat(MOST_BYTES / 8));
        for _ in 0..2 {
            (0..8).for_each(|_| outbox.push(record.clone()));
            assert_eq!(outbox.take(&mut VecDeque::new()), None);
        }
        (0..9).for_each(|_| outbox.push(record.clone()));
        assert_eq!(outbox.ending(), Some(Ending::TooSlow));
    }

    #[test]
    fn the_first_reason_stands() {
        let waiter = Waiter::new().unwrap();
        let outbox = Outbox::new(1, waiter.waker());
        outbox.end(Ending::Dropped);
        outbox.end(Ending::Closed);
        outbox.push("a".into());
        let mut records = VecDeque::new();
        assert_eq!(outbox.take(&mut records), Some(Ending::Dropped));
        assert!(records.is_empty() && outbox.wait_until_taken(Deadline::NEVER));
    }
}
