//! What faults do to requests, as it shows on the wire.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod sim_client;

use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use sim_client::{Answer, Client};
use tradeforge::Timestamp;
use tradeforge::sim::{Fault, FaultKind, Garbage, SimClock, SimConfig};

const PING: &str = "/api/Status/ping";

/// The bytes of a request that places a market order with this tag.
fn order(client: &Client, tag: &str) -> String {
    let body = format!(
        r#"{{"accountId":{},"contractId":"{}","type":2,"side":0,"size":1,"customTag":"{tag}"}}"#,
        client.account, client.contract
    );
    format!(
        "POST /api/Order/place HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {}\r\nContent-Length: {}\r\n\r\n{body}",
        client.token,
        body.len()
    )
}

/// A client of a simulator whose time moves by steps, so that it is clear what has happened.
fn start() -> Client {
    let start = Timestamp::parse("2026-11-20T15:00:00Z").unwrap();
    Client::with(SimConfig { clock: SimClock::Stepped(start), speed: 0.0, ..SimConfig::default() })
}

/// The tags of all orders, oldest first, once none is on its way.
fn tags(client: &Client) -> Vec<String> {
    client.sim.step(Duration::from_secs(1)).unwrap();
    let found = client.ask("/api/Order/search", r#","startTimestamp":"2020-01-01T00:00:00Z""#);
    let orders = found["orders"].as_array().unwrap();
    orders.iter().map(|order| order["customTag"].as_str().unwrap().to_owned()).collect()
}

fn ping(client: &Client) -> Answer {
    client.request(None, "GET", PING, None)
}

/// What a connection gives until it ends, and whether it ends with a reset.
fn end_of(client: &Client, request: &str) -> (Vec<u8>, bool) {
    let mut stream = client.connect();
    stream.write_all(request.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => (bytes, false),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}");
            (bytes, true)
        }
    }
}

#[test]
fn a_lost_reply_is_carried_out() {
    let client = start();
    let number = client.sim.inject(Fault::new(FaultKind::LostReply).on("/api/order/PLACE")).unwrap();
    assert_eq!(end_of(&client, &order(&client, "lost")), (Vec::new(), false));
    assert_eq!(tags(&client), ["lost"]);
    let strikes = client.sim.fault_strikes();
    assert_eq!((strikes.len(), strikes[0].fault), (1, number));
    assert_eq!((strikes[0].kind, &*strikes[0].target), (FaultKind::LostReply, "/api/order/place"));
    assert!(end_of(&client, &order(&client, "kept")).0.starts_with(b"HTTP/1.1 200 OK"));
}

#[test]
fn a_refused_request_is_not_carried_out() {
    let client = start();
    client.sim.inject(Fault::new(FaultKind::Refused).on("/api/Order/*").times(2)).unwrap();
    for tag in ["one", "two"] {
        assert_eq!(end_of(&client, &order(&client, tag)), (Vec::new(), false));
    }
    assert_eq!(tags(&client), Vec::<String>::new());
}

#[test]
fn a_reset_is_a_reset_and_may_have_been_carried_out() {
    let client = start();
    client.sim.inject(Fault::new(FaultKind::Reset).on("/api/Order/place")).unwrap();
    client.sim.inject(Fault::new(FaultKind::Reset).on("/api/Order/place").carried_out(false)).unwrap();
    assert_eq!(end_of(&client, &order(&client, "done")), (Vec::new(), true));
    assert_eq!(end_of(&client, &order(&client, "undone")), (Vec::new(), true));
    assert_eq!(tags(&client), ["done"]);
}

#[test]
fn a_stalled_request_is_never_answered() {
    let client = start();
    client.sim.inject(Fault::new(FaultKind::Stall).on("/api/Order/place")).unwrap();
    let mut stream = client.connect();
    stream.write_all(order(&client, "stalled").as_bytes()).unwrap();
    // The order is there, though nothing answers.
    while tags(&client).is_empty() {}
    stream.set_nonblocking(true).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    stream.set_nonblocking(false).unwrap();
    // Stopping waits for nobody.
    client.sim.stop();
    assert!(matches!(stream.read(&mut [0]), Ok(0) | Err(_)));
}

#[test]
fn an_answer_is_late_by_delay_and_jitter() {
    let client = start();
    let fault = Fault::new(FaultKind::Latency)
        .on(PING)
        .delay(Duration::from_millis(60))
        .jitter(Duration::from_millis(20));
    client.sim.inject(fault).unwrap();
    let began = Instant::now();
    assert_eq!(ping(&client).text, "pong");
    // An answer cannot come earlier; how much later it comes is up to the machine.
    assert!(began.elapsed() >= Duration::from_millis(60), "{:?}", began.elapsed());
    assert_eq!(client.sim.fault_strikes().len(), 1);
    // A long wait ends when the simulator stops.
    let fault = Fault::new(FaultKind::Latency).on(PING).delay(Duration::from_secs(600));
    client.sim.inject(fault).unwrap();
    let mut stream = client.connect();
    stream.write_all(format!("GET {PING} HTTP/1.1\r\nHost: h\r\n\r\n").as_bytes()).unwrap();
    while client.sim.fault_strikes().len() < 2 {}
    client.sim.stop();
    assert_eq!(stream.read(&mut [0]).unwrap_or(0), 0);
}

#[test]
fn an_answer_is_cut_in_its_body() {
    let client = start();
    client.sim.inject(Fault::new(FaultKind::Cut).on("/api/Order/place")).unwrap();
    client.sim.inject(Fault::new(FaultKind::Cut).on(PING).keep(1000)).unwrap();
    let (bytes, _) = end_of(&client, &order(&client, "cut"));
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let length: usize =
        head.split_once("Content-Length: ").unwrap().1.lines().next().unwrap().parse().unwrap();
    assert_eq!(body.len(), length / 2);
    assert_eq!(tags(&client), ["cut"]);
    assert_eq!(ping(&client).text, "pon", "never the whole of it");
}

#[test]
fn garbage_is_a_success_that_is_none() {
    let client = start();
    let garbage = |form| client.sim.inject(Fault::new(FaultKind::Garbage).on("/api/*").form(form)).unwrap();
    let bytes = |client: &Client| {
        let (bytes, _) = end_of(client, &order(client, "any"));
        let body = bytes.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;
        assert!(bytes.starts_with(b"HTTP/1.1 200 OK"));
        bytes[body..].to_vec()
    };
    garbage(Garbage::Html);
    assert!(bytes(&client).starts_with(b"<!DOCTYPE html>"));
    garbage(Garbage::Empty);
    assert!(bytes(&client).is_empty());
    garbage(Garbage::Shape);
    assert!(bytes(&client).starts_with(b"["));
    garbage(Garbage::Bytes);
    let random = bytes(&client);
    assert!((64..=256).contains(&random.len()) && random.iter().any(|byte| !byte.is_ascii()));
    assert_eq!(tags(&client), ["any"; 4], "all were carried out; the gateway keeps the rejected ones too");
}

#[test]
fn a_status_comes_with_what_belongs_to_it() {
    let client = start();
    let status = |status| Fault::new(FaultKind::Status).on("/api/*").status(status);
    for (fault, expected, header, text) in [
        (
            status(401),
            401,
            Some((
                "www-authenticate",
                r#"Bearer error="invalid_token", error_description="The token is expired""#,
            )),
            "",
        ),
        (status(429), 429, None, ""),
        (status(429).retry_after(Duration::from_secs(7)), 429, Some(("retry-after", "7")), ""),
        (
            status(429).retry_after_date(Duration::from_secs(90)),
            429,
            Some(("retry-after", "Fri, 20 Nov 2026 15:01:30 GMT")),
            "",
        ),
        (status(500), 500, None, "Internal Server Error"),
        (status(502).body("<b>bad</b>"), 502, None, "<b>bad</b>"),
        (status(503), 503, None, "Service Unavailable"),
    ] {
        client.sim.inject(fault).unwrap();
        let answer = client.post("/api/Account/search", r#"{"onlyActiveAccounts":true}"#);
        assert_eq!((answer.status, &*answer.text), (expected, text));
        assert_eq!(
            answer.header("retry-after").is_some(),
            header.is_some_and(|(name, _)| name == "retry-after")
        );
        if let Some((name, value)) = header {
            assert_eq!(answer.header(name), Some(value));
        }
        assert_eq!(answer.header("date"), Some("Fri, 20 Nov 2026 15:00:00 GMT"));
    }
    assert_eq!(ping(&client).status, 200);
    client.sim.inject(status(502).carried_out(true)).unwrap();
    client.sim.inject(status(500)).unwrap();
    for tag in ["done", "undone"] {
        client.raw(&order(&client, tag));
    }
    assert_eq!(tags(&client), ["done"]);
}

#[test]
fn a_slow_answer_comes_in_parts_and_whole() {
    let client = start();
    let slow = |pause| {
        let pause = Duration::from_millis(pause);
        client.sim.inject(Fault::new(FaultKind::Slow).on(PING).chunk(8).pause(pause)).unwrap();
    };
    slow(1);
    let whole = ping(&client);
    assert_eq!((whole.status, &*whole.text), (200, "pong"));
    slow(600_000);
    let mut stream = client.connect();
    stream.write_all(format!("GET {PING} HTTP/1.1\r\nHost: h\r\n\r\n").as_bytes()).unwrap();
    let mut part = [0; 64];
    assert_eq!(stream.read(&mut part).unwrap(), 8);
    client.sim.stop();
    assert_eq!(stream.read(&mut part).unwrap_or(0), 0);
}

#[test]
fn a_connection_goes_on_after_what_was_answered() {
    let client = start();
    client.sim.inject(Fault::new(FaultKind::Slow).on(PING).pause(Duration::ZERO)).unwrap();
    client.sim.inject(Fault::new(FaultKind::Status).on(PING)).unwrap();
    let mut stream = client.connect();
    let request = format!("GET {PING} HTTP/1.1\r\nHost: h\r\n\r\n");
    stream.write_all(request.repeat(3).as_bytes()).unwrap();
    let mut received = String::new();
    while received.matches("pong").count() < 2 {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).unwrap();
        assert!(count > 0, "{received}");
        received.push_str(std::str::from_utf8(&chunk[..count]).unwrap());
    }
    let statuses: Vec<&str> = received.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    assert_eq!(statuses, ["200", "503", "200"]);
}
