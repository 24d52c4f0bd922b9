//! A client of the gateway that other people wrote finds the simulator to be a gateway.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod judge_support;

use std::time::Duration;

use judge_support::{Judge, settings};
use tradeforge::sim::{Decimals, Shape, Sim, SimConfig};

fn trading_day(decimals: Decimals) {
    // Its SignalR library waits for whatever the server says next when it is stopped.
    let keep_alive = Duration::from_millis(100);
    let sim = Sim::start(SimConfig {
        speed: 10.0,
        keep_alive,
        shape: Shape { decimals, ..Shape::default() },
        ..SimConfig::default()
    })
    .unwrap();
    let Some(judge) = Judge::python("topstep/trading_day.py", &settings(&sim)) else { return };
    judge.end();
}

#[test]
fn it_trades_and_streams() {
    trading_day(Decimals::Short);
}

#[test]
fn it_reads_nine_digits() {
    trading_day(Decimals::NineDigits);
}
