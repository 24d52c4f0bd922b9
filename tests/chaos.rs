//! A client that trades while everything goes wrong knows the truth in the end, and never told anything else.
//!
//! The seed decides what goes wrong and what is traded. `make chaos` does the same for an hour.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod chaos_support;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use chaos_support::{Storm, plan};
use tradeforge::live_threads;

/// Troubles in one storm; some strike more than once, some never.
const TROUBLES: usize = 150;

/// What became of a storm.
struct Report {
    strikes: usize,
    kinds: usize,
    losses: usize,
    volumes: usize,
}

/// One client and one simulator, from the login to the close.
fn storm(seed: u64) -> Report {
    let mut storm = Storm::start(seed);
    let (mut strikes, mut kinds) = (0, BTreeSet::new());
    for trouble in 1..=TROUBLES {
        let fault = plan::trouble(&mut storm.lot);
        plan::inject(&storm.sim, fault);
        for _ in 0..storm.lot.below(3) {
            storm.trade();
        }
        if storm.lot.below(3) == 0 {
            storm.newer_token();
        }
        storm.step();
        storm.read(Duration::from_millis(5));
        // Some troubles come into others.
        if storm.lot.below(4) > 0 {
            storm.calm();
        }
        if trouble % 50 == 0 {
            // Before the faults are cleared, since the list of strikes goes with them.
            strikes += storm.sim.fault_strikes().len();
            kinds.extend(storm.sim.fault_strikes().iter().map(|strike| strike.kind));
            storm.settle();
        }
    }
    let (losses, volumes) = (storm.witness.losses, storm.witness.volumes_checked);
    storm.client.close();
    Report { strikes, kinds: kinds.len(), losses, volumes }
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

/// Resident memory in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or(0)
}

#[test]
fn the_truth_survives_two_hundred_faults() {
    let open = descriptors();
    let mut strikes = 0;
    for seed in [1, 2] {
        let report = storm(seed);
        strikes += report.strikes;
        assert!(report.kinds > 15, "{} kinds of faults", report.kinds);
        assert!(report.losses > 50, "{} losses", report.losses);
        assert!(report.volumes > 100, "{} comparisons of volumes", report.volumes);
        assert_eq!(live_threads(), 0);
        assert_eq!(descriptors(), open, "descriptors are left");
    }
    assert!(strikes >= 200, "{strikes} faults struck");
}

/// For `make chaos`: `TF_CHAOS_SECONDS` of other storms, and memory stays where it is.
#[test]
fn memory_is_flat_after_many_storms() {
    let wanted = std::env::var("TF_CHAOS_SECONDS").ok().and_then(|text| text.parse().ok());
    let Some(seconds) = wanted else { return };
    let (end, open) = (Instant::now() + Duration::from_secs(seconds), descriptors());
    let first: u64 = std::env::var("TF_CHAOS_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    let (mut seed, mut strikes, mut early) = (first, 0, 0);
    while Instant::now() < end {
        seed += 1;
        strikes += storm(seed).strikes;
        assert_eq!((live_threads(), descriptors()), (0, open), "seed {seed}");
        let now = resident();
        if seed == first + 5 {
            early = now;
        }
        assert!(early == 0 || now < early + early / 4, "seed {seed}: {early} KiB became {now} KiB");
    }
    eprintln!("{} storms, {strikes} faults, {} KiB resident", seed - first, resident());
}
