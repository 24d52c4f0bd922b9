//! The SignalR library of Python trading programs finds both hubs of the simulator right.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod judge_support;

use std::time::Duration;

use judge_support::{Judge, settings};
use serde_json::Value;
use tradeforge::sim::{Sim, SimConfig};

/// Lets the library subscribe, see a trade, lose its connections, come back, unsubscribe and stop.
fn both_hubs(start: fn(&str, &Value) -> Option<Judge>, way: &str) {
    // Stopping this library waits for whatever the server says next.
    let keep_alive = Duration::from_millis(100);
    let sim = Sim::start(SimConfig { speed: 10.0, keep_alive, ..SimConfig::default() }).unwrap();
    let mut settings = settings(&sim);
    settings["way"] = way.into();
    let Some(mut judge) = start("signalrcore/both_hubs.py", &settings) else { return };
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
    both_hubs(Judge::python, "query");
}

#[test]
fn it_negotiates_with_the_token_in_the_header() {
    both_hubs(Judge::python, "header");
}

#[test]
fn it_connects_directly() {
    both_hubs(Judge::python, "direct");
}

#[test]
fn its_version_of_2025_negotiates() {
    both_hubs(Judge::python_2025, "query");
}

#[test]
fn its_version_of_2025_connects_directly() {
    both_hubs(Judge::python_2025, "direct");
}
