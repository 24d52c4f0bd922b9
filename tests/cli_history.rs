//! `tradeforge history` and `tradeforge contracts --symbol`.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod cli_support;

use cli_support::{Program, simulator};
use tradeforge::{Price, Timestamp};

/// A simulator whose clock stands still.
fn still() -> (cli_support::Running, Program) {
    simulator("--start 2026-11-20T15:04:05Z --stepped")
}

#[test]
fn bars_are_json_with_the_gateways_names() {
    let (_simulator, program) = still();
    let bars = program.json("history --unit minute --from 2026-11-20T15:00:00Z --to 2026-11-20T15:04:05Z");
    let starts: Vec<_> = bars.iter().map(|bar| bar["t"].as_str().unwrap()).collect();
    let minute = |minute: u8| format!("2026-11-20T15:0{minute}:00Z");
    assert_eq!(starts, [0, 1, 2, 3].map(minute));
    for bar in &bars {
        let names: Vec<_> = bar.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names.len(), 6, "{names:?}");
        let [open, high, low, close] =
            ["o", "h", "l", "c"].map(|name| Price::parse(bar[name].as_str().unwrap()).unwrap());
        assert!(low <= open.min(close) && open.max(close) <= high && bar["v"].as_i64().unwrap() > 0, "{bar}");
    }
    let range = "--unit minute --from 2026-11-20T15:00:00Z --to 2026-11-20T15:04:05Z";
    assert_eq!(program.json(&format!("history {range} --limit 2")), bars[2..]);
    let partial = program.json(&format!("history {range} --partial"));
    assert_eq!((&partial[..4], partial.len()), (&bars[..], 5));
    assert!(program.json(&format!("history {range} --live")).is_empty());
}

#[test]
fn bars_are_a_table() {
    let (_simulator, program) = still();
    let ended =
        program.run("history --unit hour --number 4 --from 2026-11-19T23:00:00Z --to 2026-11-20T15:00:00Z");
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    assert_eq!(ended.lines.len(), 5, "{:?}", ended.lines);
    let columns: Vec<_> =
        ended.lines[0].split("  ").map(str::trim).filter(|title| !title.is_empty()).collect();
    assert_eq!(columns, ["start (UTC)", "open", "high", "low", "close", "volume"]);
    assert!(ended.lines[1].starts_with("2026-11-19 23:00:00.000  "), "{}", ended.lines[1]);
    assert_eq!(
        program.run("history --from 2027-01-01T00:00:00Z --to 2027-01-02T00:00:00Z").lines,
        ["no bars"]
    );
}

#[test]
fn a_long_range_comes_in_pages() {
    let (_simulator, program) = still();
    let bars = program.json("history --from 2026-11-01T00:00:00Z --to 2026-11-20T00:00:00Z");
    assert_eq!(bars.len(), 19 * 24 * 60);
    let nanos = |bar: &serde_json::Value| Timestamp::parse(bar["t"].as_str().unwrap()).unwrap().nanos();
    assert!(bars.windows(2).all(|pair| nanos(&pair[1]) - nanos(&pair[0]) == 60_000_000_000));
}

#[test]
fn what_cannot_be_had_is_one_line() {
    let (_simulator, program) = still();
    for (arguments, part) in [
        ("history --unit tick", "UnitInvalid"),
        ("history --unit minute --number 1441", "UnitNumberInvalid"),
        ("history --number 0", "length"),
        ("history --contract CON.F.US.NONE.Z26", "ContractNotFound"),
        ("history --from 2026-11-20T00:00:00Z --to 2026-11-19T00:00:00Z", "before it begins"),
        ("contracts --symbol XYZ", "ESZ6 (CON.F.US.EP.Z26)"),
    ] {
        let line = program.refusal(arguments);
        assert!(line.contains(part), "{arguments}: {line}");
    }
}

#[test]
fn a_symbol_leads_to_its_contract() {
    let program = Program::embedded();
    for symbol in ["ES", "/es", "EP", "F.US.EP"] {
        let found = program.json(&format!("contracts --symbol {symbol}"));
        assert_eq!((found.len(), &found[0]["symbolId"]), (1, &"F.US.EP".into()), "{symbol}");
    }
}
