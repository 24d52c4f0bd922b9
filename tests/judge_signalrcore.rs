//! The SignalR library of Python trading programs finds both hubs of the simulator right.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod judge_support;

use std::time::Duration;

use judge_support::{Judge, settings};
use tradeforge::sim::{Sim, SimConfig};

#[derive(PartialEq, Eq)]
enum Version {
    Newest,
    Of2025,
}

/// Lets the library subscribe, see a trade, lose its connections, come back, unsubscribe and stop.
fn both_hubs(version: Version, way: &str) {
    // Stopping this library waits for whatever the server says next.
    let keep_alive = Duration::from_millis(100);
    let sim = Sim::start(SimConfig { speed: 10.0, keep_alive, ..SimConfig::default() }).unwrap();
    let mut settings = settings(&sim);
    settings["way"] = way.into();
    // The older one is not to be relied on to come back by itself, so it connects anew.
    settings["is_newest"] = (version == Version::Newest).into();
    let judge = match version {
        Version::Newest => Judge::python("signalrcore/both_hubs.py", &settings),
        Version::Of2025 => Judge::python_2025("signalrcore/both_hubs.py", &settings),
    };
    let Some(mut judge) = judge else { return };
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
    both_hubs(Version::Newest, "query");
}

#[test]
fn it_negotiates_with_the_token_in_the_header() {
    both_hubs(Version::Newest, "header");
}

#[test]
fn it_connects_directly() {
    both_hubs(Version::Newest, "direct");
}

#[test]
fn its_version_of_2025_negotiates() {
    both_hubs(Version::Of2025, "query");
}

#[test]
fn its_version_of_2025_connects_directly() {
    both_hubs(Version::Of2025, "direct");
}
