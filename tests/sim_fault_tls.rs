//! Faults strike encrypted connections as well: what our own client makes of them.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::net::TcpStream;
use std::time::Duration;

use tradeforge::sim::{Fault, FaultKind, Sim, SimConfig, SimTls};
use tradeforge::{Client, Config, Kind};

#[test]
fn encrypted_requests_are_struck() {
    let patience = Duration::from_secs(30);
    let sim =
        Sim::start(SimConfig { speed: 0.0, tls: Some(SimTls::default()), ..SimConfig::default() }).unwrap();
    let mut config = Config::new();
    for (key, value) in sim.settings() {
        config.set(key, &value).unwrap();
    }
    config.set("cache_seconds", "0").unwrap();
    let client = Client::new(&config).unwrap();
    client.login(patience).unwrap();
    let refused = Fault::new(FaultKind::Status).on("/api/Account/*").status(400).body("no");
    sim.inject(refused).unwrap();
    assert!(client.accounts(true, patience).is_err());
    sim.inject(Fault::new(FaultKind::Slow).on("/api/Account/*").pause(Duration::from_millis(1))).unwrap();
    assert_eq!(client.accounts(true, patience).unwrap().len(), 1);
    sim.inject(Fault::new(FaultKind::Stall).on("/api/Account/*")).unwrap();
    let error = client.accounts(true, Duration::from_millis(300)).unwrap_err();
    assert_eq!(error.kind(), Kind::Deadline, "{error}");
    assert_eq!(sim.fault_strikes().len(), 3);
    sim.restart(Duration::ZERO).unwrap();
    while TcpStream::connect(("127.0.0.1", sim.port())).is_err() {}
    assert_eq!(client.accounts(true, patience).unwrap().len(), 1, "it logs in again");
}
