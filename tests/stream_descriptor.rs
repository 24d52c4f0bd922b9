//! A loop that waits for a stream's descriptor misses nothing, however the events come.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

use common::hub::{HubServer, quote};
use common::{CONTRACT, PATIENCE, contract, in_background, logged_in_with_hub, login_only, stream};
use rustix::event::{PollFd, PollFlags, poll};
use serde_json::json;
use tradeforge::{EventBody, Kinds, Polled, Stream};

/// Waits until the descriptor is readable; false when it was not within this time.
fn is_readable_within(stream: &Stream, time: Duration) -> bool {
    let descriptor = stream.descriptor().unwrap();
    let mut watched = [PollFd::new(&descriptor, PollFlags::IN)];
    let time = rustix::event::Timespec::try_from(time).unwrap();
    poll(&mut watched, Some(&time)).unwrap() > 0
}

#[test]
fn a_loop_that_only_waits_for_the_descriptor_gets_everything() {
    const QUOTES: i64 = 30_000;
    let hub = HubServer::start(|connection| {
        let call = connection.next_call().unwrap();
        connection.confirm(&call);
        for bid in 1..=QUOTES {
            connection.send(&quote(CONTRACT, &json!({"bestBid": bid})));
            if bid % 97 == 0 {
                // Lets the reader fall asleep now and then.
                std::thread::yield_now();
            }
        }
        connection.confirm_all();
    });
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let mut options = tradeforge::StreamOptions::default();
    options.capacity = QUOTES as usize;
    let stream = client.stream(&options).unwrap();
    stream.subscribe(&contract(), Kinds::QUOTES, Duration::ZERO).unwrap();
    let mut last = 0;
    while last < QUOTES {
        assert!(is_readable_within(&stream, PATIENCE), "nothing after {last}: a wake-up is lost");
        // One, few or many at a time.
        let limit = 1 + (last as usize % 50);
        let polled = stream.poll_each(limit, Duration::ZERO, |event| {
            if let EventBody::Quote(quote) = event.body {
                let bid = quote.bid.unwrap().units() / 1_000_000_000;
                assert_eq!(bid, last + 1);
                last = bid;
            }
        });
        assert!(matches!(polled, Ok(Polled::Events(_))), "readable without anything: {polled:?}");
    }
    assert!(!is_readable_within(&stream, Duration::ZERO), "everything was taken");
}

#[test]
fn a_wake_and_a_close_are_told_too() {
    let server = login_only();
    let client = logged_in_with_hub(&server, "http://127.0.0.1:1/hubs/none");
    let stream = stream(&client);
    assert!(!is_readable_within(&stream, Duration::ZERO));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| is_readable_within(&stream, PATIENCE));
        stream.wake();
        assert!(waiting.join().unwrap());
    });
    assert!(is_readable_within(&stream, Duration::ZERO), "until a poll told it");
    assert_eq!(stream.poll_each(1, Duration::ZERO, |_| ()).unwrap(), Polled::Woken);
    assert!(!is_readable_within(&stream, Duration::ZERO));
    let closing = in_background(move || client.close());
    assert!(is_readable_within(&stream, PATIENCE));
    closing.join().unwrap();
    assert_eq!(stream.poll_each(1, Duration::ZERO, |_| ()).unwrap(), Polled::Closed);
    assert!(is_readable_within(&stream, Duration::ZERO), "and stays so");
}
