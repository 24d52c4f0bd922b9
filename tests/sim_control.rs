//! `/_sim/…`: what tests in other languages use.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod sim_client;

use std::net::TcpStream;

use serde_json::{Value, json};
use sim_client::{Answer, Client};
use tradeforge::Timestamp;
use tradeforge::sim::{SimClock, SimConfig};

fn stepped() -> Client {
    let clock = SimClock::Stepped(Timestamp::parse("2026-11-20T15:00:00Z").unwrap());
    Client::with(SimConfig { clock, speed: 0.0, ..SimConfig::default() })
}

fn get(client: &Client, path: &str) -> Value {
    let answer = client.request(None, "GET", path, None);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn post(client: &Client, path: &str, body: &str) -> Answer {
    client.request(None, "POST", path, Some(body))
}

fn ping(client: &Client) -> u16 {
    client.request(None, "GET", "/api/Status/ping", None).status
}

#[test]
fn faults_are_added_shown_and_taken_back() {
    let client = stepped();
    let script = r#"[{"fault":"status","on":["/api/Status/*"],"times":3},
                     {"fault":"drop","hub":"user","at_ms":60000},
                     {"fault":"refused","on":"/api/none"}]"#;
    let added = post(&client, "/_sim/faults", script);
    assert_eq!((added.status, &*added.text), (200, r#"{"faults":[1,2,3]}"#));
    assert_eq!([ping(&client), ping(&client)], [503, 503]);
    let shown = get(&client, "/_sim/faults");
    assert_eq!(
        shown["faults"],
        json!([
            {"number": 1, "fault": "status", "on": ["/api/Status/*"], "state": "active", "seen": 2, "struck": 2},
            {"number": 2, "fault": "drop", "hub": "user", "state": "waiting", "seen": 0, "struck": 0},
            {"number": 3, "fault": "refused", "on": ["/api/none"], "state": "active", "seen": 0, "struck": 0},
        ])
    );
    let strike = json!({"number": 1, "fault": "status", "target": "/api/status/ping",
                        "time": "2026-11-20T15:00:00+00:00"});
    assert_eq!(shown["strikes"], json!([strike, strike]));
    assert_eq!(ping(&client), 503);
    assert_eq!(get(&client, "/_sim/faults")["faults"][0]["state"], "done");
    assert_eq!(post(&client, "/_sim/faults", r#"{"fault":"status"}"#).json(), json!({"faults": [4]}));
    assert_eq!(client.request(None, "DELETE", "/_sim/faults", None).status, 204);
    let shown = get(&client, "/_sim/faults");
    assert_eq!((&shown["faults"], shown["strikes"].as_array().unwrap().len()), (&json!([]), 3));
    assert_eq!(ping(&client), 200);
}

#[test]
fn the_state_has_counts_and_ids_and_no_more() {
    let client = stepped();
    let mut user = client.hub("user");
    user.call("SubscribeAccounts", "[]");
    user.call("SubscribeOrders", &format!("[{}]", client.account));
    let mut market = client.hub("market");
    market.call("SubscribeContractQuotes", &format!("[\"{}\"]", client.contract));
    client.place(r#""type":2,"side":0,"size":1"#);
    let bid = market.next_of("GatewayQuote")["arguments"][1]["bestBid"].as_f64().unwrap();
    client.place(&format!(r#""type":1,"side":0,"size":1,"limitPrice":{}"#, bid - 10.0));
    post(&client, "/_sim/faults", r#"{"fault":"refused","on":"/api/none"}"#);
    assert_eq!(
        post(&client, "/_sim/step", r#"{"ms":1500}"#).json(),
        json!({"time": "2026-11-20T15:00:01.5+00:00"})
    );
    let state = client.request(None, "GET", "/_sim/state", None);
    assert_eq!(
        state.json(),
        json!({
            "time": "2026-11-20T15:00:01.5+00:00",
            "isStepped": true,
            "connections": [
                {"id": 1, "hub": "user", "subscriptions": 2},
                {"id": 2, "hub": "market", "subscriptions": 1},
            ],
            "orders": 2,
            "workingOrders": 1,
            "fills": 1,
            "positions": 1,
            "skippedMoments": 0,
            "activeFaults": 1,
        })
    );
    for secret in [client.sim.user_name(), client.sim.api_key(), &*client.token] {
        assert!(!state.text.contains(secret));
    }
}

#[test]
fn connections_are_dropped_and_logged_out() {
    let client = stepped();
    let (mut user, mut market) = (client.hub("user"), client.hub("market"));
    assert_eq!(post(&client, "/_sim/drop", r#"{"hub":"market"}"#).status, 200);
    assert!(market.try_next().is_err());
    assert_eq!(post(&client, "/_sim/logout", r#"{"message":"moved"}"#).status, 200);
    assert_eq!(user.next_of("GatewayLogout")["arguments"][0], "moved");
    let mut user = client.hub("user");
    assert_eq!(client.request(None, "POST", "/_sim/drop", None).status, 200);
    assert!(user.try_next().is_err());
}

#[test]
fn a_restart_over_http_is_answered_first() {
    let client = stepped();
    let answer = post(&client, "/_sim/faults", r#"{"fault":"restart","down_ms":1000}"#);
    assert_eq!(answer.json(), json!({"faults": [1]}));
    while TcpStream::connect(("127.0.0.1", client.sim.port())).is_ok() {}
    client.sim.step(std::time::Duration::from_secs(1)).unwrap();
    assert_eq!(ping(&client), 200);
}

#[test]
fn what_is_wrong_is_told() {
    let client = stepped();
    for (method, path, body, status, part) in [
        ("POST", "/_sim/faults", Some("["), 400, "not valid JSON"),
        (
            "POST",
            "/_sim/faults",
            Some(r#"[{"fault":"slow","x":1}]"#),
            400,
            "line 1, step 1: unknown member `x`",
        ),
        ("POST", "/_sim/faults", None, 400, "not valid JSON"),
        ("POST", "/_sim/step", Some("{}"), 400, "`ms` must be"),
        ("POST", "/_sim/step", Some(r#"{"ms":-1}"#), 400, "invalid value"),
        ("POST", "/_sim/step", Some(r#"{"ms":86400001}"#), 400, "`ms` must be"),
        ("POST", "/_sim/step", Some(r#"{"s":1}"#), 400, "unknown field `s`"),
        ("POST", "/_sim/drop", Some(r#"{"hub":"both"}"#), 400, "`hub` must be"),
        ("POST", "/_sim/drop", Some(r#"{"message":"x"}"#), 400, "takes no `message`"),
        ("PUT", "/_sim/faults", None, 405, ""),
        ("POST", "/_sim/state", Some("{}"), 405, ""),
        ("GET", "/_sim/step", None, 405, ""),
        ("GET", "/_sim/none", None, 404, ""),
        ("GET", "/_sim", None, 404, ""),
    ] {
        let answer = client.request(None, method, path, body);
        assert_eq!(answer.status, status, "{method} {path} {body:?}");
        assert!(answer.text.contains(part), "{}", answer.text);
    }
    let running = Client::start();
    assert_eq!(post(&running, "/_sim/step", r#"{"ms":1}"#).status, 409);
    let from_a_page =
        "GET /_sim/state HTTP/1.1\r\nHost: h\r\nOrigin: http://example.com\r\nConnection: close\r\n\r\n";
    assert_eq!(client.raw(from_a_page).status, 403);
}
