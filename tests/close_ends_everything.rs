//! Close ends every wait and leaves no thread behind. One test, because it counts the threads of the process.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Barrier, mpsc};
use std::time::Duration;

use common::http::{HttpServer, Reply};
use common::hub::HubServer;
use common::{
    ACCOUNT, PATIENCE, contract, gateway, in_background, logged_in_with_hub, login_only, market_order,
    stream, wait_for_link,
};
use tradeforge::model::LinkState;
use tradeforge::{Client, Deadline, Kind, Kinds, Outcome, Polled};

#[test]
fn close_ends_everything() {
    while_connected();
    while_the_hub_is_silent();
    while_nobody_answers_the_first_packet();
    while_another_thread_polls();
    while_another_thread_subscribes();
    while_another_thread_asks_and_orders();
    while_waiting_to_reconnect();
    while_the_hub_floods();
    while_an_answer_never_ends();
    twice_and_from_two_threads();
    in_any_order_of_drops();
}

/// No thread of the library runs: by its own count at once, and by the system's, which may still list a thread
/// for a moment after it was joined.
fn nothing_runs(section: &str) {
    assert_eq!(tradeforge::live_threads(), 0, "{section}");
    let deadline = Deadline::after(PATIENCE);
    loop {
        let names = threads_of_the_library();
        if names.is_empty() {
            return;
        }
        assert!(!deadline.is_past(), "{section}: {names:?}");
        std::thread::yield_now();
    }
}

fn threads_of_the_library() -> Vec<String> {
    std::fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok())
        .filter(|name| name.starts_with("tf-"))
        .collect()
}

fn confirming_hub() -> HubServer {
    HubServer::start(|connection| connection.confirm_all())
}

fn while_connected() {
    let (server, hub) = (login_only(), confirming_hub());
    let client = logged_in_with_hub(&server, &hub.url());
    let stream = stream(&client);
    stream.subscribe(&contract(), Kinds::MARKET, PATIENCE).unwrap();
    stream.subscribe_account(ACCOUNT.into(), Kinds::USER, PATIENCE).unwrap();
    assert_eq!(tradeforge::live_threads(), 2);
    client.close();
    nothing_runs("while connected");
    // What is queued is still there: both connections came and went.
    let mut states = Vec::new();
    let polled = loop {
        let polled = stream.poll_each(64, PATIENCE, |event| {
            if let tradeforge::EventBody::Link(link) = event.body {
                states.push(link.state);
            }
        });
        match polled.unwrap() {
            Polled::Events(_) => {}
            other => break other,
        }
    };
    assert_eq!(polled, Polled::Closed);
    assert_eq!(states.iter().filter(|state| **state == LinkState::Closed).count(), 2, "{states:?}");
    let error = stream.subscribe(&contract(), Kinds::QUOTES, PATIENCE).unwrap_err();
    assert_eq!(error.kind(), Kind::Closed);
    let error = client.accounts(false, PATIENCE).unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (Kind::Closed, Outcome::Query));
    assert_eq!(client.login(PATIENCE).unwrap_err().kind(), Kind::Closed);
    assert_eq!(client.stream(&Default::default()).unwrap_err().kind(), Kind::Closed);
    nothing_runs("after calls of a closed client");
}

/// Frames that never make a message.
fn while_the_hub_floods() {
    // A ping, and an empty fragment of a text without end.
    for (first, frame) in [(&b""[..], &b"\x89\x01x"[..]), (b"\x01\x00", b"\x00\x00")] {
        let (sent, flooding) = mpsc::channel();
        let hub = HubServer::start(move |connection| {
            connection.send_raw(first);
            sent.send(()).unwrap();
            connection.flood(frame);
        });
        let server = login_only();
        let client = logged_in_with_hub(&server, &hub.url());
        let stream = stream(&client);
        stream.subscribe(&contract(), Kinds::QUOTES, Duration::ZERO).unwrap();
        flooding.recv_timeout(PATIENCE).unwrap();
        let _ = flooding.recv_timeout(Duration::from_millis(200));
        let (closed, close) = mpsc::channel();
        in_background(move || {
            client.close();
            closed.send(()).unwrap();
        });
        close.recv_timeout(Duration::from_secs(10)).expect("close comes back");
        nothing_runs("while the hub floods");
    }
}

fn while_an_answer_never_ends() {
    let server = gateway(|_| {
        Reply::Endless("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n0\r\n", "a: b\r\n")
    });
    let client = logged_in_with_hub(&server, "http://127.0.0.1:1/");
    let (told, answer) = mpsc::channel();
    let asking = client.clone();
    in_background(move || told.send(asking.accounts(false, Deadline::NEVER)).unwrap());
    answer
        .recv_timeout(Duration::from_millis(300))
        .expect_err("the answer does not end by itself")
        .to_string();
    client.close();
    let error = answer.recv_timeout(Duration::from_secs(10)).expect("the call ends").unwrap_err();
    assert_eq!(error.kind(), Kind::Closed);
}

/// A client whose hub thread is under way to this address, closed there.
fn close_while_connecting_to(address: SocketAddr, section: &str, under_way: impl FnOnce()) {
    let server = login_only();
    let client = logged_in_with_hub(&server, &format!("http://{address}/hubs/test"));
    let stream = stream(&client);
    stream.subscribe(&contract(), Kinds::QUOTES, Duration::ZERO).unwrap();
    under_way();
    client.close();
    nothing_runs(section);
    assert!(stream.poll_each(64, PATIENCE, |_| ()).is_ok());
}

fn while_the_hub_is_silent() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut accepted = None;
    close_while_connecting_to(address, "while the hub is silent", || {
        accepted = Some(listener.accept().unwrap());
    });
}

/// A listener whose queue is full swallows further attempts.
fn while_nobody_answers_the_first_packet() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut queue = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(500)) {
        queue.push(stream);
        assert!(queue.len() < 10_000, "the queue of the listener does not fill");
    }
    close_while_connecting_to(address, "while nobody answers the first packet", || ());

    let client = common::client(&format!("http://{address}"), "http://127.0.0.1:1/hubs/none");
    let call = {
        let client = client.clone();
        in_background(move || client.login(Deadline::NEVER).unwrap_err())
    };
    client.close();
    assert_eq!(call.join().unwrap().kind(), Kind::Closed);
    nothing_runs("while a login gets no connection");
}

fn while_another_thread_polls() {
    let (server, hub) = (login_only(), confirming_hub());
    let client = logged_in_with_hub(&server, &hub.url());
    let stream = stream(&client);
    stream.subscribe(&contract(), Kinds::QUOTES, PATIENCE).unwrap();
    wait_for_link(&stream, LinkState::Connected);
    let (about_to_poll, polls) = mpsc::channel();
    let poller = in_background(move || {
        about_to_poll.send(()).unwrap();
        loop {
            match stream.poll_each(64, Deadline::NEVER, |_| ()).unwrap() {
                Polled::Events(_) => {}
                other => return other,
            }
        }
    });
    polls.recv().unwrap();
    client.close();
    assert_eq!(poller.join().unwrap(), Polled::Closed);
    nothing_runs("while another thread polls");
}

fn while_another_thread_subscribes() {
    // The hub takes the call and never answers.
    let hub = HubServer::start(|connection| while connection.next_call().is_some() {});
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let stream = stream(&client);
    let subscriber =
        in_background(move || stream.subscribe(&contract(), Kinds::QUOTES, Deadline::NEVER).unwrap_err());
    hub.next_call();
    client.close();
    assert_eq!(subscriber.join().unwrap().kind(), Kind::Closed);
    nothing_runs("while another thread subscribes");
}

fn while_another_thread_asks_and_orders() {
    for begun in ["", "HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"success\":true,"] {
        let (arrived, arrives) = mpsc::channel();
        let server = gateway(move |_| {
            arrived.send(()).unwrap();
            Reply::Silence(begun.into())
        });
        let client = logged_in_with_hub(&server, "http://127.0.0.1:1/hubs/none");
        let query = background_call(&client, |client| client.accounts(false, Deadline::NEVER).unwrap_err());
        let order = background_call(&client, |client| {
            client.place(&market_order("tag-1"), Deadline::NEVER).unwrap_err()
        });
        arrives.recv().unwrap();
        arrives.recv().unwrap();
        client.close();
        let (query, order) = (query.join().unwrap(), order.join().unwrap());
        assert_eq!((query.kind(), query.outcome()), (Kind::Closed, Outcome::Query), "{query}");
        assert_eq!((order.kind(), order.outcome()), (Kind::Closed, Outcome::Unknown), "{order}");
        assert_eq!(order.client_tag(), Some("tag-1"));
        nothing_runs("while another thread asks and orders");
    }
}

fn background_call<T: Send + 'static>(
    client: &Client,
    call: impl FnOnce(Client) -> T + Send + 'static,
) -> std::thread::JoinHandle<T> {
    let client = client.clone();
    in_background(move || call(client))
}

fn while_waiting_to_reconnect() {
    let server = login_only();
    let client = logged_in_with_hub(&server, "http://127.0.0.1:1/hubs/none");
    let stream = stream(&client);
    stream.subscribe(&contract(), Kinds::QUOTES, Duration::ZERO).unwrap();
    wait_for_link(&stream, LinkState::Reconnecting);
    client.close();
    nothing_runs("while waiting to reconnect");
}

fn twice_and_from_two_threads() {
    let (server, hub) = (login_only(), confirming_hub());
    // Often enough that one closer meets the other half way.
    for _ in 0..20 {
        let client = logged_in_with_hub(&server, &hub.url());
        let stream = stream(&client);
        stream.subscribe(&contract(), Kinds::QUOTES, PATIENCE).unwrap();
        let start = Arc::new(Barrier::new(2));
        let closers = [(); 2].map(|()| {
            let start = start.clone();
            background_call(&client, move |client| {
                start.wait();
                client.close();
                tradeforge::live_threads()
            })
        });
        for closer in closers {
            assert_eq!(closer.join().unwrap(), 0, "each close waits until all threads have ended");
        }
        client.close();
        nothing_runs("closed again");
    }
}

fn in_any_order_of_drops() {
    let connected = |server: &HttpServer, hub: &HubServer| {
        let client = logged_in_with_hub(server, &hub.url());
        let stream = stream(&client);
        stream.subscribe(&contract(), Kinds::QUOTES, PATIENCE).unwrap();
        (client, stream)
    };
    let (server, hub) = (login_only(), confirming_hub());

    let (client, stream) = connected(&server, &hub);
    drop(client);
    nothing_runs("client dropped before its stream");
    drop(stream);

    let (client, stream) = connected(&server, &hub);
    drop(stream);
    drop(client);
    nothing_runs("stream dropped before its client");

    let (client, stream) = connected(&server, &hub);
    let copy = client.clone();
    drop(client);
    assert_eq!(tradeforge::live_threads(), 1, "a clone keeps the client open");
    drop((stream, copy));
    nothing_runs("clones dropped");

    let (client, stream) = connected(&server, &hub);
    drop(hub);
    drop(server);
    drop(client);
    nothing_runs("the gateway went first");
    drop(stream);
}
