//! A gateway that is still at an order when its answer is not waited for any more.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use common::http::Reply;
use common::{ACCOUNT, CONTRACT, PATIENCE, gateway, logged_in, market_order, success};
use serde_json::json;
use tradeforge::{Outcome, Resolution};

#[test]
fn an_order_that_comes_late_is_not_called_not_there() {
    // It shows from the fourth look on, which is seconds after the first.
    let looks = AtomicU32::new(0);
    let server = gateway(move |request| match request.path.as_str() {
        "/api/Order/place" => Reply::Silence(String::new()),
        "/api/Order/v2/query" if looks.fetch_add(1, Ordering::SeqCst) >= 3 => {
            success(json!({"orders": [{"id": 7, "accountId": ACCOUNT, "contractId": CONTRACT, "status": 1,
                "type": 2, "side": 0, "size": 1, "customTag": "late"}]}))
        }
        _ => success(json!({"orders": []})),
    });
    let client = logged_in(&server);
    let error = client.place(&market_order("late"), Duration::from_millis(300)).unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
    let found = client.resolve(ACCOUNT.into(), "late", Duration::from_secs(60), PATIENCE).unwrap();
    assert!(matches!(found, Resolution::Accepted(order) if order.id.get() == 7));
}
