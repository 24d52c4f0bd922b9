//! Connections are kept and used again, but a kept one that the server gave up carries nothing: neither an
//! order, whose fate would be unknown, nor a query.
#![cfg(all(target_os = "linux", feature = "sim"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;
mod kept_support;

use std::sync::mpsc;
use std::time::Duration;

use common::{PATIENCE, market_order};
use kept_support::{Ending, Served, Server};
use tradeforge::{Client, Kind, Outcome};

fn order(client: &Client) {
    assert_eq!(client.place(&market_order("tag-1"), PATIENCE).unwrap().order_id, 9057.into());
}

fn query(client: &Client) {
    assert_eq!(client.accounts(true, PATIENCE).unwrap().len(), 1);
}

/// A login, the end of its connection, then a call: which connection carried what.
fn after(ending: Ending, is_encrypted: bool, call: fn(&Client)) -> Vec<Served> {
    let server = Server::start(ending, is_encrypted);
    let client = server.client();
    client.login(PATIENCE).unwrap();
    server.end_the_first();
    call(&client);
    server.served()
}

fn served(connection: usize, path: &str) -> Served {
    Served { connection, path: path.to_owned() }
}

#[test]
fn what_the_server_ended_carries_nothing() {
    for is_encrypted in [false, true] {
        for ending in [Ending::Fin, Ending::Reset, Ending::Word] {
            let login = served(0, "/api/Auth/loginKey");
            let orders = after(ending, is_encrypted, order);
            assert_eq!(orders, [login.clone(), served(1, "/api/Order/place")], "{ending:?} {is_encrypted}");
            let queries = after(ending, is_encrypted, query);
            assert_eq!(queries, [login, served(1, "/api/Account/search")], "{ending:?} {is_encrypted}");
        }
    }
}

#[test]
fn an_end_that_came_with_the_answer_counts() {
    let server = Server::start(Ending::Announced, true);
    let client = server.client();
    client.login(PATIENCE).unwrap();
    order(&client);
    assert_eq!(server.served()[1], served(1, "/api/Order/place"));
}

/// The end that no look can see: the request was on its way.
#[test]
fn an_end_that_meets_the_request_is_unknown_to_an_order_and_nothing_to_a_query() {
    for is_encrypted in [false, true] {
        let login = served(0, "/api/Auth/loginKey");
        let server = Server::start(Ending::Late, is_encrypted);
        let client = server.client();
        client.login(PATIENCE).unwrap();
        let error = client.place(&market_order("tag-1"), PATIENCE).unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (Kind::Network, Outcome::Unknown), "{error}");
        assert_eq!(server.served(), [login.clone(), served(0, "/api/Order/place")], "sent once");

        let server = Server::start(Ending::Late, is_encrypted);
        let client = server.client();
        client.login(PATIENCE).unwrap();
        query(&client);
        let twice = [0, 1].map(|connection| served(connection, "/api/Account/search"));
        assert_eq!(server.served(), [&[login][..], &twice].concat());
    }
}

#[test]
fn what_stays_open_is_used_again() {
    for is_encrypted in [false, true] {
        let server = Server::start(Ending::Never, is_encrypted);
        let client = server.client();
        client.login(PATIENCE).unwrap();
        for _ in 0..10 {
            order(&client);
            query(&client);
        }
        assert_eq!(server.served().len(), 21);
        assert!(server.served().iter().all(|served| served.connection == 0), "{:?}", server.served());
    }
}

#[test]
fn an_order_does_not_trust_a_connection_that_was_idle_for_long() {
    let server = Server::start(Ending::Never, false);
    let client = server.client();
    client.login(PATIENCE).unwrap();
    idle();
    query(&client);
    idle();
    order(&client);
    order(&client);
    let connections: Vec<usize> = server.served().iter().map(|served| served.connection).collect();
    assert_eq!(connections, [0, 0, 1, 1]);
}

/// Lets the time pass after which a connection counts as old: this is what is tested, and nobody waits for less.
fn idle() {
    let (_kept, never) = mpsc::channel::<()>();
    never.recv_timeout(Duration::from_millis(4_050)).unwrap_err();
}

#[test]
fn close_ends_what_is_kept() {
    let server = Server::start(Ending::Never, false);
    let client = server.client();
    client.login(PATIENCE).unwrap();
    let copy = client.clone();
    client.close();
    // The server reads the end while both handles are alive.
    server.wait_until_left();
    drop((client, copy));
}
