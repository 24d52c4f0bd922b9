//! What is fetched after a loss holds no close up. Threads are counted for the whole process: one test only.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod ledger_support;

use std::time::{Duration, Instant};

use ledger_support::Trader;
use tradeforge::live_threads;
use tradeforge::model::LinkState;
use tradeforge::sim::{Fault, FaultKind};

#[test]
fn close_ends_a_fetch_at_once() {
    let mut trader = Trader::start();
    trader.sim.inject(Fault::new(FaultKind::Stall).on("/api/Position/searchOpen").always()).unwrap();
    trader.sim.drop_hub_connections();
    trader.until_link(LinkState::Resyncing);
    let begin = Instant::now();
    trader.client.close();
    assert!(begin.elapsed() < Duration::from_secs(20), "it waits for the query");
    trader.until_link(LinkState::Closed);
    trader.sim.stop();
    assert_eq!(live_threads(), 0);
}
