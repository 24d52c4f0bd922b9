//! Brackets: legs that are made with their entry, come alive with its fill, and cancel each other.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod sim_client;

use serde_json::{Value, json};
use sim_client::desk::Desk;
use tradeforge::Timestamp;

/// The members of an entry of one contract with a stop loss and a take profit so many ticks away.
fn bracketed(side: i64, stop_loss: i64, take_profit: i64) -> String {
    format!(
        r#""type":2,"side":{side},"size":1,"customTag":"t{side}","stopLossBracket":{{"ticks":{stop_loss},"type":4}},"takeProfitBracket":{{"ticks":{take_profit},"type":1}}"#
    )
}

/// Steps by single milliseconds until nothing is left to come of an entry: told with the time of each event.
fn timed(desk: &mut Desk, millis: u64) -> Vec<(u64, String)> {
    let mut told = Vec::new();
    for milli in 1..=millis {
        told.extend(desk.step(1).into_iter().map(|event| (milli, event)));
    }
    told
}

#[test]
fn a_family_is_told_in_the_gateways_order() {
    for (side, stop_loss, take_profit) in [(0, -10, 20), (1, 101, -99)] {
        let mut desk = Desk::moving();
        let id = desk.place(&bracketed(side, stop_loss, take_profit));
        assert_eq!(desk.told(), ["order 8", "order 6", "order 8"]);
        let ids: Vec<i64> =
            desk.events.iter().map(|event| event["arguments"][0]["data"]["id"].as_i64().unwrap()).collect();
        assert_eq!(ids, [id + 1, id, id + 2]);
        let leg = desk.order_event(id + 2);
        assert_eq!((leg["parentOrderId"].as_i64(), leg["linkedOrderId"].as_i64()), (Some(id), Some(id + 1)));
        assert_eq!(leg["trailDistance"].as_i64(), Some(take_profit));
        assert_eq!(leg["trailPrice"].as_f64(), Some(take_profit as f64 * 0.25));
        assert!(leg.get("limitPrice").is_none() && leg["customTag"] == format!("t{side}-TP"));
        let leg = desk.order_event(id + 1);
        assert!(leg.get("linkedOrderId").is_none() && leg["customTag"] == format!("t{side}-SL"));
        assert_eq!(desk.client.ask("/api/Order/searchOpen", "")["orders"], json!([]));

        let told = timed(&mut desk, 25);
        let at = |wanted: &str| -> Vec<u64> {
            told.iter().filter(|(_, event)| event == wanted).map(|(at, _)| *at).collect()
        };
        let filled = at("order 2")[0];
        assert!(at("order 1").iter().all(|at| (10..=12).contains(&(at - filled))), "{told:?}");
        assert_eq!(at("order 1").len(), 2);
        let activated: Vec<Value> = desk.events[desk.events.len() - 2..].to_vec();
        let sequence: Vec<i64> =
            activated.iter().map(|event| event["arguments"][0]["data"]["id"].as_i64().unwrap()).collect();
        assert_eq!(sequence, [id + 2, id + 1], "the take profit comes first");
        let price = desk.order(id)["filledPrice"].as_f64().unwrap();
        let (stop_leg, limit_leg) = (desk.order(id + 1), desk.order(id + 2));
        assert_eq!(stop_leg["stopPrice"].as_f64(), Some(price + stop_loss as f64 * 0.25));
        assert_eq!(limit_leg["limitPrice"].as_f64(), Some(price + take_profit as f64 * 0.25));
        assert_eq!(
            (&stop_leg["status"], &stop_leg["type"], &stop_leg["side"]),
            (&json!(1), &json!(4), &json!(1 - side))
        );
        assert_eq!(stop_leg["creationTimestamp"], desk.order(id)["creationTimestamp"]);
        assert_ne!(stop_leg["updateTimestamp"], stop_leg["creationTimestamp"]);
    }
}

#[test]
fn when_a_leg_fills_the_other_goes_a_moment_later() {
    // A near target and a far stop, and the other way round.
    for (stop_loss, take_profit, winner) in [(-400, 6, 2), (-6, 400, 1)] {
        let mut desk = Desk::moving();
        let id = desk.place(&bracketed(0, stop_loss, take_profit));
        desk.step(30);
        let told = desk.step_until("order 3");
        let at = |stamp: &Value| Timestamp::parse(stamp.as_str().unwrap()).unwrap().nanos();
        let trades = desk.client.ask("/api/Trade/search", "")["trades"].clone();
        let filled = at(&trades[0]["creationTimestamp"]);
        let cancelled = at(&desk.order(id + 3 - winner)["updateTimestamp"]);
        assert!((11_000_000..=14_000_000).contains(&(cancelled - filled)), "{told:?}");
        assert_eq!(desk.order(id + winner)["status"], 2);
        assert_eq!(desk.order(id + 3 - winner)["status"], 3);
        assert_eq!(desk.net(), 0);
        let last: Vec<&str> = told.iter().rev().skip(1).take(3).map(String::as_str).collect();
        assert_eq!(last, ["account", "account", "position 0 x 0"]);
    }
}

#[test]
fn cancelling_a_leg_leaves_the_other_and_cancelling_the_entry_leaves_none() {
    let mut desk = Desk::moving();
    let id = desk.place(&bracketed(0, -400, 400));
    assert_eq!(desk.cancel(id), 4, "it is on its way to the market");
    desk.step(30);
    assert_eq!(desk.cancel(id + 1), 0);
    desk.step(200);
    assert_eq!(
        (desk.order(id + 1)["status"].as_i64(), desk.order(id + 2)["status"].as_i64()),
        (Some(3), Some(1))
    );

    let limit = desk.bid() - 100.0;
    let legs = r#""stopLossBracket":{"ticks":-10,"type":4},"takeProfitBracket":{"ticks":20,"type":1}"#;
    let entry = desk.place(&format!(r#""type":1,"side":0,"size":1,"limitPrice":{limit},{legs}"#));
    desk.told();
    assert_eq!(desk.order(entry + 2)["customTag"], json!(null), "an entry without a tag has legs without");
    let query = format!(r#"{{"filter":{{"accountId":{},"statuses":[8]}}}}"#, desk.client.account);
    let suspended = desk.client.post("/api/Order/v2/query", &query).json();
    assert_eq!(suspended["orders"].as_array().unwrap().len(), 2);
    let searched = desk.client.ask("/api/Order/search", r#","startTimestamp":"2020-01-01T00:00:00Z""#);
    assert!(searched["orders"].as_array().unwrap().iter().all(|order| order["status"] != 8));
    assert_eq!(desk.modify(entry + 1, r#""size":1"#).0, 3);
    assert_eq!(desk.modify(entry, r#""size":3"#).0, 0);
    assert_eq!(desk.order(entry + 1)["size"], 3);
    assert_eq!(desk.cancel(entry), 0);
    for order in entry..entry + 3 {
        assert_eq!(desk.order(order)["status"], 3);
    }
}

#[test]
fn legs_cover_what_has_filled() {
    let mut desk = Desk::moving();
    let legs = r#""stopLossBracket":{"ticks":-200,"type":4},"takeProfitBracket":{"ticks":200,"type":1}"#;
    let id = desk.place(&format!(r#""type":6,"side":0,"size":50,{legs}"#));
    let mut grown = 0;
    for _ in 0..40_000 {
        desk.step(250);
        let (entry, leg) = (desk.order(id), desk.order(id + 1));
        if leg["status"] == 1 && entry["status"] == 1 {
            grown += 1;
            assert!(leg["size"].as_i64().unwrap() <= entry["fillVolume"].as_i64().unwrap());
        }
        if entry["status"] == 2 {
            break;
        }
    }
    assert!(grown > 0, "the entry filled at once");
    desk.step(20);
    for leg in [desk.order(id + 1), desk.order(id + 2)] {
        assert_eq!((leg["status"].as_i64(), leg["size"].as_i64()), (Some(1), Some(50)));
    }
}

#[test]
fn a_stop_loss_may_trail() {
    let mut desk = Desk::moving();
    let id = desk.place(r#""type":2,"side":0,"size":1,"stopLossBracket":{"ticks":-20,"type":5}"#);
    desk.step(30);
    let fill = desk.order(id)["filledPrice"].as_f64().unwrap();
    let leg = desk.order(id + 1);
    assert_eq!((leg["type"].as_i64(), leg["trailDistance"].as_i64()), (Some(5), Some(-20)));
    assert!(leg["stopPrice"].as_f64().unwrap() >= fill - 5.0);
    desk.step_until("order 2");
    assert!(desk.order(id + 1)["stopPrice"].as_f64().unwrap() >= fill - 5.0);
    assert_eq!(desk.net(), 0);
}

#[test]
fn brackets_that_make_no_sense_are_refused() {
    let desk = Desk::moving();
    let mut id = 0;
    for (side, leg, ticks, order_type, message) in [
        (0, "stopLoss", 40, 4, "Invalid stop loss ticks (40). Ticks should be less than zero when longing."),
        (
            1,
            "stopLoss",
            -40,
            4,
            "Invalid stop loss ticks (-40). Ticks should be greater than zero when going short.",
        ),
        (
            1,
            "takeProfit",
            30,
            1,
            "Invalid take profit ticks (30). Ticks should be less than zero when going short.",
        ),
        (
            0,
            "takeProfit",
            -30,
            1,
            "Invalid take profit ticks (-30). Ticks should be greater than zero when longing.",
        ),
        (
            0,
            "stopLoss",
            -3,
            4,
            "Invalid stop loss ticks (-3). Stop loss tick value should be at least 4 ticks.",
        ),
        (
            0,
            "takeProfit",
            3,
            1,
            "Invalid take profit ticks (3). Take profit tick value should be at least 4 ticks.",
        ),
        (0, "stopLoss", -40, 1, "Invalid stop loss type (Limit)"),
        (0, "takeProfit", 40, 4, "Invalid take profit type (Stop)"),
        (0, "stopLoss", i64::from(i32::MIN), 4, "Invalid price. Price is outside allowed range."),
    ] {
        let answer = desk.client.place(&format!(
            r#""type":2,"side":{side},"size":1,"{leg}Bracket":{{"ticks":{ticks},"type":{order_type}}}"#
        ));
        assert_eq!((answer["errorCode"].as_i64(), answer["errorMessage"].as_str()), (Some(2), Some(message)));
        let rejected = answer["orderId"].as_i64().unwrap();
        assert!(id == 0 || rejected == id + 1, "a rejected entry has no legs");
        id = rejected;
        assert_eq!(desk.order(id)["status"], 5);
    }
    // The tags of the legs are used up with the entry's.
    desk.place(r#""type":1,"side":0,"size":1,"limitPrice":7000,"customTag":"a-SL""#);
    let clash = r#""type":2,"side":0,"size":1,"customTag":"a","stopLossBracket":{"ticks":-9,"type":4}"#;
    assert_eq!(desk.refused(clash), (2, "Specified custom tag is already in use".into()));
}

#[test]
fn by_default_the_account_has_position_brackets() {
    let desk = Desk::still();
    let (code, message) = desk.refused(&bracketed(0, -10, 20));
    assert_eq!(code, 2);
    assert_eq!(message, "Brackets cannot be used with Position Brackets. You must enable Auto OCO Brackets.");
}

#[test]
fn flattening_leaves_the_legs_unless_switched() {
    for cancels in [false, true] {
        let mut desk = Desk::open(tradeforge::sim::SimConfig {
            brackets: tradeforge::sim::BracketMode::AutoOco,
            shape: tradeforge::sim::Shape { flatten_cancels_brackets: cancels, ..Default::default() },
            ..tradeforge::sim::SimConfig::default()
        });
        let id = desk.place(&bracketed(0, -400, 400));
        desk.step(30);
        assert_eq!(desk.close(), 0);
        desk.step(30);
        assert_eq!(desk.net(), 0);
        for leg in [desk.order(id + 1), desk.order(id + 2)] {
            assert_eq!(leg["status"], if cancels { 3 } else { 1 });
        }
    }
}
