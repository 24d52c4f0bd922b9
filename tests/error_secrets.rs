//! A gateway, or whoever answers in its place, that repeats what it was told: no error shows a token or a key.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use common::http::{HttpServer, Reply, Request};
use common::{ACCOUNT, PATIENCE, client, contract, market_order, success};
use serde_json::json;
use tradeforge::model::{BarRequest, BarUnit};
use tradeforge::{Client, Config, Error, OrderChange, Timestamp};

const TOKEN: &str = "eyJ.a-token-of-a-test.abc";
const KEY: &str = "a-key-of-a-test";

/// What is said back, with the secret in it.
type Echo = fn(&str) -> Reply;

/// The echo that has rows.
const ROWS: usize = 4;

const ECHOES: [Echo; 8] = [
    |secret| common::refusal(2, &format!("bad {secret}!"), json!({"orderId": 1})),
    |secret| common::refusal(99, secret, json!({})),
    |secret| Reply::Json(200, json!({"success": secret, "errorCode": 0}).to_string()),
    |secret| Reply::Json(200, json!({"success": false, "errorCode": secret}).to_string()),
    // A list, an order and an id of the wrong type.
    |secret| {
        let rows = json!([{"id": secret}]);
        success(json!({
            "accounts": rows, "contracts": rows, "bars": [{"t": secret}], "orders": rows, "trades": rows,
            "positions": rows, "order": {"id": secret}, "contract": {"id": 7, "name": secret}, "orderId": secret,
        }))
    },
    |secret| Reply::Json(400, json!({"title": "bad", "errors": {"token": [secret]}}).to_string()),
    |secret| Reply::Json(503, format!("no room for {secret}")),
    |secret| Reply::Json(403, secret.to_owned()),
];

/// The errors of every call that carries the token.
fn errors(client: &Client) -> Vec<Error> {
    let (account, contract, order, long_ago) =
        (ACCOUNT.into(), contract(), 7.into(), Timestamp::from_nanos(0));
    let bars =
        BarRequest::new(contract.clone(), BarUnit::Minute, long_ago, Timestamp::from_nanos(60_000_000_000));
    let change = OrderChange { size: Some(2), ..OrderChange::new(account, order) };
    [
        client.accounts(true, PATIENCE).err(),
        client.search_contracts("NQ", false, PATIENCE).err(),
        client.available_contracts(false, PATIENCE).err(),
        client.contract(&contract, PATIENCE).err(),
        client.bars(&bars, PATIENCE).err(),
        client.place(&market_order("tag-1"), PATIENCE).err(),
        client.modify(&change, PATIENCE).err(),
        client.cancel(account, order, PATIENCE).err(),
        client.order(account, order, PATIENCE).err(),
        client.orders(account, long_ago, PATIENCE).err(),
        client.open_orders(account, PATIENCE).err(),
        client.positions(account, PATIENCE).err(),
        client.close_position(account, &contract, PATIENCE).err(),
        client.reduce_position(account, &contract, 1, PATIENCE).err(),
        client.fills(account, long_ago, PATIENCE).err(),
        client.validate(PATIENCE).err(),
        client.logout(PATIENCE).err(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn check(error: &Error, secret: &str) {
    let parts = [error.message(), error.gateway_text().unwrap_or_default()].map(str::to_owned);
    for shown in parts.into_iter().chain([error.to_string(), format!("{error:?}")]) {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn no_error_shows_the_token() {
    for (index, echo) in ECHOES.into_iter().enumerate() {
        let server = HttpServer::start(move |request: &Request| match request.path.as_str() {
            "/api/Auth/loginKey" => success(json!({ "token": TOKEN })),
            _ => echo(request.token()),
        });
        let client = client(&server.url(), "http://127.0.0.1:1/hubs/none");
        client.login(PATIENCE).unwrap();
        let errors = errors(&client);
        assert!(errors.len() >= 10, "{errors:?}");
        errors.iter().for_each(|error| check(error, TOKEN));
        // An error about a row names its member and shows none of it.
        let shown = errors.iter().filter(|error| error.to_string().contains("***")).count();
        assert_eq!(shown > 0, index != ROWS, "{errors:?}");
    }
}

#[test]
fn no_error_shows_the_key() {
    for echo in ECHOES {
        let server = HttpServer::start(move |request| echo(request.body["apiKey"].as_str().unwrap()));
        let error = client(&server.url(), "http://127.0.0.1:1/hubs/none").login(PATIENCE);
        // An answer that reports success and gives no token names no member of it.
        error.err().iter().for_each(|error| check(error, KEY));
    }
}

/// The error of a login that is answered so, with a key that JSON may write in several ways.
fn login_error(status: u16, body: &'static str) -> Error {
    let server = HttpServer::start(move |_| Reply::Json(status, body.to_owned()));
    let mut config = Config::new();
    for (key, value) in [("api_url", server.url().as_str()), ("user_name", "jane"), ("api_key", AWKWARD)] {
        config.set(key, value).unwrap();
    }
    Client::new(&config).unwrap().login(PATIENCE).unwrap_err()
}

const AWKWARD: &str = r#"aB3+/"x=="#;

#[test]
fn a_key_is_found_in_every_spelling_of_json() {
    for (status, body) in [
        (400, r#"{"title": "bad", "errors": {"apiKey": ["aB3\u002B/\"x== is no key"]}}"#),
        (400, r#"{"title": "bad aB3\u002B\/\u0022x=="}"#),
        (500, r#"{"message": "aB3\u002b/\"x== is no key"}"#),
        (503, r#"aB3+/"x== is no key"#),
        (200, r#"{"success": false, "errorCode": 3, "errorMessage": "aB3\u002B/\u0022x=="}"#),
    ] {
        let shown = format!("{:?}", login_error(status, body));
        assert!(shown.contains("***") && !shown.contains("aB3") && !shown.contains("x=="), "{shown}");
    }
}

#[test]
fn a_new_token_in_an_answer_that_is_none_is_not_shown() {
    for (status, body) in [
        (200, r#""eyJ.new.token""#),
        (200, r#"["eyJ.new.token"]"#),
        (200, r#"{"success": "eyJ.new.token", "errorCode": 0}"#),
        (200, r#"{"success": true, "errorCode": "eyJ.new.token"}"#),
        (200, r#"{"success": true, "errorCode": 0, "token": {"eyJ.new.token": 1}}"#),
        (200, "eyJ.new.token"),
        (201, r#"{"success": true, "errorCode": 0, "token": "eyJ.new.token"}"#),
        (202, "eyJ.new.token"),
    ] {
        let error = login_error(status, body);
        assert_eq!(error.kind(), tradeforge::Kind::Protocol, "{error}");
        assert!(!format!("{error:?} {:?}", error.gateway_text()).contains("eyJ"), "{error}");
    }
}
