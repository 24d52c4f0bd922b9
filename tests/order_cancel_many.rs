//! Cancelling many orders at a gateway that takes its time: what is left of the rate limit closes positions.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use common::{ACCOUNT, CONTRACT, PATIENCE, gateway, logged_in, success};
use serde_json::{Value, json};
use tradeforge::CancelOutcome;

const ORDERS: i64 = 30;
/// How often the gateway is asked until the cancels are done.
const TURNS: u32 = 6;

fn order(id: i64, status: i32) -> Value {
    json!({"id": id, "accountId": ACCOUNT, "contractId": CONTRACT, "status": status, "type": 1, "side": 0, "size": 1})
}

#[test]
fn reading_back_leaves_the_reserve_for_closes() {
    let (lists, looks) = (AtomicU32::new(0), AtomicU32::new(0));
    let server = gateway(move |request| match request.path.as_str() {
        "/api/Order/v2/query" => {
            let is_done = lists.fetch_add(1, Ordering::SeqCst) >= TURNS;
            let open = if is_done { vec![] } else { (1..=ORDERS).map(|id| order(id, 1)).collect() };
            success(json!({ "orders": open }))
        }
        "/api/Order/searchById" => {
            let id = request.body["orderId"].as_i64().unwrap();
            let asked = looks.fetch_add(1, Ordering::SeqCst) / ORDERS as u32;
            let is_done = lists.load(Ordering::SeqCst) > TURNS || asked >= TURNS;
            success(json!({"order": order(id, if is_done { 3 } else { 1 })}))
        }
        "/api/Position/searchOpen" => success(json!({"positions": [{"id": 1, "accountId": ACCOUNT,
            "contractId": CONTRACT, "type": 1, "size": 1, "averagePrice": 1}]})),
        _ => success(json!({})),
    });
    let client = logged_in(&server);
    let reports = client.cancel_all(ACCOUNT.into(), None, Duration::from_secs(12)).unwrap();
    assert_eq!(reports.len(), 30);
    assert_eq!(server.count("/api/Order/cancel"), 30, "each once");
    let confirmed = |outcome: &CancelOutcome| matches!(outcome, CancelOutcome::Confirmed(_));
    assert!(reports.iter().all(|report| confirmed(&report.outcome)), "{:?}", reports[0].outcome);
    assert_eq!(client.flatten(ACCOUNT.into(), PATIENCE).unwrap(), 1);
}
