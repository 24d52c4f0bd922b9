//! The close of a client in many orders of its threads: the locks are shuttle's, the stop token and the queue are the
//! library's own.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![allow(dead_code, missing_docs, reason = "the models use a part of the code, and nobody uses them")]

// The library's `parking_lot` is this crate.
extern crate self as parking_lot;

mod model_support;

use std::sync::Arc;

use model_support::check;
use model_support::clock::Deadline;
pub use model_support::{Condvar, Mutex, MutexGuard, clock, error};
use shuttle::sync::atomic::{AtomicU32, Ordering};
use shuttle::thread;
use sync::lanes::Overflow;
use sync::queue::{Hold, Pop, Queue};
use sync::shutdown::StopToken;

#[path = "../src/sync"]
mod sync {
    pub mod descriptor {
        /// No model asks for one.
        pub struct Descriptor;

        impl Descriptor {
            pub fn new() -> crate::error::Result<Descriptor> {
                Ok(Descriptor)
            }

            pub fn raise(&self) {}

            pub fn lower(&self) {}
        }
    }
    pub mod lanes;
    pub mod queue;
    pub mod shutdown;
}

const CLOSED: u32 = 99;

/// As `Client::close` does it: stop, wait for the connections, close the streams. A reader sees the last news and
/// then the end.
#[test]
fn a_close_ends_whoever_waits_and_loses_no_news() {
    check(|| {
        let stop = StopToken::new();
        let queue = Arc::new(Queue::new(2, Overflow::DropOldest, || ()));
        let connection = {
            let (stop, queue) = (stop.clone(), queue.clone());
            thread::spawn(move || {
                queue.push(1);
                queue.flush();
                assert!(stop.wait(Deadline::NEVER));
                queue.push_kept(CLOSED);
            })
        };
        // A second one closes at the same time.
        let closers: Vec<_> = [Some(connection), None]
            .into_iter()
            .map(|connection| {
                let (stop, queue) = (stop.clone(), queue.clone());
                thread::spawn(move || {
                    stop.stop();
                    if let Some(connection) = connection {
                        connection.join().unwrap();
                        queue.close();
                    }
                })
            })
            .collect();
        let consumer = queue.consumer(Hold::ForACall).unwrap();
        let mut seen = Vec::new();
        loop {
            match consumer.poll(1, Deadline::NEVER, |_, item| seen.push(item.unwrap())) {
                Pop::Items(_) => {}
                Pop::Closed => break,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(seen, [1, CLOSED]);
        closers.into_iter().for_each(|closer| closer.join().unwrap());
    });
}

/// A hook runs exactly once, whether it comes before the stop, during it or after it; one that was taken back before
/// the stop began does not.
#[test]
fn a_hook_runs_once_whenever_it_comes() {
    check(|| {
        let stop = StopToken::new();
        let runs = Arc::new(AtomicU32::new(0));
        let hook = |runs: &Arc<AtomicU32>| {
            let runs = runs.clone();
            move || {
                runs.fetch_add(1, Ordering::SeqCst);
            }
        };
        drop(stop.on_stop(hook(&runs)));
        let stopper = {
            let stop = stop.clone();
            thread::spawn(move || stop.stop())
        };
        let kept = stop.on_stop(hook(&runs));
        stop.stop();
        stopper.join().unwrap();
        assert_eq!(runs.load(Ordering::SeqCst), 1);
        drop(kept);
    });
}

/// A callback's thread that is closed ends, and what it left can be polled.
#[test]
fn a_callback_ends_with_its_stream() {
    check(|| {
        let queue = Arc::new(Queue::new(4, Overflow::DropOldest, || ()));
        let consumer = queue.consumer(Hold::UntilRecalled).unwrap();
        let callback = thread::spawn(move || {
            let mut taken = 0;
            while let Pop::Items(count) = consumer.poll(1, Deadline::NEVER, |_, _| ()) {
                taken += count;
            }
            taken
        });
        let producer = {
            let queue = queue.clone();
            thread::spawn(move || (0..2).for_each(|item| queue.push_kept(item)))
        };
        producer.join().unwrap();
        queue.close();
        let taken = callback.join().unwrap();
        let rest = queue.consumer(Hold::ForACall).unwrap().poll(9, Deadline::NOW, |_, _| ());
        assert_eq!(rest, if taken == 2 { Pop::Closed } else { Pop::Items(2 - taken) });
    });
}
