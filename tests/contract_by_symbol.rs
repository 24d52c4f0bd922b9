//! The library's own client finds every contract of the simulator by its names.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use std::time::Duration;

use serde_json::json;
use tradeforge::sim::{Sim, SimConfig};
use tradeforge::{Client, Config, Kind};

const PATIENCE: Duration = Duration::from_secs(60);

fn session() -> (Sim, Client) {
    let sim = Sim::start(SimConfig { speed: 0.0, rate_limit: false, ..SimConfig::default() }).unwrap();
    let mut config = Config::new();
    for (key, value) in sim.settings() {
        config.set(key, &value).unwrap();
    }
    config.set("cache_seconds", "0").unwrap();
    let client = Client::new(&config).unwrap();
    client.login(PATIENCE).unwrap();
    (sim, client)
}

#[test]
fn every_active_contract_has_its_names() {
    let (_sim, client) = session();
    let active = client.available_contracts(false, PATIENCE).unwrap();
    assert_eq!(active.len(), 52);
    for contract in active {
        let id = contract.id.as_str();
        let code = contract.symbol_id.as_deref().unwrap().strip_prefix("F.US.").unwrap();
        let root = &contract.name[..contract.name.len() - 2];
        let month = &id[id.len() - 3..];
        for symbol in [
            id.to_owned(),
            contract.name.to_lowercase(),
            format!("{root}{month}"),
            format!("/{code}{month}"),
            root.to_owned(),
            format!("/{root}"),
            code.to_lowercase(),
            format!("f.us.{code}"),
        ] {
            assert_eq!(client.contract_by_symbol(&symbol, false, PATIENCE).unwrap(), contract, "{symbol}");
        }
    }
}

#[test]
fn an_expired_contract_is_found_by_its_month() {
    let (sim, client) = session();
    let active = client.contract(&(&*sim.default_contract()).into(), PATIENCE).unwrap();
    // A quarter earlier.
    let (root, month) = active.name.split_at(active.name.len() - 2);
    let (letter, digit) = month.split_at(1);
    let year: u32 = active.id.as_str()[active.id.as_str().len() - 2..].parse().unwrap();
    assert_eq!(digit, (year % 10).to_string());
    let (letter, year) = match letter {
        "H" => ("Z", year - 1),
        "M" => ("H", year),
        "U" => ("M", year),
        _ => ("U", year),
    };
    for symbol in [format!("{root}{letter}{year}"), format!("{root}{letter}{}", year % 10)] {
        let expired = client.contract_by_symbol(&symbol, false, PATIENCE).unwrap();
        assert_eq!(expired.id.as_str(), format!("CON.F.US.{root}.{letter}{year}"));
        assert!(!expired.is_active);
    }
}

#[test]
fn what_is_unknown_lists_what_there_is() {
    let (_sim, client) = session();
    let told = |symbol: &str| client.contract_by_symbol(symbol, false, PATIENCE).unwrap_err();
    let error = told("MESG6");
    assert!(error.kind() == Kind::NotFound && error.message().contains("(CON.F.US.MES."), "{error}");
    assert!(told("XYZ").message().contains("(CON.F.US.ZWA."));
    assert_eq!(told("no symbol").kind(), Kind::Argument);
    let live = client.contract_by_symbol("MES", true, PATIENCE).unwrap_err();
    assert!(live.kind() == Kind::NotFound && live.message().contains("live data"), "{live}");
}

#[test]
fn two_contracts_of_one_name_are_not_guessed_between() {
    let row = |id: &str, active: bool| {
        json!({"id": id, "name": "ODDZ6", "description": "Odd: December 2026", "tickSize": 0.25, "tickValue": 1.25,
            "activeContract": active, "symbolId": "F.US.ODD"})
    };
    let contracts = json!([row("CON.F.US.ODD.Z26", true), row("CON.F.EU.ODD.Z26", true)]);
    let server = common::gateway(move |request| match request.path.as_str() {
        "/api/Contract/available" => common::success(json!({ "contracts": contracts })),
        other => panic!("{other} was not expected"),
    });
    let client = common::logged_in(&server);
    for symbol in ["ODD", "ODDZ6", "F.US.ODD"] {
        let error = client.contract_by_symbol(symbol, false, PATIENCE).unwrap_err();
        assert_eq!(error.kind(), Kind::Argument, "{error}");
        for id in ["CON.F.US.ODD.Z26", "CON.F.EU.ODD.Z26"] {
            assert!(error.message().contains(id), "{error}");
        }
    }
}
