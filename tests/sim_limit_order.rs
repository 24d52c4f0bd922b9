//! Limit orders: resting, changing, cancelling, filling.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, reason = "a broken promise fails the test")]

mod sim_client;

use serde_json::{Value, json};
use sim_client::Client;

/// Best bid and ask as decimals of a market that stands still.
fn best(client: &Client) -> (f64, f64) {
    let mut hub = client.hub("market");
    hub.call("SubscribeContractQuotes", &format!("[\"{}\"]", client.contract));
    let quote = hub.next_of("GatewayQuote");
    let price = |name: &str| quote["arguments"][1][name].as_f64().unwrap();
    (price("bestBid"), price("bestAsk"))
}

fn order(client: &Client, id: &Value) -> Value {
    client.ask("/api/Order/searchById", &format!(r#","orderId":{id}"#))["order"].clone()
}

#[test]
fn a_limit_rests_is_changed_and_cancelled() {
    let client = Client::start();
    let (bid, _) = best(&client);
    let mut hub = client.hub("user");
    hub.call("SubscribeOrders", &format!("[{}]", client.account));
    hub.call("SubscribeAccounts", "[]");
    let placed =
        client.place(&format!(r#""type":1,"side":0,"size":2,"limitPrice":{},"customTag":"one""#, bid - 5.0));
    let id = &placed["orderId"];
    let event = hub.next_of("GatewayUserOrder")["arguments"][0].clone();
    assert_eq!(
        (&event["action"], &event["data"]["status"], &event["data"]["id"]),
        (&json!(1), &json!(1), id)
    );
    assert_eq!(event["data"]["customTag"], "one");
    assert!(event["data"].get("stopPrice").is_none() && event["data"].get("filledPrice").is_none());
    for _ in 0..2 {
        assert_eq!(hub.next_of("GatewayUserAccount")["arguments"][0]["data"]["balance"], 50_000);
    }
    assert_eq!(client.ask("/api/Order/searchOpen", "")["orders"].as_array().unwrap().len(), 1);
    let row = order(&client, id);
    assert!(row["stopPrice"].is_null() && row.as_object().unwrap().contains_key("stopPrice"));

    let modified =
        client.ask("/api/Order/modify", &format!(r#","orderId":{id},"size":3,"limitPrice":{}"#, bid - 6.0));
    assert_eq!(modified, json!({"success": true, "errorCode": 0, "errorMessage": null}));
    let data = hub.next_of("GatewayUserOrder")["arguments"][0]["data"].clone();
    assert_eq!((data["size"].as_i64(), data["limitPrice"].as_f64()), (Some(3), Some(bid - 6.0)));
    let crooked = client.ask("/api/Order/modify", &format!(r#","orderId":{id},"limitPrice":{}"#, bid - 0.1));
    assert_eq!(crooked["errorCode"], 3);
    assert_eq!(crooked["errorMessage"], "Invalid limit price. Price is not aligned to tick size.");

    let cancel = || client.ask("/api/Order/cancel", &format!(r#","orderId":{id}"#));
    assert_eq!(cancel()["success"], true);
    assert_eq!(hub.next_of("GatewayUserOrder")["arguments"][0]["data"]["status"], 3);
    assert_eq!(cancel()["errorCode"], 2);
    assert_eq!(order(&client, id)["status"], 3);
    assert_eq!(client.ask("/api/Order/searchOpen", "")["orders"], json!([]));
}

#[test]
fn a_marketable_limit_fills_at_the_better_price() {
    let client = Client::start();
    let (_, ask) = best(&client);
    let mut hub = client.hub("user");
    hub.call("SubscribeOrders", &format!("[{}]", client.account));
    hub.call("SubscribeTrades", &format!("[{}]", client.account));
    hub.call("SubscribePositions", &format!("[{}]", client.account));
    client.place(&format!(r#""type":1,"side":0,"size":1,"limitPrice":{}"#, ask + 2.0));
    let mut told = Vec::new();
    for _ in 0..4 {
        let event = hub.next();
        told.push(event["target"].as_str().unwrap().to_owned());
        if event["target"] == "GatewayUserTrade" {
            assert_eq!(event["arguments"][0]["data"]["price"].as_f64(), Some(ask));
        }
    }
    assert_eq!(told, ["GatewayUserOrder", "GatewayUserOrder", "GatewayUserTrade", "GatewayUserPosition"]);
}

#[test]
fn joining_takes_the_best_price_of_the_moment() {
    let client = Client::start();
    let (bid, ask) = best(&client);
    for (order_type, side, price) in [(6, 0, bid), (7, 1, ask)] {
        let placed = client.place(&format!(r#""type":{order_type},"side":{side},"size":1"#));
        let row = order(&client, &placed["orderId"]);
        assert_eq!((row["status"].as_i64(), row["limitPrice"].as_f64()), (Some(1), Some(price)));
    }
}

#[test]
fn orders_are_queried_by_status_and_page() {
    let client = Client::start();
    let (bid, _) = best(&client);
    let mut ids: Vec<i64> = Vec::new();
    for step in 1..=5 {
        let limit = bid - f64::from(step);
        let placed = client.place(&format!(r#""type":1,"side":0,"size":1,"limitPrice":{limit}"#));
        ids.push(placed["orderId"].as_i64().unwrap());
    }
    client.ask("/api/Order/cancel", &format!(r#","orderId":{}"#, ids[4]));
    let query = |filter: &str, rest: &str| {
        let body = format!(r#"{{"filter":{{"accountId":{}{filter}}}{rest}}}"#, client.account);
        client.post("/api/Order/v2/query", &body)
    };
    let found = |answer: Value| -> Vec<i64> {
        answer["orders"].as_array().unwrap().iter().map(|order| order["id"].as_i64().unwrap()).collect()
    };
    assert_eq!(found(query("", "").json()), ids);
    let working = query(r#","statuses":[1,6,7,8]"#, r#","includeTotalCount":true"#).json();
    assert_eq!((working["totalCount"].as_i64(), found(working)), (Some(4), ids[..4].to_vec()));
    // The offset counts rows.
    let page = query("", r#","pageSize":2,"pageOffset":1,"sortBy":1,"sortDirection":1"#).json();
    assert_eq!(found(page), [ids[3], ids[2]]);
    for rest in [r#","pageSize":0"#, r#","pageOffset":-1"#, r#","sortBy":5"#] {
        assert_eq!(query("", rest).status, 400, "{rest}");
    }
    let unwrapped = client.post("/api/Order/v2/query", &format!(r#"{{"accountId":{}}}"#, client.account));
    assert_eq!(unwrapped.status, 400);
    assert!(unwrapped.text.contains("missing required properties including: 'filter'"), "{}", unwrapped.text);

    let searched = client.ask("/api/Order/search", r#","startTimestamp":"2020-01-01T00:00:00Z""#);
    assert_eq!(found(searched), ids);
    let first = order(&client, &json!(ids[0]))["creationTimestamp"].as_str().unwrap().to_owned();
    let window = format!(r#","startTimestamp":"{first}","endTimestamp":"{first}""#);
    assert_eq!(found(client.ask("/api/Order/search", &window)), [ids[0]]);
}
