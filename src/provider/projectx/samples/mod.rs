//! The published samples of the wire, kept as test fixtures: each is decoded and compared member by member.

mod bars;
mod changes;
mod hub;
mod orders;
mod rest;
mod user;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::Rest;
use crate::clock::{Deadline, SystemClock, Timestamp};
use crate::config::Config;
use crate::error::Result;
use crate::model::{Event, EventBody, EventFlags, RateLimits, SymbolTable};
use crate::net::{Http, Tls};
use crate::price::{Money, Price};
use crate::provider::{Gateway, Limits};
use crate::secret::Secret;
use crate::signalr::Record;
use crate::sync::{StopToken, spawn};

/// The text of a sample.
pub(super) fn sample(name: &str) -> String {
    let path = format!("{}/tests/fixtures/wire/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Names each sample by the test of the same name, so that a name without its test does not compile.
macro_rules! checked {
    ($($name:ident)*) => {
        &[$((stringify!($name), $name as fn())),*]
    };
}
use checked;

/// Samples that only the simulator's side uses, as the client does not negotiate: `tests/sim_negotiate.rs`.
const OF_THE_SIMULATOR: &[&str] = &["hub_negotiate_response"];

#[test]
fn every_sample_has_its_test() {
    let folder = format!("{}/tests/fixtures/wire", env!("CARGO_MANIFEST_DIR"));
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|file| file.strip_suffix(".json").unwrap_or(&file).to_owned())
        .collect();
    let named: Vec<&str> = rest::CHECKED
        .iter()
        .chain(orders::CHECKED)
        .chain(changes::CHECKED)
        .chain(bars::CHECKED)
        .chain(hub::CHECKED)
        .chain(user::CHECKED)
        .map(|(name, _)| *name)
        .chain(OF_THE_SIMULATOR.iter().copied())
        .collect();
    let tested: BTreeSet<String> = named.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(tested.len(), named.len(), "a sample is named twice");
    assert_eq!(tested, files);
    assert_eq!(files.len(), 61, "change this number together with the samples");
}

fn price(text: &str) -> Price {
    let price = Price::parse(text).unwrap();
    assert_eq!(price.to_string(), text, "write it in the shortest form");
    price
}

fn money(text: &str) -> Money {
    let money = Money::parse(text).unwrap();
    assert_eq!(money.to_string(), text, "write it in the shortest form");
    money
}

fn time(nanos: i64) -> Option<Timestamp> {
    Some(Timestamp::from_nanos(nanos))
}

/// What the server saw of the request.
#[derive(Debug)]
struct Asked {
    path: String,
    authorization: Option<String>,
    body: Value,
}

/// What `ask` makes of the sample as the answer, and what it asked with.
fn answered<T>(
    status: u16,
    name: &str,
    ask: impl FnOnce(&dyn Gateway, &Secret, Deadline) -> Result<T>,
) -> (Result<T>, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (asked, seen) = crossbeam_channel::bounded(1);
    let answer = sample(name);
    let server = spawn("tf-test-server", move || {
        let mut stream = BufReader::new(listener.accept().unwrap().0);
        let (mut first, mut authorization, mut length) = (String::new(), None, 0);
        stream.read_line(&mut first).unwrap();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            let Some((header, value)) = line.trim_end().split_once(": ") else { break };
            match header.to_ascii_lowercase().as_str() {
                "authorization" => authorization = Some(value.to_owned()),
                "content-length" => length = value.parse().unwrap(),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).unwrap();
        let path = first.split(' ').nth(1).unwrap().to_owned();
        asked
            .send(Asked { path, authorization, body: serde_json::from_slice(&body).unwrap_or_default() })
            .unwrap();
        write!(stream.get_mut(), "HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n{answer}", answer.len())
            .unwrap();
    })
    .unwrap();
    let http = Http::new(&url, Arc::new(Tls::new(None)), Config::new().patience(), StopToken::new()).unwrap();
    let none = RateLimits { bars: None, rest: None, reserve: 0 };
    let rest = Rest::new(http, Arc::new(Limits::new(none, Arc::new(SystemClock), StopToken::new())));
    let deadline = Deadline::after(Duration::from_secs(30));
    let result = ask(&rest, &Secret::new("a.b.c"), deadline);
    server.join();
    (result, seen.recv().unwrap())
}

const RECEIVED: Timestamp = Timestamp::from_nanos(7);

/// Target and arguments of a sample that is a whole record.
fn invocation(name: &str) -> (String, String) {
    let text = sample(name);
    match Record::parse(text.as_bytes()).unwrap() {
        Record::Invocation { target, arguments } => (target.to_string(), arguments.to_owned()),
        other => panic!("{name} is {other:?}"),
    }
}

fn event(at: i64, symbols: &SymbolTable, contract: &str, body: EventBody) -> Event {
    Event {
        seq: 0,
        received: RECEIVED,
        at: time(at),
        instrument: Some(symbols.find(contract).unwrap()),
        flags: EventFlags::NONE,
        body,
    }
}
