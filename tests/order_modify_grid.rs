//! A change off the tick grid is refused before it is sent, as far as the order's contract can be found out.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![cfg(feature = "sim")]

mod common;
mod order_support;

use common::http::{HttpServer, Reply, Request};
use common::{ACCOUNT, PATIENCE, contract, gateway, logged_in, refusal, success};
use order_support::{Desk, client};
use serde_json::json;
use tradeforge::{Kind, OrderChange, Outcome, Price};

const MODIFY: &str = "/api/Order/modify";
const SHOW: &str = "/api/Order/searchById";
const CONTRACT: &str = "/api/Contract/searchById";

fn price(text: &str) -> Price {
    Price::parse(text).unwrap()
}

/// A change of order 7.
fn limit(at: &str) -> OrderChange {
    OrderChange { limit_price: Some(price(at)), ..OrderChange::new(ACCOUNT.into(), 7.into()) }
}

fn order(_: &Request) -> Reply {
    success(json!({"order": {
        "id": 7, "accountId": ACCOUNT, "contractId": contract().as_str(), "status": 1, "type": 1, "side": 0, "size": 1,
    }}))
}

/// A gateway with order 7 in a contract whose tick is 0.25.
fn with_order(show: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> HttpServer {
    gateway(move |request| match request.path.as_str() {
        SHOW => show(request),
        CONTRACT => success(json!({"contract": {
            "id": contract().as_str(), "name": "MESZ6", "tickSize": 0.25, "tickValue": 1.25, "activeContract": true,
        }})),
        "/api/Order/v2/query" => success(json!({"orders": [{
            "id": 7, "accountId": ACCOUNT, "contractId": contract().as_str(), "status": 1, "type": 1, "side": 0,
            "size": 1,
        }]})),
        MODIFY => success(json!({})),
        "/api/Order/place" => success(json!({"orderId": 7})),
        other => panic!("{other}"),
    })
}

#[test]
fn the_contract_is_looked_up_once() {
    let server = with_order(order);
    let client = logged_in(&server);
    for field in ["limit", "stop", "trail"] {
        let mut change = OrderChange::new(ACCOUNT.into(), 7.into());
        let off = Some(price("5000.1"));
        match field {
            "limit" => change.limit_price = off,
            "stop" => change.stop_price = off,
            _ => change.trail_price = off,
        }
        let error = client.modify(&change, PATIENCE).unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome(), error.order_id()),
            (Kind::Argument, Outcome::NotSent, Some(7))
        );
        let told = format!(
            "{field} price 5000.1 is off the tick grid of MESZ6 (0.25); its neighbours on it are 5000 and 5000.25"
        );
        assert_eq!(error.message(), told);
    }
    assert_eq!(server.count(MODIFY), 0);
    client.modify(&limit("5000.25"), PATIENCE).unwrap();
    assert_eq!((server.count(MODIFY), server.count(SHOW), server.count(CONTRACT)), (1, 1, 1));
}

#[test]
fn what_is_known_is_not_asked_for() {
    let server = with_order(|_| panic!("nothing needs to be asked"));
    let client = logged_in(&server);
    // No price, nothing to check.
    client
        .modify(&OrderChange { size: Some(2), ..OrderChange::new(ACCOUNT.into(), 7.into()) }, PATIENCE)
        .unwrap();
    client.contract(&contract(), PATIENCE).unwrap();
    client.place(&common::market_order("tag-1"), PATIENCE).unwrap();
    assert_eq!(client.modify(&limit("5000.1"), PATIENCE).unwrap_err().kind(), Kind::Argument);
    assert_eq!(server.count(CONTRACT), 1);

    let listed = logged_in(&server);
    listed.open_orders(ACCOUNT.into(), PATIENCE).unwrap();
    assert_eq!(listed.modify(&limit("5000.1"), PATIENCE).unwrap_err().kind(), Kind::Argument);
    assert_eq!((server.count(MODIFY), server.count(SHOW)), (1, 0));
}

#[test]
fn what_cannot_be_found_out_is_left_to_the_gateway() {
    let answers: [fn(&Request) -> Reply; 4] = [
        |_| refusal(1, "no", json!({"order": null})),
        |_| Reply::Json(500, String::new()),
        |_| Reply::Json(200, "<html>".into()),
        |_| Reply::Reset,
    ];
    for show in answers {
        let server = with_order(show);
        logged_in(&server).modify(&limit("5000.1"), PATIENCE).unwrap();
        let [request] = &server.requests(MODIFY)[..] else { panic!("it was sent once") };
        assert_eq!(request.body, json!({"accountId": ACCOUNT, "orderId": 7, "limitPrice": 5000.1}));
    }
}

#[test]
fn a_search_that_hangs_leaves_time_for_the_change() {
    let server = with_order(|_| Reply::Silence(String::new()));
    logged_in(&server).modify(&limit("5000"), PATIENCE).unwrap();
    assert_eq!(server.count(MODIFY), 1);
}

#[test]
fn the_simulators_gateway_refuses_it_too() {
    let desk = Desk::running();
    let id = desk.place(&desk.resting("rests"));
    let off = desk.at(-90).checked_add(price("0.1")).unwrap();
    let change = OrderChange { limit_price: Some(off), ..OrderChange::new(desk.account, id) };
    // Another client knows neither the order nor its contract.
    for client in [&desk.client, &client(&desk.sim)] {
        let error = client.modify(&change, PATIENCE).unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (Kind::Argument, Outcome::NotSent), "{error}");
    }
    let on = OrderChange { limit_price: Some(desk.at(-90)), ..change };
    desk.client.modify(&on, PATIENCE).unwrap();
    assert_eq!(desk.order(id).limit_price, on.limit_price);
}
