//! A market order from the login to its events.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, reason = "a broken promise fails the test")]
mod sim_client;
use serde_json::Value;
use sim_client::{Client, HubClient};

fn watch(client: &Client) -> HubClient {
    let mut hub = client.hub("user");
    hub.call("SubscribeAccounts", "[]");
    for target in ["SubscribeOrders", "SubscribePositions", "SubscribeTrades"] {
        hub.call(target, &format!("[{}]", client.account));
    }
    hub
}

/// The next events in short: name, action, and the members that tell them apart.
fn events(hub: &mut HubClient, count: usize) -> Vec<String> {
    let short = |record: Value| {
        let (event, data) = (&record["arguments"][0], &record["arguments"][0]["data"]);
        let detail = match record["target"].as_str().unwrap() {
            "GatewayUserOrder" => format!("order {}", data["status"]),
            "GatewayUserTrade" => match data.get("profitAndLoss") {
                Some(profit) => format!("trade {} of {profit}", data["side"]),
                None => format!("trade {}", data["side"]),
            },
            "GatewayUserPosition" => format!("position {} x {}", data["type"], data["size"]),
            "GatewayUserAccount" => format!("account {}", data["balance"]),
            other => panic!("{other}"),
        };
        format!("{} {detail}", event["action"])
    };
    (0..count).map(|_| short(hub.next())).collect()
}

#[test]
fn entry_and_exit_tell_their_story_in_order() {
    let client = Client::start();
    let mut hub = watch(&client);
    let answer = client.place(r#""type":2,"side":0,"size":2"#);
    assert_eq!(answer["success"], true, "{answer}");
    assert!(answer["orderId"].as_i64().unwrap() > 3_400_000_000);
    assert_eq!(
        events(&mut hub, 6),
        [
            "1 order 6",
            "0 trade 0",
            "1 order 2",
            "1 position 1 x 2",
            "1 account 49998.78",
            "1 account 49998.78"
        ]
    );
    let contract = format!(r#","contractId":"{}""#, client.contract);
    let closed = client.ask("/api/Position/closeContract", &contract);
    assert_eq!(closed["success"], true, "{closed}");
    // The market stands still: selling at the bid what was bought at the ask loses the spread of one tick.
    assert_eq!(
        events(&mut hub, 7),
        [
            "1 order 6",
            "0 trade 1 of -2.5",
            "0 trade 0",
            "1 order 2",
            "2 position 0 x 0",
            "1 account 49995.06",
            "1 account 49995.06"
        ]
    );
    let positions = client.ask("/api/Position/searchOpen", "");
    assert_eq!(positions["positions"].as_array().unwrap().len(), 0);
    let trades = client.ask("/api/Trade/search", r#","startTimestamp":"2020-01-01T00:00:00Z""#);
    let sides: Vec<&Value> =
        trades["trades"].as_array().unwrap().iter().map(|trade| &trade["side"]).collect();
    assert_eq!(sides, [1, 0]);
}
