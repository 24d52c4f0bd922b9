//! Hub records: split, joined, wrong, and signs of life.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, reason = "a broken promise fails the test")]

mod sim_client;

use std::time::Duration;

use sim_client::Client;
use tradeforge::sim::SimConfig;
use tungstenite::Message;

#[test]
fn records_may_share_a_frame_and_span_frames() {
    let client = Client::start();
    let mut hub = client.hub_at(&format!("/hubs/user?access_token={}", client.token)).unwrap();
    let call = |id: u32| {
        format!(
            "{{\"type\":1,\"target\":\"SubscribeOrders\",\"arguments\":[{}],\"invocationId\":\"{id}\"}}\u{1e}",
            client.account
        )
    };
    let all = format!("{{\"protocol\":\"json\",\"version\":1}}\u{1e}{}{}", call(1), call(2));
    let (head, tail) = all.split_at(all.len() - 20);
    hub.socket.send(Message::text(head)).unwrap();
    hub.socket.send(Message::binary(tail.as_bytes().to_vec())).unwrap();
    assert_eq!(hub.next_text(), "{}");
    for id in 1..=2 {
        assert_eq!(hub.next_text(), format!(r#"{{"type":3,"invocationId":"{id}","result":0}}"#));
    }
}

#[test]
fn calls_that_fail_are_told_and_sends_stay_unanswered() {
    let client = Client::start();
    let mut hub = client.hub("user");
    let account = client.account;
    hub.send(&format!(r#"{{"type":1,"target":"SubscribeOrders","arguments":["{account}"]}}"#));
    hub.send(&format!(
        r#"{{"type":1,"target":"SubscribeOrders","arguments":["{account}"],"invocationId":"1"}}"#
    ));
    let failed = "Failed to invoke 'SubscribeOrders' due to an error on the server.";
    assert_eq!(hub.next_text(), format!(r#"{{"type":3,"invocationId":"1","error":"{failed}"}}"#));
    hub.send(r#"{"type":1,"target":"SubscribeContractQuotes","arguments":["x"],"invocationId":"2"}"#);
    assert!(hub.next_text().contains("Method does not exist."));
    // A call without an id takes effect all the same.
    hub.send(&format!(r#"{{"type":1,"target":"SubscribeOrders","arguments":[{account}]}}"#));
    hub.call("SubscribeAccounts", "[]");
    client.place(r#""type":2,"side":0,"size":1"#);
    assert_eq!(hub.next()["target"], "GatewayUserOrder");
}

#[test]
fn a_broken_record_ends_the_connection() {
    let client = Client::start();
    let mut hub = client.hub("market");
    hub.send("not json");
    assert_eq!(
        hub.next_text(),
        r#"{"type":7,"error":"Connection closed with an error.","allowReconnect":true}"#
    );
    assert!(hub.try_next().is_err());
}

#[test]
fn the_gateway_pings_and_drops_the_silent() {
    let config = SimConfig {
        keep_alive: Duration::from_millis(40),
        client_timeout: Duration::from_millis(300),
        handshake_timeout: Duration::from_millis(100),
        ..SimConfig::default()
    };
    let client = Client::with(config);
    let mut hub = client.hub("user");
    assert_eq!(hub.next_text(), r#"{"type":6}"#);
    hub.send(r#"{"type":6}"#);
    let mut records = 0;
    let last = loop {
        let record = hub.next_text();
        if record != r#"{"type":6}"# {
            break record;
        }
        records += 1;
    };
    assert!((2..20).contains(&records), "{records} pings");
    assert!(last.contains(r#""type":7"#));
    let mut mute = client.hub_at(&format!("/hubs/user?access_token={}", client.token)).unwrap();
    assert!(mute.try_next().is_err(), "no handshake in time");
}

#[test]
fn connections_end_on_demand() {
    let client = Client::start();
    let (mut one, mut two) = (client.hub("user"), client.hub("market"));
    assert_eq!(client.sim.hub_connections(), 2);
    client.sim.drop_hub_connections();
    assert!(one.try_next().is_err() && two.try_next().is_err());
    let mut hub = client.hub("user");
    client.sim.log_out_hub_clients("elsewhere");
    assert_eq!(hub.next_text(), r#"{"type":1,"target":"GatewayLogout","arguments":["elsewhere"]}"#);
    assert_eq!(hub.next_text(), r#"{"type":7}"#);
    assert!(hub.try_next().is_err());
}
