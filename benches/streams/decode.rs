//! From the text of a record to the event in a stream's queue, against `serde_json` that skips the same text.

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde::de::IgnoredAny;
use tradeforge::bench::MarketHub;
use tradeforge::{Stream, Timestamp};

use super::fixture::{Quiet, drain};
use super::records;
use super::statistics::median;

const RECORDS: usize = 2048;
const ROUNDS: usize = 301;

/// What is compared.
pub enum Way {
    /// As the hub's thread does it.
    Short,
    /// With serde alone.
    Serde,
    /// Skipped by serde.
    Ignored,
}

pub struct Decoding {
    _quiet: Quiet,
    stream: Stream,
    hub: MarketHub,
    records: Vec<String>,
}

impl Decoding {
    pub fn new(records: Vec<String>) -> Decoding {
        let quiet = Quiet::new();
        let (stream, hub) = (quiet.stream(RECORDS * 4), MarketHub::of(&quiet.client));
        let mut decoding = Decoding { _quiet: quiet, stream, hub, records };
        decoding.go(&Way::Short);
        decoding
    }

    /// Takes all records one way.
    pub fn go(&mut self, way: &Way) -> Duration {
        let received = Timestamp::from_nanos(1);
        let began = Instant::now();
        for record in &self.records {
            let record = black_box(record.as_bytes());
            match way {
                Way::Short => self.hub.take(received, record).unwrap(),
                Way::Serde => self.hub.take_slowly(received, &record[..record.len() - 1]).unwrap(),
                Way::Ignored => {
                    black_box(serde_json::from_slice::<IgnoredAny>(&record[..record.len() - 1]).unwrap());
                }
            }
        }
        let elapsed = began.elapsed();
        drain(&self.stream);
        elapsed
    }
}

pub fn report() {
    println!(
        "\ndecode: record to event in the queue, against skipping the same text; medians of {ROUNDS} rounds"
    );
    println!(
        "{:>8} {:>7} {:>9} {:>9} {:>9} {:>7} {:>7}",
        "records", "bytes", "skip ns", "short ns", "serde ns", "short", "serde"
    );
    for (name, records) in [
        ("quotes", records::quotes(RECORDS)),
        ("trades", records::trades(RECORDS)),
        ("depth", records::depth(RECORDS)),
    ] {
        let bytes = records.iter().map(String::len).sum::<usize>() / records.len();
        let mut decoding = Decoding::new(records);
        let mut rounds: Vec<[f64; 3]> = (0..ROUNDS)
            .map(|_| {
                [Way::Ignored, Way::Short, Way::Serde]
                    .map(|way| decoding.go(&way).as_nanos() as f64 / RECORDS as f64)
            })
            .collect();
        let column =
            |rounds: &mut Vec<[f64; 3]>, value: fn(&[f64; 3]) -> f64| median(rounds.iter().map(value));
        println!(
            "{name:>8} {bytes:>7} {:>9.0} {:>9.0} {:>9.0} {:>6.2}x {:>6.2}x",
            column(&mut rounds, |round| round[0]),
            column(&mut rounds, |round| round[1]),
            column(&mut rounds, |round| round[2]),
            column(&mut rounds, |round| round[1] / round[0]),
            column(&mut rounds, |round| round[2] / round[0]),
        );
    }
}
