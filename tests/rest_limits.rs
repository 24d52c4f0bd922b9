//! What a call never does: read without end, wait without end, or go where the answer sends it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use common::http::{HttpServer, Reply};
use common::{PATIENCE, gateway, in_background, logged_in, market_order, success};
use serde_json::json;
use tradeforge::{Client, Config, Deadline, Error, Kind, Outcome};

/// The errors of a query and of an order.
fn both(server: &HttpServer, deadline: impl Into<Deadline> + Copy) -> [Error; 2] {
    let client = logged_in(server);
    let query = client.accounts(false, deadline).unwrap_err();
    let order = client.place(&market_order("tag-1"), deadline).unwrap_err();
    assert_eq!((query.outcome(), order.outcome()), (Outcome::Query, Outcome::Unknown), "{query} {order}");
    assert_eq!(server.count("/api/Order/place"), 1, "sent once");
    [query, order]
}

#[test]
fn redirects_are_told_and_not_followed() {
    let elsewhere = HttpServer::start(|_| success(json!({})));
    for (status, location, shown) in [
        (302, format!("{}/login?token=token-1", elsewhere.url()), format!("{}/login…", elsewhere.url())),
        (301, format!("{}/api/Order/place", elsewhere.url()), elsewhere.url()),
        (
            307,
            "https://jane:secret@elsewhere.example/x#secret".into(),
            "https://***@elsewhere.example/x…".into(),
        ),
        (308, "/token-1/x".into(), "points to \"/***/x\"".into()),
        (303, format!("/{}", "x".repeat(10_000)), "xxx\" [HTTP 303]".into()),
    ] {
        let told = location.clone();
        let server = gateway(move |_| {
            let head = format!("HTTP/1.1 {status} Moved\r\nlocation: {told}\r\nconnection: close");
            Reply::Bytes(format!("{head}\r\ncontent-length: 0\r\n\r\n"))
        });
        for error in both(&server, PATIENCE) {
            let text = error.to_string();
            assert_eq!((error.kind(), error.http_status()), (Kind::Protocol, Some(status)), "{text}");
            assert!(text.contains("not followed") && text.contains(&shown), "{location}: {text}");
            assert!(!text.contains("secret") && !text.contains("token-1") && text.len() < 500, "{text}");
        }
    }
    assert_eq!(elsewhere.count("/api/Order/place") + elsewhere.count("/login?token=token-1"), 0);
}

#[test]
fn a_body_has_a_largest_size() {
    let announced = "HTTP/1.1 200 OK\r\ncontent-length: 209715200\r\n\r\n";
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    // What is announced is refused before any of it comes.
    let announcing = gateway(|_| Reply::Silence(announced.into()));
    let flooding = gateway(|_| {
        Reply::Endless(
            chunked,
            "40\r\n{\"success\":true,\"errorCode\":0,xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n",
        )
    });
    for server in [announcing, flooding] {
        for error in both(&server, PATIENCE) {
            assert_eq!(error.kind(), Kind::Protocol, "{error}");
            assert!(error.to_string().contains("longer than 33554432 bytes"), "{error}");
        }
    }
}

/// A port whose connections go to `serve`, for as long as the process lives.
fn raw_server(serve: fn(TcpStream)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    in_background(move || {
        for stream in listener.incoming() {
            in_background(move || serve(stream.unwrap()));
        }
    });
    url
}

fn client(url: &str, settings: &[(&str, &str)]) -> Client {
    let mut config = Config::new();
    let own = [("api_url", url), ("user_name", "jane"), ("api_key", "a-key-of-a-test")];
    for (key, value) in own.iter().chain(settings) {
        config.set(key, value).unwrap();
    }
    Client::new(&config).unwrap()
}

#[test]
fn an_answer_that_trickles_ends_at_the_deadline() {
    for trickling in [
        |stream| trickle(stream, "HTTP/1.1 200 OK\r\nx: "),
        |stream| trickle(stream, "HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n"),
    ] {
        let error = client(&raw_server(trickling), &[]).login(Duration::from_millis(300)).unwrap_err();
        assert_eq!(error.kind(), Kind::Deadline, "{error}");
    }
}

fn trickle(mut stream: TcpStream, head: &str) {
    stream.write_all(head.as_bytes()).unwrap();
    // Each byte comes long before a silence would be noticed.
    stream.set_read_timeout(Some(Duration::from_millis(2))).unwrap();
    while stream.write_all(b"x").is_ok() {
        // The request, then nothing, until the client leaves.
        if matches!(stream.read(&mut [0; 4096]), Ok(0)) {
            return;
        }
    }
}

#[test]
fn silence_ends_before_the_deadline() {
    let url = raw_server(|mut stream| while matches!(stream.read(&mut [0; 64]), Ok(1..)) {});
    let error = client(&url, &[("read_seconds", "1")]).login(Deadline::NEVER).unwrap_err();
    assert_eq!(error.kind(), Kind::Deadline, "{error}");
    assert!(error.to_string().contains("read_seconds"), "{error}");
    let error = client(&url, &[("read_seconds", "0")]).login(Duration::from_millis(1_500)).unwrap_err();
    assert!(error.to_string().contains("in time"), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_connection_that_does_not_come_ends_before_the_deadline() {
    // A listener whose queue is full swallows further attempts.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut queue = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(500)) {
        queue.push(stream);
    }
    let client = client(&format!("http://{address}"), &[("connect_seconds", "1")]);
    let error = client.login(Deadline::NEVER).unwrap_err();
    assert_eq!(error.kind(), Kind::Deadline, "{error}");
    assert!(error.to_string().contains("no connection to"), "{error}");
}
