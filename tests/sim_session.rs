//! Logging in, and what happens without a valid token.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, reason = "a broken promise fails the test")]
mod sim_client;
use sim_client::Client;

#[test]
fn the_key_gives_a_token_and_nothing_else_does() {
    let client = Client::start();
    let login = |user: &str, key: &str| {
        client.post_as(None, "/api/Auth/loginKey", &format!(r#"{{"userName":"{user}","apiKey":"{key}"}}"#))
    };
    let answer = login(&client.sim.user_name().to_uppercase(), client.sim.api_key());
    assert_eq!(answer.status, 200);
    assert!(
        answer.text.starts_with(r#"{"token":"ey"#)
            && answer.text.ends_with(r#"","success":true,"errorCode":0,"errorMessage":null}"#)
    );
    let refused = r#"{"token":null,"success":false,"errorCode":3,"errorMessage":null}"#;
    assert_eq!(login(client.sim.user_name(), "wrong").text, refused);
    assert_eq!(login("nobody", client.sim.api_key()).text, refused);
}

#[test]
fn every_call_needs_a_valid_token() {
    let client = Client::start();
    let body = r#"{"onlyActiveAccounts":true}"#;
    for (token, challenge) in [
        (None, "Bearer"),
        (
            Some("a.b.c"),
            r#"Bearer error="invalid_token", error_description="The signature key was not found""#,
        ),
    ] {
        let answer = client.post_as(token, "/api/Account/search", body);
        assert_eq!((answer.status, answer.text.as_str()), (401, ""));
        assert_eq!(answer.header("www-authenticate"), Some(challenge));
    }
    let tampered = format!("{}x", client.token);
    assert_eq!(client.post_as(Some(&tampered), "/api/Account/search", body).status, 401);
    assert_eq!(client.post("/API/account/SEARCH", body).status, 200);
}

#[test]
fn a_session_is_renewed_and_ended() {
    let client = Client::start();
    let answer = client.post("/api/Auth/validate", "").json();
    let renewed = answer["newToken"].as_str().unwrap().to_owned();
    assert_eq!(
        client.post("/api/Auth/logout", "").text,
        r#"{"success":true,"errorCode":0,"errorMessage":null}"#
    );
    let body = r#"{"onlyActiveAccounts":true}"#;
    assert_eq!(client.post("/api/Account/search", body).status, 401);
    assert_eq!(client.post_as(Some(&renewed), "/api/Account/search", body).status, 200);
}

#[test]
fn ping_is_bare_and_open() {
    let client = Client::start();
    let answer = client.request(None, "GET", "/api/Status/ping", None);
    assert_eq!((answer.status, answer.text.as_str()), (200, "pong"));
}
