//! Answers that are none: each gives the right kind, the outcome of the request, and words that help.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

use common::http::Reply;
use common::{PATIENCE, gateway, logged_in, market_order};
use serde_json::json;
use tradeforge::{Error, Kind, Outcome};

/// The errors of a query and of an order that are answered so.
fn answered(reply: fn() -> Reply, patience: Duration) -> (Error, Error) {
    let server = gateway(move |_| reply());
    let client = logged_in(&server);
    let query = client.accounts(false, patience).unwrap_err();
    // By a client of its own, as the first one may have been told to wait.
    let order = logged_in(&server).place(&market_order("tag-1"), patience).unwrap_err();
    assert_eq!(query.outcome(), Outcome::Query, "{query}");
    assert_eq!(query.operation(), Some("Account/search"), "{query}");
    assert_eq!(order.operation(), Some("Order/place"), "{order}");
    assert_eq!(order.client_tag(), Some("tag-1"), "the key to find the order by");
    assert_eq!(server.count("/api/Order/place"), 1, "{order}");
    (query, order)
}

/// Both calls fail with this kind and words that hold this part; the order has this outcome.
fn check(reply: fn() -> Reply, kind: Kind, outcome: Outcome, part: &str) {
    let (query, order) = answered(reply, PATIENCE);
    for error in [&query, &order] {
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains(part), "\"{error}\" does not say \"{part}\"");
    }
    assert_eq!(order.outcome(), outcome, "{order}");
    assert_eq!(order.is_retriable(), outcome != Outcome::Unknown && query.is_retriable(), "{order}");
}

#[test]
fn a_page_in_place_of_json() {
    let page = || Reply::Json(200, "<!doctype html><html><body>Sign in</body></html>".into());
    check(page, Kind::Protocol, Outcome::Unknown, "is HTML, not JSON; is TS_API_URL right?");
}

#[test]
fn an_empty_body() {
    check(|| Reply::Json(200, String::new()), Kind::Protocol, Outcome::Unknown, "is empty");
}

#[test]
fn a_connection_closed_without_a_byte() {
    let (query, order) = answered(|| Reply::Bytes(String::new()), PATIENCE);
    assert_eq!(query.kind(), Kind::Network, "{query}");
    assert_eq!((order.kind(), order.outcome()), (Kind::Network, Outcome::Unknown), "{order}");
    assert!(!order.is_retriable() && query.is_retriable());
}

#[test]
fn a_connection_closed_in_the_middle_of_a_body() {
    let half = || Reply::Bytes("HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"success\":true,".into());
    let (query, order) = answered(half, PATIENCE);
    assert_eq!(query.kind(), Kind::Network, "{query}");
    assert_eq!((order.kind(), order.outcome()), (Kind::Network, Outcome::Unknown), "{order}");
}

#[test]
fn silence_ends_at_the_deadline() {
    for silence in [
        || Reply::Silence(String::new()),
        || Reply::Silence("HTTP/1.1 200 OK\r\ncontent-le".into()),
        || Reply::Silence("HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"success\":true,".into()),
    ] {
        let (query, order) = answered(silence, Duration::from_millis(300));
        assert_eq!(query.kind(), Kind::Deadline, "{query}");
        assert_eq!((order.kind(), order.outcome()), (Kind::Deadline, Outcome::Unknown), "{order}");
        assert!(order.to_string().contains("read back before sending again"), "{order}");
    }
}

#[test]
fn something_that_is_not_http() {
    check(|| Reply::Bytes("220 smtp ready\r\n\r\n".into()), Kind::Protocol, Outcome::Unknown, "is not HTTP");
}

#[test]
fn json_of_another_shape() {
    let bodies: [fn() -> Reply; 6] = [
        || Reply::Json(200, "null".into()),
        || Reply::Json(200, "[]".into()),
        || Reply::Json(200, "\"ok\"".into()),
        || Reply::Json(200, "{}".into()),
        || Reply::Json(200, "{\"success\":\"yes\",\"errorCode\":0}".into()),
        || Reply::Json(200, "{\"success\":true".into()),
    ];
    for body in bodies {
        check(body, Kind::Protocol, Outcome::Unknown, "the gateway's answer");
    }
}

#[test]
fn an_envelope_that_contradicts_itself() {
    let yes_and_no = || Reply::Json(200, "{\"success\":true,\"errorCode\":2,\"orderId\":7}".into());
    check(yes_and_no, Kind::Protocol, Outcome::Unknown, "contradicts itself");
    let no_and_yes = || Reply::Json(200, "{\"success\":false,\"errorCode\":0,\"errorMessage\":null}".into());
    check(no_and_yes, Kind::Protocol, Outcome::Unknown, "contradicts itself");
}

#[test]
fn success_without_what_was_asked_for() {
    let server = gateway(|request| match request.path.as_str() {
        "/api/Account/search" => {
            common::success(json!({"accounts": [{"id": 1, "name": "A", "canTrade": true}]}))
        }
        _ => common::success(json!({})),
    });
    let client = logged_in(&server);
    let query = client.accounts(true, PATIENCE).unwrap_err();
    assert_eq!(query.kind(), Kind::Protocol);
    assert!(query.to_string().contains("`isVisible` is missing"), "{query}");
    let order = client.place(&market_order("tag-1"), PATIENCE).unwrap_err();
    assert_eq!((order.kind(), order.outcome()), (Kind::Protocol, Outcome::Unknown), "{order}");
    let contract = client.contract(&common::contract(), PATIENCE).unwrap_err();
    assert_eq!(contract.kind(), Kind::Protocol, "{contract}");
}

#[test]
fn statuses_other_than_200() {
    let failing = || Reply::Json(500, "<html>oops</html>".into());
    check(failing, Kind::Unavailable, Outcome::Unknown, "the gateway is failing [HTTP 500]");
    check(|| Reply::Json(503, String::new()), Kind::Unavailable, Outcome::Unknown, "[HTTP 503]");
    let missing = || Reply::Json(404, String::new());
    check(missing, Kind::Protocol, Outcome::Rejected, "is TS_API_URL right? [HTTP 404]");
}

#[test]
fn too_many_requests_tell_how_long_to_wait() {
    let busy = || {
        Reply::Bytes(
            "HTTP/1.1 429 Busy\r\nretry-after: 7\r\nconnection: close\r\ncontent-length: 4\r\n\r\nwait"
                .into(),
        )
    };
    let (query, order) = answered(busy, PATIENCE);
    for error in [query, order] {
        assert_eq!((error.kind(), error.retry_after()), (Kind::RateLimit, Some(Duration::from_secs(7))));
        assert!(error.is_retriable(), "{error}");
    }
}
