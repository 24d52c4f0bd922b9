//! From the text of a record to the event in a stream's queue, against `serde_json` that skips the same text.

use std::hint::black_box;
use std::time::Instant;

use serde::de::IgnoredAny;
use tradeforge::bench::MarketHub;
use tradeforge::{Stream, Timestamp};

use super::fixture::{Quiet, drain};
use super::records::{self, END};
use super::statistics::median;

/// Records of one round.
pub const RECORDS: usize = 2048;
const ROUNDS: usize = 301;

/// What is done with a record.
pub enum Way {
    /// It is skipped by `serde_json`.
    Skip,
    /// What the hub's thread does.
    Short,
    /// The same with serde alone.
    Serde,
}

pub struct Decoding {
    _quiet: Quiet,
    stream: Stream,
    hub: MarketHub,
    records: Vec<String>,
}

impl Decoding {
    /// With a queue that holds so many events.
    pub fn new(records: Vec<String>, capacity: usize) -> Decoding {
        let quiet = Quiet::new();
        let (stream, hub) = (quiet.stream(capacity), MarketHub::of(&quiet.client));
        let mut decoding = Decoding { _quiet: quiet, stream, hub, records };
        decoding.take(&Way::Short);
        drain(&decoding.stream);
        decoding
    }

    /// Takes all records; tells how long that took for one.
    pub fn take(&mut self, way: &Way) -> f64 {
        let received = Timestamp::from_nanos(1);
        let began = Instant::now();
        for record in &self.records {
            let frame = black_box(record.as_bytes());
            let record = &frame[..frame.len() - END.len_utf8()];
            match way {
                Way::Skip => drop(black_box(serde_json::from_slice::<IgnoredAny>(record).unwrap())),
                Way::Short => self.hub.take(received, frame).unwrap(),
                Way::Serde => self.hub.take_slowly(received, record).unwrap(),
            }
        }
        began.elapsed().as_nanos() as f64 / RECORDS as f64
    }
}

pub fn report() {
    println!(
        "\ndecode: a record to its events in the queue, against skipping it; medians of {ROUNDS} rounds"
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
        let mut decoding = Decoding::new(records, 2 * RECORDS);
        let rounds: Vec<[f64; 3]> = (0..ROUNDS)
            .map(|_| {
                [Way::Skip, Way::Short, Way::Serde].map(|way| {
                    let time = decoding.take(&way);
                    drain(&decoding.stream);
                    time
                })
            })
            .collect();
        let column = |value: fn(&[f64; 3]) -> f64| median(rounds.iter().map(value));
        println!(
            "{name:>8} {bytes:>7} {:>9.0} {:>9.0} {:>9.0} {:>6.2}x {:>6.2}x",
            column(|round| round[0]),
            column(|round| round[1]),
            column(|round| round[2]),
            column(|round| round[1] / round[0]),
            column(|round| round[2] / round[0]),
        );
    }
}
