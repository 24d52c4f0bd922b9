//! Logins of other kinds, refused logins, and what happens when a token expires.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, reason = "a broken promise fails the test")]

mod sim_client;

use std::time::Duration;

use sim_client::Client;
use tradeforge::Timestamp;
use tradeforge::sim::{SimClock, SimConfig};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[test]
fn an_application_logs_in_with_five_members() {
    let client = Client::start();
    let (password, app, key) = client.sim.app_credentials();
    let login = |user: &str, password: &str, device: &str, app: &str, key: &str| {
        let body = format!(
            r#"{{"userName":"{user}","password":"{password}","deviceId":"{device}","appId":"{app}","verifyKey":"{key}"}}"#
        );
        client.post_as(None, "/api/Auth/loginApp", &body).json()["errorCode"].as_i64()
    };
    let user = client.sim.user_name();
    assert_eq!(login(user, password, "desk", app, key), Some(0));
    for (code, answer) in [
        (1, login("nobody", password, "desk", app, key)),
        (2, login(user, "wrong", "desk", app, key)),
        (4, login(user, password, "desk", "wrong", key)),
        (5, login(user, password, "desk", app, "wrong")),
        (6, login(user, password, " ", app, key)),
    ] {
        assert_eq!(answer, Some(code));
    }
    let half = format!(r#"{{"userName":"{user}","password":"{password}"}}"#);
    assert_eq!(client.post_as(None, "/api/Auth/loginApp", &half).status, 400);
}

#[test]
fn logins_can_be_refused_with_any_code() {
    let client = Client::start();
    let body = format!(r#"{{"userName":"{}","apiKey":"{}"}}"#, client.sim.user_name(), client.sim.api_key());
    client.sim.refuse_logins(7);
    let answer = client.post_as(None, "/api/Auth/loginKey", &body).json();
    assert_eq!((answer["errorCode"].as_i64(), answer["token"].is_null()), (Some(7), true));
    assert!(answer["errorMessage"].as_str().unwrap().starts_with("Please log into"));
    client.sim.refuse_logins(0);
    assert_eq!(client.post_as(None, "/api/Auth/loginKey", &body).json()["errorCode"], 0);
}

#[test]
fn a_token_dies_after_a_day_and_takes_its_hub_connection_along() {
    let start = Timestamp::parse("2026-11-18T15:00:00Z").unwrap();
    let config = SimConfig { speed: 0.0, clock: SimClock::Stepped(start), ..SimConfig::default() };
    let client = Client::with(config);
    let mut hub = client.hub("user");
    client.sim.step(DAY - Duration::from_secs(1)).unwrap();
    let body = r#"{"onlyActiveAccounts":true}"#;
    assert_eq!(client.post("/api/Account/search", body).status, 200);
    client.sim.step(Duration::from_secs(1)).unwrap();
    let answer = client.post("/api/Account/search", body);
    assert_eq!(answer.status, 401);
    assert!(answer.header("www-authenticate").unwrap().contains("expired"));
    assert_eq!(hub.next()["target"], "GatewayLogout");
    assert_eq!(hub.next()["type"], 7);
    assert!(hub.try_next().is_err());
}

#[test]
fn ping_is_json_for_those_who_take_nothing_else() {
    let client = Client::start();
    let ping = |accept: &str| {
        client
            .raw(&format!(
                "GET /api/status/PING HTTP/1.1\r\nHost: h\r\nAccept: {accept}\r\nConnection: close\r\n\r\n"
            ))
            .text
    };
    assert_eq!(ping("application/json"), "\"pong\"");
    assert_eq!(ping("text/plain"), "pong");
    assert_eq!(ping("application/json, text/plain, */*"), "pong");
}
