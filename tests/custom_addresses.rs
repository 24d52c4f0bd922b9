//! Addresses of one's own: written loosely they work all the same, and without encryption only where allowed.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use common::{PATIENCE, login_only, stream, wait_for_link};
use tradeforge::model::LinkState;
use tradeforge::sim::{Sim, SimConfig};
use tradeforge::{Client, Config, Kind, Kinds};

#[test]
fn capitals_and_slashes_at_the_end_do_not_matter() {
    let sim = Sim::start(SimConfig::default()).unwrap();
    let mut config = Config::new();
    for (key, value) in sim.settings() {
        let loosely = value.replace("http://127.0.0.1", "HTTP://LocalHost") + "/";
        config.set(key, if key.ends_with("_url") { &loosely } else { &value }).unwrap();
    }
    let client = Client::new(&config).unwrap();
    client.login(PATIENCE).unwrap();
    let stream = stream(&client);
    stream.subscribe(&(&*sim.default_contract()).into(), Kinds::QUOTES, PATIENCE).unwrap();
    wait_for_link(&stream, LinkState::Connected);
    let account = tradeforge::AccountId::new(sim.default_account().into());
    stream.subscribe_account(account, Kinds::ORDERS, PATIENCE).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn another_machine_is_talked_to_in_plain_only_by_name() {
    let server = login_only();
    let mut config = Config::new();
    // To the system an address of this machine, to the library none.
    let url = server.url().replace("127.0.0.1", "0.0.0.0");
    for (key, value) in [("api_url", &*url), ("user_name", "jane"), ("api_key", "a-key-of-a-test")] {
        config.set(key, value).unwrap();
    }
    let error = Client::new(&config).unwrap_err();
    assert_eq!(error.kind(), Kind::Config, "{error}");
    assert_eq!(server.count("/api/Auth/loginKey"), 0);
    config.set("plain_http", "0.0.0.0").unwrap();
    Client::new(&config).unwrap().login(PATIENCE).unwrap();
    assert_eq!(server.count("/api/Auth/loginKey"), 1);
}

#[test]
fn a_simulator_in_the_process_needs_no_address() {
    let mut config = Config::new();
    config.set("environment", "SIM").unwrap();
    config.set("api_url", "http://not.used.example").unwrap();
    Client::new(&config).unwrap().login(PATIENCE).unwrap();
}
