//! What an idle client takes: memory that is resident, and threads. Measured in a process of its own.

use std::process::Command;

use tradeforge::{Kinds, StreamOptions};

use super::common::hub::HubServer;
use super::common::{ACCOUNT, PATIENCE, client, login_only};
use super::records::CONTRACTS;

pub fn report() {
    let hub = HubServer::start(|connection| connection.confirm_all());
    let server = login_only();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["idle", &server.url(), &hub.url()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    print!(
        "\nfootprint: a client with both hubs connected and nothing going on\n{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

/// The process that is measured.
pub fn idle(api_url: &str, hub_url: &str) {
    let before = resident();
    let client = client(api_url, hub_url);
    client.login(PATIENCE).unwrap();
    let stream = client.stream(&StreamOptions::default()).unwrap();
    stream.subscribe(&CONTRACTS[0].into(), Kinds::MARKET, PATIENCE).unwrap();
    stream.subscribe_account(ACCOUNT.into(), Kinds::ORDERS, PATIENCE).unwrap();
    let after = resident();
    println!("{:>14} {:>14} {:>10}", "process MB", "of it client", "threads");
    println!("{after:>14.1} {:>14.1} {:>10}", after - before, tradeforge::live_threads());
}

/// Megabytes of this process that are in memory.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
}
