//! The ways into a hub.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, reason = "a broken promise fails the test")]

mod sim_client;

use serde_json::Value;
use sim_client::Client;

#[test]
fn both_versions_of_negotiation_open_a_hub_once() {
    let client = Client::start();
    let token = &client.token;
    let newer = client.post("/hubs/user/negotiate?negotiateVersion=1", "").json();
    assert_eq!(newer["negotiateVersion"], 1);
    assert_ne!(newer["connectionToken"], newer["connectionId"]);
    // As a gateway was seen to answer.
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/wire/hub_negotiate_response.json");
    let mut seen: Value = serde_json::from_str(&std::fs::read_to_string(sample).unwrap()).unwrap();
    for member in ["connectionId", "connectionToken"] {
        assert!(seen[member].is_string() && newer[member].is_string(), "{newer}");
        seen[member] = newer[member].clone();
    }
    assert_eq!(newer, seen);
    let older = client.post_as(None, &format!("/hubs/user/negotiate?access_token={token}"), "").json();
    assert_eq!(older["negotiateVersion"], 0);
    assert!(older.get("connectionToken").is_none());
    for id in [&newer["connectionToken"], &older["connectionId"]] {
        let path = format!("/hubs/user?id={}&access_token={token}", id.as_str().unwrap());
        let mut hub = client.hub_at(&path).unwrap();
        hub.send(r#"{"protocol":"json","version":1}"#);
        assert_eq!(hub.next_text(), "{}");
        assert_eq!(client.hub_at(&path).err(), Some(404), "an id opens one connection");
    }
    let elsewhere = client.post("/hubs/user/negotiate?negotiateVersion=1", "").json();
    let id = elsewhere["connectionToken"].as_str().unwrap();
    assert_eq!(client.hub_at(&format!("/hubs/market?id={id}&access_token={token}")).err(), Some(404));
}

#[test]
fn a_hub_needs_a_token() {
    let client = Client::start();
    let answer = client.post_as(None, "/hubs/user/negotiate", "");
    assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some("Bearer")));
    assert_eq!(client.hub_at("/hubs/user").err(), Some(401));
    assert_eq!(client.hub_at("/hubs/user?access_token=a.b.c").err(), Some(401));
    let encoded = client.token.replace('.', "%2E");
    assert!(client.hub_at(&format!("/HUBS/Market?access_token={encoded}")).is_ok());
}

#[test]
fn a_handshake_is_checked() {
    let client = Client::start();
    let path = format!("/hubs/user?access_token={}", client.token);
    for (handshake, error) in [
        (r#"{"protocol":"messagepack","version":1}"#, "The protocol 'messagepack' is not supported."),
        (r#"{"protocol":"json","version":9}"#, "does not support version 9"),
    ] {
        let mut hub = client.hub_at(&path).unwrap();
        hub.send(handshake);
        let answer = hub.next_text();
        assert!(answer.starts_with(r#"{"error":""#) && answer.contains(error), "{answer}");
        assert!(hub.try_next().is_err());
    }
}
