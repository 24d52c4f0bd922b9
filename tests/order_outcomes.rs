//! What becomes of an order: sent once, and never guessed about.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

use common::http::{HttpServer, Reply};
use common::{ACCOUNT, CONTRACT, PATIENCE, gateway, logged_in, market_order, refusal, success};
use serde_json::json;
use tradeforge::{Client, Kind, OrderId, OrderStatus, Outcome};

/// A gateway that answers every order so.
fn orders_answered(reply: impl Fn() -> Reply + Send + Sync + 'static) -> (HttpServer, Client) {
    let server = gateway(move |request| match request.path.as_str() {
        "/api/Order/place" => reply(),
        path => panic!("{path} was not expected"),
    });
    let client = logged_in(&server);
    (server, client)
}

#[test]
fn accepted() {
    let (server, client) = orders_answered(|| success(json!({"orderId": 3_408_995_735_i64})));
    let placed = client.place(&market_order("tag-1"), PATIENCE).unwrap();
    assert_eq!((placed.order_id, placed.client_tag.as_str()), (OrderId::new(3_408_995_735), "tag-1"));
    let sent = server.requests("/api/Order/place");
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].token(), "token-1");
    let expected = json!({
        "accountId": ACCOUNT, "contractId": CONTRACT, "type": 2, "side": 0, "size": 1, "customTag": "tag-1",
    });
    assert_eq!(sent[0].body, expected);
}

#[test]
fn an_order_without_a_tag_gets_one_that_is_sent() {
    let (server, client) = orders_answered(|| success(json!({"orderId": 1})));
    let mut order = market_order("");
    order.client_tag = None;
    let placed = client.place(&order, PATIENCE).unwrap();
    assert!(placed.client_tag.starts_with("tf-"), "{}", placed.client_tag);
    assert_eq!(server.requests("/api/Order/place")[0].body["customTag"], placed.client_tag);
}

#[test]
fn an_id_that_is_none_is_not_taken_for_one() {
    for id in ["0", "-5", "9223372036854775807"] {
        let body = format!(r#"{{"success":true,"errorCode":0,"errorMessage":null,"orderId":{id}}}"#);
        let (_server, client) = orders_answered(move || Reply::Json(200, body.clone()));
        let error = client.place(&market_order("tag-1"), PATIENCE).unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (Kind::Protocol, Outcome::Unknown), "{id}: {error}");
        assert_eq!((error.order_id(), error.client_tag()), (None, Some("tag-1")), "{id}");
    }
    let (_server, client) = orders_answered(|| refusal(2, "no", json!({"orderId": 0})));
    assert_eq!(client.place(&market_order("tag-1"), PATIENCE).unwrap_err().order_id(), None);
}

#[test]
fn rejected_with_id_and_text() {
    let (server, client) = orders_answered(|| refusal(2, "Invalid symbol", json!({"orderId": 9057})));
    let error = client.place(&market_order("tag-1"), PATIENCE).unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (Kind::Rejected, Outcome::Rejected));
    assert_eq!((error.order_id(), error.client_tag()), (Some(9057), Some("tag-1")));
    assert_eq!(error.gateway_text(), Some("Invalid symbol"));
    assert_eq!(error.gateway_code().unwrap().name, "OrderRejected");
    assert!(!error.is_retriable());
    assert_eq!(server.count("/api/Order/place"), 1);
}

#[test]
fn still_pending_is_unknown() {
    let (server, client) = orders_answered(|| refusal(6, "Order is pending", json!({"orderId": 9058})));
    let error = client.place(&market_order("tag-1"), PATIENCE).unwrap_err();
    assert_eq!((error.outcome(), error.order_id()), (Outcome::Unknown, Some(9058)), "{error}");
    assert_eq!(server.count("/api/Order/place"), 1);
}

#[test]
fn a_refused_connection_is_not_sent() {
    // The server of the login goes away and leaves nobody behind at its port.
    let (server, client) = orders_answered(|| success(json!({})));
    drop(server);
    let error = client.place(&market_order("tag-1"), PATIENCE).unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (Kind::Network, Outcome::NotSent), "{error}");
    assert_eq!(error.client_tag(), Some("tag-1"));
    assert!(error.is_retriable());
}

#[test]
fn a_reset_after_the_request_was_read_is_unknown() {
    let (server, client) = orders_answered(|| Reply::Reset);
    let error = client.place(&market_order("tag-1"), PATIENCE).unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (Kind::Network, Outcome::Unknown), "{error}");
    assert_eq!((error.order_id(), error.client_tag()), (None, Some("tag-1")));
    assert!(error.is_outcome_unknown() && !error.is_retriable());
    assert_eq!(server.count("/api/Order/place"), 1, "an order is never sent again");
}

#[test]
fn what_is_wrong_before_sending_is_not_sent() {
    let (server, client) = orders_answered(|| success(json!({"orderId": 1})));
    let mut order = market_order("tag-1");
    order.size = 0;
    let error = client.place(&order, PATIENCE).unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (Kind::Argument, Outcome::NotSent));
    client.close();
    let error = client.place(&market_order("tag-1"), PATIENCE).unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (Kind::Closed, Outcome::NotSent), "{error}");
    assert_eq!(server.count("/api/Order/place"), 0);
}

#[test]
fn a_deadline_that_has_passed_is_not_sent() {
    let (server, client) = orders_answered(|| success(json!({"orderId": 1})));
    let error = client.place(&market_order("tag-1"), Duration::ZERO).unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (Kind::Deadline, Outcome::NotSent), "{error}");
    assert_eq!(error.client_tag(), Some("tag-1"));
    assert_eq!(server.count("/api/Order/place"), 0);
}

#[test]
fn an_unknown_order_is_found_by_its_tag() {
    let row = |id: i64, tag: &str| {
        json!({
            "id": id, "accountId": ACCOUNT, "contractId": CONTRACT, "status": 2, "type": 2, "side": 0, "size": 1,
            "creationTimestamp": "2026-11-20T10:00:00Z", "fillVolume": 1, "filledPrice": 5000.25,
            "customTag": tag,
        })
    };
    let server = gateway(move |request| match request.path.as_str() {
        "/api/Order/place" => Reply::Reset,
        "/api/Order/search" => {
            let mut untagged = row(2, "");
            untagged["customTag"] = serde_json::Value::Null;
            // Refused first, and placed again with the same tag.
            let mut refused = row(2, "tag-1");
            refused["status"] = 5.into();
            success(
                json!({"orders": [row(1, "tag-0"), untagged, refused, row(3, "tag-1"), row(4, "tag-1-SL")]}),
            )
        }
        path => panic!("{path} was not expected"),
    });
    let client = logged_in(&server);
    let error = client.place(&market_order("tag-1"), PATIENCE).unwrap_err();
    let (account, window) = (ACCOUNT.into(), Duration::from_secs(60));
    let found = client.order_by_tag(account, error.client_tag().unwrap(), window, PATIENCE).unwrap().unwrap();
    assert_eq!((found.id, found.status), (OrderId::new(3), OrderStatus::Filled));
    assert_eq!(found.filled_price.unwrap().to_string(), "5000.25");
    assert_eq!(client.order_by_tag(account, "tag-9", window, PATIENCE).unwrap(), None);
    let asked = &server.requests("/api/Order/search")[0].body;
    assert_eq!(asked["accountId"], ACCOUNT);
    assert!(asked["startTimestamp"].as_str().unwrap().ends_with('Z'), "{asked}");
    assert_eq!(server.count("/api/Order/place"), 1);
}
