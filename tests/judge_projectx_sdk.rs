//! A client of the gateway of 2025 that other people wrote finds the simulator to be a gateway.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod judge_support;

use judge_support::{Judge, settings};
use tradeforge::sim::{Sim, SimConfig};

#[test]
fn it_trades_and_streams() {
    let sim = Sim::start(SimConfig { speed: 10.0, ..SimConfig::default() }).unwrap();
    let Some(judge) = Judge::python_2025("projectx_sdk/trading_day.py", &settings(&sim)) else { return };
    judge.end();
}
