//! A live connection outlives its token, also in a program that only listens.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod link_support;
mod session_support;

use std::time::Instant;

use link_support::{PATIENCE, roomy_stream, wait_for};
use session_support::{Bench, HOUR, MINUTE};
use tradeforge::{EventBody, Kinds};

#[test]
fn a_connection_changes_to_a_newer_token_ahead_of_the_end_without_any_call() {
    let bench = Bench::start(&[("hub_ping_ms", "50")]);
    let stream = roomy_stream(&bench.client);
    stream.subscribe_account(bench.account, Kinds::ORDERS, PATIENCE).unwrap();
    // Each token lives for a day and is replaced half an hour before.
    for _ in 0..3 {
        let before = bench.sim.inspect().hub_connections_so_far;
        bench.step(HOUR * 23 + MINUTE * 31);
        let end = Instant::now() + PATIENCE;
        while bench.sim.inspect().hub_connections_so_far == before || bench.sim.hub_connections() != 1 {
            assert!(Instant::now() < end, "{:?}", bench.sim.inspect());
            std::thread::yield_now();
        }
    }
    bench.order().unwrap();
    bench.step(MINUTE);
    let (mut links, mut reasons) = (Vec::new(), Vec::new());
    wait_for(&stream, |event| match event.body {
        EventBody::Link(link) => {
            links.push(link.state);
            reasons.extend(link.message.and_then(|words| bench.client.symbol(words)));
            None
        }
        EventBody::Order(_) => Some(()),
        _ => None,
    });
    let expected = [tradeforge::model::LinkState::Connecting, tradeforge::model::LinkState::Connected];
    assert_eq!(links, expected, "no loss in three days: {reasons:?}");
}
