//! What the behaviour tests share: a gateway of their own making, and a client that uses it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![allow(dead_code, reason = "every test uses a part of it")]

pub mod http;
pub mod hub;
mod listener;

use std::time::Duration;

use serde_json::{Value, json};
use tradeforge::model::{AccountId, ContractId, Link, LinkState};
use tradeforge::{
    Client, Config, Deadline, Event, EventBody, OrderRequest, Polled, Side, Stream, StreamOptions,
};

use http::{HttpServer, Reply, Request};

/// Long enough for the slowest machine. No test waits for it unless something is wrong.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub const CONTRACT: &str = "CON.F.US.MES.Z26";
pub const ACCOUNT: i64 = 20_000_001;

/// A client of a server at these addresses, not logged in.
pub fn client(api_url: &str, hub_url: &str) -> Client {
    let mut config = Config::new();
    for (key, value) in [
        ("environment", "DEMO"),
        ("api_url", api_url),
        ("market_hub_url", hub_url),
        ("user_hub_url", hub_url),
        ("user_name", "jane"),
        ("api_key", "a-key-of-a-test"),
        // What a test asks for shall be sent.
        ("cache_seconds", "0"),
    ] {
        config.set(key, value).unwrap();
    }
    Client::new(&config).unwrap()
}

/// A client of `server` that is logged in. It has no hub.
pub fn logged_in(server: &HttpServer) -> Client {
    logged_in_with_hub(server, "http://127.0.0.1:1/hubs/none")
}

pub fn logged_in_with_hub(server: &HttpServer, hub_url: &str) -> Client {
    let client = client(&server.url(), hub_url);
    client.login(PATIENCE).unwrap();
    client
}

/// A server that logs everybody in with `token-1`, `token-2` and so on, and answers the rest by `answer`.
pub fn gateway(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> HttpServer {
    let logins = std::sync::atomic::AtomicU32::new(0);
    HttpServer::start(move |request| match request.path.as_str() {
        "/api/Auth/loginKey" => {
            let count = logins.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
            success(json!({"token": format!("token-{count}")}))
        }
        _ => answer(request),
    })
}

/// A server that logs in, and tells whoever follows the user that there is nothing.
pub fn login_only() -> HttpServer {
    gateway(|request| match request.path.as_str() {
        "/api/Order/v2/query" | "/api/Order/search" => success(json!({"orders": []})),
        "/api/Trade/search" => success(json!({"trades": []})),
        "/api/Position/searchOpen" => success(json!({"positions": []})),
        "/api/Account/search" => success(json!({"accounts": []})),
        path => panic!("{path} was not expected"),
    })
}

/// HTTP 200 with these members in an envelope that reports success.
pub fn success(mut members: Value) -> Reply {
    for (name, value) in [("success", json!(true)), ("errorCode", json!(0)), ("errorMessage", Value::Null)] {
        members[name] = value;
    }
    Reply::Json(200, members.to_string())
}

/// HTTP 200 with these members in an envelope that reports a refusal.
pub fn refusal(code: i32, text: &str, mut members: Value) -> Reply {
    for (name, value) in
        [("success", json!(false)), ("errorCode", json!(code)), ("errorMessage", json!(text))]
    {
        members[name] = value;
    }
    Reply::Json(200, members.to_string())
}

pub fn market_order(tag: &str) -> OrderRequest {
    let mut order = OrderRequest::market(AccountId::new(ACCOUNT), CONTRACT.into(), Side::Buy, 1);
    order.client_tag = Some(tag.to_owned());
    order
}

pub fn contract() -> ContractId {
    CONTRACT.into()
}

pub fn stream(client: &Client) -> Stream {
    client.stream(&StreamOptions::default()).unwrap()
}

/// Polls until `pick` takes an event; gives what it made of it.
pub fn wait_for<T>(stream: &Stream, mut pick: impl FnMut(&Event) -> Option<T>) -> T {
    let deadline = Deadline::after(PATIENCE);
    loop {
        let mut found = None;
        let polled = stream.poll_each(1, deadline, |event| found = pick(&event)).unwrap();
        match (found, polled) {
            (Some(found), _) => return found,
            (None, Polled::Events(_)) => {}
            (None, other) => panic!("the event did not come: {other:?}"),
        }
    }
}

/// Polls until a link event with this state comes.
pub fn wait_for_link(stream: &Stream, state: LinkState) -> Link {
    wait_for(stream, |event| match event.body {
        EventBody::Link(link) if link.state == state => Some(link),
        _ => None,
    })
}

/// A thread whose panic fails the test that joins it.
pub fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> std::thread::JoinHandle<T> {
    std::thread::Builder::new().name("test-background".into()).spawn(work).unwrap()
}
