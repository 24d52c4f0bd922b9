//! The SignalR library of Python trading programs finds both hubs of the simulator right.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod judge_support;

use std::time::Duration;

use judge_support::{Judge, settings};
use tradeforge::sim::{Sim, SimConfig};

/// Lets the library subscribe, see a trade, lose its connections, come back, unsubscribe and stop.
fn both_hubs(way: &str) {
    // Stopping this library waits for whatever the server says next.
    let keep_alive = Duration::from_millis(100);
    let sim = Sim::start(SimConfig { speed: 10.0, keep_alive, ..SimConfig::default() }).unwrap();
    let mut settings = settings(&sim);
    settings["way"] = way.into();
    let Some(mut judge) = Judge::python("signalrcore/both_hubs.py", &settings) else { return };
    judge.expect("streaming");
    judge.expect("drop");
    assert_eq!(sim.hub_connections(), 2);
    sim.drop_hub_connections();
    judge.tell("dropped");
    judge.expect("reconnected");
    judge.end();
}

#[test]
fn it_negotiates_with_the_token_in_the_query() {
    both_hubs("query");
}

#[test]
fn it_negotiates_with_the_token_in_the_header() {
    both_hubs("header");
}

#[test]
fn it_connects_directly() {
    both_hubs("direct");
}
