//! The same seed and the same calls give the same events, to the byte.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, reason = "a broken promise fails the test")]

mod sim_client;

use std::thread;
use std::time::Duration;

use sim_client::{Client, HubClient};
use tradeforge::Timestamp;
use tradeforge::sim::{SimClock, SimConfig};

/// Everything that a market client and a user client receive in some minutes of trading.
fn run(seed: u64) -> (Vec<String>, Vec<String>) {
    let start = Timestamp::parse("2026-11-18T15:00:00Z").unwrap();
    let client = Client::with(SimConfig {
        seed,
        clock: SimClock::Stepped(start),
        keep_alive: Duration::from_secs(3_600),
        client_timeout: Duration::from_secs(3_600),
        ..SimConfig::default()
    });
    let (mut market, mut user) = (client.hub("market"), client.hub("user"));
    for contract in ["CON.F.US.MES.Z26", "CON.F.US.MNQ.Z26", "CON.F.US.CLE.F27"] {
        for topic in ["Quotes", "Trades", "MarketDepth"] {
            market.call(&format!("SubscribeContract{topic}"), &format!("[\"{contract}\"]"));
        }
    }
    user.call("SubscribeAccounts", "[]");
    for topic in ["Orders", "Positions", "Trades"] {
        user.call(&format!("Subscribe{topic}"), &format!("[{}]", client.account));
    }
    let reader = |mut hub: HubClient| {
        thread::Builder::new()
            .spawn(move || {
                let mut records = Vec::new();
                while let Ok(record) = hub.try_next() {
                    records.push(record);
                }
                records
            })
            .unwrap()
    };
    let (market, user) = (reader(market), reader(user));
    for round in 0..6 {
        client.place(&format!(
            r#""type":2,"side":{},"size":{},"customTag":"t{round}""#,
            round % 2,
            1 + round
        ));
        client.sim.step(Duration::from_secs(20)).unwrap();
    }
    client.sim.log_out_hub_clients("done");
    (market.join().unwrap(), user.join().unwrap())
}

#[test]
fn the_same_seed_gives_the_same_bytes_twice() {
    let (one, two, other) = (run(7), run(7), run(8));
    assert!(one.0.len() > 20_000 && one.1.len() > 30, "{} and {} records", one.0.len(), one.1.len());
    for (first, second) in [(&one.0, &two.0), (&one.1, &two.1)] {
        for (at, (first, second)) in first.iter().zip(second).enumerate() {
            assert_eq!(first, second, "record {at}");
        }
        assert_eq!(first.len(), second.len());
    }
    assert_ne!(one.0, other.0);
}
