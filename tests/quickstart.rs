//! The quickstart does its eight steps with the embedded gateway.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

#[allow(dead_code, reason = "the test calls what `main` calls")]
#[path = "../examples/quickstart.rs"]
mod quickstart;

use tradeforge::Config;

#[test]
fn eight_lines_are_written() {
    let mut settings = Config::new();
    settings.set("environment", "SIM").unwrap();
    let mut out = Vec::new();
    quickstart::run(&settings, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let starts = [
        "1 login: ok",
        "2 account: ",
        "3 contract: CON.F.US.MES.",
        "4 stream: ",
        "5 order: accepted, id ",
        "6 fill: order, trade, position and account told",
        "7 flat: 0 open positions",
        "8 closed: 0 threads left",
    ];
    // Between the steps stand the account's news, indented.
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(lines.len(), starts.len(), "{text}");
    for (line, start) in lines.iter().zip(starts) {
        assert!(line.starts_with(start), "{text}");
    }
}
