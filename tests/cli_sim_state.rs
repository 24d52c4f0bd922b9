//! `tradeforge sim --state`: killed without a word, it goes on where it was.
#![cfg(all(unix, feature = "cli"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod cli_support;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use cli_support::simulator;

fn wait_for(file: &Path, text: &str) {
    let until = Instant::now() + Duration::from_secs(30);
    while !fs::read_to_string(file).is_ok_and(|state| state.contains(text)) {
        assert!(Instant::now() < until, "{text} is not written down");
        std::thread::yield_now();
    }
}

#[test]
fn a_killed_simulator_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("paper.json");
    let options = format!("--speed 0 --state {}", file.display());
    let (running, program) = simulator(&options);
    program.json("order place --side buy --type limit --size 2 --limit 7000 --tag kept");
    wait_for(&file, "kept");
    // Dropping it kills it.
    drop(running);
    let (_running, program) = simulator(&options);
    let orders = program.json("order list --open");
    assert_eq!(orders.len(), 1, "{orders:?}");
    assert_eq!(orders[0]["customTag"], "kept");
}
