//! Contracts: all of them, by text, by id, and those that have expired.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod sim_client;

use serde_json::{Value, json};
use sim_client::Client;
use tradeforge::Timestamp;
use tradeforge::sim::{SimClock, SimConfig};

fn client() -> Client {
    let clock = SimClock::Stepped(Timestamp::parse("2026-08-19T15:00:00Z").unwrap());
    Client::with(SimConfig { clock, ..SimConfig::default() })
}

fn list(client: &Client, path: &str, members: &str) -> Vec<Value> {
    let answer = client.post(&format!("/api/Contract/{path}"), &format!("{{{members}}}")).json();
    assert_eq!((&answer["success"], &answer["errorCode"]), (&json!(true), &json!(0)));
    answer["contracts"].as_array().unwrap().clone()
}

fn roots(contracts: &[Value]) -> Vec<&str> {
    contracts
        .iter()
        .map(|contract| contract["symbolId"].as_str().unwrap().trim_start_matches("F.US."))
        .collect()
}

#[test]
fn all_active_contracts_are_available() {
    let client = client();
    let contracts = list(&client, "available", r#""live":false"#);
    assert_eq!(contracts.len(), 52);
    let ids: Vec<&str> = contracts.iter().map(|contract| contract["id"].as_str().unwrap()).collect();
    assert!(ids.is_sorted());
    assert!(contracts.iter().all(|contract| contract["activeContract"] == true));
    for expected in [
        json!({"id": "CON.F.US.EP.U26", "name": "ESU6", "description": "E-Mini S&P 500: September 2026",
            "tickSize": 0.25, "tickValue": 12.5, "activeContract": true, "symbolId": "F.US.EP"}),
        json!({"id": "CON.F.US.TUA.U26", "name": "ZTU6",
            "description": "2 Year US Treasury Note (Globex): September 2026",
            "tickSize": 0.00390625, "tickValue": 7.8125, "activeContract": true, "symbolId": "F.US.TUA"}),
        json!({"id": "CON.F.US.MBT.Q26", "name": "MBTQ6", "description": "Micro Bitcoin: August 2026",
            "tickSize": 5, "tickValue": 0.5, "activeContract": true, "symbolId": "F.US.MBT"}),
        json!({"id": "CON.F.US.JY6.U26", "name": "6JU6",
            "description": "Japanese Yen (Globex): September 2026",
            "tickSize": 0.0000005, "tickValue": 6.25, "activeContract": true, "symbolId": "F.US.JY6"}),
    ] {
        assert!(contracts.contains(&expected), "{expected}");
    }
    assert!(list(&client, "available", r#""live":true"#).is_empty());
}

#[test]
fn a_search_finds_what_holds_the_text() {
    let client = client();
    let found =
        |text: &str, live: bool| list(&client, "search", &format!(r#""searchText":"{text}","live":{live}"#));
    assert_eq!(roots(&found("NQ", false)), ["ENQ", "MNQ", "NQG", "NQM"]);
    assert_eq!(roots(&found("es", false)), ["EP", "FVA", "JY6", "MES", "MX6", "TYA"]);
    assert_eq!(roots(&found("F.US.GCE", false)), ["GCE"]);
    assert_eq!(roots(&found("bitcoin", false)), ["MBT"]);
    assert_eq!(found("US", false).len(), 20, "no more than twenty");
    assert!(found("NQ", true).is_empty() && found("nothing like it", false).is_empty());
    // The expired month is not found by its name.
    assert!(found("ESM6", false).is_empty());
}

#[test]
fn an_expired_contract_is_known_but_does_not_trade() {
    let client = client();
    for (id, name) in [("CON.F.US.EP.M26", "ESM6"), ("CON.F.US.EP.U25", "ESU5"), ("CON.F.US.CLE.U26", "CLU6")]
    {
        let answer = client.post("/api/Contract/searchById", &format!(r#"{{"contractId":"{id}"}}"#)).json();
        assert_eq!(answer["contract"]["name"], name);
        assert_eq!(answer["contract"]["activeContract"], false);
        let body =
            format!(r#"{{"accountId":{},"contractId":"{id}","type":2,"side":0,"size":1}}"#, client.account);
        assert_eq!(client.post("/api/Order/place", &body).json()["errorCode"], 9);
    }
    let unknown = client.post("/api/Contract/searchById", r#"{"contractId":"CON.F.US.EP.M20"}"#).json();
    assert_eq!(unknown, json!({"contract": null, "success": false, "errorCode": 1, "errorMessage": null}));
}
