//! The simulator of the command line with the hours of the exchange.
#![cfg(all(feature = "cli", feature = "sim"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod cli_support;

use cli_support::{Program, simulator};

const ORDER: &str = "order place --side buy --type limit --limit 7000 --size 1";

#[test]
fn the_weekend_is_closed_by_the_calendar_and_open_without() {
    // A Saturday.
    let (_simulator, program) = simulator("--calendar cme --start 2026-11-21T12:00:00Z");
    let refused = program.refusal(ORDER);
    assert!(refused.contains("not in an active trading status"), "{refused}");
    let (_simulator, program) = simulator("--start 2026-11-21T12:00:00Z");
    let placed = program.json(ORDER);
    let order = program.json(&format!("order show --id {}", placed[0]["orderId"]));
    assert!(order[0]["creationTimestamp"].as_str().unwrap().starts_with("2026-11-21T12:0"), "{order:?}");
}

#[test]
fn what_is_no_time_or_calendar_is_refused() {
    for options in ["--start yesterday", "--calendar moon"] {
        let ended = Program::new(&[]).run(&format!("sim {options}"));
        assert_ne!(ended.code, Some(0), "{options}");
        assert!(ended.stderr.contains(options.split(' ').next().unwrap()), "{}", ended.stderr);
    }
}
