//! A list that is empty is an answer; one that is absent or `null` is none, but for bars.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use common::{ACCOUNT, PATIENCE, contract, gateway, logged_in, success};
use serde_json::{Value, json};
use tradeforge::model::{BarRequest, BarUnit};
use tradeforge::{AccountId, Client, Error, Kind, OrderQuery, Result, Timestamp};

/// What a client makes of a success with these members.
fn asked<T>(members: Value, ask: impl FnOnce(&Client) -> Result<T>) -> Result<T> {
    let server = gateway(move |_| success(members.clone()));
    ask(&logged_in(&server))
}

#[test]
fn an_empty_list_is_told_from_none() {
    type Ask = fn(&Client) -> Result<usize>;
    const FROM: Timestamp = Timestamp::from_seconds(0);
    let account = || AccountId::new(ACCOUNT);
    let asks: [(&str, &str, Ask); 9] = [
        ("Account/search", "accounts", |client| client.accounts(true, PATIENCE).map(|list| list.len())),
        ("Contract/search", "contracts", |client| {
            client.search_contracts("MES", false, PATIENCE).map(|list| list.len())
        }),
        ("Contract/available", "contracts", |client| {
            client.available_contracts(false, PATIENCE).map(|list| list.len())
        }),
        ("Order/search", "orders", |client| {
            client.orders(ACCOUNT.into(), FROM, PATIENCE).map(|list| list.len())
        }),
        ("Order/searchOpen", "orders", |client| {
            client.resting_orders(ACCOUNT.into(), PATIENCE).map(|list| list.len())
        }),
        ("Order/v2/query", "orders", |client| {
            client.open_orders(ACCOUNT.into(), PATIENCE).map(|list| list.len())
        }),
        ("Order/v2/query", "orders", |client| {
            let page = client.order_page(&OrderQuery::new(ACCOUNT.into()), PATIENCE)?;
            Ok(page.orders.len())
        }),
        ("Position/searchOpen", "positions", |client| {
            client.positions(ACCOUNT.into(), PATIENCE).map(|list| list.len())
        }),
        ("Trade/search", "trades", |client| {
            client.fills(ACCOUNT.into(), FROM, PATIENCE).map(|list| list.len())
        }),
    ];
    for (operation, member, ask) in asks {
        assert_eq!(asked(json!({ member: [] }), ask).unwrap(), 0, "{operation}");
        for members in [json!({}), json!({ member: null })] {
            let error: Error = asked(members, ask).unwrap_err();
            assert_eq!((error.kind(), error.operation()), (Kind::Protocol, Some(operation)));
            assert!(error.message().contains(&format!("`{member}` is missing")), "{error}");
        }
    }
    // Who took it for an account without positions would leave it open.
    for members in [json!({}), json!({ "positions": null })] {
        assert_eq!(
            asked(members, |client| client.flatten(account(), PATIENCE)).unwrap_err().kind(),
            Kind::Protocol
        );
    }
}

#[test]
fn a_single_thing_must_be_there() {
    for members in [json!({}), json!({ "contract": null, "contracts": [], "order": null })] {
        let error = asked(members.clone(), |client| client.contract(&contract(), PATIENCE)).unwrap_err();
        assert_eq!(error.kind(), Kind::Protocol, "{error}");
        let error = asked(members, |client| client.order(ACCOUNT.into(), 1.into(), PATIENCE)).unwrap_err();
        assert_eq!(error.kind(), Kind::Protocol, "{error}");
    }
}

#[test]
fn no_bars_are_where_the_past_ends() {
    let at = Timestamp::from_seconds;
    let request = BarRequest::new(contract(), BarUnit::Minute, at(0), at(600));
    for members in [json!({ "bars": [] }), json!({ "bars": null }), json!({})] {
        assert_eq!(asked(members, |client| client.bars(&request, PATIENCE)).unwrap(), []);
    }
}

#[test]
fn pages_that_never_end_are_given_up() {
    let row = |id: i64| json!({"id": id, "accountId": ACCOUNT, "contractId": "C", "status": 1, "type": 1, "side": 0, "size": 1});
    let rows: Vec<Value> = (1..=100).map(row).collect();
    let error =
        asked(json!({ "orders": rows }), |client| client.open_orders(ACCOUNT.into(), PATIENCE)).unwrap_err();
    assert_eq!(error.kind(), Kind::Protocol, "{error}");
    assert!(error.to_string().contains("the same page"), "{error}");
}
