//! Bars: of the past before the simulator started, and of what printed since.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod sim_client;

use std::time::Duration;

use serde_json::{Value, json};
use sim_client::Client;
use tradeforge::Timestamp;
use tradeforge::sim::{Calendar, SimClock, SimConfig};

/// A Friday morning in Chicago, within a minute and within a second.
const START: &str = "2026-11-20T15:04:05.5Z";

const SECOND: i32 = 1;
const MINUTE: i32 = 2;
const HOUR: i32 = 3;
const DAY: i32 = 4;
const WEEK: i32 = 5;
const MONTH: i32 = 6;

fn client(calendar: Calendar) -> Client {
    let clock = SimClock::Stepped(Timestamp::parse(START).unwrap());
    Client::with(SimConfig { clock, calendar, rate_limit: false, ..SimConfig::default() })
}

/// The members of a request besides the contract.
struct Request<'a> {
    unit: i32,
    number: i32,
    from: &'a str,
    to: &'a str,
    limit: i32,
    partial: bool,
}

impl<'a> Request<'a> {
    fn new(unit: i32, from: &'a str, to: &'a str) -> Request<'a> {
        Request { unit, number: 1, from, to, limit: 20_000, partial: true }
    }

    fn send(&self, client: &Client) -> Vec<Bar> {
        let answer = retrieve(client, self, &client.contract, false);
        assert_eq!((&answer["success"], &answer["errorCode"]), (&json!(true), &json!(0)), "{answer}");
        answer["bars"].as_array().unwrap().iter().map(Bar::read).collect()
    }
}

fn retrieve(client: &Client, request: &Request<'_>, contract: &str, live: bool) -> Value {
    let Request { unit, number, from, to, limit, partial } = request;
    let body = format!(
        r#"{{"contractId":"{contract}","live":{live},"startTime":"{from}","endTime":"{to}","unit":{unit},"unitNumber":{number},"limit":{limit},"includePartialBar":{partial}}}"#
    );
    client.post("/api/History/retrieveBars", &body).json()
}

/// A bar with its prices in quarters of a point, so that they are exact.
#[derive(Debug, Clone, PartialEq)]
struct Bar {
    t: String,
    prices: [i64; 4],
    v: i64,
}

impl Bar {
    fn read(value: &Value) -> Bar {
        let quarters = |name: &str| {
            let quarters = value[name].as_f64().unwrap() * 4.0;
            assert_eq!(quarters.fract(), 0.0, "{value}");
            quarters as i64
        };
        let bar = Bar {
            t: value["t"].as_str().unwrap().to_owned(),
            prices: ["o", "h", "l", "c"].map(quarters),
            v: value["v"].as_i64().unwrap(),
        };
        let [open, high, low, close] = bar.prices;
        assert!(low <= open.min(close) && open.max(close) <= high && bar.v > 0, "{value}");
        bar
    }
}

/// One bar of shorter ones, newest first.
fn aggregate(bars: &[Bar]) -> Bar {
    let (last, first) = (&bars[0], &bars[bars.len() - 1]);
    let high = bars.iter().map(|bar| bar.prices[1]).max().unwrap();
    let low = bars.iter().map(|bar| bar.prices[2]).min().unwrap();
    let v = bars.iter().map(|bar| bar.v).sum();
    Bar { t: first.t.clone(), prices: [first.prices[0], high, low, last.prices[3]], v }
}

/// Checks that each long bar is the aggregate of the short ones from its start to the next one's.
fn assert_agree(long: &[Bar], short: &[Bar]) {
    assert!(!long.is_empty());
    let mut rest = short;
    for bar in long {
        let count = rest.iter().take_while(|short| short.t >= bar.t).count();
        assert!(count > 0, "nothing within {bar:?}");
        let mut whole = aggregate(&rest[..count]);
        whole.t.clone_from(&bar.t);
        assert_eq!(whole, *bar);
        rest = &rest[count..];
    }
    assert!(rest.is_empty(), "{rest:?}");
}

#[test]
fn longer_bars_are_made_of_shorter_ones() {
    for calendar in [Calendar::AlwaysOpen, Calendar::Cme] {
        let client = client(calendar);
        // Let some of it be live, so that bars across the start are looked at too.
        let mut hub = client.hub("market");
        hub.call("SubscribeContractTrades", &format!("[\"{}\"]", client.contract));
        client.sim.step(Duration::from_secs(100)).unwrap();
        let bars = |unit, number, from: &str, to: &str| {
            Request { number, ..Request::new(unit, from, to) }.send(&client)
        };
        let (from, to) = ("2026-11-20T12:00:00Z", "2026-11-20T16:00:00Z");
        let minutes = bars(MINUTE, 1, from, to);
        assert_agree(&minutes, &bars(SECOND, 1, from, to));
        assert_agree(&bars(MINUTE, 15, from, to), &minutes);
        assert_agree(&bars(SECOND, 30, from, to), &bars(SECOND, 10, from, to));
        assert_agree(&bars(HOUR, 1, from, to), &minutes);
        assert_eq!(minutes.len(), 3 * 60 + 6);
        assert!(
            minutes
                .windows(2)
                .all(|pair| pair[0].prices[0] == pair[1].prices[3] || pair[1].t.contains("15:0"))
        );
        let (from, to) = ("2026-10-25T22:00:00Z", "2026-11-20T22:00:00Z");
        let hours = bars(HOUR, 1, from, to);
        assert_agree(&hours, &bars(MINUTE, 30, from, to));
        let days = bars(DAY, 1, from, to);
        assert_agree(&days, &hours);
        let weeks = bars(WEEK, 1, from, to);
        assert_agree(&weeks, &days);
        assert_eq!(weeks.len(), 4);
        let (from, to) = ("2026-07-31T22:00:00Z", "2026-11-20T22:00:00Z");
        assert_agree(&bars(MONTH, 1, from, to)[..4], &bars(DAY, 1, from, to));
    }
}

#[test]
fn live_bars_are_what_printed() {
    let client = client(Calendar::AlwaysOpen);
    let before = Request::new(SECOND, "2026-11-20T15:00:00Z", "2026-11-20T16:00:00Z").send(&client);
    let mut hub = client.hub("market");
    hub.call("SubscribeContractQuotes", &format!("[\"{}\"]", client.contract));
    let first = hub.next_of("GatewayQuote")["arguments"][1].clone();
    assert_eq!(before[0].t, "2026-11-20T15:04:04+00:00");
    assert_eq!(before[0].prices[3] as f64 / 4.0, first["lastPrice"].as_f64().unwrap());
    let day = Request::new(DAY, "2026-11-19T23:00:00Z", "2026-11-20T23:00:00Z").send(&client);
    for (index, name) in ["open", "high", "low", "lastPrice"].into_iter().enumerate() {
        assert_eq!(day[0].prices[index] as f64 / 4.0, first[name].as_f64().unwrap(), "{name}");
    }
    assert_eq!(first["volume"], day[0].v);
    let yesterday = Request::new(DAY, "2026-11-18T23:00:00Z", "2026-11-19T23:00:00Z").send(&client);
    let change = first["lastPrice"].as_f64().unwrap() - yesterday[0].prices[3] as f64 / 4.0;
    assert_eq!(first["change"].as_f64().unwrap(), change);

    hub.call("SubscribeContractTrades", &format!("[\"{}\"]", client.contract));
    client.sim.step(Duration::from_secs(20)).unwrap();
    let mut volume = 0;
    let until = "2026-11-20T15:04:20";
    loop {
        let record = hub.next();
        if record["target"] == "GatewayTrade" {
            let trades = record["arguments"][1].as_array().unwrap();
            if trades[0]["timestamp"].as_str().unwrap() >= until {
                break;
            }
            volume += trades.iter().map(|trade| trade["volume"].as_i64().unwrap()).sum::<i64>();
        }
    }
    let live = Request::new(SECOND, "2026-11-20T15:04:05Z", "2026-11-20T15:04:20Z").send(&client);
    assert!(live.len() >= 10);
    assert_eq!(live.iter().map(|bar| bar.v).sum::<i64>(), volume);
}

#[test]
fn pages_join_without_gap_or_double() {
    let client = client(Calendar::Cme);
    for (unit, number, from) in [
        (SECOND, 7, "2026-11-20T14:00:00Z"),
        (MINUTE, 1, "2026-11-17T00:00:00Z"),
        (MINUTE, 7, "2026-11-10T00:00:00Z"),
        (HOUR, 4, "2026-09-01T00:00:00Z"),
        (DAY, 1, "2025-11-20T00:00:00Z"),
        (WEEK, 2, "2023-01-01T00:00:00Z"),
    ] {
        let all = Request { number, ..Request::new(unit, from, START) }.send(&client);
        assert!(all.windows(2).all(|pair| pair[0].t > pair[1].t), "newest first");
        let mut paged: Vec<Bar> = Vec::new();
        let mut to = START.to_owned();
        loop {
            let request = Request { number, limit: 37, ..Request::new(unit, from, &to) };
            let page = request.send(&client);
            assert!(page.len() <= 37);
            let Some(last) = page.last() else { break };
            to.clone_from(&last.t);
            paged.extend(page);
        }
        assert_eq!(paged, all, "{unit} {number}");
    }
}

#[test]
fn days_begin_at_five_in_chicago() {
    let client = client(Calendar::Cme);
    let starts = |unit, from, to| -> Vec<String> {
        Request::new(unit, from, to).send(&client).into_iter().map(|bar| bar.t).collect()
    };
    // Summer time ended on the first of November.
    assert_eq!(
        starts(DAY, "2026-10-29T00:00:00Z", "2026-11-04T00:00:00Z"),
        [
            "2026-11-03T23:00:00+00:00",
            "2026-11-02T23:00:00+00:00",
            "2026-11-01T23:00:00+00:00",
            "2026-10-29T22:00:00+00:00"
        ]
    );
    // From Friday's close to Sunday's opening there is nothing.
    assert_eq!(
        starts(HOUR, "2026-11-13T20:00:00Z", "2026-11-16T01:00:00Z"),
        [
            "2026-11-16T00:00:00+00:00",
            "2026-11-15T23:00:00+00:00",
            "2026-11-13T21:00:00+00:00",
            "2026-11-13T20:00:00+00:00"
        ]
    );
}

#[test]
fn the_bar_that_forms_is_partial() {
    let client = client(Calendar::Cme);
    for (unit, forming) in [
        (MINUTE, "2026-11-20T15:04:00+00:00"),
        (HOUR, "2026-11-20T15:00:00+00:00"),
        (DAY, "2026-11-19T23:00:00+00:00"),
        (WEEK, "2026-11-15T23:00:00+00:00"),
        (MONTH, "2026-11-01T23:00:00+00:00"),
    ] {
        let request =
            Request { limit: 2, ..Request::new(unit, "2026-09-21T00:00:00Z", "2026-12-01T00:00:00Z") };
        let with = request.send(&client);
        let without = Request { partial: false, ..request }.send(&client);
        assert_eq!((&*with[0].t, &with[1]), (forming, &without[0]), "{unit}");
    }
}

#[test]
fn the_past_has_an_end() {
    let client = client(Calendar::Cme);
    let (long_ago, now) = ("1990-01-01T00:00:00Z", "2200-01-01T00:00:00Z");
    let oldest = |unit, number, to| {
        let bars = Request { number, ..Request::new(unit, long_ago, to) }.send(&client);
        (bars.len(), bars.last().unwrap().t.clone())
    };
    assert_eq!(oldest(MINUTE, 1, now).0, 20_000);
    let (_, minutes) = oldest(MINUTE, 30, now);
    assert!(minutes.starts_with("2026-09-1"), "{minutes}");
    let (hours, since) = oldest(HOUR, 1, now);
    assert!((5_900..6_100).contains(&hours) && since.starts_with("2025-11-"), "{hours} {since}");
    assert!(oldest(DAY, 1, now).0 > 1_200);
    assert!(oldest(MONTH, 1, now).0 > 55);
    let nothing = Request::new(MINUTE, "2026-11-20T15:00:00Z", "2026-11-20T14:00:00Z").send(&client);
    assert!(nothing.is_empty());
    assert!(Request::new(DAY, "2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z").send(&client).is_empty());
}

#[test]
fn every_contract_has_bars_and_an_expired_one_ends() {
    let client = client(Calendar::Cme);
    let contracts = client.post("/api/Contract/available", r#"{"live":false}"#).json();
    let request = Request::new(HOUR, "2026-11-19T00:00:00Z", "2026-12-01T00:00:00Z");
    for contract in contracts["contracts"].as_array().unwrap() {
        let answer = retrieve(&client, &request, contract["id"].as_str().unwrap(), false);
        assert_eq!(answer["bars"].as_array().unwrap().len(), 39, "{contract}");
    }
    let answer =
        retrieve(&client, &Request::new(DAY, "2026-08-01T00:00:00Z", START), "CON.F.US.MES.U26", false);
    // The third Friday was the 18th; trading had moved on with the Monday before.
    assert_eq!(answer["bars"][0]["t"], "2026-09-10T22:00:00+00:00");
}

#[test]
fn what_is_wrong_has_a_code() {
    let client = client(Calendar::AlwaysOpen);
    let good = || Request::new(MINUTE, "2026-11-20T14:00:00Z", "2026-11-20T15:00:00Z");
    let code = |request: Request<'_>, contract: &str| {
        let answer = retrieve(&client, &request, contract, false);
        assert_eq!((&answer["success"], &answer["bars"]), (&json!(false), &Value::Null));
        answer["errorCode"].as_i64().unwrap()
    };
    let contract = &client.contract;
    assert_eq!(code(good(), "CON.F.US.NONE.Z26"), 1);
    for unit in [-1, 0, 7] {
        assert_eq!(code(Request { unit, ..good() }, contract), 2);
    }
    for (unit, number) in [(MINUTE, 0), (MINUTE, -5), (MINUTE, 1_441), (HOUR, 25), (MONTH, i32::MAX)] {
        assert_eq!(code(Request { unit, number, ..good() }, contract), 3);
    }
    for limit in [0, -1, 20_001] {
        assert_eq!(code(Request { limit, ..good() }, contract), 4);
    }
    let live = retrieve(&client, &good(), contract, true);
    assert_eq!(live, json!({"bars": [], "success": true, "errorCode": 0, "errorMessage": null}));
    assert_eq!(client.post("/api/History/retrieveBars", r#"{"contractId":5}"#).status, 400);
}

#[test]
fn a_bar_is_spelled_as_the_gateway_does() {
    let client = client(Calendar::AlwaysOpen);
    let body = format!(
        r#"{{"contractId":"{}","live":false,"startTime":"2026-11-20T14:00:00Z","endTime":"2026-11-20T14:01:00Z","unit":2,"unitNumber":1,"limit":1,"includePartialBar":false}}"#,
        client.contract
    );
    let text = client.post("/api/history/retrieveBars", &body).text;
    let bar = text.strip_prefix(r#"{"bars":[{"t":"2026-11-20T14:00:00+00:00","o":"#).unwrap();
    let names: Vec<&str> = bar.split('"').skip(1).step_by(2).collect();
    assert_eq!(names, ["h", "l", "c", "v", "success", "errorCode", "errorMessage"]);
    assert_eq!(client.post("/api/History/retrieveBars", &body).text, text, "asked again it is the same");
}
