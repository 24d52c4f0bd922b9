//! Stopping ends every thread, whatever the clients do. Alone in its process: it counts threads.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, reason = "a broken promise fails the test")]

mod sim_client;

use std::io::Write;
use std::time::{Duration, Instant};

use sim_client::Client;
use tradeforge::sim::SimConfig;

#[test]
fn stop_ends_every_thread_while_clients_are_connected() {
    let client = Client::with(SimConfig { speed: 50.0, ..SimConfig::default() });
    let _idle = client.connect();
    let mut begun = client.connect();
    begun.write_all(b"POST /api/Order/place HTTP/1.1\r\nContent-Le").unwrap();
    let _mute = client.hub_at(&format!("/hubs/user?access_token={}", client.token)).unwrap();
    let mut user = client.hub("user");
    user.call("SubscribeOrders", &format!("[{}]", client.account));
    let mut deaf = client.hub("market");
    for what in ["Quotes", "Trades", "MarketDepth"] {
        deaf.call(&format!("SubscribeContract{what}"), &format!("[\"{}\"]", client.contract));
    }
    client.place(r#""type":2,"side":0,"size":1"#);
    assert!(tradeforge::live_threads() >= 6);
    let began = Instant::now();
    client.sim.stop();
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert_eq!(tradeforge::live_threads(), 0);
    // Those who listen are told that they may come back.
    let farewell = std::iter::from_fn(|| user.try_next().ok()).last().unwrap();
    assert_eq!(farewell, r#"{"type":7,"allowReconnect":true}"#);
}
