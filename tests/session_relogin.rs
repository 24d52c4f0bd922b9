//! A token that the gateway no longer accepts.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use std::sync::{Arc, Barrier};

use common::http::{HttpServer, Reply, Request};
use common::{PATIENCE, gateway, in_background, logged_in, market_order, success};
use serde_json::json;
use tradeforge::{Kind, Outcome};

const LOGIN: &str = "/api/Auth/loginKey";
const ACCOUNTS: &str = "/api/Account/search";

fn no_accounts() -> Reply {
    success(json!({"accounts": []}))
}

fn unauthorized() -> Reply {
    Reply::Json(401, String::new())
}

/// A gateway to which the first token means nothing.
fn first_token_expired(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> HttpServer {
    gateway(move |request| if request.token() == "token-1" { unauthorized() } else { answer(request) })
}

#[test]
fn a_query_is_repeated_once_after_one_login() {
    let server = first_token_expired(|_| no_accounts());
    let client = logged_in(&server);
    assert_eq!(client.accounts(false, PATIENCE).unwrap(), []);
    let tokens: Vec<String> =
        server.requests(ACCOUNTS).iter().map(|request| request.token().to_owned()).collect();
    assert_eq!(tokens, ["token-1", "token-2"]);
    assert_eq!(server.count(LOGIN), 2);
    assert_eq!(server.requests(LOGIN)[0].body, json!({"userName": "jane", "apiKey": "a-key-of-a-test"}));
    client.accounts(false, PATIENCE).unwrap();
    assert_eq!((server.count(ACCOUNTS), server.count(LOGIN)), (3, 2), "the new token stays");
}

#[test]
fn a_query_is_not_repeated_for_ever() {
    let server = gateway(|_| unauthorized());
    let client = logged_in(&server);
    let error = client.accounts(false, PATIENCE).unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (Kind::Auth, Some(401)), "{error}");
    assert_eq!((server.count(ACCOUNTS), server.count(LOGIN)), (2, 2));
}

#[test]
fn an_order_is_not_repeated() {
    let server = first_token_expired(|_| no_accounts());
    let client = logged_in(&server);
    let error = client.place(&market_order("tag-1"), PATIENCE).unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (Kind::Auth, Outcome::Rejected), "{error}");
    assert!(error.to_string().contains("log in again"), "{error}");
    assert_eq!((server.count("/api/Order/place"), server.count(LOGIN)), (1, 1));
}

#[test]
fn eight_threads_log_in_once() {
    const THREADS: usize = 8;
    // All threads are refused before any of them is told, so that all want a new token.
    let refused = Barrier::new(THREADS);
    let server = first_token_expired_with(move || {
        refused.wait();
    });
    let client = logged_in(&server);
    let start = Arc::new(Barrier::new(THREADS));
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let (client, start) = (client.clone(), start.clone());
            in_background(move || {
                start.wait();
                client.accounts(false, PATIENCE).unwrap()
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), []);
    }
    assert_eq!(server.count(LOGIN), 2, "the first login and one more");
    assert_eq!(server.count(ACCOUNTS), 2 * THREADS);
}

fn first_token_expired_with(before_refusal: impl Fn() + Send + Sync + 'static) -> HttpServer {
    gateway(move |request| {
        if request.token() == "token-1" {
            before_refusal();
            return unauthorized();
        }
        no_accounts()
    })
}

#[test]
fn before_the_login_nothing_is_sent() {
    let server = gateway(|_| no_accounts());
    let client = common::client(&server.url(), "http://127.0.0.1:1/hubs/none");
    let query = client.accounts(false, PATIENCE).unwrap_err();
    let order = client.place(&market_order("tag-1"), PATIENCE).unwrap_err();
    let stream = common::stream(&client);
    let subscription =
        stream.subscribe(&common::contract(), tradeforge::Kinds::QUOTES, PATIENCE).unwrap_err();
    for error in [&query, &order, &subscription] {
        assert_eq!(error.kind(), Kind::State, "{error}");
        assert!(error.to_string().contains("call login first"), "{error}");
    }
    assert_eq!(order.outcome(), Outcome::NotSent);
    assert_eq!((server.count(ACCOUNTS), server.count("/api/Order/place")), (0, 0));
}

#[test]
fn refused_credentials_say_where_to_look() {
    let server = HttpServer::start(|_| common::refusal(3, "", json!({"token": null})));
    let client = common::client(&server.url(), "http://127.0.0.1:1/hubs/none");
    let error = client.login(PATIENCE).unwrap_err();
    assert_eq!(error.kind(), Kind::Auth);
    assert!(error.to_string().contains("TS_API_KEY"), "{error}");
    assert!(!error.to_string().contains("a-key-of-a-test"), "{error}");
    assert_eq!(client.accounts(false, PATIENCE).unwrap_err().kind(), Kind::State);
    assert_eq!(server.count(LOGIN), 1);
}
