//! Positions: adding, closing in part, turning around.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, reason = "a broken promise fails the test")]

mod sim_client;

use serde_json::Value;
use sim_client::Client;

/// Waits until the position has this type and size, both zero when flat.
fn wait_for(client: &Client, position_type: i64, size: i64) -> Value {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
    loop {
        let answer = client.ask("/api/Position/searchOpen", "");
        let rows = answer["positions"].as_array().unwrap();
        let row = rows.first().cloned().unwrap_or_default();
        let state = (row["type"].as_i64().unwrap_or(0), row["size"].as_i64().unwrap_or(0));
        if state == (position_type, size) {
            return row;
        }
        assert!(std::time::Instant::now() < end, "{answer} instead of {position_type} x {size}");
        std::thread::yield_now();
    }
}

#[test]
fn a_position_grows_shrinks_and_turns_around() {
    let client = Client::with(tradeforge::sim::SimConfig {
        speed: 0.0,
        rate_limit: false,
        ..tradeforge::sim::SimConfig::default()
    });
    client.place(r#""type":2,"side":0,"size":2"#);
    let first = wait_for(&client, 1, 2);
    assert!(first["contractDisplayName"].as_str().unwrap().starts_with("MES"));
    client.place(r#""type":2,"side":0,"size":1"#);
    assert_eq!(wait_for(&client, 1, 3)["id"], first["id"]);

    let contract = format!(r#","contractId":"{}""#, client.contract);
    let partial = |size: i64| {
        client.ask("/api/Position/partialCloseContract", &format!(r#"{contract},"size":{size}"#))["errorCode"]
            .as_i64()
            .unwrap()
    };
    assert_eq!((partial(0), partial(4), partial(-1)), (5, 5, 5));
    assert_eq!((partial(1), partial(1)), (0, 7), "the second waits for the first");
    wait_for(&client, 1, 2);

    client.place(r#""type":2,"side":1,"size":5"#);
    let turned = wait_for(&client, 2, 3);
    assert_ne!(turned["id"], first["id"]);
    let trades = client.ask("/api/Trade/search", "")["trades"].clone();
    // Newest first: the turn is a closing and an opening half-turn of one order.
    assert_eq!((trades[0]["size"].as_i64(), trades[1]["size"].as_i64()), (Some(3), Some(2)));
    assert!(trades[0]["profitAndLoss"].is_null() && trades[1]["profitAndLoss"].is_number());
    assert_eq!(trades[0]["orderId"], trades[1]["orderId"]);

    client.ask("/api/Position/closeContract", &contract);
    wait_for(&client, 0, 0);
    let account = client.post("/api/Account/search", r#"{"onlyActiveAccounts":true}"#).json();
    let rows = account["accounts"].as_array().unwrap();
    assert_eq!(rows.len(), 1);
    // Every fill brings its profit or loss, and costs fees and commissions.
    let trades = client.ask("/api/Trade/search", "")["trades"].clone();
    let money = |row: &Value, name: &str| row[name].as_f64().unwrap_or(0.0);
    let change = |row: &Value| money(row, "profitAndLoss") - money(row, "fees") - money(row, "commissions");
    let total: f64 = trades.as_array().unwrap().iter().map(change).sum();
    let sides: f64 = trades.as_array().unwrap().iter().map(|row| money(row, "size") * 0.61).sum();
    assert!((money(&rows[0], "balance") - 50_000.0 - total).abs() < 1e-6, "{trades}");
    // Twelve sides at 0.61, and at least the spread of one tick for each contract in and out.
    assert!((sides - 12.0 * 0.61).abs() < 1e-6 && total < 1e-6 - 6.0 * 1.25 - sides, "{trades}");
    let all = client.post("/api/Account/search", r#"{"onlyActiveAccounts":false}"#).json();
    let inactive = &all["accounts"][1];
    assert!(inactive["canTrade"] == false && inactive["isVisible"] == false);
}
