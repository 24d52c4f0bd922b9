//! The event queue: a bounded lane that overwrites its oldest, and a lane that never loses anything.
//!
//! Market data goes into the bounded lane; when it is full, the oldest item gives way and the consumer learns
//! how many it lost, at their place. Items that must arrive (orders, fills, connection news) go into the
//! other lane. Each of them remembers how many bounded items came before it, and the consumer merges the
//! lanes by that position, so the order of one producer is kept even where items were lost.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, fence};

use crossbeam_queue::{ArrayQueue, SegQueue};
use parking_lot::{Condvar, Mutex};

use crate::clock::Deadline;

/// A queue with any number of producers and one consumer at a time.
#[derive(Debug)]
pub struct Queue<T> {
    bounded: ArrayQueue<Placed<T>>,
    kept: SegQueue<Placed<T>>,
    /// The index of the next bounded item. The lock keeps two producers' items in the order of their
    /// indices; the consumer never takes it.
    next_index: Mutex<u64>,
    pushed: AtomicU64,
    /// Items that the consumer took out of the lanes and has not handed out yet.
    held: AtomicUsize,
    lost: AtomicU64,
    consumer: Mutex<Consumer<T>>,
    woken: AtomicBool,
    closed: AtomicBool,
    waiting: AtomicBool,
    sleep: Mutex<()>,
    alarm: Condvar,
}

/// An item and its place among the bounded items: its own index there, or how many came before it.
#[derive(Debug)]
struct Placed<T> {
    position: u64,
    item: T,
}

#[derive(Debug)]
struct Consumer<T> {
    bounded_head: Option<Placed<T>>,
    kept_head: Option<Placed<T>>,
    next_index: u64,
    next_seq: u64,
}

/// How many items gave way, and the sequence number of the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost {
    /// How many items were dropped.
    pub dropped: u64,
    /// The sequence number that the first of them would have had.
    pub first_seq: u64,
}

/// Why [`Queue::poll`] came back.
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
    /// Another thread is polling.
    Busy,
}

impl<T> Queue<T> {
    /// An empty queue whose bounded lane holds `capacity` items, one at least.
    pub fn new(capacity: usize) -> Queue<T> {
        Queue {
            bounded: ArrayQueue::new(capacity.max(1)),
            kept: SegQueue::new(),
            next_index: Mutex::new(0),
            pushed: AtomicU64::new(0),
            held: AtomicUsize::new(0),
            lost: AtomicU64::new(0),
            consumer: Mutex::new(Consumer {
                bounded_head: None,
                kept_head: None,
                next_index: 0,
                next_seq: 1,
            }),
            woken: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            waiting: AtomicBool::new(false),
            sleep: Mutex::new(()),
            alarm: Condvar::new(),
        }
    }

    /// Adds an item that may give way to newer ones. Never waits for the consumer.
    pub fn push(&self, item: T) {
        if self.closed.load(Ordering::Acquire) {
            return;
        }
        let mut next_index = self.next_index.lock();
        let position = *next_index;
        *next_index += 1;
        let replaced = self.bounded.force_push(Placed { position, item });
        self.pushed.store(*next_index, Ordering::Release);
        drop(next_index);
        if replaced.is_some() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        self.notify();
    }

    /// Adds an item that is never dropped. Never waits for the consumer.
    pub fn push_kept(&self, item: T) {
        if self.closed.load(Ordering::Acquire) {
            return;
        }
        self.kept.push(Placed { position: self.pushed.load(Ordering::Acquire), item });
        self.notify();
    }

    /// Makes the consumer come back from [`Queue::poll`] at once, or the next time when none waits.
    pub fn wake(&self) {
        self.woken.store(true, Ordering::SeqCst);
        self.notify();
    }

    /// Takes no further items and lets the consumer drain what is there.
    pub fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.notify();
    }

    /// How many items wait, gaps not counted. A moment's view.
    pub fn len(&self) -> usize {
        self.bounded.len() + self.kept.len() + self.held.load(Ordering::Relaxed)
    }

    /// Whether no item waits. A moment's view.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many items gave way so far.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Hands up to `limit` items to `sink`, with their sequence numbers, and a [`Lost`] where some gave way.
    ///
    /// Waits until `deadline` for the first item, never for more. The sequence number rises by one per item;
    /// a gap takes as many numbers as items were lost.
    pub fn poll(
        &self,
        limit: usize,
        deadline: Deadline,
        mut sink: impl FnMut(u64, std::result::Result<T, Lost>),
    ) -> Pop {
        let Some(mut consumer) = self.consumer.try_lock() else { return Pop::Busy };
        loop {
            if self.woken.swap(false, Ordering::SeqCst) {
                return Pop::Woken;
            }
            // Read before draining: what was pushed before the close is still seen.
            let closed = self.closed.load(Ordering::SeqCst);
            let taken = self.drain(&mut consumer, limit, &mut sink);
            if taken > 0 {
                return Pop::Items(taken);
            }
            if closed {
                return Pop::Closed;
            }
            if limit == 0 || deadline.is_past() {
                return Pop::TimedOut;
            }
            self.wait(deadline);
        }
    }

    fn drain(
        &self,
        consumer: &mut Consumer<T>,
        limit: usize,
        sink: &mut impl FnMut(u64, std::result::Result<T, Lost>),
    ) -> usize {
        let mut taken = 0;
        while taken < limit {
            // The bounded lane is looked at first and, when it was empty, again after the other one: an item
            // of either lane that a producer pushed earlier is then always seen.
            if consumer.bounded_head.is_none() {
                consumer.bounded_head = self.bounded.pop();
            }
            if consumer.kept_head.is_none() {
                consumer.kept_head = self.kept.pop();
            }
            if consumer.bounded_head.is_none() && consumer.kept_head.is_some() {
                consumer.bounded_head = self.bounded.pop();
            }
            let kept_first = match (&consumer.kept_head, &consumer.bounded_head) {
                (Some(kept), Some(bounded)) => kept.position <= bounded.position,
                (kept, _) => kept.is_some(),
            };
            let seq = consumer.next_seq;
            if kept_first {
                if let Some(kept) = consumer.kept_head.take() {
                    consumer.next_seq += 1;
                    sink(seq, Ok(kept.item));
                }
            } else if let Some(bounded) = consumer.bounded_head.take() {
                let dropped = bounded.position - consumer.next_index;
                if dropped > 0 {
                    consumer.next_index = bounded.position;
                    consumer.next_seq += dropped;
                    consumer.bounded_head = Some(bounded);
                    sink(seq, Err(Lost { dropped, first_seq: seq }));
                } else {
                    consumer.next_index += 1;
                    consumer.next_seq += 1;
                    sink(seq, Ok(bounded.item));
                }
            } else {
                break;
            }
            taken += 1;
        }
        let heads = usize::from(consumer.bounded_head.is_some()) + usize::from(consumer.kept_head.is_some());
        self.held.store(heads, Ordering::Relaxed);
        taken
    }

    fn wait(&self, deadline: Deadline) {
        let mut asleep = self.sleep.lock();
        self.waiting.store(true, Ordering::SeqCst);
        // Pairs with the fence of `notify`: either the producer sees `waiting`, or its item is seen here.
        fence(Ordering::SeqCst);
        let idle =
            self.is_empty() && !self.woken.load(Ordering::SeqCst) && !self.closed.load(Ordering::SeqCst);
        if idle {
            match deadline.instant() {
                None => self.alarm.wait(&mut asleep),
                Some(at) => {
                    self.alarm.wait_until(&mut asleep, at);
                }
            }
        }
        self.waiting.store(false, Ordering::SeqCst);
    }

    fn notify(&self) {
        fence(Ordering::SeqCst);
        if self.waiting.load(Ordering::SeqCst) {
            drop(self.sleep.lock());
            self.alarm.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;

    type Taken = Vec<(u64, std::result::Result<u32, Lost>)>;

    fn take(queue: &Queue<u32>, limit: usize) -> (Taken, Pop) {
        let mut taken = Vec::new();
        let pop = queue.poll(limit, Deadline::after(Duration::ZERO), |seq, item| taken.push((seq, item)));
        (taken, pop)
    }

    #[test]
    fn overflow_shows_at_its_place() {
        let queue = Queue::new(2);
        for item in 0..5 {
            queue.push(item);
        }
        let gap = Lost { dropped: 3, first_seq: 1 };
        assert_eq!(take(&queue, 9), (vec![(1, Err(gap)), (4, Ok(3)), (5, Ok(4))], Pop::Items(3)));
        queue.push(5);
        assert_eq!(take(&queue, 9), (vec![(6, Ok(5))], Pop::Items(1)));
        assert_eq!(queue.lost(), 3);
        assert_eq!(take(&queue, 9), (vec![], Pop::TimedOut));
    }

    #[test]
    fn kept_items_stay_in_order_across_a_gap() {
        let queue = Queue::new(2);
        queue.push(0);
        queue.push_kept(100);
        for item in 1..4 {
            queue.push(item);
        }
        queue.push_kept(101);
        queue.push(4);
        // 0, 1 and 2 gave way. The news after 0 stands before the surviving items, the later news between.
        let (taken, _) = take(&queue, 9);
        let gap = Lost { dropped: 3, first_seq: 2 };
        assert_eq!(taken, vec![(1, Ok(100)), (2, Err(gap)), (5, Ok(3)), (6, Ok(101)), (7, Ok(4))],);
    }

    #[test]
    fn hands_out_no_more_than_asked() {
        let queue = Queue::new(1);
        queue.push(0);
        queue.push(1);
        assert_eq!(take(&queue, 1), (vec![(1, Err(Lost { dropped: 1, first_seq: 1 }))], Pop::Items(1)));
        assert_eq!(take(&queue, 0), (vec![], Pop::TimedOut));
        assert_eq!(take(&queue, 1), (vec![(2, Ok(1))], Pop::Items(1)));
    }

    #[test]
    fn what_is_left_over_is_counted() {
        let queue = Queue::new(4);
        queue.push_kept(1);
        queue.push(2);
        assert_eq!(take(&queue, 1), (vec![(1, Ok(1))], Pop::Items(1)));
        assert_eq!(queue.len(), 1);
        assert_eq!(take(&queue, 9), (vec![(2, Ok(2))], Pop::Items(1)));
        assert_eq!(queue.len(), 0);
    }

    #[test]
    fn wake_comes_before_items_and_loses_none() {
        let queue = Queue::new(4);
        queue.push(7);
        queue.wake();
        queue.wake();
        assert_eq!(take(&queue, 9), (vec![], Pop::Woken));
        assert_eq!(take(&queue, 9), (vec![(1, Ok(7))], Pop::Items(1)));
    }

    #[test]
    fn a_closed_queue_is_drained_first() {
        let queue = Queue::new(4);
        queue.push(7);
        queue.close();
        queue.push(8);
        queue.push_kept(9);
        assert_eq!(take(&queue, 9), (vec![(1, Ok(7))], Pop::Items(1)));
        assert_eq!(take(&queue, 9), (vec![], Pop::Closed));
    }

    #[test]
    fn a_second_consumer_is_told() {
        let queue = Arc::new(Queue::<u32>::new(4));
        queue.push(1);
        let inner = queue.clone();
        queue.poll(1, Deadline::NEVER, |_, _| {
            assert_eq!(inner.poll(1, Deadline::NEVER, |_, _| ()), Pop::Busy);
        });
    }

    #[test]
    fn every_item_of_two_producers_arrives_or_is_counted() {
        const ITEMS: u32 = 50_000;
        let queue = Arc::new(Queue::new(64));
        let market = {
            let queue = queue.clone();
            crate::sync::spawn("tf-test", move || (0..ITEMS).for_each(|item| queue.push(item))).unwrap()
        };
        let user = {
            let queue = queue.clone();
            crate::sync::spawn("tf-test", move || {
                (0..ITEMS).for_each(|item| queue.push_kept(ITEMS + item));
            })
            .unwrap()
        };
        let closer = {
            let queue = queue.clone();
            crate::sync::spawn("tf-test", move || {
                market.join();
                user.join();
                queue.close();
            })
            .unwrap()
        };
        let (mut next_seq, mut kept, mut last, mut arrived, mut lost) = (1, ITEMS, None, 0, 0);
        loop {
            let pop = queue.poll(16, Deadline::NEVER, |seq, item| {
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
        assert_eq!(lost, queue.lost());
    }
}
