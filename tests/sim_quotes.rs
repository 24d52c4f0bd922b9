//! Quotes, trades and depth of a moving market.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, reason = "a broken promise fails the test")]

mod sim_client;

use serde_json::Value;
use sim_client::{Client, HubClient};
use tradeforge::Timestamp;
use tradeforge::sim::{SimClock, SimConfig};

fn moving(seed: u64) -> Client {
    Client::with(SimConfig { seed, speed: 20.0, ..SimConfig::default() })
}

fn subscribed(client: &Client, what: &str) -> HubClient {
    let mut hub = client.hub("market");
    hub.call(&format!("SubscribeContract{what}"), &format!("[\"{}\"]", client.contract));
    hub
}

#[test]
fn a_first_quote_is_full_and_later_ones_are_partial() {
    let client = moving(1);
    let mut hub = subscribed(&client, "Quotes");
    let first = hub.next_of("GatewayQuote");
    let data = first["arguments"][1].as_object().unwrap();
    let members: Vec<&str> = data.keys().map(String::as_str).collect();
    let mut expected = [
        "symbol",
        "symbolName",
        "lastPrice",
        "bestBid",
        "bestAsk",
        "change",
        "changePercent",
        "open",
        "high",
        "low",
        "volume",
        "lastUpdated",
        "timestamp",
    ];
    expected.sort_unstable();
    assert_eq!(members, expected);
    assert_eq!(first["arguments"][0].as_str(), Some(&*client.contract));
    let (mut bid, mut ask) = (data["bestBid"].as_f64().unwrap(), data["bestAsk"].as_f64().unwrap());
    for _ in 0..100 {
        let quote = hub.next_of("GatewayQuote");
        let data = &quote["arguments"][1];
        assert!(data.get("open").is_none() && data["symbol"] == "F.US.MES");
        bid = data["bestBid"].as_f64().unwrap_or(bid);
        ask = data["bestAsk"].as_f64().unwrap_or(ask);
        assert!(bid < ask && (bid * 4.0).fract() == 0.0 && (ask * 4.0).fract() == 0.0);
    }
    hub.call("UnsubscribeContractQuotes", &format!("[\"{}\"]", client.contract));
    hub.send(r#"{"type":1,"target":"Nothing","arguments":[],"invocationId":"9"}"#);
    assert_eq!(hub.next()["type"], 3, "no quote comes after the unsubscription was answered");
}

#[test]
fn trades_come_as_arrays() {
    let client = moving(1);
    let mut hub = subscribed(&client, "Trades");
    let mut longest = 0;
    for _ in 0..60 {
        let record = hub.next_of("GatewayTrade");
        let trades = record["arguments"][1].as_array().unwrap();
        assert!(!trades.is_empty());
        longest = longest.max(trades.len());
        for trade in trades {
            assert_eq!(trade["symbolId"], "F.US.MES");
            assert!(trade["price"].is_number() && trade["volume"].as_i64() > Some(0));
            assert!(matches!(trade["type"].as_i64(), Some(0 | 1)));
            let stamp = trade["timestamp"].as_str().unwrap();
            assert!(stamp.ends_with("+00:00") && stamp.len() <= "2026-11-21T20:51:30.052+00:00".len());
        }
    }
    assert!(longest > 1);
}

#[test]
fn depth_begins_with_a_reset_and_a_snapshot() {
    let client = moving(1);
    let mut hub = subscribed(&client, "MarketDepth");
    let mut next = || hub.next_of("GatewayDepth")["arguments"][1].as_array().unwrap().clone();
    let reset = next();
    assert_eq!((reset.len(), &reset[0]["type"], &reset[0]["price"]), (1, &Value::from(6), &Value::from(0)));
    let snapshot = next();
    let of_type = |number: i64| snapshot.iter().filter(|entry| entry["type"] == number).count();
    assert!(of_type(5) > 100 && of_type(1) == 10 && of_type(2) == 10, "{}", snapshot.len());
    let mut nulls = 0;
    for _ in 0..300 {
        let entries = next();
        assert!((1..=5).contains(&entries.len()));
        nulls += entries.iter().filter(|entry| entry.is_null()).count();
    }
    assert!(nulls > 0, "null entries come now and then");
}

/// The first quotes without their times.
fn sequence(seed: u64) -> Vec<Value> {
    // The session so far is part of the quotes and depends on when it is looked at.
    let clock = SimClock::RunningFrom(Timestamp::parse("2026-11-20T15:00:00Z").unwrap());
    let client = Client::with(SimConfig { seed, speed: 20.0, clock, ..SimConfig::default() });
    let mut hub = subscribed(&client, "Quotes");
    let mut quotes = Vec::new();
    for _ in 0..80 {
        let mut quote = hub.next_of("GatewayQuote")["arguments"][1].clone();
        let members = quote.as_object_mut().unwrap();
        members.remove("timestamp");
        members.remove("lastUpdated");
        quotes.push(quote);
    }
    quotes
}

#[test]
fn the_seed_decides_the_market() {
    let one = sequence(1);
    assert_eq!(one, sequence(1));
    assert_ne!(one, sequence(2));
}

#[test]
fn a_burst_comes_whole_and_frames_are_shared() {
    let client = Client::start();
    let mut hub = subscribed(&client, "Quotes");
    hub.next_of("GatewayQuote");
    let contract = client.contract.clone();
    std::thread::scope(|scope| {
        scope.spawn(|| client.sim.publish_quotes(&contract, 5_000).unwrap());
        for _ in 0..5_000 {
            hub.next_of("GatewayQuote");
        }
    });
    assert!(hub.joined_frames > 0);
    assert!(client.sim.publish_quotes("nonsense", 1).is_err());
}
