//! Slippage: what the best level does not hold is got at the next.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod sim_client;

use sim_client::desk::Desk;

/// Prices and sizes of all fills, oldest first.
fn fills(desk: &Desk) -> Vec<(f64, i64)> {
    let trades = desk.client.ask("/api/Trade/search", "")["trades"].clone();
    let rows = trades.as_array().unwrap().iter().rev();
    rows.map(|row| (row["price"].as_f64().unwrap(), row["size"].as_i64().unwrap())).collect()
}

#[test]
fn a_large_market_order_walks_the_book() {
    let mut desk = Desk::still();
    let ask = desk.ask();
    let id = desk.place(r#""type":2,"side":0,"size":50"#);
    let told = desk.step(10);
    let fills = fills(&desk);
    assert!(fills.len() > 1, "{fills:?}");
    assert!(
        fills.iter().enumerate().all(|(level, (price, _))| *price == ask + level as f64 * 0.25),
        "{fills:?}"
    );
    assert_eq!(fills.iter().map(|(_, size)| size).sum::<i64>(), 50);
    // Pending, then open while it fills, then filled.
    let states: Vec<&str> =
        told.iter().filter(|event| event.starts_with("order")).map(String::as_str).collect();
    assert_eq!((states[0], states[1], states[states.len() - 1]), ("order 6", "order 1", "order 2"));
    let row = desk.order(id);
    let worth: f64 = fills.iter().map(|(price, size)| price * *size as f64).sum();
    assert!((row["filledPrice"].as_f64().unwrap() - worth / 50.0).abs() < 1e-8, "{row}");
}

#[test]
fn two_orders_of_one_moment_do_not_share_a_level() {
    let mut desk = Desk::still();
    let ask = desk.ask();
    for _ in 0..2 {
        desk.place(r#""type":2,"side":0,"size":25"#);
    }
    desk.step(10);
    let together = fills(&desk);
    assert!(together.iter().filter(|(price, _)| *price == ask).count() == 1, "{together:?}");
    // One order of fifty would have got the same.
    let mut other = Desk::still();
    other.place(r#""type":2,"side":0,"size":50"#);
    other.step(10);
    let worth = |fills: &[(f64, i64)]| fills.iter().map(|(price, size)| price * *size as f64).sum::<f64>();
    assert_eq!(worth(&together), worth(&self::fills(&other)));
}

#[test]
fn a_marketable_limit_takes_up_to_its_price_and_rests() {
    let mut desk = Desk::still();
    let limit = desk.ask();
    let id = desk.place(&format!(r#""type":1,"side":0,"size":50,"limitPrice":{limit}"#));
    desk.step(10);
    let fills = fills(&desk);
    assert_eq!((fills.len(), fills[0].0), (1, limit));
    let row = desk.order(id);
    assert_eq!((row["status"].as_i64(), row["fillVolume"].as_i64()), (Some(1), Some(fills[0].1)));
    assert!(fills[0].1 < 50);
}
