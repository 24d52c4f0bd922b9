//! `sim` in one process, `watch` in another, joined by nothing but the printed settings.
#![cfg(all(feature = "cli", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod cli_support;

use std::collections::HashSet;

use cli_support::simulator;
use serde_json::Value;
use tradeforge::{Price, Timestamp};

const MARKET: [&str; 3] = ["quote", "trade", "depth"];
const USER: [&str; 4] = ["order", "fill", "position", "account"];

/// Checks the members of an event and gives its name.
fn check(event: &Value, contract: &Value) -> String {
    let name = event["event"].as_str().unwrap();
    let (prices, numbers, times): (&[&str], &[&str], &[&str]) = match name {
        "quote" => (&["bestBid", "bestAsk", "lastPrice", "open"], &["volume"], &["timestamp", "lastUpdated"]),
        "trade" => (&["price"], &["type", "volume"], &["timestamp"]),
        "depth" => (&["price"], &["type", "volume", "currentVolume"], &["timestamp"]),
        "order" => (&[], &["id", "accountId", "status", "type", "side", "size"], &["creationTimestamp"]),
        "position" => (&["averagePrice"], &["id", "accountId", "type", "size"], &["creationTimestamp"]),
        "fill" => {
            (&["price", "fees"], &["id", "accountId", "side", "size", "orderId"], &["creationTimestamp"])
        }
        "account" => (&["balance"], &["id"], &[]),
        "link" => (&[], &["attempt"], &[]),
        other => panic!("there should be no {other}: {event}"),
    };
    for member in prices {
        let text = event[member].as_str().unwrap_or_else(|| panic!("{member} of {event}"));
        assert_eq!(Price::parse(text).unwrap().to_string(), text, "{member} of {event}");
    }
    for member in numbers {
        assert!(event[member].is_i64(), "{member} of {event}");
    }
    for member in times {
        let text = event[member].as_str().unwrap_or_else(|| panic!("{member} of {event}"));
        assert!(text.ends_with('Z') && Timestamp::parse(text).is_some(), "{member} of {event}");
    }
    assert!(event.as_object().unwrap().values().all(|value| !value.is_null()), "{event}");
    if !["account", "link"].contains(&name) {
        assert_eq!(&event["contractId"], contract, "{event}");
    }
    name.to_owned()
}

#[test]
fn two_processes_trade_with_each_other() {
    let (simulator, program) = simulator("--speed 2 --seed 5");
    let contract = program.json("contracts --search MES").remove(0)["id"].clone();
    let watch = program.start("watch --quotes --trades --depth --user --json");
    let mut seen = HashSet::new();
    // The first line comes once everything is subscribed.
    seen.insert(check(&serde_json::from_str(&watch.line().unwrap()).unwrap(), &contract));
    program.json("order place --side buy --type market --size 1");
    while !MARKET.iter().chain(&USER).all(|name| seen.contains(*name)) {
        let line = watch.line().expect("watch ended");
        seen.insert(check(&serde_json::from_str(&line).unwrap(), &contract));
    }

    watch.signal("TERM");
    let ended = watch.end();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    simulator.signal("TERM");
    let ended = simulator.end();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert!(ended.lines.is_empty());
}

#[test]
fn a_count_ends_it() {
    let (_simulator, program) = simulator("");
    let events = program.json("watch --quotes --trades --depth --user --count 700");
    let is_data = |event: &&Value| MARKET.iter().chain(&USER).any(|name| event["event"] == *name);
    assert_eq!(events.iter().filter(is_data).count(), 700);
    assert!(events.iter().any(|event| event["event"] == "link" && event["state"] == "connected"));
}

#[test]
fn a_duration_ends_it() {
    let (_simulator, program) = simulator("--speed 0");
    let ended = program.run("watch --user --duration 0.3");
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert!(ended.lines.iter().any(|line| line.contains("user  connected")), "{:?}", ended.lines);
}

#[test]
fn a_second_contract_is_watched_too() {
    let (_simulator, program) = simulator("");
    let ids = program.json("contracts --available");
    let ids: Vec<_> = ids.iter().take(2).map(|contract| contract["id"].as_str().unwrap()).collect();
    let watch = program.start(&format!("watch --quotes --json --contract {} --contract {}", ids[0], ids[1]));
    let mut missing: HashSet<_> = ids.into_iter().collect();
    while !missing.is_empty() {
        let event: Value = serde_json::from_str(&watch.line().expect("watch ended")).unwrap();
        missing.remove(event["contractId"].as_str().unwrap_or_default());
    }
    watch.signal("INT");
    assert_eq!(watch.end().code, Some(0));
}

#[test]
fn a_signal_ends_a_login_that_hangs() {
    let (sender, accepted) = std::sync::mpsc::channel();
    let url = cli_support::server(move |stream| sender.send(stream).unwrap());
    let watch = cli_support::Program::against(&url).start("watch --user --account 1");
    let _open = accepted.recv_timeout(std::time::Duration::from_secs(30)).unwrap();
    watch.signal("TERM");
    let ended = watch.end();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_port_that_is_taken_is_told() {
    let (_simulator, program) = simulator("");
    let url =
        program.command("").get_envs().find(|(name, _)| *name == "TS_API_URL").unwrap().1.unwrap().to_owned();
    let port = url.to_str().unwrap().rsplit(':').next().unwrap().to_owned();
    let line = program.refusal(&format!("sim --port {port}"));
    assert!(line.contains("cannot listen on") && line.contains(&port), "{line}");
}
