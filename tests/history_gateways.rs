//! Bars of gateways that differ from the documents: they cut pages short, or count the end to the range.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use common::http::Request;
use common::{PATIENCE, contract, gateway, logged_in, refusal, success};
use serde_json::{Value, json};
use tradeforge::model::{Bar, BarRequest, BarUnit};
use tradeforge::{Kind, Price, Timestamp};

const MINUTE: i64 = 60_000_000_000;
/// How many minutes the gateway has, from the first of November.
const MINUTES: i64 = 4_500;

fn start() -> i64 {
    Timestamp::parse("2026-11-01T00:00:00Z").unwrap().nanos()
}

fn row(index: i64) -> Value {
    let time = Timestamp::from_nanos(start() + index * MINUTE).to_string();
    // A volume that no double holds, a price with an exponent, and members that are not documented.
    let text = format!(
        r#"{{"t":"{}","o":1.250000000,"h":5e-7,"l":-37.63,"c":{index}.25,"v":{},"d":"2026-11-02","k":{index}}}"#,
        time.replace('Z', "+00:00"),
        9_007_199_254_740_993 + index
    );
    serde_json::from_str(&text).unwrap()
}

/// The bars that a gateway gives which cuts at so many rows.
fn answer(request: &Request, cut: i64, is_end_inclusive: bool) -> Vec<Value> {
    let index = |name: &str| {
        let time = Timestamp::parse(request.body[name].as_str().unwrap()).unwrap();
        (time.nanos() - start()).div_euclid(MINUTE)
    };
    let limit = request.body["limit"].as_i64().unwrap();
    assert!((1..=20_000).contains(&limit), "{}", request.body);
    let end = (index("endTime") + i64::from(is_end_inclusive)).min(MINUTES);
    let first = index("startTime").max(0).max(end - limit.min(cut));
    (first..end).rev().map(row).collect()
}

fn request(from: i64, to: i64) -> BarRequest {
    let moment = |index: i64| Timestamp::from_nanos(start() + index * MINUTE);
    BarRequest::new(contract(), BarUnit::Minute, moment(from), moment(to))
}

fn check(bars: &[Bar], from: i64, to: i64) {
    assert_eq!(i64::try_from(bars.len()).unwrap(), to - from);
    for (bar, index) in bars.iter().zip(from..) {
        assert_eq!(bar.start.nanos(), start() + index * MINUTE);
        assert_eq!(bar.volume.get(), 9_007_199_254_740_993 + index);
        let prices = [bar.open, bar.high, bar.low, bar.close].map(|price| price.to_string());
        assert_eq!(prices, ["1.25".to_owned(), "0.0000005".into(), "-37.63".into(), format!("{index}.25")]);
        assert_eq!(Price::parse(&prices[3]).unwrap(), bar.close);
    }
}

#[test]
fn a_silent_cut_loses_nothing() {
    for is_end_inclusive in [false, true] {
        let server =
            gateway(move |request| success(json!({ "bars": answer(request, 1_000, is_end_inclusive) })));
        let client = logged_in(&server);
        for (from, to) in [(0, MINUTES), (10, 3_000), (4_499, MINUTES), (100, 1_100)] {
            check(&client.bars(&request(from, to), PATIENCE).unwrap(), from, to);
        }
        check(&client.bars(&request(-500, MINUTES + 500), PATIENCE).unwrap(), 0, MINUTES);
        let latest = BarRequest { limit: Some(1), ..request(0, 2_000) };
        check(&client.bars(&latest, PATIENCE).unwrap(), 1_999, 2_000);
        let latest = BarRequest { limit: Some(1_001), ..request(0, 2_000) };
        check(&client.bars(&latest, PATIENCE).unwrap(), 999, 2_000);
    }
}

#[test]
fn an_empty_past_is_an_empty_list_in_every_spelling() {
    for bars in [json!({ "bars": [] }), json!({ "bars": null }), json!({})] {
        let server = gateway(move |_| success(bars.clone()));
        assert!(logged_in(&server).bars(&request(0, 10), PATIENCE).unwrap().is_empty());
    }
}

#[test]
fn every_refusal_has_its_name() {
    for (code, kind, name) in [
        (1, Kind::NotFound, "ContractNotFound"),
        (2, Kind::Rejected, "UnitInvalid"),
        (3, Kind::Rejected, "UnitNumberInvalid"),
        (4, Kind::Rejected, "LimitInvalid"),
        (5, Kind::Protocol, "Unlisted"),
    ] {
        let server = gateway(move |_| refusal(code, "no", json!({ "bars": null })));
        let error = logged_in(&server).bars(&request(0, 10), PATIENCE).unwrap_err();
        let told = error.gateway_code().unwrap();
        assert_eq!((error.kind(), told.number, told.name), (kind, code, name));
        assert_eq!(error.gateway_text(), Some("no"));
    }
}

#[test]
fn a_token_that_ends_between_two_pages_is_renewed() {
    let server = gateway(|request| {
        let is_late = request.body["endTime"].as_str().unwrap() < "2026-11-03T00:00:00Z";
        match request.token() {
            "token-1" if is_late => common::http::Reply::Json(401, String::new()),
            _ => success(json!({ "bars": answer(request, 1_000, false) })),
        }
    });
    check(&logged_in(&server).bars(&request(0, MINUTES), PATIENCE).unwrap(), 0, MINUTES);
}
