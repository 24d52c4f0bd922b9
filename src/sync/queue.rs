//! The event queue: any number of producers, one consumer at a time.
//!
//! Everything that decides lies under one lock: what waits, whether the consumer sleeps, whether the descriptor is
//! raised. A producer therefore either comes before the consumer's last look, which then sees the item, or after
//! it, and then sees that the consumer sleeps: no wake-up is lost. Items that come in crowds are told together: whoever
//! adds them flushes before it waits itself. The lock is held for a copy of an item, or of
//! a batch; no system call happens under it but the descriptor's, and those only where the queue begins or
//! ends to have something to tell.

use std::sync::{Arc, OnceLock};

use parking_lot::{Condvar, Mutex, MutexGuard};

use super::descriptor::Descriptor;
use super::lanes::{Counts, Lanes, Lost, Overflow, Taken};
use crate::clock::Deadline;
use crate::error::{Error, Kind, Result};

/// A queue with any number of producers and one [`Consumer`] at a time.
pub struct Queue<T> {
    state: Mutex<State<T>>,
    alarm: Condvar,
    descriptor: OnceLock<Descriptor>,
    /// Tells producers that found no room that there is some.
    on_room: Box<dyn Fn() + Send + Sync>,
}

struct State<T> {
    lanes: Lanes<T>,
    is_woken: bool,
    is_closed: bool,
    /// The consumer has been asked to stop.
    is_recalled: bool,
    consumer: Option<Hold>,
    is_consumer_asleep: bool,
    /// Items that were added since the consumer was told. It may have seen them.
    untold: usize,
    is_room_awaited: bool,
    is_raised: bool,
}

/// Why [`Consumer::poll`] came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pop {
    /// This many items were handed out, gaps included.
    Items(usize),
    /// The deadline passed and there was nothing.
    TimedOut,
    /// Somebody called [`Queue::wake`]. Nothing was taken.
    Woken,
    /// The queue is closed and empty.
    Closed,
    /// Somebody called [`Queue::recall`]. Nothing was taken.
    Recalled,
}

/// How long a [`Consumer`] keeps the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// For one call, which ends by itself.
    ForACall,
    /// Until [`Queue::recall`].
    UntilRecalled,
}

/// To wake a thread costs as much as many items do, so it is done once for so many at most.
const MOST_UNTOLD: usize = 32;

/// How many items are handed out before producers get their turn.
const BATCH: usize = 64;

impl<T> Queue<T> {
    /// An empty queue whose bounded lane holds `capacity` items, one at least.
    ///
    /// `on_room` is called when a producer that was told that there is no room may come back: half of the lane is
    /// free, or the queue is closed. It runs on the consumer's thread and must only wake.
    pub fn new(capacity: usize, overflow: Overflow, on_room: impl Fn() + Send + Sync + 'static) -> Queue<T> {
        Queue {
            state: Mutex::new(State {
                lanes: Lanes::new(capacity, overflow),
                is_woken: false,
                is_closed: false,
                is_recalled: false,
                consumer: None,
                is_consumer_asleep: false,
                untold: 0,
                is_room_awaited: false,
                is_raised: false,
            }),
            alarm: Condvar::new(),
            descriptor: OnceLock::new(),
            on_room: Box::new(on_room),
        }
    }

    /// Adds an item that may give way to newer ones. Never waits for the consumer, who is told by
    /// [`Queue::flush`], or once there are many.
    pub fn push(&self, item: T) {
        self.add(MOST_UNTOLD, |lanes| lanes.push(item));
    }

    /// Lets the newest waiting item of `key` take `item` in by `merge`; adds it when there is none. Else as
    /// [`Queue::push`].
    pub fn push_merged(&self, key: u32, item: T, merge: impl FnOnce(&mut T, T)) {
        self.add(MOST_UNTOLD, |lanes| lanes.push_merged(key, item, merge));
    }

    /// Adds an item that is never dropped, and tells the consumer. Never waits for it.
    pub fn push_kept(&self, item: T) {
        self.add(0, |lanes| lanes.push_kept(item));
    }

    fn add(&self, most_untold: usize, add: impl FnOnce(&mut Lanes<T>)) {
        let mut state = self.state.lock();
        if !state.is_closed {
            add(&mut state.lanes);
            state.untold += 1;
            if state.untold > most_untold {
                self.tell(state);
            }
        }
    }

    /// Tells the consumer what was added since it was told last. Whoever adds must not wait before.
    pub fn flush(&self) {
        let state = self.state.lock();
        if state.untold > 0 {
            self.tell(state);
        }
    }

    /// Whether a producer that wants nothing lost may go on. If not, it is told when it may.
    pub fn has_room(&self) -> bool {
        let mut state = self.state.lock();
        state.is_room_awaited = !state.is_closed && !state.lanes.has_room();
        !state.is_room_awaited
    }

    /// Makes the consumer come back from [`Consumer::poll`] at once, or the next time when none waits.
    pub fn wake(&self) {
        let mut state = self.state.lock();
        state.is_woken = true;
        self.tell(state);
    }

    /// Takes no further items, and lets the consumer drain what is there; one that [`Queue::recall`] would stop
    /// is stopped.
    pub fn close(&self) {
        let mut state = self.state.lock();
        state.is_closed = true;
        state.is_recalled = state.consumer == Some(Hold::UntilRecalled);
        let is_room_awaited = std::mem::take(&mut state.is_room_awaited);
        self.tell(state);
        if is_room_awaited {
            (self.on_room)();
        }
    }

    /// Asks the present consumer to stop without draining, if it took the queue [`Hold::UntilRecalled`].
    pub fn recall(&self) {
        let mut state = self.state.lock();
        state.is_recalled = state.consumer == Some(Hold::UntilRecalled);
        self.tell(state);
    }

    /// Whether [`Queue::close`] was called.
    pub fn is_closed(&self) -> bool {
        self.state.lock().is_closed
    }

    /// What went through and what waits, gaps not counted.
    pub fn counts(&self) -> Counts {
        self.state.lock().lanes.counts()
    }

    /// The counts, and what `look` makes of the item that is next.
    pub fn look<R>(&self, look: impl FnOnce(&T) -> R) -> (Counts, Option<R>) {
        let state = self.state.lock();
        (state.lanes.counts(), state.lanes.next().map(look))
    }

    /// The right to take items; `None` while somebody else has it.
    pub fn consumer(self: &Arc<Queue<T>>, hold: Hold) -> Option<Consumer<T>> {
        let mut state = self.state.lock();
        if state.consumer.is_some() {
            return None;
        }
        state.consumer = Some(hold);
        Some(Consumer { queue: self.clone() })
    }

    /// The descriptor that is readable while items wait, after a wake, and once the queue is closed. Made at the
    /// first call.
    ///
    /// # Errors
    /// As [`Descriptor::new`].
    pub fn descriptor(&self) -> Result<&Descriptor> {
        // Under the lock, so that whoever comes next sees it and nobody makes a second one.
        let mut state = self.state.lock();
        if self.descriptor.get().is_none() {
            // Nobody else sets it under the lock.
            let _ = self.descriptor.set(Descriptor::new()?);
            self.settle(&mut state);
        }
        drop(state);
        self.descriptor.get().ok_or_else(|| Error::new(Kind::Bug, "a descriptor that was made is gone"))
    }

    /// Tells the consumer about a change, wherever it waits.
    fn tell(&self, mut state: MutexGuard<'_, State<T>>) {
        state.untold = 0;
        self.settle(&mut state);
        let is_asleep = std::mem::take(&mut state.is_consumer_asleep);
        drop(state);
        if is_asleep {
            self.alarm.notify_one();
        }
    }

    /// Raises or lowers the descriptor where that has to change.
    fn settle(&self, state: &mut State<T>) {
        let Some(descriptor) = self.descriptor.get() else { return };
        let is_ready = !state.lanes.is_empty() || state.is_woken || state.is_closed;
        if is_ready != state.is_raised {
            state.is_raised = is_ready;
            if is_ready { descriptor.raise() } else { descriptor.lower() }
        }
    }
}

/// The right to take items from a queue. Dropping it gives it back.
pub struct Consumer<T> {
    queue: Arc<Queue<T>>,
}

impl<T> Consumer<T> {
    /// Hands up to `limit` items to `sink`, with their sequence numbers, and a [`Lost`] where some gave way.
    ///
    /// Waits until `deadline` for the first item, never for more. `sink` runs under the queue's lock: it must do
    /// little, and leave the queue alone.
    pub fn poll(
        &self,
        limit: usize,
        deadline: Deadline,
        mut sink: impl FnMut(u64, std::result::Result<T, Lost>),
    ) -> Pop {
        let queue = &*self.queue;
        let mut state = queue.state.lock();
        loop {
            if state.is_recalled {
                return Pop::Recalled;
            }
            if std::mem::take(&mut state.is_woken) {
                queue.settle(&mut state);
                return Pop::Woken;
            }
            if !state.lanes.is_empty() && limit > 0 {
                break;
            }
            if state.is_closed {
                return Pop::Closed;
            }
            if limit == 0 || deadline.is_past() {
                return Pop::TimedOut;
            }
            state.is_consumer_asleep = true;
            match deadline.instant() {
                None => queue.alarm.wait(&mut state),
                Some(at) => {
                    queue.alarm.wait_until(&mut state, at);
                }
            }
            state.is_consumer_asleep = false;
        }
        let mut taken = 0;
        loop {
            let until = limit.min(taken + BATCH);
            while taken < until
                && let Some((seq, item)) = state.lanes.take()
            {
                sink(seq, item);
                taken += 1;
            }
            self.release(state);
            if taken < until || taken == limit {
                return Pop::Items(taken);
            }
            state = queue.state.lock();
        }
    }

    /// The next item if one waits. `None` also while a wake or a recall stands, which [`Consumer::poll`] tells.
    pub fn next(&self) -> Option<Taken<T>> {
        let mut state = self.queue.state.lock();
        if state.is_woken || state.is_recalled {
            return None;
        }
        let taken = state.lanes.take()?;
        self.release(state);
        Some(taken)
    }

    /// After items were taken.
    fn release(&self, mut state: MutexGuard<'_, State<T>>) {
        self.queue.settle(&mut state);
        let is_room = state.is_room_awaited && state.lanes.has_much_room();
        state.is_room_awaited &= !is_room;
        drop(state);
        if is_room {
            (self.queue.on_room)();
        }
    }
}

impl<T> Drop for Consumer<T> {
    fn drop(&mut self) {
        let mut state = self.queue.state.lock();
        state.consumer = None;
        state.is_recalled = false;
    }
}
