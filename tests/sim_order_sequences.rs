//! The sequences of user events, one situation each.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod sim_client;
use sim_client::desk::Desk;

const FLAT: [&str; 3] = ["position 0 x 0", "account", "account"];

fn enter(desk: &mut Desk) {
    desk.place(r#""type":2,"side":0,"size":1"#);
    let told = desk.step(10);
    assert_eq!(told, ["order 6", "trade", "order 2", "position 1 x 1", "account", "account"]);
}

#[test]
fn a_market_exit_tells_the_opening_again() {
    let mut desk = Desk::still();
    enter(&mut desk);
    assert_eq!(desk.close(), 0);
    let told = desk.step(10);
    assert_eq!(told[..4], ["order 6", "trade with profit", "trade", "order 2"]);
    assert_eq!(told[4..], FLAT);
    let trades: Vec<&serde_json::Value> = desk
        .events
        .iter()
        .filter(|event| event["target"] == "GatewayUserTrade")
        .map(|event| &event["arguments"][0]["data"])
        .collect();
    assert_eq!(trades[0], trades[2], "the same half-turn, whole");
}

#[test]
fn a_limit_tells_of_itself_before_its_fill() {
    let mut desk = Desk::moving();
    enter(&mut desk);
    desk.place(&format!(r#""type":1,"side":1,"size":1,"limitPrice":{}"#, desk.ask() + 1.0));
    assert_eq!(desk.told(), ["order 1", "account", "account"]);
    let told = desk.step_until("order 2");
    assert_eq!(told[..3], ["order 2", "trade with profit", "trade"]);
    assert_eq!(told[3..], FLAT);
}

#[test]
fn a_rejected_order_is_pending_for_two_milliseconds() {
    let mut desk = Desk::still();
    assert_eq!(desk.refused(r#""type":2,"side":0,"size":0"#).0, 2);
    assert_eq!(desk.step(2), ["order 6"]);
    assert_eq!(desk.step(1), ["order 5"]);
    let stamps = |name: &str| desk.events[1]["arguments"][0]["data"][name].clone();
    assert!(desk.events[1]["arguments"][0]["data"].get("filledPrice").is_none());
    assert!(stamps("updateTimestamp").as_str() >= stamps("creationTimestamp").as_str());
}

#[test]
fn one_order_turns_a_position_around() {
    let mut desk = Desk::still();
    enter(&mut desk);
    desk.place(r#""type":2,"side":1,"size":2"#);
    let told = desk.step(10);
    assert_eq!(
        told,
        [
            "order 6",
            "trade with profit",
            "trade",
            "trade",
            "order 2",
            "position 0 x 0",
            "position 2 x 1",
            "account",
            "account"
        ]
    );
    assert_eq!(desk.net(), -1);
}

#[test]
fn without_repetitions_each_thing_is_told_once() {
    let shape = tradeforge::sim::Shape { repeated_events: false, ..Default::default() };
    let mut desk = Desk::open(tradeforge::sim::SimConfig { speed: 0.0, shape, ..Default::default() });
    desk.place(r#""type":2,"side":0,"size":1"#);
    assert_eq!(desk.step(10), ["order 6", "trade", "order 2", "position 1 x 1", "account"]);
    desk.close();
    assert_eq!(desk.step(10), ["order 6", "trade with profit", "order 2", "position 0 x 0", "account"]);
}
