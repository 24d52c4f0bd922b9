//! Account rules: locks, loss limits, and how many contracts.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod sim_client;

use sim_client::desk::Desk;
use tradeforge::Money;
use tradeforge::sim::{AccountRules, BracketMode, SimConfig};

fn desk(rules: AccountRules) -> Desk {
    Desk::open(SimConfig { brackets: BracketMode::AutoOco, rules, ..SimConfig::default() })
}

#[test]
fn an_account_that_loses_too_much_is_flattened_and_locked() {
    let limit: Money = "40".parse().unwrap();
    for rules in [
        AccountRules { max_loss: Some(limit), ..AccountRules::default() },
        AccountRules { daily_loss: Some(limit), ..AccountRules::default() },
    ] {
        let mut desk = desk(rules);
        let far = desk.place(&format!(r#""type":1,"side":0,"size":1,"limitPrice":{}"#, desk.bid() - 200.0));
        let legs = r#""stopLossBracket":{"ticks":-800,"type":4},"takeProfitBracket":{"ticks":800,"type":1}"#;
        let id = desk.place(&format!(r#""type":2,"side":0,"size":10,{legs}"#));
        let told = desk.step_until("position 0 x 0");
        assert!(told.contains(&"order 3".to_owned()), "{told:?}");
        for order in [far, id + 1, id + 2] {
            assert_eq!(desk.order(order)["status"], 3);
        }
        let account = desk.account();
        assert_eq!(account["canTrade"], false);
        let lost = 50_000.0 - account["balance"].as_f64().unwrap();
        assert!((40.0..80.0).contains(&lost), "{lost}");
        assert_eq!(desk.refused(r#""type":2,"side":0,"size":1"#).0, 4);
        assert_eq!(desk.close(), 8);

        desk.client.sim.set_can_trade(desk.client.account, true).unwrap();
        desk.place(r#""type":2,"side":0,"size":1"#);
        desk.step(20);
        assert_eq!((desk.net(), desk.account()["canTrade"].as_bool()), (1, Some(true)));
    }
}

#[test]
fn an_account_is_locked_and_given_money_by_hand() {
    let mut desk = Desk::still();
    let account = desk.client.account;
    let id = desk.place(&format!(r#""type":1,"side":0,"size":1,"limitPrice":{}"#, desk.bid() - 5.0));
    desk.told();
    desk.client.sim.set_can_trade(account, false).unwrap();
    desk.client.sim.set_balance(account, "1234.5".parse().unwrap()).unwrap();
    assert_eq!(desk.told(), ["account"; 4]);
    assert_eq!(desk.events[desk.events.len() - 1]["arguments"][0]["data"]["balance"], 1234.5);
    assert_eq!(desk.refused(r#""type":2,"side":0,"size":1"#).0, 10);
    assert_eq!((desk.cancel(id), desk.order(id)["status"].as_i64()), (6, Some(1)));
    desk.client.sim.set_can_trade(account, true).unwrap();
    assert_eq!(desk.cancel(id), 0);
    assert!(
        desk.client.sim.set_can_trade(1, true).is_err()
            && desk.client.sim.set_balance(1, Money::ZERO).is_err()
    );
}

#[test]
fn an_account_holds_no_more_than_it_may() {
    let mut desk = desk(AccountRules { max_contracts: 3, ..AccountRules::default() });
    let legs = r#""stopLossBracket":{"ticks":-800,"type":4},"takeProfitBracket":{"ticks":800,"type":1}"#;
    assert_eq!(desk.refused(r#""type":2,"side":0,"size":4"#), (2, "Not enough margin.".into()));
    desk.place(&format!(r#""type":2,"side":0,"size":2,{legs}"#));
    desk.step(30);
    let limit = desk.bid() - 100.0;
    let id = desk.place(&format!(r#""type":1,"side":0,"size":1,"limitPrice":{limit}"#));
    assert_eq!(desk.refused(r#""type":2,"side":0,"size":1"#).0, 2);
    assert_eq!(desk.modify(id, r#""size":2"#), (3, "Not enough margin.".into()));
    // Legs do not count, and a sale of what is held frees as much: from two long to three short.
    desk.place(r#""type":2,"side":1,"size":5"#);
    desk.step(30);
    assert_eq!(desk.net(), -3);
    assert_eq!(desk.refused(r#""type":2,"side":1,"size":1"#).0, 2);
}
