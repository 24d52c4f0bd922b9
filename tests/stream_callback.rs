//! A function of the program that the library calls with events may panic, wait, and close what it likes.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, mpsc};
use std::time::Duration;

use common::hub::{HubServer, quote};
use common::{CONTRACT, PATIENCE, contract, in_background, logged_in_with_hub, login_only, stream, wait_for};
use serde_json::json;
use tradeforge::{Client, EventBody, Kind, Kinds, Polled, Stream};

/// Threads are counted for the whole process: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// A hub that sends a quote whenever it is told to, and a client of it.
struct Market {
    _alone: MutexGuard<'static, ()>,
    client: Client,
    quotes: mpsc::Sender<i64>,
    _servers: (common::http::HttpServer, HubServer),
}

impl Market {
    fn new() -> Market {
        let alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (quotes, wanted) = mpsc::channel::<i64>();
        let wanted = Mutex::new(Some(wanted));
        let hub = HubServer::start(move |connection| {
            let call = connection.next_call().unwrap();
            connection.confirm(&call);
            let wanted = wanted.lock().unwrap().take().unwrap();
            while let Ok(bid) = wanted.recv() {
                match bid {
                    // The next call of the client.
                    0 => {
                        let Some(call) = connection.next_call() else { return };
                        connection.confirm(&call);
                    }
                    bid => drop(connection.send(&quote(CONTRACT, &json!({"bestBid": bid})))),
                }
            }
        });
        let server = login_only();
        let client = logged_in_with_hub(&server, &hub.url());
        Market { _alone: alone, client, quotes, _servers: (server, hub) }
    }

    fn send(&self, bid: i64) {
        self.quotes.send(bid).unwrap();
    }

    /// A stream of its quotes; the first is subscribed at once, a later one is confirmed too.
    fn stream(&self, is_first: bool) -> Stream {
        let stream = stream(&self.client);
        if !is_first {
            self.send(0);
        }
        stream.subscribe(&contract(), Kinds::QUOTES, PATIENCE).unwrap();
        stream
    }

    fn nothing_is_left(self) {
        self.client.close();
        assert_eq!(tradeforge::live_threads(), 0);
    }
}

fn bid(event: &tradeforge::Event) -> Option<i64> {
    match event.body {
        EventBody::Quote(quote) => Some(quote.bid.unwrap().units() / 1_000_000_000),
        _ => None,
    }
}

/// Gives the bids that a callback gets.
fn told(tell: mpsc::Sender<i64>) -> impl FnMut(tradeforge::Event) + Send + 'static {
    move |event| {
        if let Some(bid) = bid(&event) {
            tell.send(bid).unwrap();
        }
    }
}

#[test]
fn a_callback_gets_every_event_on_a_thread_of_the_library() {
    let market = Market::new();
    let stream = market.stream(true);
    let (tell, bids) = mpsc::channel();
    let (name, names) = mpsc::channel();
    let mut told = told(tell);
    stream
        .set_callback(move |event| {
            name.send(std::thread::current().name().map(str::to_owned)).unwrap();
            told(event);
        })
        .unwrap();
    (1..=3).for_each(|bid| market.send(bid));
    assert_eq!((1..=3).map(|_| bids.recv_timeout(PATIENCE).unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(names.recv().unwrap().as_deref(), Some("tf-callback"));
    assert_eq!(tradeforge::live_threads(), 2);

    for refused in
        [stream.poll_each(1, Duration::ZERO, |_| ()), stream.set_callback(|_| ()).map(|()| Polled::Closed)]
    {
        let error = refused.unwrap_err();
        assert_eq!(error.kind(), Kind::State);
        assert!(error.message().contains("go to its callback"), "{error}");
    }
    // A wake is for who polls.
    stream.wake();
    market.send(4);
    assert_eq!(bids.recv_timeout(PATIENCE), Ok(4));

    stream.clear_callback();
    assert_eq!(tradeforge::live_threads(), 1);
    assert!(bids.recv().is_err(), "the function is dropped");
    market.send(5);
    assert_eq!(wait_for(&stream, bid), 5, "it can be polled again");
    stream.clear_callback();
    market.nothing_is_left();
}

#[test]
fn while_a_thread_polls_no_callback_is_set() {
    let market = Market::new();
    let stream = market.stream(true);
    market.send(1);
    stream
        .poll_each(1, PATIENCE, |_| {
            let error = stream.set_callback(|_| ()).unwrap_err();
            assert_eq!(error.kind(), Kind::State);
            assert!(error.message().contains("another thread"), "{error}");
        })
        .unwrap();
    market.nothing_is_left();
}

#[test]
fn a_panic_is_counted_and_the_next_event_follows() {
    let market = Market::new();
    let stream = market.stream(true);
    let (tell, bids) = mpsc::channel();
    let mut told = told(tell);
    stream
        .set_callback(move |event| {
            assert_ne!(bid(&event), Some(2), "the panic of a test");
            told(event);
        })
        .unwrap();
    (1..=3).for_each(|bid| market.send(bid));
    assert_eq!((bids.recv_timeout(PATIENCE), bids.recv_timeout(PATIENCE)), (Ok(1), Ok(3)));
    assert_eq!(stream.statistics().panics, 1);
    market.nothing_is_left();
}

#[test]
fn a_callback_that_waits_holds_up_no_other_stream() {
    let market = Market::new();
    let slow = market.stream(true);
    let (enter, entered) = mpsc::channel();
    let (leave, left) = mpsc::channel::<()>();
    slow.set_callback(move |_| {
        enter.send(()).unwrap();
        // Until the test lets go of it.
        let _ = left.recv();
    })
    .unwrap();
    entered.recv_timeout(PATIENCE).unwrap();
    let quick = market.stream(false);
    (1..=100).for_each(|bid| market.send(bid));
    wait_for(&quick, |event| (bid(event) == Some(100)).then_some(()));
    assert!(slow.depth() >= 100);
    // Whoever closes waits for the call that is under way, and for no further one.
    let slow = Arc::new(slow);
    let closing = in_background({
        let slow = slow.clone();
        move || slow.close()
    });
    let deadline = tradeforge::Deadline::after(PATIENCE);
    while slow.subscribe(&contract(), Kinds::DEPTH, Duration::ZERO).is_ok() {
        assert!(!deadline.is_past(), "it closes");
    }
    assert!(!closing.is_finished(), "the call is under way");
    drop(leave);
    closing.join().unwrap();
    assert_eq!(entered.try_iter().count(), 0, "one call, and none after the close");
    market.nothing_is_left();
}

#[test]
fn a_callback_closes_its_stream() {
    let market = Market::new();
    let stream = Arc::new(market.stream(true));
    let (own, (closed, closes)) = (stream.clone(), mpsc::channel());
    stream
        .set_callback(move |event| {
            if bid(&event).is_some() {
                own.close();
                own.clear_callback();
                closed.send(()).unwrap();
            }
        })
        .unwrap();
    (1..=3).for_each(|bid| market.send(bid));
    closes.recv_timeout(PATIENCE).unwrap();
    assert!(closes.recv_timeout(PATIENCE).is_err(), "it was the last call, and the function is dropped");
    market.nothing_is_left();
}

#[test]
fn a_callback_drops_its_stream_and_closes_its_client() {
    let market = Market::new();
    let mut own = Some(market.stream(true));
    let holder = Arc::new(Mutex::new(None));
    let (client, (closed, closes)) = (market.client.clone(), mpsc::channel());
    let held = holder.clone();
    own.as_ref()
        .unwrap()
        .set_callback(move |event| {
            if bid(&event).is_some() {
                drop(held.lock().unwrap().take());
                client.close();
                closed.send(()).unwrap();
            }
        })
        .unwrap();
    *holder.lock().unwrap() = own.take();
    market.send(1);
    closes.recv_timeout(PATIENCE).unwrap();
    market.nothing_is_left();
}

/// Each closes what the other is called for: neither waits for the other.
#[test]
fn two_callbacks_close_each_other() {
    for _ in 0..50 {
        let market = Market::new();
        let (one, two) = (Arc::new(market.stream(true)), Arc::new(market.stream(false)));
        let closed = Arc::new(AtomicU64::new(0));
        for (stream, other) in [(&one, &two), (&two, &one)] {
            let (other, closed, client) = (other.clone(), closed.clone(), market.client.clone());
            stream
                .set_callback(move |event| {
                    if bid(&event).is_some() {
                        other.close();
                        client.close();
                        closed.fetch_add(1, Ordering::SeqCst);
                    }
                })
                .unwrap();
        }
        market.send(1);
        // From outside, at the same time.
        one.close();
        market.nothing_is_left();
    }
}

#[test]
fn a_function_on_the_own_thread_may_close_everything() {
    let market = Market::new();
    let stream = market.stream(true);
    (1..=3).for_each(|bid| market.send(bid));
    wait_for(&stream, |event| (bid(event) == Some(1)).then_some(()));
    let mut count = 0;
    let polled = stream.poll_each(100, PATIENCE, |_| {
        stream.close();
        market.client.close();
        count += 1;
    });
    assert!(matches!(polled, Ok(Polled::Events(events)) if events == count && events >= 1), "{polled:?}");
    market.nothing_is_left();
}

#[test]
fn a_function_on_the_own_thread_is_ended_by_a_wake_and_keeps_what_it_panicked_at() {
    let market = Market::new();
    let stream = market.stream(true);
    (1..=4).for_each(|bid| market.send(bid));
    wait_for(&stream, |event| (bid(event) == Some(1)).then_some(()));
    // The other three.
    let deadline = tradeforge::Deadline::after(PATIENCE);
    while stream.depth() < 3 && !deadline.is_past() {
        std::thread::yield_now();
    }
    let mut bids = Vec::new();
    let polled = stream.poll_each(100, PATIENCE, |event| {
        bids.extend(bid(&event));
        stream.wake();
    });
    assert_eq!((polled.unwrap(), bids), (Polled::Events(1), vec![2]));
    assert_eq!(stream.poll_each(100, PATIENCE, |_| ()).unwrap(), Polled::Woken);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = stream.poll_each(100, PATIENCE, |_| panic!("the panic of a test"));
    }));
    assert!(panicked.is_err());
    assert_eq!(wait_for(&stream, bid), 4, "the later ones stay, and the stream can be polled");
    market.nothing_is_left();
}
