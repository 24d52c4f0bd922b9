//! Microsoft's JavaScript client of SignalR finds both hubs of the simulator right.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod judge_support;

use std::time::Duration;

use judge_support::{Judge, settings};
use tradeforge::sim::{BracketMode, Decimals, Shape, Sim, SimConfig};

/// Lets the client subscribe, trade, lose its connections, come back, unsubscribe and stop.
fn everything(is_direct: bool, config: SimConfig) {
    let config = SimConfig { speed: 10.0, ..config };
    let (is_enveloped, has_arrays, has_full_quotes) =
        (config.shape.enveloped_events, config.shape.array_events, !config.shape.partial_quotes);
    let has_brackets = config.brackets == BracketMode::AutoOco;
    let sim = Sim::start(config).unwrap();
    let mut settings = settings(&sim);
    settings["isDirect"] = is_direct.into();
    settings["isEnveloped"] = is_enveloped.into();
    settings["hasArrays"] = has_arrays.into();
    settings["hasBrackets"] = has_brackets.into();
    settings["hasFullQuotes"] = has_full_quotes.into();
    let Some(mut judge) = Judge::node("microsoft/everything.js", &settings) else { return };
    let streaming = judge.expect("streaming");
    for event in ["Account", "Order", "Position", "Trade"] {
        assert!(streaming["counts"][format!("GatewayUser{event}")].as_u64() > Some(1), "{streaming}");
    }
    judge.expect("drop");
    assert_eq!(sim.hub_connections(), 2);
    sim.drop_hub_connections();
    judge.tell("dropped");
    judge.expect("reconnected");
    let done = judge.end();
    assert_eq!(done["warnings"].as_array().unwrap().len(), 0, "{done}");
}

fn shaped(shape: Shape) -> SimConfig {
    SimConfig { shape, ..SimConfig::default() }
}

#[test]
fn it_connects_directly() {
    everything(true, SimConfig { brackets: BracketMode::AutoOco, ..SimConfig::default() });
}

#[test]
fn it_negotiates() {
    everything(false, shaped(Shape { decimals: Decimals::NineDigits, ..Shape::default() }));
}

#[test]
fn it_takes_the_documented_shapes() {
    let documented =
        Shape { enveloped_events: false, array_events: false, partial_quotes: false, ..Shape::default() };
    everything(true, shaped(documented));
}

/// Lets the client see how connections to this simulator live on and end.
fn ending(name: &str, config: SimConfig) -> Option<(Sim, Judge)> {
    let sim = Sim::start(SimConfig { speed: 0.0, ..config }).unwrap();
    let mut settings = settings(&sim);
    settings["ending"] = name.into();
    let judge = Judge::node("microsoft/endings.js", &settings)?;
    Some((sim, judge))
}

#[test]
fn pings_keep_a_quiet_connection() {
    let config = SimConfig {
        keep_alive: Duration::from_millis(100),
        client_timeout: Duration::from_secs(2),
        ..SimConfig::default()
    };
    let Some((_sim, judge)) = ending("quiet", config) else { return };
    judge.end();
}

#[test]
fn it_leaves_a_silent_server() {
    let Some((_sim, judge)) = ending("silent_server", SimConfig::default()) else { return };
    judge.end();
}

#[test]
fn it_is_dropped_when_it_is_silent() {
    let config = SimConfig { client_timeout: Duration::from_millis(300), ..SimConfig::default() };
    let Some((_sim, mut judge)) = ending("silent_client", config) else { return };
    let told = "Server returned an error on close: Connection closed with an error.";
    assert_eq!(judge.expect("closed")["error"], told);
    judge.end();
}

#[test]
fn it_is_told_to_leave() {
    let Some((sim, mut judge)) = ending("logout", SimConfig::default()) else { return };
    judge.expect("connected");
    sim.log_out_hub_clients("Another device signed in.");
    judge.tell("leave");
    assert_eq!(judge.expect("closed")["error"], "", "the connection is closed in order");
    judge.end();
}

#[test]
fn it_is_refused_without_a_good_token() {
    let Some((_sim, judge)) = ending("bad_token", SimConfig::default()) else { return };
    judge.end();
}

#[test]
fn it_is_told_which_protocol_is_missing() {
    let Some((_sim, judge)) = ending("wrong_protocol", SimConfig::default()) else { return };
    judge.end();
}
