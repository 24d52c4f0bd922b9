//! Faults of the gateway as a whole: expired tokens, a wrong clock, a restart, maintenance.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod sim_client;

use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;
use sim_client::Client;
use tradeforge::Timestamp;
use tradeforge::sim::{Fault, FaultKind, SimClock, SimConfig};

const START: &str = "2026-11-20T15:00:00Z";

fn stepped() -> Client {
    let clock = SimClock::Stepped(Timestamp::parse(START).unwrap());
    Client::with(SimConfig { clock, speed: 0.0, ..SimConfig::default() })
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// A new token.
fn login(client: &Client) -> String {
    let body = format!(r#"{{"userName":"{}","apiKey":"{}"}}"#, client.sim.user_name(), client.sim.api_key());
    let answer = client.post_as(None, "/api/Auth/loginKey", &body).json();
    answer["token"].as_str().unwrap().to_owned()
}

/// The status of a request with the client's token, and what the challenge says.
fn status(client: &Client) -> (u16, String) {
    let answer = client.post("/api/Account/search", r#"{"onlyActiveAccounts":true}"#);
    (answer.status, answer.header("www-authenticate").unwrap_or_default().to_owned())
}

fn orders(client: &Client) -> Vec<Value> {
    let found = client.ask("/api/Order/search", r#","startTimestamp":"2020-01-01T00:00:00Z""#);
    found["orders"].as_array().unwrap().clone()
}

#[test]
fn tokens_expire_before_their_time() {
    let mut client = stepped();
    let mut user = client.hub("user");
    client.sim.inject(Fault::new(FaultKind::TokenExpiry)).unwrap();
    let (code, challenge) = status(&client);
    assert_eq!(code, 401);
    assert!(challenge.contains("The token is expired"), "{challenge}");
    assert_eq!(client.hub_at(&format!("/hubs/user?access_token={}", client.token)).err(), Some(401));
    // A connection that was there stays, unless it is cut as well.
    user.call("SubscribeAccounts", "[]");
    client.token = login(&client);
    assert_eq!(status(&client).0, 200);
    client.sim.inject(Fault::new(FaultKind::TokenExpiry).cut_sockets(true)).unwrap();
    assert!(user.try_next().is_err());
    assert_eq!(status(&client).0, 401);
    assert_eq!(client.sim.fault_strikes().len(), 2);
}

#[test]
fn tokens_expire_again_and_again() {
    let mut client = stepped();
    let fault = Fault::new(FaultKind::TokenExpiry).at(seconds(10)).every(seconds(60)).times(2);
    client.sim.inject(fault).unwrap();
    for (step, code) in [(9, 200), (1, 401), (59, 200), (1, 401), (600, 200)] {
        client.sim.step(seconds(step)).unwrap();
        assert_eq!(status(&client).0, code, "after {step} s more");
        client.token = login(&client);
    }
}

#[test]
fn a_wrong_clock_shows_in_stamps_and_nowhere_else() {
    let client = stepped();
    client.sim.inject(Fault::new(FaultKind::ClockSkew).skew_ms(-3_600_000).lasting(seconds(60))).unwrap();
    let date = |client: &Client| {
        let answer = client.request(None, "GET", "/api/Status/ping", None);
        answer.header("date").unwrap().to_owned()
    };
    assert_eq!(date(&client), "Fri, 20 Nov 2026 14:00:00 GMT");
    assert_eq!(client.sim.now(), Timestamp::parse(START).unwrap());
    client.place(r#""type":2,"side":0,"size":1"#);
    client.sim.step(seconds(1)).unwrap();
    let order = &orders(&client)[0];
    assert_eq!(order["creationTimestamp"], "2026-11-20T14:00:00+00:00");
    assert_eq!(order["status"], 2, "it fills in its time");
    let payload = login(&client).split('.').nth(1).unwrap().to_owned();
    assert_eq!(issued_at(&payload), 1_795_186_801 - 3_600);
    client.sim.step(seconds(59)).unwrap();
    assert_eq!(date(&client), "Fri, 20 Nov 2026 15:01:00 GMT");
    // A day ahead, all tokens look old.
    client.sim.inject(Fault::new(FaultKind::ClockSkew).skew_ms(25 * 3_600_000)).unwrap();
    assert_eq!(status(&client).0, 401);
    client.sim.clear_faults();
    assert_eq!(status(&client).0, 200);
}

/// The `iat` of a token's payload.
fn issued_at(payload: &str) -> i64 {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bits = Vec::new();
    for letter in payload.bytes() {
        let value = ALPHABET.iter().position(|&known| known == letter).unwrap();
        bits.extend((0..6).rev().map(|bit| value >> bit & 1));
    }
    let bytes = bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | bit) as u8);
    let claims: Value = serde_json::from_slice(&bytes.collect::<Vec<u8>>()).unwrap();
    claims["iat"].as_i64().unwrap()
}

#[test]
fn a_restart_takes_its_time_and_keeps_the_state() {
    let mut client = stepped();
    client.place(r#""type":2,"side":0,"size":1"#);
    client.sim.step(seconds(1)).unwrap();
    let before = orders(&client);
    let (mut user, mut idle) = (client.hub("user"), client.connect());
    let port = client.sim.port();
    client.sim.restart(seconds(5)).unwrap();
    assert!(user.try_next().is_err());
    assert_eq!(std::io::Read::read(&mut idle, &mut [0]).unwrap_or(0), 0);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "nobody is there");
    assert_eq!(client.sim.hub_connections(), 0);
    client.sim.step(Duration::from_millis(4_999)).unwrap();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    client.sim.step(Duration::from_millis(1)).unwrap();
    let (code, challenge) = status(&client);
    assert_eq!(code, 401);
    assert!(challenge.contains("signature key was not found"), "{challenge}");
    client.token = login(&client);
    assert_eq!(orders(&client), before);
    client.hub("user").call("SubscribeAccounts", "[]");
}

#[test]
fn a_restart_by_script_may_keep_the_tokens() {
    let client = stepped();
    let mut user = client.hub("user");
    let fault = Fault::new(FaultKind::Restart).at(seconds(2)).down_for(seconds(1)).keep_tokens(true);
    client.sim.inject(fault).unwrap();
    client.sim.step(seconds(1)).unwrap();
    user.call("SubscribeAccounts", "[]");
    // Down and up again within one step.
    client.sim.step(seconds(10)).unwrap();
    assert!(user.try_next().is_err());
    assert_eq!(status(&client).0, 200);
}

#[test]
fn a_restart_in_running_time_ends_by_itself_and_stopping_waits_for_none() {
    let client = Client::start();
    client.sim.restart(Duration::from_millis(30)).unwrap();
    while TcpStream::connect(("127.0.0.1", client.sim.port())).is_err() {}
    login(&client);
    client.sim.restart(seconds(3600)).unwrap();
    client.sim.stop();
}

#[test]
fn maintenance_answers_everything_with_503() {
    let client = stepped();
    let mut user = client.hub("user");
    let fault = Fault::new(FaultKind::Maintenance).lasting(seconds(60)).retry_after(seconds(60));
    client.sim.inject(fault).unwrap();
    let answer = client.request(None, "GET", "/api/Status/ping", None);
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("60")));
    assert_eq!(answer.text, "Service Unavailable");
    assert_eq!(status(&client).0, 503);
    assert_eq!(client.hub_at(&format!("/hubs/user?access_token={}", client.token)).err(), Some(503));
    assert_eq!(client.request(None, "GET", "/_sim/state", None).status, 200);
    user.call("SubscribeAccounts", "[]");
    client.sim.step(seconds(60)).unwrap();
    assert_eq!(status(&client).0, 200);
}
