//! A piece of work done so many times, and nothing that takes time by chance, for a program that counts instructions.

use super::decode::{self, Decoding, Way};
use super::poll::{self, Polling};
use super::records;

/// Does a piece of work on [`decode::RECORDS`](super::decode) or [`poll::RECORDS`](super::poll) records.
pub fn run(work: &str, times: usize) {
    if let Some(way) = work.strip_prefix("poll-") {
        return poll(way, times);
    }
    let (kind, way) = work.split_once('-').unwrap();
    let records = match kind {
        "quotes" => records::quotes(decode::RECORDS),
        "trades" => records::trades(decode::RECORDS),
        "depth" => records::depth(decode::RECORDS),
        _ => panic!("there is no kind {kind:?}"),
    };
    let way = match way {
        "skip" => Way::Skip,
        "short" => Way::Short,
        "serde" => Way::Serde,
        _ => panic!("there is no way {way:?}"),
    };
    // Room for everything: a queue that is drained in between would be measured too.
    let mut decoding = Decoding::new(records, 2 * decode::RECORDS * (times + 1));
    for _ in 0..times {
        decoding.take(&way);
    }
}

fn poll(way: &str, times: usize) {
    let mut polling = Polling::new(poll::RECORDS * (times + 1));
    for _ in 0..times {
        polling.fill();
    }
    match way {
        "none" => {}
        "rust" => drop(polling.by_rust()),
        "c" => drop(polling.by_c()),
        _ => panic!("there is no way {way:?}"),
    }
}
