//! What live streams cost: `cargo bench --features bench --bench streams`. docs/PERFORMANCE.md explains the figures.
//!
//! Words after `--` choose: `decode`, `poll`, `throughput`, `latency`, `footprint`; none means all. `count WORK TIMES`
//! does a piece of work so many times, for a program that counts instructions (scripts/count-instructions.sh).
#![allow(unsafe_code, reason = "the C interface is called as C calls it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a tool that prints what it measured"
)]

#[path = "../../tests/common/mod.rs"]
mod common;
mod count;
mod decode;
mod fixture;
mod footprint;
mod latency;
mod poll;
mod records;
mod statistics;
mod throughput;

const REPORTS: [(&str, fn()); 5] = [
    ("decode", decode::report),
    ("poll", poll::report),
    ("throughput", throughput::report),
    ("latency", latency::report),
    ("footprint", footprint::report),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["count", work, times] => count::run(work, times.parse().unwrap()),
        ["idle", api_url, hub_url] => footprint::idle(api_url, hub_url),
        _ => {
            for word in &words {
                assert!(REPORTS.iter().any(|(name, _)| name == word), "there is no report {word:?}");
            }
            for (name, report) in REPORTS {
                if words.is_empty() || words.contains(&name) {
                    report();
                }
            }
        }
    }
}
