//! An answer that is far too long: a clear error, and no more memory than the limit on answers explains.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use common::http::Reply;
use common::{PATIENCE, gateway, logged_in, market_order};
use tradeforge::{Error, Kind, Outcome};

const PART: &str =
    "            ,                                                                            ";

/// The most memory that this process ever held, in bytes.
#[cfg(target_os = "linux")]
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
}

#[cfg(not(target_os = "linux"))]
fn peak() -> u64 {
    0
}

/// What a query and an order make of an answer that goes on and on after this head.
fn endless(head: &'static str) -> (Error, Error) {
    let server = gateway(move |_| Reply::Endless(head, PART));
    let client = logged_in(&server);
    let query = client.accounts(true, PATIENCE).unwrap_err();
    let order = client.place(&market_order("tag-1"), PATIENCE).unwrap_err();
    assert_eq!((server.count("/api/Account/search"), server.count("/api/Order/place")), (1, 1));
    (query, order)
}

#[test]
fn two_hundred_megabytes() {
    let before = peak();
    for head in [
        "HTTP/1.1 200 OK\r\ncontent-length: 209715200\r\n\r\n{",
        "HTTP/1.1 200 OK\r\n\r\n{",
        "HTTP/1.1 500 Oops\r\ncontent-length: 209715200\r\n\r\n{",
    ] {
        let (query, order) = endless(head);
        for error in [&query, &order] {
            assert_eq!(error.kind(), Kind::Protocol, "{error}");
            assert!(error.to_string().contains("longer than 33554432 bytes"), "{error}");
        }
        assert_eq!((query.outcome(), order.outcome()), (Outcome::Query, Outcome::Unknown));
        assert_eq!(order.client_tag(), Some("tag-1"));
    }
    // The limit, and the same again while the buffer grows.
    let grown = peak() - before;
    assert!(grown < 120 * 1024 * 1024, "{grown} bytes");
}
