//! The hours of the exchange: from Friday's close to Sunday's opening, across both changes of the clocks.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod sim_client;

use std::time::Duration;

use serde_json::{Value, json};
use sim_client::Client;
use tradeforge::Timestamp;
use tradeforge::sim::{Calendar, SimClock, SimConfig};

const REFUSAL: &str = "Trading is currently unavailable. The instrument is not in an active trading status.";
/// A limit order that nothing touches.
const FAR: &str = r#""type":1,"side":0,"size":1,"limitPrice":6000"#;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn client(calendar: Calendar, start: &str) -> Client {
    let clock = SimClock::Stepped(at(start));
    Client::with(SimConfig { clock, calendar, rate_limit: false, ..SimConfig::default() })
}

/// Steps up to a time, and logs in again, because a token lives for a day.
fn step_to(client: &mut Client, time: &str) {
    let nanos = at(time).nanos() - client.sim.now().nanos();
    client.sim.step(Duration::from_nanos(u64::try_from(nanos).unwrap())).unwrap();
    let body = format!(r#"{{"userName":"{}","apiKey":"{}"}}"#, client.sim.user_name(), client.sim.api_key());
    let answer = client.post_as(None, "/api/Auth/loginKey", &body).json();
    client.token = answer["token"].as_str().unwrap().to_owned();
}

/// Whether an order is taken. It is cancelled at once.
fn is_open(client: &Client) -> bool {
    let placed = client.place(FAR);
    let id = &placed["orderId"];
    if placed["success"] == true {
        let cancelled = client.ask("/api/Order/cancel", &format!(r#","orderId":{id}"#));
        assert_eq!(cancelled["success"], true);
        return true;
    }
    assert_eq!((&placed["errorCode"], &placed["errorMessage"]), (&json!(2), &json!(REFUSAL)));
    let row = client.ask("/api/Order/searchById", &format!(r#","orderId":{id}"#));
    assert_eq!(row["order"]["status"], 5, "a refused order has a record");
    false
}

/// A full quote without its times.
fn quote(client: &Client) -> Value {
    let mut hub = client.hub("market");
    hub.call("SubscribeContractQuotes", &format!("[\"{}\"]", client.contract));
    let mut quote = hub.next_of("GatewayQuote")["arguments"][1].clone();
    for time in ["lastUpdated", "timestamp"] {
        assert!(quote.as_object_mut().unwrap().remove(time).is_some());
    }
    quote
}

fn bars(client: &Client, unit: i32, from: &str) -> Vec<Value> {
    let body = format!(
        r#"{{"contractId":"{}","live":false,"startTime":"{from}","endTime":"2030-01-01T00:00:00Z","unit":{unit},"unitNumber":1,"limit":20000,"includePartialBar":true}}"#,
        client.contract
    );
    client.post("/api/History/retrieveBars", &body).json()["bars"].as_array().unwrap().clone()
}

#[test]
fn from_friday_to_sunday_quotes_stand_and_orders_are_refused() {
    let mut client = client(Calendar::Cme, "2026-11-20T21:59:30Z");
    // An order that works keeps the market moving while nobody listens.
    assert_eq!(client.place(FAR)["success"], true);
    let before = quote(&client);
    step_to(&mut client, "2026-11-20T21:59:59.999Z");
    assert!(is_open(&client));
    step_to(&mut client, "2026-11-20T22:00:00Z");
    assert!(!is_open(&client));
    let closed = quote(&client);
    assert_ne!(before, closed, "it moved while it was open");
    assert_eq!(closed["open"], before["open"]);

    for time in ["2026-11-20T23:00:00Z", "2026-11-21T23:00:00Z", "2026-11-22T22:59:59.999Z"] {
        step_to(&mut client, time);
        assert!(!is_open(&client), "{time}");
        assert_eq!(quote(&client), closed, "{time}");
    }
    step_to(&mut client, "2026-11-22T23:00:00Z");
    assert!(is_open(&client));
    let opened = quote(&client);
    let number = |quote: &Value, name: &str| quote[name].as_f64().unwrap();
    let gap = number(&opened, "open") - number(&closed, "lastPrice");
    assert!((1.0..25.0).contains(&gap.abs()), "it opens with a gap: {gap}");
    assert_eq!(number(&opened, "lastPrice") - number(&opened, "change"), number(&closed, "lastPrice"));
    assert!(number(&opened, "volume") < number(&closed, "volume") / 100.0);
    assert!(number(&opened, "high") - number(&opened, "low") < 2.0);
    assert_eq!(client.ask("/api/Order/searchOpen", "")["orders"].as_array().unwrap().len(), 1);

    step_to(&mut client, "2026-11-22T23:02:00Z");
    let starts: Vec<Value> =
        bars(&client, 3, "2026-11-20T20:30:00Z").iter().map(|bar| bar["t"].clone()).collect();
    assert_eq!(starts, ["2026-11-22T23:00:00+00:00", "2026-11-20T21:00:00+00:00"]);
    let days = bars(&client, 4, "2026-11-18T00:00:00Z");
    assert_eq!(days[0]["t"], "2026-11-22T23:00:00+00:00");
    assert_eq!(days[0]["o"].as_f64(), opened["open"].as_f64());
    assert_eq!(
        (&days[1]["t"], days[1]["c"].as_f64()),
        (&json!("2026-11-19T23:00:00+00:00"), closed["lastPrice"].as_f64())
    );
}

#[test]
fn the_opening_follows_chicago_when_the_clocks_change() {
    for (friday, before, opening) in [
        // Summer time begins, and ends.
        ("2026-03-06T22:30:00Z", "2026-03-08T21:59:59Z", "2026-03-08T22:00:00Z"),
        ("2026-10-30T21:30:00Z", "2026-11-01T22:59:59Z", "2026-11-01T23:00:00Z"),
    ] {
        let mut client = client(Calendar::Cme, friday);
        assert!(!is_open(&client), "{friday}");
        step_to(&mut client, before);
        assert!(!is_open(&client), "{before}");
        step_to(&mut client, opening);
        assert!(is_open(&client), "{opening}");
    }
}

#[test]
fn every_day_has_a_pause_of_an_hour() {
    let mut client = client(Calendar::Cme, "2026-08-19T20:59:58Z");
    assert!(is_open(&client));
    let before = quote(&client);
    assert_eq!(client.place(r#""type":2,"side":0,"size":1"#)["success"], true);
    step_to(&mut client, "2026-08-19T21:00:00Z");
    assert!(!is_open(&client));
    let held =
        |client: &Client| client.ask("/api/Position/searchOpen", "")["positions"].as_array().unwrap().len();
    let contract = client.contract.clone();
    let close = |client: &Client| {
        client.ask("/api/Position/closeContract", &format!(r#","contractId":"{contract}""#))
    };
    assert_eq!((&close(&client)["success"], held(&client)), (&json!(false), 1));
    step_to(&mut client, "2026-08-19T22:00:00Z");
    assert!(is_open(&client));
    assert_ne!(quote(&client)["open"], before["open"]);
    assert_eq!(close(&client)["success"], true);
    client.sim.step(Duration::from_secs(1)).unwrap();
    assert_eq!(held(&client), 0);
}

#[test]
fn without_a_calendar_the_weekend_is_open() {
    let client = client(Calendar::AlwaysOpen, "2026-11-21T12:00:00Z");
    assert!(is_open(&client));
    assert_eq!(bars(&client, 3, "2026-11-20T21:00:00Z").len(), 15);
}

#[test]
fn those_who_listen_hear_of_the_opening() {
    let client = client(Calendar::Cme, "2026-11-22T22:59:59Z");
    let mut hub = client.hub("market");
    for what in ["Quotes", "Trades", "MarketDepth"] {
        hub.call(&format!("SubscribeContract{what}"), &format!("[\"{}\"]", client.contract));
    }
    client.sim.step(Duration::from_millis(1_000)).unwrap();
    let first = hub.next_of("GatewayTrade")["arguments"][1][0].clone();
    assert_eq!(first["timestamp"], "2026-11-22T23:00:00+00:00");
    let quote = hub.next_of("GatewayQuote")["arguments"][1].clone();
    for name in ["open", "high", "low", "lastPrice"] {
        assert_eq!(quote[name], first["price"], "{name}");
    }
    let depth = hub.next_of("GatewayDepth")["arguments"][1].clone();
    assert_eq!(depth[0]["type"], 6, "the book begins anew: {depth}");
    assert!(depth.as_array().unwrap().len() > 20);
}
