//! A connection is alive as long as the server gives signs of life, however quiet the market is.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod link_support;

use std::time::Duration;

use link_support::Session;
use tradeforge::model::{HubTiming, LinkState};
use tradeforge::sim::{Fault, FaultKind, Hub, SimConfig};
use tradeforge::{EventBody, Kind};

#[test]
fn a_half_open_connection_is_found_by_the_silence() {
    let session = Session::start(&[("hub_silence_ms", "500")]).quotes();
    // Neither an end nor a reset, and what is sent to it is not read.
    session.sim.inject(Fault::new(FaultKind::HalfOpen).hub(Hub::Market)).unwrap();
    let lost = session.comes_back();
    assert_eq!(lost.reason, Some(Kind::Network));
    assert!(session.words(&lost).contains("no sign of life for 0.5 s"), "{}", session.words(&lost));
    session.sim.publish_quotes(&session.sim.default_contract(), 1).unwrap();
    session.wait_for(|event| matches!(event.body, EventBody::Quote(_)).then_some(()));
}

#[test]
fn thirty_seconds_of_silence_are_the_default() {
    let timing = tradeforge::Config::new().hub_timing();
    assert_eq!(timing, HubTiming::default());
    assert_eq!(timing.silence, Duration::from_secs(30), "with a reserve of 5 s for what is promised");
    assert!(timing.ping < Duration::from_secs(15), "the gateway drops who is silent for 30 s");
}

#[test]
fn a_quiet_market_is_no_reason_to_come_back() {
    // The server drops who is silent, so that the connection holds only if both sides give signs of life.
    let second = Duration::from_secs(1);
    let config = SimConfig { client_timeout: second, speed: 0.0, ..SimConfig::default() };
    let session = Session::with(config, &[("hub_silence_ms", "1000")]).quotes();
    assert_eq!(session.news_within(second * 5 / 2), None, "longer than the silence of either side");
    assert_eq!(session.sim.inspect().hub_connections_so_far, 1);
}

#[test]
fn a_client_that_does_not_ping_is_dropped() {
    let config = SimConfig { client_timeout: Duration::from_millis(200), speed: 0.0, ..SimConfig::default() };
    let session = Session::with(config, &[("hub_ping_ms", "60000")]).quotes();
    assert_eq!(session.next_link().state, LinkState::Reconnecting);
}

#[test]
fn events_that_are_held_back_are_no_death() {
    let session = Session::start(&[("hub_silence_ms", "1000")]).quotes();
    // No events, but pings: the market may as well be quiet.
    let stall = Fault::new(FaultKind::Stall).hub(Hub::Market).hold(Duration::from_secs(2));
    session.sim.inject(stall).unwrap();
    assert_eq!(session.news_within(Duration::from_secs(2)), None);
}
