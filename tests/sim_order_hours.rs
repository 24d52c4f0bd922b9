//! Orders by the clock: a market that is closed, accounts that must be flat, losses of a day.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod sim_client;

use std::time::Duration;

use serde_json::Value;
use sim_client::desk::Desk;
use tradeforge::sim::{AccountRules, Calendar, Shape, SimConfig};

const BUY: &str = r#""type":2,"side":0,"size":2"#;
const CLOSED: &str = "Trading is currently unavailable. The instrument is not in an active trading status.";

/// All orders, oldest first.
fn orders(desk: &Desk) -> Vec<Value> {
    let found = desk.client.ask("/api/Order/search", r#","startTimestamp":"2020-01-01T00:00:00Z""#);
    found["orders"].as_array().unwrap().clone()
}

#[test]
fn a_closed_market_takes_no_orders() {
    for code in [2, 5] {
        let shape = Shape { closed_market_code: code, expiry_ends_hubs: false, ..Shape::default() };
        let config = SimConfig { speed: 0.0, calendar: Calendar::Cme, shape, ..SimConfig::default() };
        // Ten seconds before Friday's close.
        let mut desk = Desk::open_at("2026-11-20T21:59:50Z", config);
        desk.place(BUY);
        desk.step(9_999);
        let late = desk.place(BUY);
        desk.step(1_000);
        assert_eq!((desk.net(), desk.order(late)["status"].as_i64()), (2, Some(5)), "it came too late");

        let (refused, message) = desk.refused(BUY);
        assert_eq!(
            (refused, message.as_str()),
            (code.into(), if code == 2 { CLOSED } else { "Outside of trading hours." })
        );
        let part = format!(r#","contractId":"{}","size":1"#, desk.client.contract);
        let answer = desk.client.ask("/api/Position/partialCloseContract", &part);
        assert_eq!((answer["errorCode"].as_i64(), answer["errorMessage"].is_null()), (Some(6), true));
        assert_eq!(desk.close(), 5);
        let rejected = orders(&desk);
        assert_eq!(rejected.len(), 5);
        assert!(rejected[1..].iter().all(|order| order["status"] == 5 && order["fillVolume"] == 0));

        // Sunday evening.
        desk.step(49 * 3_600_000);
        desk.client.log_in();
        assert_eq!(desk.close(), 0);
        desk.step(10);
        assert_eq!(desk.net(), 0);
    }
}

#[test]
fn accounts_are_flat_by_the_hour_and_trade_again_on_the_next_day() {
    let flatten_at = Some(Duration::from_secs((15 * 60 + 10) * 60));
    let rules = AccountRules { flatten_at, ..AccountRules::default() };
    let shape = Shape { expiry_ends_hubs: false, ..Shape::default() };
    // 15:09:30 in Chicago.
    let mut desk =
        Desk::open_at("2026-11-20T21:09:30Z", SimConfig { speed: 0.0, rules, shape, ..SimConfig::default() });
    desk.place(BUY);
    let limit = desk.place(&format!(r#""type":1,"side":0,"size":1,"limitPrice":{}"#, desk.bid() - 10.0));
    desk.step(29_990);
    assert_eq!((desk.net(), desk.order(limit)["status"].as_i64()), (2, Some(1)));
    desk.step(30);
    assert_eq!((desk.net(), desk.order(limit)["status"].as_i64()), (0, Some(3)));
    assert_eq!(desk.refused(BUY), (5, "Outside of trading hours.".into()));
    assert_eq!(desk.account()["canTrade"], true);
    desk.step(6_600_000);
    desk.place(BUY);
    desk.step(10);
    assert_eq!(desk.net(), 2);
    // And so on, every day.
    desk.step(23 * 3_600_000);
    desk.client.log_in();
    assert_eq!(desk.net(), 0);
}

#[test]
fn a_loss_of_the_day_is_forgiven_on_the_next() {
    let limit = Some("1".parse().unwrap());
    for (rules, is_forgiven) in [
        (AccountRules { daily_loss: limit, ..AccountRules::default() }, true),
        (AccountRules { max_loss: limit, ..AccountRules::default() }, false),
    ] {
        let config = SimConfig { speed: 0.0, rules, ..SimConfig::default() };
        let mut desk = Desk::open_at("2026-11-20T22:59:00Z", config);
        desk.place(BUY);
        desk.step(50);
        assert_eq!((desk.net(), desk.account()["canTrade"].as_bool()), (0, Some(false)));
        assert_eq!(desk.refused(BUY).0, 4);
        desk.step(60_000);
        assert_eq!(desk.account()["canTrade"], is_forgiven);
    }
}
