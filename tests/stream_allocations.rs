//! Once warm, an event takes no memory on its way from the frame to the reader. One test, because it counts for the
//! whole process.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![allow(unsafe_code, reason = "an allocator is unsafe by nature; this one counts and passes on")]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, mpsc};

use common::hub::{END, HubServer};
use common::{CONTRACT, PATIENCE, contract, logged_in_with_hub, login_only};
use tradeforge::model::{Hub, LinkState};
use tradeforge::{Event, EventBody, Kinds, Polled, QueuePolicy, StreamOptions};

struct Counting;

static COUNT: AtomicU64 = AtomicU64::new(0);
static IS_COUNTING: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// The gateway's side of the test allocates as it likes.
    static IS_GATEWAY: Cell<bool> = const { Cell::new(false) };
}

fn note() {
    if IS_COUNTING.load(Ordering::Relaxed) && !IS_GATEWAY.get() {
        COUNT.fetch_add(1, Ordering::Relaxed);
    }
}

// SAFETY: every call goes to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: the caller keeps to the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps to the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note();
        // SAFETY: the caller keeps to the contract of `realloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A round: quotes, trades and depth, many records in each of a few frames, as a busy gateway sends them.
const ROUND: i64 = 1_000;

fn round(first: i64) -> String {
    let mut frames = String::new();
    for number in first..first + ROUND {
        // The members in the order in which gateways write them.
        let (target, data) = match number % 3 {
            0 => {
                ("Quote", format!(r#"{{"bestBid":{number},"timestamp":"2026-08-16T23:26:02.15673+00:00"}}"#))
            }
            1 => ("Trade", format!(r#"[{{"price":{number},"volume":1,"type":0}}]"#)),
            _ => ("Depth", format!(r#"[{{"price":{number},"volume":1,"type":1}}]"#)),
        };
        frames.push_str(&format!(
            r#"{{"type":1,"target":"Gateway{target}","arguments":["{CONTRACT}",{data}]}}"#
        ));
        frames.push(END);
    }
    frames
}

#[test]
fn an_event_takes_no_memory_once_warm() {
    let (rounds, wanted) = mpsc::channel::<String>();
    let wanted = Mutex::new(wanted);
    let hub = HubServer::start(move |connection| {
        IS_GATEWAY.set(true);
        for _ in 0..6 {
            let call = connection.next_call().unwrap();
            connection.confirm(&call);
        }
        while let Ok(frame) = wanted.lock().unwrap().recv() {
            connection.send_text(&frame);
        }
    });
    // Dropped before the hub, whose thread waits for it.
    let rounds = rounds;
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let streams = [QueuePolicy::DropOldest, QueuePolicy::Conflate].map(|policy| {
        let mut options = StreamOptions::default();
        options.policy = policy;
        let stream = client.stream(&options).unwrap();
        stream.subscribe(&contract(), Kinds::MARKET, PATIENCE).unwrap();
        stream
    });
    let mut events = vec![no_event(); 64];
    let mut next = 0;
    let mut go = |count: i64| {
        for _ in 0..count {
            IS_GATEWAY.set(true);
            rounds.send(round(next)).unwrap();
            IS_GATEWAY.set(false);
            next += ROUND;
            // The last record of a round: the newest trade or depth is never conflated away.
            for stream in &streams {
                let mut is_over = false;
                while !is_over {
                    let polled = stream.poll(&mut events, PATIENCE).unwrap();
                    let Polled::Events(taken) = polled else { panic!("{polled:?}") };
                    is_over = events[..taken].iter().any(|event| ends(event, next - 1));
                }
            }
        }
    };
    // More than the queues hold, so that they have grown to their end.
    go(1);
    (0..10).for_each(|_| rounds.send(round(0)).unwrap());
    go(20);
    // A buffer may still grow once, when a reader is slower than ever before; in the steady state nothing does.
    let counts: Vec<u64> = (0..5)
        .map(|_| {
            let before = COUNT.load(Ordering::Relaxed);
            IS_COUNTING.store(true, Ordering::Relaxed);
            go(10);
            IS_COUNTING.store(false, Ordering::Relaxed);
            COUNT.load(Ordering::Relaxed) - before
        })
        .collect();
    assert!(counts.contains(&0), "{counts:?} for {} events each", 10 * ROUND);
    assert!(counts.iter().sum::<u64>() < 10, "{counts:?}");
}

fn ends(event: &Event, number: i64) -> bool {
    let price = match event.body {
        EventBody::Quote(quote) => quote.bid,
        EventBody::Trade(trade) => Some(trade.price),
        EventBody::Depth(depth) => Some(depth.price),
        _ => None,
    };
    price.is_some_and(|price| price.units() == number * 1_000_000_000)
}

fn no_event() -> Event {
    Event {
        seq: 0,
        received: tradeforge::Timestamp::from_nanos(0),
        at: None,
        instrument: None,
        flags: tradeforge::model::EventFlags::NONE,
        body: EventBody::Link(tradeforge::model::Link {
            hub: Hub::Market,
            state: LinkState::Closed,
            attempt: 0,
            delay_ms: 0,
            reason: None,
            message: None,
        }),
    }
}
