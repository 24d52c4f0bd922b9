//! The switches for shapes that sources disagree about, each seen on the wire.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, reason = "a broken promise fails the test")]

mod sim_client;

use sim_client::Client;
use tradeforge::sim::{Shape, SimConfig};

/// A client of a still simulator with these switches.
fn shaped(switches: &str) -> Client {
    let mut shape = Shape::default();
    shape.set(switches).unwrap();
    Client::with(SimConfig { speed: 0.0, shape, ..SimConfig::default() })
}

#[test]
fn contracts_come_as_an_object_or_as_an_array() {
    let ask = |client: &Client| {
        client.post("/api/Contract/searchById", &format!(r#"{{"contractId":"{}"}}"#, client.contract)).json()
    };
    let client = shaped("");
    assert_eq!(ask(&client)["contract"]["id"], *client.contract);
    let client = shaped("contract_object=false,new_members=false");
    assert_eq!(ask(&client)["contracts"][0]["id"], *client.contract);
    assert!(ask(&client)["contracts"][0].get("symbolId").is_none());
    let unknown = client.post("/api/Contract/searchById", r#"{"contractId":"CON.X"}"#);
    assert_eq!(unknown.text, r#"{"contracts":null,"success":false,"errorCode":1,"errorMessage":null}"#);
}

#[test]
fn contracts_have_the_names_of_today_or_of_before() {
    for (switches, is_short) in [("", true), ("new_members=false", false)] {
        let client = shaped(switches);
        let found = client.post("/api/Contract/search", r#"{"searchText":"E-Mini S&P","live":false}"#).json();
        let contract = &found["contracts"][0];
        let id = contract["id"].as_str().unwrap().strip_prefix("CON.F.US.").unwrap();
        let name = contract["name"].as_str().unwrap();
        match is_short {
            true => assert!(name.len() == 4 && name.starts_with("ES"), "{name}"),
            false => assert_eq!(name, id.replace('.', "")),
        }
    }
}

#[test]
fn a_failure_has_a_null_payload_or_none() {
    for (switches, text) in [
        ("", r#"{"order":null,"success":false,"errorCode":1,"errorMessage":null}"#),
        ("null_payload=false", r#"{"success":false,"errorCode":1,"errorMessage":null}"#),
    ] {
        let client = shaped(switches);
        let body = format!(r#"{{"accountId":{},"orderId":5}}"#, client.account);
        assert_eq!(client.post("/api/Order/searchById", &body).text, text);
    }
}

#[test]
fn validation_renews_the_token_or_does_not() {
    assert!(shaped("").post("/api/Auth/validate", "").json()["newToken"].is_string());
    let client = shaped("new_token=false");
    assert_eq!(
        client.post("/api/Auth/validate", "").text,
        r#"{"newToken":null,"success":true,"errorCode":0,"errorMessage":null}"#
    );
}

#[test]
fn too_many_requests_come_with_or_without_advice() {
    for (switches, is_advised) in [("", true), ("retry_after=false", false)] {
        let client = shaped(switches);
        let answer = std::iter::repeat_with(|| client.post("/api/Auth/validate", ""))
            .find(|answer| answer.status != 200)
            .unwrap();
        assert_eq!((answer.status, answer.header("retry-after").is_some()), (429, is_advised));
    }
}

#[test]
fn the_contract_filter_of_a_query_is_heeded_or_ignored() {
    for (switches, rows) in [("", 0), ("contract_filter=false", 1)] {
        let client = shaped(switches);
        client.place(r#""type":2,"side":0,"size":1"#);
        let filter = format!(r#"{{"filter":{{"accountId":{},"contractId":"CON.X"}}}}"#, client.account);
        let orders = client.post("/api/Order/v2/query", &filter).json();
        assert_eq!(orders["orders"].as_array().unwrap().len(), rows, "{switches}");
    }
}

#[test]
fn one_way_in_can_be_closed() {
    let ways = |switches| {
        let client = shaped(switches);
        let negotiation = client.post("/hubs/user/negotiate?negotiateVersion=1", "");
        let direct = client.hub_at(&format!("/hubs/user?access_token={}", client.token)).err();
        let negotiated = (negotiation.status == 200).then(|| {
            let id = negotiation.json()["connectionToken"].as_str().unwrap().to_owned();
            client.hub_at(&format!("/hubs/user?id={id}&access_token={}", client.token)).err()
        });
        (direct, negotiated)
    };
    assert_eq!(ways(""), (None, Some(None)));
    assert_eq!(ways("ways_in=direct"), (None, None));
    assert_eq!(ways("ways_in=negotiated"), (Some(400), Some(None)));
}

#[test]
fn hub_records_take_the_asked_shape() {
    let client = shaped(
        "completion_result=false,enveloped_events=false,repeated_events=false,new_members=false,\
         decimals=nine-digits,joined_records=false",
    );
    let mut hub = client.hub("user");
    hub.send(r#"{"type":1,"target":"SubscribeAccounts","arguments":[],"invocationId":"7"}"#);
    assert_eq!(hub.next_text(), r#"{"type":3,"invocationId":"7"}"#);
    hub.send(&format!(r#"{{"type":1,"target":"SubscribeTrades","arguments":[{}]}}"#, client.account));
    // A second call that is answered: the one before it has taken effect.
    hub.send(r#"{"type":1,"target":"SubscribeAccounts","arguments":[],"invocationId":"8"}"#);
    assert!(hub.next_text().contains("\"8\""));
    client.place(r#""type":2,"side":0,"size":1"#);
    let fill = hub.next();
    assert_eq!(fill["target"], "GatewayUserTrade");
    let data = &fill["arguments"][0];
    assert!(data["id"].is_i64() && data.get("commissions").is_none(), "{fill}");
    let account = hub.next_text();
    assert!(account.contains(r#""arguments":[{"id":20000001,"#), "{account}");
    assert!(account.contains(r#"0000000,"canTrade""#) && !account.contains("simulated"), "{account}");
    client.sim.log_out_hub_clients("bye");
    assert_eq!(hub.next()["target"], "GatewayLogout");
}

#[test]
fn depth_and_trades_come_alone_or_in_arrays_and_the_size_moves() {
    let client = shaped("array_events=false,depth_size_in_volume=false");
    let mut hub = client.hub("market");
    hub.call("SubscribeContractMarketDepth", &format!("[\"{}\"]", client.contract));
    let level = std::iter::repeat_with(|| hub.next_of("GatewayDepth")["arguments"][1].clone())
        .find(|entry| entry["type"] == 2)
        .unwrap();
    assert_eq!(level["volume"], 0);
    assert!(level["currentVolume"].as_i64().unwrap() > 0, "{level}");
}

#[test]
fn a_logout_without_an_argument() {
    let client = shaped("logout_argument=false");
    let mut hub = client.hub("market");
    client.sim.log_out_hub_clients("bye");
    assert_eq!(hub.next_text(), r#"{"type":1,"target":"GatewayLogout","arguments":[]}"#);
}

#[test]
fn another_login_displaces_the_first_one_when_asked() {
    let client = shaped("login_displaces=true");
    let mut hub = client.hub("user");
    let login = format!(r#"{{"userName":"{}","apiKey":"{}"}}"#, client.sim.user_name(), client.sim.api_key());
    assert_eq!(client.post_as(None, "/api/Auth/loginKey", &login).json()["errorCode"], 0);
    assert_eq!(hub.next()["target"], "GatewayLogout");
    // The token of the first login goes on.
    assert_eq!(client.post("/api/Account/search", r#"{"onlyActiveAccounts":true}"#).status, 200);
}
