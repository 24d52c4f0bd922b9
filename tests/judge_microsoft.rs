//! Microsoft's JavaScript client of SignalR finds both hubs of the simulator right.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod judge_support;

use judge_support::{Judge, settings};
use tradeforge::sim::{Decimals, Sim, SimConfig};

/// Lets the client subscribe, trade, lose its connections, come back, unsubscribe and stop.
fn everything(is_direct: bool, config: SimConfig) {
    let config = SimConfig { speed: 10.0, ..config };
    let (is_enveloped, has_arrays, has_full_quotes) =
        (config.enveloped_events, config.array_events, !config.partial_quotes);
    let sim = Sim::start(config).unwrap();
    let mut settings = settings(&sim);
    settings["isDirect"] = is_direct.into();
    settings["isEnveloped"] = is_enveloped.into();
    settings["hasArrays"] = has_arrays.into();
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

#[test]
fn it_connects_directly() {
    everything(true, SimConfig::default());
}

#[test]
fn it_negotiates() {
    everything(false, SimConfig { decimals: Decimals::NineDigits, ..SimConfig::default() });
}

#[test]
fn it_takes_the_documented_shapes() {
    let documented = SimConfig {
        enveloped_events: false,
        array_events: false,
        partial_quotes: false,
        ..SimConfig::default()
    };
    everything(true, documented);
}
