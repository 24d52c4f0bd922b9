//! Position brackets: orders that the platform keeps for every position.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod sim_client;

use serde_json::Value;
use sim_client::desk::Desk;
use tradeforge::sim::{PositionBrackets, SimConfig};

fn desk(stop_loss: u32, take_profit: u32) -> Desk {
    let position_brackets =
        PositionBrackets { stop_loss_ticks: Some(stop_loss), take_profit_ticks: Some(take_profit) };
    Desk::open(SimConfig { position_brackets, ..SimConfig::default() })
}

/// The open orders whose tag ends like this.
fn tagged(desk: &Desk, end: &str) -> Vec<Value> {
    let open = desk.client.ask("/api/Order/searchOpen", "")["orders"].clone();
    let rows = open.as_array().unwrap().iter();
    rows.filter(|order| order["customTag"].as_str().is_some_and(|tag| tag.ends_with(end))).cloned().collect()
}

#[test]
fn a_position_is_covered_as_it_changes_and_freed_when_it_closes() {
    let mut desk = desk(400, 400);
    let id = desk.place(r#""type":2,"side":1,"size":1"#);
    desk.step(30);
    let fill = desk.order(id)["filledPrice"].as_f64().unwrap();
    let position = desk.client.ask("/api/Position/searchOpen", "")["positions"][0]["id"].clone();
    let (stops, limits) = (tagged(&desk, "-SL"), tagged(&desk, "-TP"));
    assert_eq!((stops.len(), limits.len()), (1, 1));
    assert_eq!(stops[0]["customTag"], format!("AutoBracket-{position}-SL"));
    assert_eq!(
        (stops[0]["stopPrice"].as_f64(), limits[0]["limitPrice"].as_f64()),
        (Some(fill + 100.0), Some(fill - 100.0))
    );
    assert_eq!(
        (stops[0]["side"].as_i64(), stops[0]["type"].as_i64(), stops[0]["size"].as_i64()),
        (Some(0), Some(4), Some(1))
    );

    desk.place(r#""type":2,"side":1,"size":3"#);
    desk.step(30);
    assert_eq!(
        (tagged(&desk, "-SL")[0]["size"].as_i64(), tagged(&desk, "-TP")[0]["size"].as_i64()),
        (Some(4), Some(4))
    );
    // One that was cancelled does not come again.
    assert_eq!(desk.cancel(tagged(&desk, "-SL")[0]["id"].as_i64().unwrap()), 0);
    desk.place(r#""type":2,"side":0,"size":1"#);
    desk.step(30);
    assert_eq!((tagged(&desk, "-SL").len(), tagged(&desk, "-TP")[0]["size"].as_i64()), (0, Some(3)));
    desk.close();
    desk.step(30);
    assert_eq!((desk.net(), tagged(&desk, "-TP").len()), (0, 0));
}

#[test]
fn the_bracket_that_fills_takes_the_other_along() {
    let mut desk = desk(400, 6);
    desk.place(r#""type":2,"side":0,"size":2"#);
    desk.step(30);
    let (stop, limit) = (tagged(&desk, "-SL")[0]["id"].clone(), tagged(&desk, "-TP")[0]["id"].clone());
    desk.step_until("position 0 x 0");
    desk.step(30);
    assert_eq!(desk.order(limit.as_i64().unwrap())["status"], 2);
    assert_eq!(desk.order(stop.as_i64().unwrap())["status"], 3);
    assert_eq!(desk.net(), 0);
}
