//! A thousand clients at once: each gets everything, in order, or is told.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, reason = "a broken promise fails the test")]

mod sim_client;

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::thread;
use std::time::Duration;

use sim_client::{Client, HubClient};
use tradeforge::Timestamp;
use tradeforge::sim::{SimClock, SimConfig};

const CLIENTS: usize = 1_000;
/// Descriptors that this many clients and their simulator take in one process.
const DESCRIPTORS: usize = 4 * CLIENTS + 200;

/// Whether this process may open as many descriptors as it takes.
fn has_descriptors() -> bool {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap_or("");
    let soft = line.split_whitespace().nth(3).unwrap_or("0");
    soft == "unlimited" || soft.parse::<usize>().unwrap_or(0) >= DESCRIPTORS
}

/// How many records come before the connection closes, and what they are.
fn drain(mut hub: HubClient) -> (usize, u64) {
    let (mut count, mut hash) = (0, DefaultHasher::new());
    while let Ok(record) = hub.try_next() {
        if record != r#"{"type":6}"# {
            record.hash(&mut hash);
            count += 1;
        }
    }
    (count, hash.finish())
}

#[test]
fn a_thousand_clients_get_the_same_and_all_of_it() {
    if !has_descriptors() {
        assert!(std::env::var_os("TF_REQUIRE_TOOLS").is_none(), "`ulimit -n {DESCRIPTORS}` first");
        return;
    }
    let start = Timestamp::parse("2026-11-18T15:00:00Z").unwrap();
    let client = Client::with(SimConfig {
        clock: SimClock::Stepped(start),
        keep_alive: Duration::from_secs(3_600),
        client_timeout: Duration::from_secs(3_600),
        ..SimConfig::default()
    });
    let mut hubs: Vec<HubClient> = (0..CLIENTS).map(|_| client.hub("market")).collect();
    for hub in &mut hubs {
        for topic in ["Quotes", "Trades", "MarketDepth"] {
            hub.call(&format!("SubscribeContract{topic}"), &format!("[\"{}\"]", client.contract));
        }
    }
    let mut readers = Vec::new();
    while !hubs.is_empty() {
        let part = hubs.split_off(hubs.len().saturating_sub(CLIENTS / 10));
        let read = move || part.into_iter().map(drain).collect::<Vec<_>>();
        readers.push(thread::Builder::new().spawn(read).unwrap());
    }
    client.sim.step(Duration::from_secs(3)).unwrap();
    client.sim.log_out_hub_clients("done");
    let received: Vec<(usize, u64)> = readers.into_iter().flat_map(|reader| reader.join().unwrap()).collect();
    assert_eq!(received.len(), CLIENTS);
    assert!(received[0].0 > 300, "{} records each", received[0].0);
    assert!(received.iter().all(|one| *one == received[0]));
}

#[test]
fn a_market_that_is_too_fast_for_the_machine_says_so() {
    let client = Client::with(SimConfig { speed: 1e6, ..SimConfig::default() });
    let mut hub = client.hub("market");
    hub.call("SubscribeContractQuotes", &format!("[\"{}\"]", client.contract));
    // A client that is too slow for it is told too, by the closing of its connection.
    while client.sim.inspect().skipped_moments == 0 {
        if hub.try_next().is_err() {
            hub = client.hub("market");
            hub.call("SubscribeContractQuotes", &format!("[\"{}\"]", client.contract));
        }
    }
}
