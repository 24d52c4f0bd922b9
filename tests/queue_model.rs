//! The queue in many orders of its threads: the locks are shuttle's, the code is the library's own.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![allow(dead_code, missing_docs, reason = "the models use a part of the queue, and nobody uses them")]

// The queue's `parking_lot` is this crate.
extern crate self as parking_lot;

mod model_support;

use std::sync::Arc;

use model_support::check;
use model_support::clock::Deadline;
pub use model_support::{Condvar, Mutex, MutexGuard, clock, error};
use shuttle::thread;
use sync::lanes::Overflow;
use sync::queue::{Hold, Pop, Queue};

#[path = "../src/sync"]
mod sync {
    pub mod descriptor {
        use shuttle::sync::atomic::{AtomicBool, Ordering};

        /// What a program that waits for it sees.
        #[derive(Default)]
        pub struct Descriptor(AtomicBool);

        impl Descriptor {
            pub fn new() -> crate::error::Result<Descriptor> {
                Ok(Descriptor::default())
            }

            pub fn raise(&self) {
                assert!(!self.0.swap(true, Ordering::SeqCst), "raised twice: two bytes");
            }

            pub fn lower(&self) {
                assert!(self.0.swap(false, Ordering::SeqCst), "lowered twice: it would wait for a byte");
            }

            pub fn is_raised(&self) -> bool {
                self.0.load(Ordering::SeqCst)
            }
        }
    }
    pub mod lanes;
    pub mod queue;
}

fn queue(capacity: usize, overflow: Overflow) -> Arc<Queue<u32>> {
    Arc::new(Queue::new(capacity, overflow, || ()))
}

/// Takes until the queue is closed; gives the items, lost ones counted.
fn drain(queue: &Arc<Queue<u32>>) -> (Vec<u32>, u64) {
    let (mut items, mut lost) = (Vec::new(), 0);
    let consumer = queue.consumer(Hold::ForACall).unwrap();
    let mut expected = 1;
    loop {
        let pop = consumer.poll(2, Deadline::NEVER, |seq, item| {
            assert_eq!(seq, expected);
            match item {
                Ok(item) => items.push(item),
                Err(gap) => lost += gap.dropped,
            }
            expected = seq + item.map_or_else(|gap| gap.dropped, |_| 1);
        });
        match pop {
            Pop::Items(_) | Pop::Woken => {}
            Pop::Closed => return (items, lost),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_sleeping_consumer_misses_nothing() {
    check(|| {
        let queue = queue(2, Overflow::DropOldest);
        let market = {
            let queue = queue.clone();
            thread::spawn(move || {
                (0..3).for_each(|item| queue.push(item));
                queue.flush();
            })
        };
        let user = {
            let queue = queue.clone();
            thread::spawn(move || (10..12).for_each(|item| queue.push_kept(item)))
        };
        let closer = {
            let queue = queue.clone();
            thread::spawn(move || {
                queue.wake();
                market.join().unwrap();
                user.join().unwrap();
                queue.close();
            })
        };
        let (items, lost) = drain(&queue);
        closer.join().unwrap();
        assert_eq!(items.iter().filter(|item| **item >= 10).collect::<Vec<_>>(), [&10, &11]);
        assert_eq!(items.iter().filter(|item| **item < 10).count() as u64 + lost, 3);
    });
}

#[test]
fn a_wake_ends_one_wait() {
    check(|| {
        let queue = queue(2, Overflow::DropOldest);
        let waker = {
            let queue = queue.clone();
            thread::spawn(move || queue.wake())
        };
        let consumer = queue.consumer(Hold::ForACall).unwrap();
        assert_eq!(consumer.poll(1, Deadline::NEVER, |_, _| ()), Pop::Woken);
        waker.join().unwrap();
        assert_eq!(consumer.poll(1, Deadline::NOW, |_, _| ()), Pop::TimedOut);
    });
}

/// Whoever sees the descriptor lowered and the queue at rest has everything.
#[test]
fn the_descriptor_is_raised_whenever_something_waits() {
    check(|| {
        let queue = queue(2, Overflow::DropOldest);
        let producers: Vec<_> = (0..2)
            .map(|first| {
                let queue = queue.clone();
                thread::spawn(move || {
                    queue.push(first);
                    queue.push_kept(10 + first);
                })
            })
            .collect();
        // Made while they push.
        let descriptor = queue.descriptor().unwrap();
        let mut taken = 0;
        while taken < 4 {
            if !descriptor.is_raised() {
                thread::yield_now();
                continue;
            }
            let consumer = queue.consumer(Hold::ForACall).unwrap();
            if let Pop::Items(count) = consumer.poll(1, Deadline::NOW, |_, _| ()) {
                taken += count;
            }
        }
        producers.into_iter().for_each(|producer| producer.join().unwrap());
        assert!(!descriptor.is_raised(), "everything was taken");
        queue.close();
        assert!(descriptor.is_raised());
    });
}

/// A callback's thread ends at once when it is recalled, wherever it stands, and nothing is lost.
#[test]
fn a_recall_ends_the_consumer_it_is_meant_for() {
    check(|| {
        let queue = queue(4, Overflow::DropOldest);
        let consumer = queue.consumer(Hold::UntilRecalled).unwrap();
        let thread = {
            let queue = queue.clone();
            thread::spawn(move || {
                let mut taken = 0;
                while let Pop::Items(count) = consumer.poll(1, Deadline::NEVER, |_, _| ()) {
                    taken += count;
                }
                drop(consumer);
                // The next one is not meant.
                let next = queue.consumer(Hold::ForACall);
                let pop = next.map(|next| next.poll(9, Deadline::NOW, |_, _| ()));
                assert!(!matches!(pop, Some(Pop::Recalled)), "{pop:?}");
                taken + pop.map_or(0, |pop| if let Pop::Items(count) = pop { count } else { 0 })
            })
        };
        queue.push(1);
        queue.push(2);
        queue.recall();
        let taken = thread.join().unwrap();
        assert_eq!(taken, 2, "what it left is there for the next");
    });
}

/// A producer that found no room is told when there is some, also by the close.
#[test]
fn a_producer_that_waits_for_room_gets_it() {
    check(|| {
        let (told, room) = shuttle::sync::mpsc::channel();
        let told = Mutex::new(told);
        let queue = Arc::new(Queue::new(2, Overflow::Grow, move || told.lock().send(()).unwrap_or(())));
        let producer = {
            let queue = queue.clone();
            thread::spawn(move || {
                for item in 0..5 {
                    while !queue.has_room() {
                        queue.flush();
                        room.recv().unwrap();
                    }
                    queue.push(item);
                }
                queue.close();
            })
        };
        assert_eq!(drain(&queue), ((0..5).collect(), 0));
        producer.join().unwrap();
        assert!(queue.counts().high_water <= 2);
    });
}
