//! Partial fills: an order that waits in its queue and fills bit by bit.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod sim_client;

use sim_client::desk::Desk;

#[test]
fn a_resting_order_fills_bit_by_bit() {
    let mut desk = Desk::moving();
    let bid = desk.bid();
    let id = desk.place(r#""type":6,"side":0,"size":50"#);
    assert_eq!(desk.told(), ["order 1", "account", "account"]);
    let told = desk.step_until("order 2");
    // Each fill is a half-turn of its own, with position and account.
    let fills = told.iter().filter(|event| *event == "trade").count();
    assert!(fills > 1, "{told:?}");
    let mut held = 0;
    for part in told.chunks(5) {
        let size: i64 = part[2].rsplit(' ').next().unwrap().parse().unwrap();
        assert!(size > held, "{told:?}");
        held = size;
        let status = if held == 50 { 2 } else { 1 };
        let expected = [
            format!("order {status}"),
            "trade".into(),
            format!("position 1 x {held}"),
            "account".into(),
            "account".into(),
        ];
        assert_eq!(part, expected);
    }
    assert_eq!(held, 50);
    let row = desk.order(id);
    // A resting order fills at its own price.
    assert_eq!((row["fillVolume"].as_i64(), row["filledPrice"].as_f64()), (Some(50), Some(bid)));
    let trades = desk.client.ask("/api/Trade/search", "")["trades"].clone();
    let sizes: i64 = trades.as_array().unwrap().iter().map(|trade| trade["size"].as_i64().unwrap()).sum();
    assert_eq!((trades.as_array().unwrap().len(), sizes), (fills, 50));
}

#[test]
fn what_is_filled_limits_a_change_and_survives_a_cancel() {
    let mut desk = Desk::moving();
    let id = desk.place(r#""type":7,"side":1,"size":50"#);
    let mut filled = 0;
    for _ in 0..40_000 {
        desk.step(20);
        filled = desk.order(id)["fillVolume"].as_i64().unwrap();
        if filled > 0 {
            break;
        }
    }
    assert!((1..50).contains(&filled), "{filled}");
    assert_eq!(desk.modify(id, &format!(r#""size":{filled}"#)), (3, "Invalid order size specified".into()));
    assert_eq!(desk.modify(id, &format!(r#""size":{}"#, filled + 1)).0, 0);
    assert_eq!(desk.modify(id, r#""size":51"#), (3, "Not enough margin.".into()));
    assert_eq!(desk.cancel(id), 0);
    let row = desk.order(id);
    assert_eq!((row["status"].as_i64(), row["fillVolume"].as_i64()), (Some(3), Some(filled)));
    assert_eq!(desk.net(), -filled);
}
