//! Restarts within restarts.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::net::TcpStream;
use std::time::Duration;

use tradeforge::Timestamp;
use tradeforge::sim::{Sim, SimClock, SimConfig};

#[test]
fn the_latest_restart_decides_when_the_port_opens() {
    let clock = SimClock::Stepped(Timestamp::parse("2026-11-20T15:00:00Z").unwrap());
    let sim = Sim::start(SimConfig { clock, ..SimConfig::default() }).unwrap();
    let is_open_after = |seconds| {
        sim.step(Duration::from_secs(seconds)).unwrap();
        TcpStream::connect(("127.0.0.1", sim.port())).is_ok()
    };
    sim.restart(Duration::from_secs(10)).unwrap();
    assert!(!is_open_after(1));
    // The port is closed already, and closing it again comes back at once.
    sim.restart(Duration::from_secs(60)).unwrap();
    assert!(!is_open_after(58), "the first restart opened the port of the second");
    assert!(is_open_after(3));
    sim.restart(Duration::from_secs(60)).unwrap();
    sim.restart(Duration::ZERO).unwrap();
    assert!(is_open_after(0));
}
