//! Whatever comes through the socket, others are served.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, reason = "a broken promise fails the test")]

mod sim_client;

use std::io::{Read, Write};

use sim_client::Client;
use tungstenite::Message;

#[test]
fn garbage_gets_an_error_or_a_closed_connection() {
    let client = Client::start();
    for (request, status) in [
        ("\u{0}\u{1}\u{2}garbage\r\n\r\n".to_owned(), 400),
        ("GET / HTTP/3.0\r\n\r\n".to_owned(), 505),
        (format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "b".repeat(40_000)), 431),
        (format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n", 2 * 1024 * 1024), 413),
        ("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n".to_owned(), 400),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_owned(), 400),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n".to_owned(), 413),
        ("GET /hubs/user HTTP/1.1\r\nConnection: close\r\n\r\n".to_owned(), 401),
    ] {
        assert_eq!(client.raw(&request).status, status, "{:?}", request.get(..40));
    }
    let mut random = vec![0u8; 100_000];
    getrandom::fill(&mut random).unwrap();
    for part in random.chunks(1_000) {
        let mut stream = client.connect();
        let _ = stream.write_all(part);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = stream.read_to_end(&mut Vec::new());
    }
    assert_eq!(client.request(None, "GET", "/api/Status/ping", None).status, 200);
}

#[test]
fn idle_and_slow_clients_block_nobody() {
    let client = Client::start();
    let _idle: Vec<_> = (0..20).map(|_| client.connect()).collect();
    let mut slow = client.connect();
    slow.write_all(b"POST /api/Account/sea").unwrap();
    assert_eq!(client.request(None, "GET", "/api/Status/ping", None).status, 200);
    slow.write_all(b"rch HTTP/1.1\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

#[test]
fn a_connection_serves_many_requests_in_every_framing() {
    let client = Client::start();
    let mut stream = client.connect();
    let body = r#"{"onlyActiveAccounts":true}"#;
    let head = format!(
        "POST /api/Account/search HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {}\r\n",
        client.token
    );
    let (one, two) = body.split_at(9);
    let requests = [
        format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()),
        format!(
            "{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{one}\r\n{:x};x=y\r\n{two}\r\n0\r\nT: v\r\n\r\n",
            one.len(),
            two.len()
        ),
        // Two at once.
        format!("{head}Content-Length: {0}\r\n\r\n{body}{head}Content-Length: {0}\r\n\r\n{body}", body.len()),
        format!("{head}Expect: 100-continue\r\nContent-Length: {}\r\n\r\n{body}", body.len()),
    ];
    let mut received = String::new();
    for (request, answers) in requests.iter().zip([1, 2, 4, 5]) {
        stream.write_all(request.as_bytes()).unwrap();
        while received.matches("\"errorMessage\":null}").count() < answers {
            let mut chunk = [0; 4096];
            let count = stream.read(&mut chunk).unwrap();
            assert!(count > 0, "{received}");
            received.push_str(std::str::from_utf8(&chunk[..count]).unwrap());
        }
    }
    assert_eq!(received.matches("HTTP/1.1 200 OK").count(), 5);
    assert_eq!(received.matches("HTTP/1.1 100 Continue\r\n\r\n").count(), 1);
}

#[test]
fn a_hub_survives_its_worst_clients() {
    let client = Client::start();
    let mut long = client.hub("user");
    long.socket.send(Message::text("x".repeat(20_000))).unwrap();
    long.socket.send(Message::text("x".repeat(20_000))).unwrap();
    while long.try_next().is_ok() {}
    let mut binary = client.hub("user");
    binary.socket.send(Message::binary(vec![0xFF, 0x1E])).unwrap();
    while binary.try_next().is_ok() {}
    let mut raw = client.hub("user");
    raw.socket.get_mut().write_all(b"no frame at all, and never masked").unwrap();
    while raw.try_next().is_ok() {}
    client.hub("user").call("SubscribeAccounts", "[]");
}

#[test]
fn a_record_that_is_too_long_or_no_text_is_told_why_it_ends() {
    let client = Client::start();
    let masked = |payload: &[u8]| {
        let mut frame = vec![0x81, 0x80 | payload.len() as u8, 0, 0, 0, 0];
        frame.extend_from_slice(payload);
        frame
    };
    let mut long = client.hub("user");
    long.socket.send(Message::text("x".repeat(40_000))).unwrap();
    let mut broken = client.hub("user");
    broken.socket.get_mut().write_all(&masked(b"\xff\xfe\x1e")).unwrap();
    for mut hub in [long, broken] {
        let close = hub.next();
        assert_eq!((&close["type"], &close["allowReconnect"]), (&7.into(), &true.into()), "{close}");
        assert_eq!(close["error"], "Connection closed with an error.");
    }
}

#[test]
fn a_client_that_reads_nothing_is_closed() {
    let client = Client::start();
    let mut deaf = client.hub("market");
    let mut hearing = client.hub("market");
    let contract = format!("[\"{}\"]", client.contract);
    deaf.call("SubscribeContractQuotes", &contract);
    hearing.call("SubscribeContractQuotes", &contract);
    // Floods fill the line to the client that takes nothing, while the other one takes every quote.
    while client.sim.hub_connections() == 2 {
        client.sim.flood_quotes(&client.contract, 500).unwrap();
        for _ in 0..500 {
            hearing.next_of("GatewayQuote");
        }
    }
    hearing.call("UnsubscribeContractQuotes", &contract);
}
