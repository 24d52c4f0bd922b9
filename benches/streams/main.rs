//! What live streams cost: `cargo bench --features bench --bench streams`. docs/PERFORMANCE.md explains the figures.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a tool that prints what it measured"
)]

#[path = "../../tests/common/mod.rs"]
mod common;
mod decode;
mod fixture;
mod records;
mod statistics;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["count", what, rounds] => count(what, rounds.parse().unwrap()),
        [] => decode::report(),
        _ => panic!("unknown arguments: {words:?}"),
    }
}

/// The same work so many times, for a program that counts instructions.
fn count(what: &str, rounds: usize) {
    let (kind, way) = what.split_once('-').unwrap();
    let records = match kind {
        "quotes" => records::quotes(1000),
        "trades" => records::trades(1000),
        "depth" => records::depth(1000),
        _ => panic!("{kind}"),
    };
    let way = match way {
        "short" => decode::Way::Short,
        "serde" => decode::Way::Serde,
        "skip" => decode::Way::Ignored,
        _ => panic!("{way}"),
    };
    let mut decoding = decode::Decoding::new(records);
    for _ in 0..rounds {
        decoding.go(&way);
    }
}
