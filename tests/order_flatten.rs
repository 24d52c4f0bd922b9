//! Flattening: a close that hangs does not keep the other positions open.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

use common::http::Reply;
use common::{ACCOUNT, gateway, logged_in, success};
use serde_json::{Value, json};
use tradeforge::{Kind, Outcome};

const CLOSE: &str = "/api/Position/closeContract";

fn position(id: i64, contract: &str) -> Value {
    json!({"id": id, "accountId": ACCOUNT, "contractId": contract, "type": 1, "size": 1,
        "averagePrice": 1.0, "creationTimestamp": "2026-11-21T12:00:00Z"})
}

#[test]
fn a_close_that_hangs_leaves_time_for_the_others() {
    let server = gateway(|request| match request.path.as_str() {
        "/api/Position/searchOpen" => {
            success(json!({"positions": [position(1, "stuck"), position(2, "B"), position(3, "C")]}))
        }
        CLOSE if request.body["contractId"] == "stuck" => Reply::Silence(String::new()),
        _ => success(json!({})),
    });
    let error = logged_in(&server).flatten(ACCOUNT.into(), Duration::from_secs(3)).unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (Kind::Deadline, Outcome::Unknown), "{error}");
    assert!(error.to_string().contains("stuck"), "which position may still be open: {error}");
    assert_eq!(server.count(CLOSE), 3, "each is closed once");
}

#[test]
fn an_unknown_outcome_does_not_hide_behind_a_refusal() {
    let server = gateway(|request| match request.path.as_str() {
        "/api/Position/searchOpen" => {
            success(json!({"positions": [position(1, "refused"), position(2, "lost")]}))
        }
        _ if request.body["contractId"] == "lost" => Reply::Reset,
        _ => common::refusal(8, "closed by the risk desk", json!({})),
    });
    let error = logged_in(&server).flatten(ACCOUNT.into(), common::PATIENCE).unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (Kind::Network, Outcome::Unknown), "{error}");
    assert!(error.to_string().contains("lost"), "{error}");
}
