//! How long an event takes from the simulator to the poller, and a subscription there and back.

use std::time::{Duration, Instant};

use tradeforge::model::DepthKind;
use tradeforge::sim::{Sim, SimConfig};
use tradeforge::{Client, Config, EventBody, Kinds, StreamOptions, Timestamp};

use super::common::PATIENCE;
use super::fixture::Quiet;
use super::records::CONTRACTS;
use super::statistics::{median, tail};

const EVENTS: usize = 10_000;
const CALLS: usize = 2_000;

pub fn report() {
    let delays = events();
    println!("\nlatency: {EVENTS} depth records, from the simulator's stamp to the poller");
    print(&delays);
    let round_trips = subscriptions();
    println!("\nsubscribe: {CALLS} round trips on a quiet hub, unsubscribed in between");
    print(&round_trips);
}

fn print(micros: &[f64]) {
    let values = micros.iter().copied();
    println!("{:>12} {:>12} {:>12}", "p50 us", "p99 us", "p99.9 us");
    println!(
        "{:>12.0} {:>12.0} {:>12.0}",
        median(values.clone()),
        tail(values.clone(), 0.99),
        tail(values, 0.999)
    );
}

/// Records of depth have stamps of a tenth of a microsecond, made when the simulator begins to write them.
fn events() -> Vec<f64> {
    let sim = Sim::start(SimConfig { speed: 10.0, ..SimConfig::default() }).unwrap();
    let mut config = Config::new();
    for (key, value) in sim.settings() {
        config.set(key, &value).unwrap();
    }
    let client = Client::new(&config).unwrap();
    client.login(PATIENCE).unwrap();
    let stream = client.stream(&StreamOptions::default()).unwrap();
    stream.subscribe(&sim.default_contract().into(), Kinds::DEPTH, PATIENCE).unwrap();
    let mut delays = Vec::with_capacity(EVENTS);
    while delays.len() < EVENTS {
        stream
            .poll_each(64, PATIENCE, |event| {
                // The book that stands at the beginning comes in one record.
                let is_change =
                    matches!(event.body, EventBody::Depth(depth) if depth.kind != DepthKind::Trade);
                if let (true, Some(at)) = (is_change, event.at) {
                    delays.push(micros(Timestamp::now().since(at)));
                }
            })
            .unwrap();
    }
    // The first ones belong to the book.
    delays.split_off(EVENTS / 20)
}

fn subscriptions() -> Vec<f64> {
    let quiet = Quiet::new();
    let stream = quiet.client.stream(&StreamOptions::default()).unwrap();
    let contract = CONTRACTS[0].into();
    stream.subscribe(&contract, Kinds::TRADES, PATIENCE).unwrap();
    (0..CALLS)
        .map(|_| {
            let began = Instant::now();
            stream.subscribe(&contract, Kinds::QUOTES, PATIENCE).unwrap();
            let elapsed = began.elapsed();
            stream.unsubscribe(&contract, Kinds::QUOTES);
            micros(elapsed)
        })
        .collect()
}

fn micros(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e3
}
