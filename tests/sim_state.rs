//! A paper account survives a restart: what a file keeps, and what it refuses.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, reason = "a broken promise fails the test")]

mod sim_client;

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use sim_client::Client;
use tradeforge::sim::{BracketMode, Sim, SimClock, SimConfig};
use tradeforge::{Kind, Timestamp};

fn config(file: &Path, start: &str) -> SimConfig {
    SimConfig {
        clock: SimClock::Stepped(Timestamp::parse(start).unwrap()),
        brackets: BracketMode::AutoOco,
        state_file: Some(file.to_owned()),
        ..SimConfig::default()
    }
}

/// Everything that the account shows over REST.
fn account(client: &Client) -> [Value; 4] {
    let since = r#","startTimestamp":"2020-01-01""#;
    let filter = format!(r#"{{"filter":{{"accountId":{}}}}}"#, client.account);
    [
        client.post("/api/Account/search", r#"{"onlyActiveAccounts":false}"#).json(),
        client.ask("/api/Position/searchOpen", ""),
        client.ask("/api/Trade/search", since),
        client.post("/api/Order/v2/query", &filter).json(),
    ]
}

#[test]
fn a_restart_changes_nothing_of_the_account() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("paper.json");
    let client = Client::with(config(&file, "2026-11-18T15:00:00Z"));
    let brackets = r#""stopLossBracket":{"ticks":-400,"type":4},"takeProfitBracket":{"ticks":400,"type":1}"#;
    client.place(&format!(r#""type":2,"side":0,"size":3,"customTag":"entry",{brackets}"#));
    client.sim.step(Duration::from_secs(1)).unwrap();
    client.ask(
        "/api/Position/partialCloseContract",
        &format!(r#","contractId":"{}","size":1"#, client.contract),
    );
    client.place(r#""type":1,"side":0,"size":2,"limitPrice":7000"#);
    client.sim.step(Duration::from_secs(1)).unwrap();
    assert_eq!(client.place(r#""type":2,"side":0,"size":0,"customTag":"refused""#)["errorCode"], 2);
    let before = account(&client);
    assert_eq!(before[1]["positions"][0]["size"], 2, "{}", before[1]);
    assert_eq!(before[3]["orders"].as_array().unwrap().len(), 6, "{}", before[3]);
    drop(client);

    let client = Client::with(config(&file, "2026-11-18T15:00:02Z"));
    assert_eq!(account(&client), before);
    // Tags stay used, ids go on, and the legs are at work.
    for tag in ["entry", "refused", "entry-SL"] {
        let answer = client.place(&format!(r#""type":2,"side":0,"size":1,"customTag":"{tag}""#));
        assert_eq!(answer["errorMessage"], "Specified custom tag is already in use", "{answer}");
    }
    client.ask("/api/Position/closeContract", &format!(r#","contractId":"{}""#, client.contract));
    client.sim.step(Duration::from_secs(1)).unwrap();
    assert_eq!(client.ask("/api/Position/searchOpen", "")["positions"], Value::Array(Vec::new()));
    let ids: Vec<i64> = account(&client)[3]["orders"]
        .as_array()
        .unwrap()
        .iter()
        .map(|order| order["id"].as_i64().unwrap())
        .collect();
    assert!(ids.len() > 9 && ids.is_sorted_by(|one, two| one < two), "{ids:?}");
}

#[test]
fn what_no_longer_trades_is_settled() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("paper.json");
    let client = Client::with(config(&file, "2026-11-18T15:00:00Z"));
    let old = client.contract.clone();
    client.place(r#""type":2,"side":1,"size":2"#);
    client.place(r#""type":1,"side":0,"size":1,"limitPrice":7000"#);
    client.sim.step(Duration::from_secs(1)).unwrap();
    drop(client);

    // A year later the front month is another, and the catalog has forgotten the old one.
    let client = Client::with(config(&file, "2027-12-01T15:00:00Z"));
    assert_ne!(client.contract, old);
    assert_eq!(client.ask("/api/Position/searchOpen", "")["positions"], Value::Array(Vec::new()));
    assert_eq!(client.ask("/api/Order/searchOpen", "")["orders"], Value::Array(Vec::new()));
    let by_id = client.post("/api/Contract/searchById", &format!(r#"{{"contractId":"{old}"}}"#)).json();
    assert_eq!(by_id["contract"]["activeContract"], false);
    client.place(r#""type":2,"side":0,"size":1"#);
    client.sim.step(Duration::from_secs(1)).unwrap();
    assert_eq!(client.ask("/api/Position/searchOpen", "")["positions"][0]["contractId"], *client.contract);
}

#[test]
fn a_file_that_is_in_use_or_broken_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("paper.json");
    let start = "2026-11-18T15:00:00Z";
    let first = Sim::start(config(&file, start)).unwrap();
    let error = Sim::start(config(&file, start)).unwrap_err();
    assert!(error.kind() == Kind::File && error.to_string().contains("in use"), "{error}");
    drop(first);
    let whole = std::fs::read_to_string(&file).unwrap();
    let newer = whole.replace(r#""format":1"#, r#""format":2"#);
    for broken in ["", "{}", "null", &whole[..whole.len() / 2], &newer] {
        std::fs::write(&file, broken).unwrap();
        let error = Sim::start(config(&file, start)).unwrap_err();
        assert!(error.kind() == Kind::File && error.to_string().contains("paper.json"), "{error}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), broken);
    }
    std::fs::write(&file, whole).unwrap();
    drop(Sim::start(config(&file, start)).unwrap());
    let nowhere = folder.path().join("no-folder/paper.json");
    assert_eq!(Sim::start(config(&nowhere, start)).unwrap_err().kind(), Kind::File);
}

#[test]
fn a_file_with_a_wrong_bit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("paper.json");
    let start = "2026-11-18T15:00:00Z";
    let client = Client::with(config(&file, start));
    client.place(r#""type":1,"side":0,"size":2,"limitPrice":7000"#);
    drop(client);
    let whole = std::fs::read(&file).unwrap();
    for at in (0..whole.len()).step_by(3) {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        std::fs::write(&file, &damaged).unwrap();
        let error = Sim::start(config(&file, start)).unwrap_err();
        assert_eq!(error.kind(), Kind::File, "byte {at}");
        assert_eq!(std::fs::read(&file).unwrap(), damaged);
    }
    // Without its last line it may have been changed by hand.
    let text = String::from_utf8(whole).unwrap();
    std::fs::write(&file, text.lines().next().unwrap()).unwrap();
    drop(Sim::start(config(&file, start)).unwrap());
}

#[cfg(unix)]
#[test]
fn a_link_to_a_state_stays_a_link_and_shares_its_lock() {
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("paper.json"), folder.path().join("link.json"));
    let start = "2026-11-18T15:00:00Z";
    drop(Sim::start(config(&file, start)).unwrap());
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let client = Client::with(config(&link, start));
    assert_eq!(Sim::start(config(&file, start)).unwrap_err().kind(), Kind::File);
    client.place(r#""type":1,"side":0,"size":2,"limitPrice":7000"#);
    drop(client);
    assert!(link.is_symlink());
    assert_eq!(Client::with(config(&file, start)).sim.inspect().orders, 1);
    let error = Sim::start(config(folder.path(), start)).unwrap_err();
    assert!(error.to_string().contains("regular file"), "{error}");
}

#[test]
fn what_could_not_be_written_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("paper.json");
    let client = Client::with(config(&file, "2026-11-18T15:00:00Z"));
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir_all(file.join("in-the-way")).unwrap();
    client.place(r#""type":1,"side":0,"size":2,"limitPrice":7000"#);
    assert_eq!(client.sim.save().unwrap_err().kind(), Kind::File);
    client.sim.stop();
    assert!(!folder.path().join("paper.json.new").exists());
}

#[test]
fn a_loss_of_the_day_is_kept_for_the_day() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("paper.json");
    let rules =
        tradeforge::sim::AccountRules { daily_loss: Some("1".parse().unwrap()), ..Default::default() };
    // Half an hour before the trading day ends, a moment later, and after it.
    for (start, may_trade) in
        [("2026-11-18T22:30:00Z", true), ("2026-11-18T22:30:02Z", false), ("2026-11-18T23:30:00Z", true)]
    {
        let client = Client::with(SimConfig { rules, speed: 0.0, ..config(&file, start) });
        assert_eq!(account(&client)[0]["accounts"][0]["canTrade"], may_trade, "{start}");
        client.place(r#""type":2,"side":0,"size":2"#);
        client.sim.step(Duration::from_secs(1)).unwrap();
        assert_eq!(account(&client)[0]["accounts"][0]["canTrade"], false, "{start}");
    }
}
