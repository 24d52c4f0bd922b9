//! Whether the port is to be open. A restart closes it for a while.

use parking_lot::{Condvar, Mutex};

use crate::clock::Deadline;
use crate::net::Waker;

/// Tells the thread that accepts what to do, and others what it did.
#[derive(Debug)]
pub(in crate::sim) struct Door {
    state: Mutex<State>,
    changed: Condvar,
    waker: Waker,
}

#[derive(Debug)]
struct State {
    is_wanted: bool,
    is_open: bool,
    /// How often it was to be closed, and how often it was.
    closings: u64,
    closed: u64,
    /// Whether nobody looks after the port any more.
    is_over: bool,
}

impl Door {
    /// An open door; `waker` wakes the thread that accepts.
    pub(in crate::sim) fn new(waker: Waker) -> Door {
        let state = State { is_wanted: true, is_open: true, closings: 0, closed: 0, is_over: false };
        Door { state: Mutex::new(state), changed: Condvar::new(), waker }
    }

    /// Asks for the port to close and for every connection to end.
    pub(in crate::sim) fn close(&self) {
        let mut state = self.state.lock();
        state.is_wanted = false;
        state.closings += 1;
        self.waker.wake();
    }

    /// Asks for the port to open again.
    pub(in crate::sim) fn open(&self) {
        self.state.lock().is_wanted = true;
        self.waker.wake();
    }

    /// Whether the port is to be closed now.
    pub(in crate::sim) fn is_to_close(&self) -> bool {
        let state = self.state.lock();
        state.closings > state.closed
    }

    /// Whether the port is to be opened now.
    pub(in crate::sim) fn is_to_open(&self) -> bool {
        self.state.lock().is_wanted
    }

    /// The port was closed, and every connection has ended.
    pub(in crate::sim) fn has_closed(&self) {
        let mut state = self.state.lock();
        state.closed = state.closings;
        state.is_open = false;
        self.changed.notify_all();
    }

    /// The port was opened.
    pub(in crate::sim) fn has_opened(&self) {
        self.state.lock().is_open = true;
        self.changed.notify_all();
    }

    /// The simulator stops, and nothing more will be done.
    pub(in crate::sim) fn give_up(&self) {
        self.state.lock().is_over = true;
        self.changed.notify_all();
    }

    /// Waits until everything that was asked for is done or nothing more will be; false when the deadline passes first.
    pub(in crate::sim) fn settle(&self, deadline: Deadline) -> bool {
        let mut state = self.state.lock();
        while !state.is_over && (state.closings > state.closed || state.is_wanted != state.is_open) {
            match deadline.instant() {
                None => self.changed.wait(&mut state),
                Some(at) => {
                    if self.changed.wait_until(&mut state, at).timed_out() {
                        return false;
                    }
                }
            }
        }
        true
    }
}
