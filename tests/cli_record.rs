//! `record` against a simulator in another process, and `replay` of what it made.
#![cfg(all(feature = "cli", unix))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod cli_support;

use std::path::Path;

use cli_support::{Program, Running, simulator, started};
use tradeforge::Timestamp;
use tradeforge::recording::{Reader, What};

/// Times of the received entries, and how much of the file is lost.
fn received(path: &Path) -> (Vec<Timestamp>, u64) {
    let mut reader = Reader::open(path).unwrap();
    let mut times = Vec::new();
    while let Some(entry) = reader.next_entry().unwrap() {
        if entry.what == What::Received {
            times.push(entry.at);
        }
    }
    (times, reader.lost().map_or(0, |lost| lost.bytes))
}

/// Waits until the file holds so many received entries.
fn wait_for(path: &Path, count: usize, recording: &Running) {
    while !path.exists() || Reader::open(path).is_err() || received(path).0.len() < count {
        assert!(recording.is_waited_for(), "the file does not grow");
    }
}

#[test]
fn a_recording_ends_whole_and_is_replayed() {
    let (_simulator, program) = simulator("--speed 4 --seed 5");
    let path = program.folder().join("a.lz4");
    let recording = program.start("record --out a.lz4 --quotes --trades --depth --user --json");
    wait_for(&path, 200, &recording);
    recording.signal("TERM");
    let ended = recording.end();
    assert_eq!((ended.code, ended.stderr.as_str(), ended.lines.len()), (Some(0), "", 1));
    let told: serde_json::Value = serde_json::from_str(&ended.lines[0]).unwrap();
    let (times, lost) = received(&path);
    assert_eq!(
        (told["received"].as_u64(), told["lost"].as_u64(), lost),
        (Some(times.len() as u64), Some(0), 0)
    );
    assert_eq!(told["fileBytes"].as_u64(), Some(std::fs::metadata(&path).unwrap().len()));

    // What is there stays, unless it may go.
    let refusal = program.refusal("record --out a.lz4 --quotes --duration 1");
    assert!(
        refusal.contains("a.lz4 cannot be written: it is there already; replace it with --force"),
        "{refusal}"
    );
    assert_eq!(received(&path).0, times);

    let (replay, player) = started(&format!("replay {} --speed max", path.display()));
    let events = player.json("watch --quotes --trades --depth --count 150");
    assert!(events.iter().any(|event| event["event"] == "quote"));
    let line = player.refusal("order place --side buy --type market --size 1");
    assert!(line.contains("Trading is currently unavailable."), "{line}");
    replay.signal("TERM");
    let ended = replay.end();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));

    let ended = program.run("record --out a.lz4 --quotes --duration 0.5 --force");
    assert_eq!((ended.code, ended.stderr.as_str(), ended.lines.len()), (Some(0), "", 1));
    assert!(ended.lines[0].starts_with("a.lz4: "), "{:?}", ended.lines);
    assert!(received(&path).0[0] > *times.last().unwrap());
}

#[test]
fn a_recording_that_is_killed_can_be_read_and_replayed() {
    let (_simulator, program) = simulator("--speed 4");
    let path = program.folder().join("a.lz4");
    let recording = program.start("record --out a.lz4 --quotes --trades --depth");
    wait_for(&path, 500, &recording);
    let before = received(&path).0;
    recording.signal("KILL");
    assert_eq!(recording.end().code, None);
    // Whatever the end of the file is, what was in it can be read.
    let (after, _) = received(&path);
    assert_eq!(after[..before.len()], before);
    let (_replay, player) = started(&format!("replay {} --speed 50 --loop", path.display()));
    assert_eq!(
        player.json("watch --quotes --count 3").iter().filter(|event| event["event"] == "quote").count(),
        3
    );
}

#[test]
fn a_recording_that_cannot_begin_leaves_no_file() {
    let (_simulator, program) = simulator("--speed 0");
    let line = program.refusal("record --out a.lz4 --quotes --contract CON.F.US.NONE.Z26");
    assert!(line.contains("SearchContractByIdErrorCode") || line.contains("ContractNotFound"), "{line}");
    assert!(!program.folder().join("a.lz4").exists());
    let line = program.refusal("record --out none/a.lz4 --user");
    assert!(line.contains("none/a.lz4 cannot be written"), "{line}");
}

#[test]
fn what_is_no_recording_is_not_replayed() {
    let program = Program::new(&[]);
    std::fs::write(program.folder().join("foreign"), "hello").unwrap();
    let line = program.refusal("replay foreign");
    assert!(line.contains("foreign cannot be read: it does not begin as a recording does"), "{line}");
}
