//! A simulator tells how it stands, and ends what is under way when another thread stops it.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, reason = "a broken promise fails the test")]

mod sim_client;

use std::sync::Arc;
use std::time::Duration;

use sim_client::Client;
use tradeforge::sim::{Sim, SimClock, SimConfig};
use tradeforge::{Kind, Timestamp};

fn stepped(speed: f64) -> SimConfig {
    let start = Timestamp::parse("2026-11-20T15:00:00Z").unwrap();
    SimConfig { clock: SimClock::Stepped(start), speed, ..SimConfig::default() }
}

#[test]
fn the_numbers_follow_what_happens() {
    let client = Client::with(stepped(0.0));
    let start = client.sim.now();
    let fresh = client.sim.inspect();
    assert_eq!((fresh.now, fresh.hub_connections, fresh.orders, fresh.fills), (start, 0, 0, 0));
    client.place(r#""type":2,"side":0,"size":1"#);
    let resting = client.place(r#""type":1,"side":0,"size":1,"limitPrice":7000"#);
    assert_eq!(resting["success"], true, "{resting}");
    let placed = client.sim.inspect();
    assert_eq!((placed.orders, placed.working_orders, placed.fills, placed.positions), (2, 2, 0, 0));
    let _hub = client.hub("user");
    client.sim.step(Duration::from_secs(60)).unwrap();
    let filled = client.sim.inspect();
    assert_eq!((filled.orders, filled.working_orders, filled.fills, filled.positions), (2, 1, 1, 1));
    assert_eq!((filled.hub_connections, filled.skipped_moments), (1, 0));
    assert_eq!(filled.now, start.saturating_add(Duration::from_secs(60)));
}

#[test]
fn a_stop_ends_a_step_and_a_flood_on_other_threads() {
    let client = Client::with(stepped(1.0));
    client.place(r#""type":2,"side":0,"size":1"#);
    let contract = client.contract.clone();
    let sim = Arc::new(client.sim);
    let in_background = |work: fn(&Sim, &str) -> tradeforge::Result<()>| {
        let (sim, contract) = (sim.clone(), contract.clone());
        std::thread::Builder::new().spawn(move || work(&sim, &contract)).unwrap()
    };
    let step = in_background(|sim, _| sim.step(Duration::from_secs(100 * 365 * 86_400)));
    let flood = in_background(|sim, contract| sim.flood_quotes(contract, usize::MAX));
    let publish = in_background(|sim, contract| sim.publish_quotes(contract, usize::MAX));
    // The market moves as long as there is a position, so the step is under way once the time has moved.
    let start = sim.now();
    while sim.now() < start.saturating_add(Duration::from_secs(5)) && !step.is_finished() {
        std::thread::yield_now();
    }
    sim.stop();
    for ended in [step, flood, publish] {
        assert_eq!(ended.join().unwrap().unwrap_err().kind(), Kind::Closed);
    }
    sim.stop();
}
