//! What the queue promises. `tests/queue_model.rs` runs it in every order of threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::lanes::Taken;
use super::{Hold, Lost, Overflow, Pop, Queue};
use crate::clock::Deadline;

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
    queue.push(9);
    let third = queue.consumer(Hold::UntilRecalled).unwrap();
    queue.close();
    assert_eq!(third.poll(9, Deadline::NEVER, |_, _| ()), Pop::Recalled, "a close recalls too");
    drop(third);
    assert_eq!(take(&queue, 9).1, Pop::Items(1));
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

#[test]
fn a_crowd_of_items_is_told_at_once() {
    let queue = queue(1_000);
    let sleeper = {
        let queue = queue.clone();
        crate::sync::spawn("tf-test", move || {
            let consumer = queue.consumer(Hold::ForACall).unwrap();
            let mut pops = Vec::new();
            while pops.last() != Some(&Pop::Closed) {
                pops.push(consumer.poll(1_000, Deadline::NEVER, |_, _| ()));
            }
        })
        .unwrap()
    };
    // Nobody flushes, and the consumer sees most of them all the same.
    while queue.counts().delivered < 100 {
        queue.push(1);
        std::thread::yield_now();
    }
    queue.close();
    sleeper.join();
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
        assert!(!is_readable(&queue), "more may come");
        queue.flush();
        assert!(is_readable(&queue));
        queue.push_kept(2);
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
        super::spawn("tf-test", move || (0..ITEMS).for_each(|item| push(&queue, first + item))).unwrap()
    };
    let (market, user) = (start(Queue::push, 0), start(Queue::push_kept, ITEMS));
    let closer = {
        let queue = queue.clone();
        super::spawn("tf-test", move || {
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
