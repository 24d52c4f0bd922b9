//! The ways in which faults end hub connections, as they show on the wire.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod sim_client;

use std::io::{ErrorKind, Read};
use std::time::Duration;

use sim_client::{Client, HubClient};
use tradeforge::sim::{Fault, FaultKind, Hub, Shape, SimConfig};

/// A client whose simulator's market stands still.
fn start() -> Client {
    Client::with(SimConfig {
        speed: 0.0,
        shape: Shape { joined_records: false, ..Shape::default() },
        ..SimConfig::default()
    })
}

/// A connection that listens to quotes and has got the first.
fn quotes(client: &Client) -> HubClient {
    let mut hub = client.hub("market");
    hub.call("SubscribeContractQuotes", &format!("[\"{}\"]", client.contract));
    hub.next_of("GatewayQuote");
    hub
}

/// What comes through the socket until it ends, and whether it ends with a reset.
fn rest_of(hub: &mut HubClient) -> (Vec<u8>, bool) {
    let mut bytes = Vec::new();
    match hub.socket.get_mut().read_to_end(&mut bytes) {
        Ok(_) => (bytes, false),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}");
            (bytes, true)
        }
    }
}

#[test]
fn a_drop_ends_a_connection_without_a_word() {
    let client = start();
    let (mut market, mut user) = (quotes(&client), client.hub("user"));
    client.sim.inject(Fault::new(FaultKind::Drop).hub(Hub::Market)).unwrap();
    assert_eq!(rest_of(&mut market), (Vec::new(), false));
    user.call("SubscribeAccounts", "[]");
    let strikes = client.sim.fault_strikes();
    assert_eq!((strikes.len(), &*strikes[0].target), (1, "connection"));
}

#[test]
fn what_came_before_is_sent_before_the_end() {
    let client = start();
    let mut market = quotes(&client);
    client.sim.inject(Fault::new(FaultKind::Drop).on("GatewayQuote").after(3)).unwrap();
    client.sim.flood_quotes(&client.contract, 10).unwrap();
    let count = std::iter::from_fn(|| market.try_next().ok())
        .filter(|record| record.contains(r#""target":"GatewayQuote""#))
        .count();
    assert_eq!(count, 3);
}

#[test]
fn a_reset_is_a_reset() {
    let client = start();
    let mut market = quotes(&client);
    client.sim.inject(Fault::new(FaultKind::Reset).hub(Hub::Market)).unwrap();
    assert_eq!(rest_of(&mut market), (Vec::new(), true));
}

#[test]
fn a_half_open_connection_is_silent_and_open() {
    let client =
        Client::with(SimConfig { speed: 0.0, keep_alive: Duration::from_millis(10), ..SimConfig::default() });
    let (mut dead, mut alive) = (quotes(&client), client.hub("user"));
    client.sim.inject(Fault::new(FaultKind::HalfOpen).hub(Hub::Market)).unwrap();
    // What the client says goes nowhere: no answer to a call, and no end for what is no record.
    dead.send(r#"{"type":1,"target":"SubscribeContractQuotes","arguments":["x"],"invocationId":"1"}"#);
    dead.send("no record");
    client.sim.publish_quotes(&client.contract, 3).unwrap();
    for _ in 0..10 {
        assert_eq!(alive.next_text(), r#"{"type":6}"#);
    }
    // Pings of the time before may be on their way. After them comes nothing, and no end.
    dead.socket.get_mut().set_nonblocking(true).unwrap();
    let mut before = Vec::new();
    let error = dead.socket.get_mut().read_to_end(&mut before).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    assert!(!String::from_utf8_lossy(&before).contains("type\":3"));
    assert_eq!(client.sim.hub_connections(), 2, "it looks alive");
    drop(dead);
    let mut other = client.hub("market");
    other.call("SubscribeContractQuotes", &format!("[\"{}\"]", client.contract));
    client.sim.stop();
}

#[test]
fn a_half_open_connection_may_end_with_a_reset() {
    let client = start();
    let mut market = quotes(&client);
    client
        .sim
        .inject(Fault::new(FaultKind::HalfOpen).hub(Hub::Market).hold(Duration::from_millis(50)))
        .unwrap();
    assert_eq!(rest_of(&mut market), (Vec::new(), true));
}

#[test]
fn a_frame_is_cut() {
    let client = start();
    let mut market = quotes(&client);
    client.sim.inject(Fault::new(FaultKind::CutFrame).on("GatewayQuote")).unwrap();
    client.sim.flood_quotes(&client.contract, 1).unwrap();
    let (bytes, is_reset) = rest_of(&mut market);
    assert!(!is_reset);
    let (length, start) = match bytes[..2] {
        [0x81, 126] => (usize::from(bytes[2]) << 8 | usize::from(bytes[3]), 4),
        [0x81, length] => (usize::from(length), 2),
        _ => panic!("{bytes:?}"),
    };
    assert_eq!(bytes.len() - start, length / 2);
    assert!(bytes[start..].starts_with(br#"{"type":1,"target":"GatewayQuote""#));
    // At a moment it is half a ping.
    let mut market = quotes(&client);
    client.sim.inject(Fault::new(FaultKind::CutFrame).hub(Hub::Market)).unwrap();
    assert_eq!(rest_of(&mut market).0, b"\x81\x0b{\"typ");
}

#[test]
fn a_logout_is_told_and_then_the_connection_closes() {
    let client = start();
    let (mut market, mut user) = (quotes(&client), client.hub("user"));
    client.sim.inject(Fault::new(FaultKind::Logout).message("elsewhere")).unwrap();
    for hub in [&mut market, &mut user] {
        assert_eq!(hub.next_of("GatewayLogout")["arguments"][0], "elsewhere");
        assert_eq!(hub.next_text(), r#"{"type":7}"#);
        assert!(hub.try_next().is_err());
    }
}

#[test]
fn a_close_says_why_and_whether_to_come_back() {
    let client = start();
    let close = || Fault::new(FaultKind::Close).hub(Hub::User);
    for (fault, record) in [
        (close(), r#"{"type":7}"#),
        (close().allow_reconnect(true), r#"{"type":7,"allowReconnect":true}"#),
        (
            close().error("Connection closed with an error."),
            r#"{"type":7,"error":"Connection closed with an error."}"#,
        ),
        (close().error("down").allow_reconnect(true), r#"{"type":7,"error":"down","allowReconnect":true}"#),
    ] {
        let mut user = client.hub("user");
        client.sim.inject(fault).unwrap();
        assert_eq!(user.next_text(), record);
        assert!(user.try_next().is_err());
        while client.sim.hub_connections() > 0 {}
    }
}
