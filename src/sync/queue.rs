//! The event queue: any number of producers, one consumer at a time.
//!
//! Everything that decides lies under one lock: what waits, whether the consumer sleeps, whether the descriptor is
//! raised. A producer therefore either comes before the consumer's last look, which then sees the item, or after
//! it, and then sees that the consumer sleeps: no wake-up is lost. The lock is held for a copy of an item, or of
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
                is_room_awaited: false,
                is_raised: false,
            }),
            alarm: Condvar::new(),
            descriptor: OnceLock::new(),
            on_room: Box::new(on_room),
        }
    }

    /// Adds an item that may give way to newer ones. Never waits for the consumer.
    pub fn push(&self, item: T) {
        self.add(|lanes| lanes.push(item));
    }

    /// Lets the newest waiting item of `key` take `item` in by `merge`; adds it when there is none.
    pub fn push_merged(&self, key: u32, item: T, merge: impl FnOnce(&mut T, T)) {
        self.add(|lanes| lanes.push_merged(key, item, merge));
    }

    /// Adds an item that is never dropped. Never waits for the consumer.
    pub fn push_kept(&self, item: T) {
        self.add(|lanes| lanes.push_kept(item));
    }

    fn add(&self, add: impl FnOnce(&mut Lanes<T>)) {
        let mut state = self.state.lock();
        if !state.is_closed {
            add(&mut state.lanes);
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

    /// Takes no further items and lets the consumer drain what is there.
    pub fn close(&self) {
        let mut state = self.state.lock();
        state.is_closed = true;
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    fn queue(capacity: usize) -> Arc<Queue<u32>> {
        Arc::new(Queue::new(capacity, Overflow::DropOldest, || ()))
    }

    fn take(queue: &Arc<Queue<u32>>, limit: usize) -> (Vec<Taken<u32>>, Pop) {
        let mut taken = Vec::new();
        let consumer = queue.consumer(Hold::ForACall).unwrap();
        let pop = consumer.poll(limit, Deadline::after(Duration::ZERO), |seq, item| taken.push((seq, item)));
        (taken, pop)
    }

    #[test]
    fn hands_out_no_more_than_asked() {
        let queue = queue(1);
        queue.push(0);
        queue.push(1);
        assert_eq!(take(&queue, 1), (vec![(1, Err(Lost { dropped: 1, first_seq: 1 }))], Pop::Items(1)));
        assert_eq!(take(&queue, 0), (vec![], Pop::TimedOut));
        assert_eq!(take(&queue, 9), (vec![(2, Ok(1))], Pop::Items(1)));
        assert_eq!(take(&queue, 9), (vec![], Pop::TimedOut));
    }

    #[test]
    fn hands_out_more_than_a_batch() {
        let queue = queue(1000);
        (0..300).for_each(|item| queue.push(item));
        let (taken, pop) = take(&queue, 200);
        assert_eq!((taken.len(), pop), (200, Pop::Items(200)));
        assert_eq!(take(&queue, 200).1, Pop::Items(100));
    }

    #[test]
    fn wake_comes_before_items_and_loses_none() {
        let queue = queue(4);
        queue.push(7);
        queue.wake();
        queue.wake();
        assert!(queue.consumer(Hold::ForACall).unwrap().next().is_none());
        assert_eq!(take(&queue, 9), (vec![], Pop::Woken));
        assert_eq!(take(&queue, 9), (vec![(1, Ok(7))], Pop::Items(1)));
    }

    #[test]
    fn a_closed_queue_is_drained_first() {
        let queue = queue(4);
        queue.push(7);
        queue.close();
        queue.push(8);
        queue.push_kept(9);
        assert_eq!(take(&queue, 9), (vec![(1, Ok(7))], Pop::Items(1)));
        assert_eq!(take(&queue, 9), (vec![], Pop::Closed));
    }

    #[test]
    fn one_consumer_at_a_time_and_only_some_are_recalled() {
        let queue = queue(4);
        queue.push(7);
        let first = queue.consumer(Hold::ForACall).unwrap();
        assert!(queue.consumer(Hold::ForACall).is_none());
        queue.recall();
        assert_eq!(first.poll(9, Deadline::NEVER, |_, _| ()), Pop::Items(1), "it ends by itself");
        drop(first);
        let second = queue.consumer(Hold::UntilRecalled).unwrap();
        queue.recall();
        queue.push(8);
        assert_eq!(second.poll(9, Deadline::NEVER, |_, _| ()), Pop::Recalled);
        drop(second);
        assert_eq!(take(&queue, 9).1, Pop::Items(1), "nothing is lost and the next is not recalled");
    }

    #[test]
    fn room_is_told_once_when_half_is_free() {
        let told = Arc::new(AtomicUsize::new(0));
        let counter = told.clone();
        let queue = Arc::new(Queue::new(4, Overflow::Grow, move || {
            counter.fetch_add(1, Ordering::SeqCst);
        }));
        (0..4).for_each(|item| queue.push(item));
        assert_eq!(take(&queue, 9).1, Pop::Items(4));
        assert_eq!(told.load(Ordering::SeqCst), 0, "nobody asked");
        (0..4).for_each(|item| queue.push(item));
        assert!(!queue.has_room() && !queue.has_room());
        assert_eq!(take(&queue, 1).1, Pop::Items(1));
        assert_eq!(told.load(Ordering::SeqCst), 0);
        assert_eq!(take(&queue, 1).1, Pop::Items(1));
        assert_eq!(take(&queue, 1).1, Pop::Items(1));
        assert_eq!(told.load(Ordering::SeqCst), 1);
        (0..3).for_each(|item| queue.push(item));
        assert!(!queue.has_room());
        queue.close();
        assert_eq!(told.load(Ordering::SeqCst), 2);
        assert!(queue.has_room(), "a closed queue holds nobody up");
    }

    #[cfg(all(unix, feature = "sim"))]
    mod descriptor {
        use std::mem::MaybeUninit;
        use std::os::fd::{AsFd, AsRawFd};

        use super::*;

        fn is_readable(queue: &Queue<u32>) -> bool {
            let descriptor = queue.descriptor().unwrap();
            socket2::SockRef::from(descriptor).peek(&mut [MaybeUninit::uninit()]).is_ok()
        }

        #[test]
        fn is_readable_while_there_is_something_to_tell() {
            let queue = queue(4);
            assert!(!is_readable(&queue));
            queue.push(1);
            queue.push_kept(2);
            assert!(is_readable(&queue));
            take(&queue, 1);
            assert!(is_readable(&queue), "one is left");
            take(&queue, 1);
            assert!(!is_readable(&queue));
            queue.wake();
            assert!(is_readable(&queue));
            take(&queue, 1);
            assert!(!is_readable(&queue));
            queue.push(3);
            let consumer = queue.consumer(Hold::ForACall).unwrap();
            consumer.next();
            drop(consumer);
            assert!(!is_readable(&queue));
            queue.close();
            take(&queue, 1);
            assert!(is_readable(&queue), "and stays so");
        }

        #[test]
        fn made_late_it_tells_what_waits() {
            let queue = queue(4);
            queue.push(1);
            assert!(is_readable(&queue));
            let first = queue.descriptor().unwrap().as_fd().as_raw_fd();
            assert_eq!(queue.descriptor().unwrap().as_fd().as_raw_fd(), first, "one for ever");
        }
    }

    /// Two producers, and a consumer that sleeps whenever it can.
    #[test]
    fn every_item_of_two_producers_arrives_or_is_counted() {
        const ITEMS: u32 = 50_000;
        let queue = queue(64);
        let start = |push: fn(&Queue<u32>, u32), first: u32| {
            let queue = queue.clone();
            crate::sync::spawn("tf-test", move || (0..ITEMS).for_each(|item| push(&queue, first + item)))
                .unwrap()
        };
        let (market, user) = (start(Queue::push, 0), start(Queue::push_kept, ITEMS));
        let closer = {
            let queue = queue.clone();
            crate::sync::spawn("tf-test", move || {
                market.join();
                user.join();
                queue.close();
            })
            .unwrap()
        };
        let consumer = queue.consumer(Hold::ForACall).unwrap();
        let (mut next_seq, mut kept, mut last, mut arrived, mut lost) = (1, ITEMS, None, 0, 0);
        loop {
            let pop = consumer.poll(16, Deadline::NEVER, |seq, item| {
                assert_eq!(seq, next_seq);
                match item {
                    Err(gap) => {
                        assert_eq!(gap.first_seq, seq);
                        next_seq += gap.dropped;
                        lost += gap.dropped;
                    }
                    Ok(item) => {
                        next_seq += 1;
                        if item >= ITEMS {
                            assert_eq!(item, kept, "kept items arrive all and in order");
                            kept += 1;
                        } else {
                            assert!(last < Some(item), "order");
                            last = Some(item);
                            arrived += 1;
                        }
                    }
                }
            });
            if pop == Pop::Closed {
                break;
            }
            assert!(matches!(pop, Pop::Items(1..=16)), "{pop:?}");
        }
        closer.join();
        assert_eq!(kept, 2 * ITEMS);
        assert_eq!(arrived + lost, u64::from(ITEMS));
        assert_eq!(lost, queue.counts().dropped);
    }
}
