//! What faults do to the events of a hub, as it shows on the wire.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod sim_client;

use std::time::Duration;

use serde_json::Value;
use sim_client::{Client, HubClient};
use tradeforge::Timestamp;
use tradeforge::sim::{Fault, FaultKind, Garbage, Hub, Shape, SimClock, SimConfig};
use tungstenite::Message;

/// A client whose simulator's time only moves by steps, with a quick ping.
fn stepped() -> Client {
    let start = Timestamp::parse("2026-11-20T15:00:00Z").unwrap();
    Client::with(SimConfig {
        clock: SimClock::Stepped(start),
        speed: 0.0,
        shape: Shape { joined_records: false, ..Shape::default() },
        keep_alive: Duration::from_millis(20),
        ..SimConfig::default()
    })
}

/// A connection that listens to the fills of the account.
fn fills(client: &Client) -> HubClient {
    let mut hub = client.hub("user");
    hub.call("SubscribeTrades", &format!("[{}]", client.account));
    hub
}

/// Lets a market order fill; gives the id of the fill.
fn fill(client: &Client) -> i64 {
    client.place(r#""type":2,"side":0,"size":1"#);
    client.sim.step(Duration::from_secs(1)).unwrap();
    let found = client.ask("/api/Trade/search", r#","startTimestamp":"2020-01-01T00:00:00Z""#);
    found["trades"].as_array().unwrap().iter().map(id).max().unwrap()
}

fn id(trade: &Value) -> i64 {
    trade["id"].as_i64().unwrap()
}

/// The id of the next fill that the hub tells.
fn told(hub: &mut HubClient) -> i64 {
    id(&hub.next_of("GatewayUserTrade")["arguments"][0]["data"])
}

fn on_fills(kind: FaultKind) -> Fault {
    Fault::new(kind).on("gatewayUSERtrade")
}

#[test]
fn a_swallowed_fill_is_only_found_over_rest() {
    let client = stepped();
    let mut hub = fills(&client);
    let number = client.sim.inject(on_fills(FaultKind::Swallow)).unwrap();
    let (first, second) = (fill(&client), fill(&client));
    assert_ne!(first, second);
    assert_eq!(told(&mut hub), second, "the first was never told");
    let strikes = client.sim.fault_strikes();
    assert_eq!((strikes.len(), strikes[0].fault, &*strikes[0].target), (1, number, "GatewayUserTrade"));
    assert!(strikes[0].connection.is_some());
}

#[test]
fn a_duplicate_comes_twice() {
    let client = stepped();
    let mut hub = fills(&client);
    client.sim.inject(on_fills(FaultKind::Duplicate)).unwrap();
    let (first, second) = (fill(&client), fill(&client));
    assert_eq!([told(&mut hub), told(&mut hub), told(&mut hub)], [first, first, second]);
}

#[test]
fn neighbours_change_places() {
    let client = stepped();
    let mut hub = fills(&client);
    client.sim.inject(on_fills(FaultKind::Reorder).after(1)).unwrap();
    let made: Vec<i64> = (0..4).map(|_| fill(&client)).collect();
    let seen: Vec<i64> = (0..4).map(|_| told(&mut hub)).collect();
    assert_eq!(seen, [made[0], made[2], made[1], made[3]]);
}

#[test]
fn a_stalled_hub_pings_and_then_sends_all_at_once() {
    let client = stepped();
    let mut hub = fills(&client);
    client.sim.inject(Fault::new(FaultKind::Stall).hub(Hub::User).hold(Duration::from_secs(30))).unwrap();
    let made: Vec<i64> = (0..3).map(|_| fill(&client)).collect();
    for _ in 0..5 {
        assert_eq!(hub.next_text(), r#"{"type":6}"#, "nothing but pings");
    }
    // Calls are still answered.
    hub.call("SubscribeAccounts", "[]");
    client.sim.step(Duration::from_secs(27)).unwrap();
    let seen: Vec<i64> = (0..3).map(|_| told(&mut hub)).collect();
    assert_eq!(seen, made);
    let next = fill(&client);
    assert_eq!(told(&mut hub), next, "it is over");
}

#[test]
fn what_is_held_back_goes_out_when_faults_are_cleared() {
    let client = stepped();
    let mut hub = fills(&client);
    client.sim.inject(on_fills(FaultKind::Stall).hold(Duration::from_secs(3600))).unwrap();
    let made = [fill(&client), fill(&client)];
    client.sim.clear_faults();
    assert_eq!([told(&mut hub), told(&mut hub)], made);
}

#[test]
fn garbage_stands_in_the_place_of_an_event() {
    let client = stepped();
    let mut hub = fills(&client);
    for (form, expected) in [
        (Garbage::Html, "<html><body>502 Bad Gateway</body></html>"),
        (Garbage::Empty, ""),
        (Garbage::Shape, r#"{"type":1,"target":17,"arguments":{"data":"x"}}"#),
    ] {
        client.sim.inject(on_fills(FaultKind::Garbage).form(form)).unwrap();
        fill(&client);
        let record = loop {
            let record = hub.next_text();
            if record != r#"{"type":6}"# {
                break record;
            }
        };
        assert_eq!(record, expected);
    }
    let next = fill(&client);
    assert_eq!(told(&mut hub), next);
}

#[test]
fn a_fault_of_one_hub_leaves_the_other_alone() {
    let client = stepped();
    let mut user = fills(&client);
    let mut market = client.hub("market");
    market.call("SubscribeContractQuotes", &format!("[\"{}\"]", client.contract));
    market.next_of("GatewayQuote");
    client.sim.inject(Fault::new(FaultKind::Swallow).hub(Hub::Market).always()).unwrap();
    client.sim.publish_quotes(&client.contract, 5).unwrap();
    let made = fill(&client);
    assert_eq!(told(&mut user), made);
    assert_eq!(client.sim.fault_strikes().len(), 5);
    client.sim.clear_faults();
    client.sim.publish_quotes(&client.contract, 1).unwrap();
    market.next_of("GatewayQuote");
}

#[test]
fn a_call_fails_and_subscribes_to_nothing() {
    let client = stepped();
    client.sim.inject(Fault::new(FaultKind::CompletionError).on("Subscribe*").times(2)).unwrap();
    client.sim.inject(Fault::new(FaultKind::CompletionError).error("No entitlement").after(0)).unwrap();
    let mut hub = client.hub("user");
    let usual = "Failed to invoke 'SubscribeTrades' due to an error on the server.";
    for error in [usual, usual, "No entitlement"] {
        let call = format!(
            r#"{{"type":1,"target":"SubscribeTrades","arguments":[{}],"invocationId":"9"}}"#,
            client.account
        );
        hub.send(&call);
        let answer = hub.next();
        assert_eq!((&answer["type"], &answer["invocationId"]), (&3.into(), &"9".into()));
        assert_eq!((answer["error"].as_str(), answer.get("result")), (Some(error), None));
    }
    fill(&client);
    hub.call("SubscribeTrades", &format!("[{}]", client.account));
    let next = fill(&client);
    assert_eq!(told(&mut hub), next, "the one before was told to nobody");
}

#[test]
fn the_way_in_is_refused() {
    let client = stepped();
    let token = &client.token;
    let upgrade = || client.hub_at(&format!("/hubs/user?access_token={token}")).map(drop);
    let refuse = Fault::new(FaultKind::RefuseUpgrade).hub(Hub::User).status(404).times(2);
    client.sim.inject(refuse).unwrap();
    assert_eq!(upgrade(), Err(404));
    assert!(client.hub_at(&format!("/hubs/market?access_token={token}")).is_ok());
    assert_eq!(client.post("/hubs/user/negotiate?negotiateVersion=1", "").status, 404);
    assert_eq!(upgrade(), Ok(()));
    client.sim.inject(Fault::new(FaultKind::RefuseUpgrade).on("/hubs/*/negotiate").status(401)).unwrap();
    assert_eq!(upgrade(), Ok(()), "only the negotiation is struck");
    let answer = client.post("/hubs/user/negotiate?negotiateVersion=1", "");
    assert_eq!(answer.status, 401);
    assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer error="));
    assert_eq!(client.post("/hubs/user/negotiate?negotiateVersion=1", "").status, 200);
}

#[test]
fn a_handshake_takes_its_time() {
    let client = stepped();
    let slow = Fault::new(FaultKind::SlowHandshake).delay(Duration::from_millis(80));
    client.sim.inject(slow).unwrap();
    let began = std::time::Instant::now();
    let mut hub = client.hub("user");
    assert!(began.elapsed() >= Duration::from_millis(80), "it cannot come earlier");
    hub.call("SubscribeAccounts", "[]");
    // Stopping waits for no handshake.
    let slow = Fault::new(FaultKind::SlowHandshake).delay(Duration::from_secs(600));
    client.sim.inject(slow).unwrap();
    let mut hub = client.hub_at(&format!("/hubs/user?access_token={}", client.token)).unwrap();
    hub.send(r#"{"protocol":"json","version":1}"#);
    while client.sim.fault_strikes().len() < 2 {}
    client.sim.stop();
    while hub.socket.read().is_ok_and(|message| !matches!(message, Message::Close(_))) {}
}
