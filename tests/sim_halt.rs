//! Short halts of a wild market.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod sim_client;

use std::time::Duration;

use serde_json::Value;
use sim_client::Client;
use tradeforge::Timestamp;
use tradeforge::sim::{SimClock, SimConfig};

const REFUSAL: &str = "Trading is currently unavailable. The instrument is not in an active trading status.";
/// A limit order that nothing touches.
const FAR: &str = r#""type":1,"side":0,"size":1,"limitPrice":6000"#;
const STEP: Duration = Duration::from_millis(250);
/// Steps within which a market halts for sure.
const MOST: u32 = 400;

fn client(halts: bool) -> Client {
    let clock = SimClock::Stepped(Timestamp::parse("2026-11-20T15:00:00Z").unwrap());
    let client =
        Client::with(SimConfig { clock, halts, speed: 20.0, rate_limit: false, ..SimConfig::default() });
    // An order that works keeps the market moving while nobody listens.
    assert_eq!(client.place(FAR)["success"], true);
    client
}

fn is_halted(client: &Client) -> bool {
    let placed = client.place(FAR);
    let id = &placed["orderId"];
    if placed["success"] == false {
        assert_eq!((placed["errorCode"].as_i64(), placed["errorMessage"].as_str()), (Some(2), Some(REFUSAL)));
        return true;
    }
    let cancelled = client.ask("/api/Order/cancel", &format!(r#","orderId":{id}"#));
    assert_eq!(cancelled["success"], true);
    false
}

/// Steps until the market is halted, or trades again, and gives the number of steps.
fn steps_until(client: &Client, halted: bool, most: u32) -> Option<u32> {
    (0..most).find(|_| {
        client.sim.step(STEP).unwrap();
        is_halted(client) == halted
    })
}

fn prices(client: &Client) -> Vec<Value> {
    let mut hub = client.hub("market");
    hub.call("SubscribeContractQuotes", &format!("[\"{}\"]", client.contract));
    let quote = hub.next_of("GatewayQuote")["arguments"][1].clone();
    ["bestBid", "bestAsk", "lastPrice", "volume"].map(|name| quote[name].clone()).to_vec()
}

#[test]
fn a_wild_market_halts_for_some_seconds() {
    let client = client(true);
    for _ in 0..3 {
        let halted = steps_until(&client, true, MOST);
        assert!(halted.is_some(), "no halt");
        let before = prices(&client);
        client.sim.step(STEP).unwrap();
        assert_eq!(prices(&client), before, "quotes stand");
        let steps = steps_until(&client, false, MOST).unwrap() + 2;
        let seconds = f64::from(steps) * STEP.as_secs_f64();
        assert!((1.75..=10.25).contains(&seconds), "{seconds}");
        client.sim.step(STEP).unwrap();
        assert_ne!(prices(&client), before, "it goes on");
    }
}

#[test]
fn without_the_switch_there_is_no_halt() {
    assert_eq!(steps_until(&client(false), true, MOST), None);
}
