//! A recording of raw frames, and what clients get of it when it is replayed.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod sim_client;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use sim_client::{Client, HubClient};
use tempfile::TempDir;
use tradeforge::recording::{Entry, Header, Hub, IfExists, Reader, What, Writer};
use tradeforge::sim::{Replay, Sim, SimClock, SimConfig};
use tradeforge::{Config, StreamOptions, Timestamp};
use tungstenite::Message;

const SUBJECTS: [&str; 3] = ["Quotes", "Trades", "MarketDepth"];
const START: &str = "2026-11-20T15:00:00Z";

fn stepped() -> SimConfig {
    SimConfig { clock: SimClock::Stepped(Timestamp::parse(START).unwrap()), ..SimConfig::default() }
}

fn subscribe(hub: &mut HubClient, contract: &str, subjects: &[&str]) {
    for subject in subjects {
        hub.call(&format!("SubscribeContract{subject}"), &format!("[\"{contract}\"]"));
    }
}

/// The next frame that is no ping.
fn frame(hub: &mut HubClient) -> String {
    loop {
        if let Message::Text(text) = hub.socket.read().unwrap()
            && text.as_str() != "{\"type\":6}\u{1e}"
        {
            return text.to_string();
        }
    }
}

/// A client of a replay whose time stands still until it is stepped.
fn replaying(replay: &Replay) -> Client {
    Client::of(Sim::replay(stepped(), replay).unwrap())
}

/// Records a busy market with a client of the library, while a bare client takes down the same: gives the file and
/// the records that the bare client got.
fn recorded(folder: &TempDir) -> (PathBuf, Vec<String>) {
    let clock = SimClock::Stepped(Timestamp::now());
    let bare = Client::with(SimConfig { clock, ..SimConfig::default() });
    let sim = &bare.sim;
    let mut config = Config::new();
    for (key, value) in [
        ("environment", "DEMO"),
        ("api_url", &sim.api_url()),
        ("market_hub_url", &sim.market_hub_url()),
        ("user_hub_url", &sim.user_hub_url()),
        ("user_name", sim.user_name()),
        ("api_key", sim.api_key()),
    ] {
        config.set(key, value).unwrap();
    }
    let client = tradeforge::Client::new(&config).unwrap();
    let patience = Duration::from_secs(30);
    client.login(patience).unwrap();
    let path = folder.path().join("market.lz4");
    let recorder = client.record_to(&path, IfExists::Refuse).unwrap();
    assert!(client.record_to(folder.path().join("other.lz4"), IfExists::Refuse).is_err());
    let stream = client.stream(&StreamOptions::default()).unwrap();
    let contract: tradeforge::ContractId = sim.default_contract().as_str().into();
    stream.subscribe(&contract, tradeforge::Kinds::MARKET, patience).unwrap();
    let account = tradeforge::AccountId::new(sim.default_account().into());
    stream.subscribe_account(account, tradeforge::Kinds::USER, patience).unwrap();
    client
        .place(
            &tradeforge::OrderRequest::market(account, contract.clone(), tradeforge::Side::Buy, 2),
            patience,
        )
        .unwrap();
    let mut hub = bare.hub("market");
    subscribe(&mut hub, &bare.contract, &SUBJECTS);
    let read = std::thread::Builder::new().spawn(move || {
        let records = std::iter::from_fn(|| hub.try_next().ok());
        records
            .filter(|record| {
                record.contains("GatewayQuote\"")
                    || record.contains("GatewayTrade\"")
                    || record.contains("GatewayDepth\"")
            })
            .collect()
    });
    for _ in 0..20 {
        sim.step(Duration::from_secs(1)).unwrap();
    }
    // What was sent before is received before the answer to this.
    stream.subscribe(&contract, tradeforge::Kinds::TRADES, patience).unwrap();
    client.close();
    let recorded = recorder.stop();
    sim.log_out_hub_clients("end");
    let bare_records = read.unwrap().join().unwrap();
    assert!(recorded.received > 1000 && recorded.lost == 0 && recorded.trouble.is_none(), "{recorded:?}");
    assert_eq!(recorded.file_bytes, std::fs::metadata(&path).unwrap().len());
    (path, bare_records)
}

/// The payloads of a hub that hold an event, in order.
fn events(path: &Path, hub: Hub) -> Vec<String> {
    let mut reader = Reader::open(path).unwrap();
    let mut frames = Vec::new();
    while let Some(entry) = reader.next_entry().unwrap() {
        let text = std::str::from_utf8(entry.data).unwrap();
        if entry.hub == hub && entry.what == What::Received && text.contains("\"target\":\"Gateway") {
            frames.push(text.to_owned());
        }
    }
    assert_eq!(reader.lost(), None);
    frames
}

/// What a client gets that subscribes to everything.
fn received(path: &Path, speed: f64, market: usize, user: usize) -> (Vec<String>, Vec<String>) {
    let client = replaying(&Replay { speed, ..Replay::of(path) });
    let mut hubs = (client.hub("market"), client.hub("user"));
    subscribe(&mut hubs.0, &client.contract, &SUBJECTS);
    hubs.1.call("SubscribeAccounts", "[]");
    for subject in ["Orders", "Positions", "Trades"] {
        hubs.1.call(&format!("Subscribe{subject}"), &format!("[{}]", client.account));
    }
    std::thread::scope(|scope| {
        let read = scope.spawn(|| (0..market).map(|_| frame(&mut hubs.0)).collect());
        let user = scope.spawn(|| (0..user).map(|_| frame(&mut hubs.1)).collect());
        client.sim.step(Duration::from_secs(60)).unwrap();
        (read.join().unwrap(), user.join().unwrap())
    })
}

#[test]
fn two_replays_are_the_recording_to_the_byte() {
    let folder = tempfile::tempdir().unwrap();
    let (path, bare) = recorded(&folder);
    let (market, user) = (events(&path, Hub::Market), events(&path, Hub::User));
    let all = market.concat();
    // The first quote came between the bare client's first two calls, which pass over it.
    let records: Vec<&str> = all.split_terminator('\u{1e}').skip(1).collect();
    assert!(records == bare, "the recording is what a bare client gets");
    assert!(
        market.len() > 1000 && user.concat().matches("GatewayUser").count() >= 5,
        "{} {}",
        market.len(),
        user.len()
    );
    assert!(
        market.iter().any(|frame| frame.matches('\u{1e}').count() > 1),
        "some frames hold several records"
    );
    for speed in [0.0, 1.0] {
        let (seen_market, seen_user) = received(&path, speed, market.len(), user.len());
        assert!(seen_market == market && seen_user == user, "at speed {speed}");
    }
}

#[test]
fn a_recording_holds_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = recorded(&folder);
    let mut reader = Reader::open(&path).unwrap();
    assert!(reader.header().market_host.starts_with("127.0.0.1:"));
    let mut whats = Vec::new();
    while let Some(entry) = reader.next_entry().unwrap() {
        let text = std::str::from_utf8(entry.data).unwrap();
        for secret in ["access_token", "Bearer", "eyJ", "tradeforge-simulator-key", "sim-trader"] {
            assert!(!text.contains(secret), "{text}");
        }
        if !whats.contains(&entry.what) {
            whats.push(entry.what);
        }
    }
    assert_eq!(whats.len(), 4, "openings, closings, sent and received are there");
}

/// A recording made by hand: time in milliseconds, hub, frame.
fn written(folder: &TempDir, frames: &[(i64, Hub, &str)]) -> PathBuf {
    let path = folder.path().join("written.lz4");
    let begin = Timestamp::parse(START).unwrap();
    let mut writer = Writer::create(&path, IfExists::Replace, &Header::new(begin, "", "")).unwrap();
    for (millis, hub, frame) in frames {
        let at = begin.saturating_add(Duration::from_millis(u64::try_from(*millis).unwrap()));
        writer.append(&Entry { at, hub: *hub, what: What::Received, data: frame.as_bytes() }).unwrap();
    }
    writer.sync().unwrap();
    path
}

const MES: &str = "CON.F.US.MES.Z26";

fn quote(contract: &str, number: u32) -> String {
    format!(
        "{{\"type\":1,\"target\":\"GatewayQuote\",\"arguments\":[\"{contract}\",{{\"volume\":{number}}}]}}\u{1e}"
    )
}

#[test]
fn the_pace_is_the_recordings_times_the_speed() {
    let folder = tempfile::tempdir().unwrap();
    let quotes: Vec<String> = (0..4).map(|number| quote(MES, number)).collect();
    let times = [0, 1000, 1500, 9000];
    let frames: Vec<_> =
        times.iter().zip(&quotes).map(|(at, quote)| (*at, Hub::Market, quote.as_str())).collect();
    let path = written(&folder, &frames);
    let client = replaying(&Replay { speed: 2.0, ..Replay::of(&path) });
    let mut hub = client.hub("market");
    // Nothing is lost before the first subscription.
    client.sim.step(Duration::from_secs(60)).unwrap();
    subscribe(&mut hub, MES, &["Quotes"]);
    let mut count_after = |millis: u64| {
        client.sim.step(Duration::from_millis(millis)).unwrap();
        // What was sent before comes before this answer.
        hub.send(r#"{"type":1,"target":"SubscribeContractDepth","arguments":[],"invocationId":"end"}"#);
        std::iter::from_fn(|| Some(hub.next())).take_while(|record| record["invocationId"] != "end").count()
    };
    assert_eq!([499, 1, 499, 1, 250, 3749, 1, 60_000].map(&mut count_after), [0, 1, 0, 1, 1, 0, 1, 0]);
}

#[test]
fn a_client_gets_the_frames_with_what_it_subscribed_to() {
    let folder = tempfile::tempdir().unwrap();
    let (mine, other) = (quote(MES, 1), quote("CON.F.US.ENQ.Z26", 1));
    let both = format!("{other}{mine}");
    let news = "{\"type\":1,\"target\":\"GatewayNews\",\"arguments\":[]}\u{1e}";
    let mixed = format!("{{\"type\":3,\"invocationId\":\"1\",\"result\":0}}\u{1e}{mine}{{\"type\":6}}\u{1e}");
    let logout = "{\"type\":1,\"target\":\"GatewayLogout\",\"arguments\":[]}\u{1e}{\"type\":7}\u{1e}";
    let path = written(
        &folder,
        &[
            (0, Hub::Market, "{}\u{1e}"),
            (0, Hub::Market, &mine),
            (0, Hub::Market, &other),
            (0, Hub::User, &mine),
            (0, Hub::Market, &both),
            (0, Hub::Market, logout),
            (0, Hub::Market, &mixed),
            (0, Hub::Market, news),
        ],
    );
    let client = replaying(&Replay::of(&path));
    let (mut hub, mut unsubscribed) = (client.hub("market"), client.hub("market"));
    subscribe(&mut hub, MES, &["Quotes"]);
    subscribe(&mut unsubscribed, MES, &["Quotes"]);
    unsubscribed.call("UnsubscribeContractQuotes", &format!("[\"{MES}\"]"));
    client.sim.step(Duration::from_secs(1)).unwrap();
    for expected in [&*mine, &both, &mine, news] {
        assert_eq!(frame(&mut hub), expected);
    }
    for hub in [&mut hub, &mut unsubscribed] {
        hub.send(r#"{"type":1,"target":"Nonsense","arguments":[],"invocationId":"9"}"#);
        let answer: Value = serde_json::from_str(&hub.next_text()).unwrap();
        assert!(
            answer["invocationId"] == "9" && answer["error"].as_str().unwrap().ends_with("does not exist.")
        );
    }
}

#[test]
fn a_loop_begins_again() {
    let folder = tempfile::tempdir().unwrap();
    let quotes = [quote(MES, 1), quote(MES, 2)];
    let path = written(&folder, &[(0, Hub::Market, &quotes[0]), (10, Hub::Market, &quotes[1])]);
    for speed in [0.0, 1.0] {
        let client = replaying(&Replay { speed, is_repeated: true, ..Replay::of(&path) });
        let mut hub = client.hub("market");
        subscribe(&mut hub, MES, &["Quotes"]);
        client.sim.step(Duration::from_secs(1)).unwrap();
        for round in 0..50 {
            assert_eq!([frame(&mut hub), frame(&mut hub)], quotes, "round {round}");
        }
    }
}

#[test]
fn contracts_and_accounts_are_the_recorded_ones_and_orders_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let account = "{\"type\":1,\"target\":\"GatewayUserAccount\",\"arguments\":[{\"action\":1,\"data\":{\"id\":77,\
                   \"name\":\"PRAC-77\",\"balance\":1234.5600,\"canTrade\":true}}]}\u{1e}";
    let order = "{\"type\":1,\"target\":\"GatewayUserOrder\",\"arguments\":[{\"action\":1,\"data\":{\"id\":1,\
                 \"accountId\":78}}]}\u{1e}";
    let (known, unknown) = (quote("CON.F.US.EP.M31", 1), quote("CON.F.US.ABC.M31", 1));
    let path = written(
        &folder,
        &[
            (0, Hub::User, account),
            (0, Hub::User, order),
            (0, Hub::Market, &known),
            (0, Hub::Market, &unknown),
        ],
    );
    let client = replaying(&Replay::of(&path));
    assert_eq!((client.contract.as_str(), client.account), ("CON.F.US.EP.M31", 77));
    let accounts = client.post("/api/Account/search", r#"{"onlyActiveAccounts":true}"#).json();
    let shown: Vec<_> =
        accounts["accounts"].as_array().unwrap().iter().map(|it| it["name"].clone()).collect();
    assert_eq!(shown, ["PRAC-77", "REPLAY-78"]);
    assert_eq!(accounts["accounts"][0]["balance"].to_string(), "1234.56");
    let by_id = |id: &str| {
        client.post("/api/Contract/searchById", &format!(r#"{{"contractId":"{id}"}}"#)).json()["contract"]
            .clone()
    };
    assert_eq!(
        (&by_id("CON.F.US.EP.M31")["name"], &by_id("CON.F.US.EP.M31")["tickSize"]),
        (&"ESM1".into(), &0.25.into())
    );
    assert!(by_id("CON.F.US.ABC.M31").is_null());
    let found = client.post("/api/Contract/search", r#"{"live":false,"searchText":"ESM1"}"#).json();
    assert_eq!(found["contracts"][0]["id"], "CON.F.US.EP.M31");
    let placed = client.place(r#""type":2,"side":0,"size":1"#);
    assert_eq!((&placed["errorCode"], &placed["orderId"]), (&2.into(), &Value::Null));
    assert!(placed["errorMessage"].as_str().unwrap().starts_with("Trading is currently unavailable."));
    // What is of no known product is sent all the same.
    let mut hub = client.hub("market");
    subscribe(&mut hub, "CON.F.US.ABC.M31", &["Quotes"]);
    client.sim.step(Duration::from_secs(1)).unwrap();
    assert_eq!(frame(&mut hub), unknown);
}

#[test]
fn a_replay_without_a_pace_gives_everything() {
    let folder = tempfile::tempdir().unwrap();
    // More than the outbox of a connection holds.
    let quotes: Vec<String> = (0..20_000).map(|number| quote(MES, number)).collect();
    let frames: Vec<_> = quotes.iter().map(|quote| (0, Hub::Market, quote.as_str())).collect();
    let path = written(&folder, &frames);
    let replay = Replay { speed: 0.0, ..Replay::of(&path) };
    let client = Client::of(Sim::replay(SimConfig::default(), &replay).unwrap());
    let mut hub = client.hub("market");
    subscribe(&mut hub, MES, &["Quotes"]);
    for expected in &quotes {
        assert_eq!(&frame(&mut hub), expected);
    }
}

#[test]
fn bars_are_those_of_the_recorded_trades() {
    let folder = tempfile::tempdir().unwrap();
    let trades = |prices: [&str; 2], second: u32| {
        let trade = |price| {
            format!("{{\"price\":{price},\"timestamp\":\"2026-11-20T15:00:{second:02}+00:00\",\"volume\":2}}")
        };
        let trades = prices.map(trade).join(",");
        format!("{{\"type\":1,\"target\":\"GatewayTrade\",\"arguments\":[\"{MES}\",[{trades}]]}}\u{1e}")
    };
    let (first, second) = (trades(["7730.50", "7730"], 1), trades(["7731", "7729.75"], 59));
    let path = written(&folder, &[(0, Hub::Market, &first), (0, Hub::Market, &second)]);
    let client = replaying(&Replay::of(&path));
    let bars = |unit: i32, number: i32| {
        let body = format!(
            r#"{{"contractId":"{MES}","live":false,"startTime":"2026-11-20T14:00:00Z","endTime":"2026-11-20T16:00:00Z",
            "unit":{unit},"unitNumber":{number},"limit":10,"includePartialBar":true}}"#
        );
        let answer = client.post("/api/History/retrieveBars", &body).json();
        assert_eq!(answer["success"], true, "{answer}");
        answer["bars"].as_array().unwrap().iter().map(Value::to_string).collect::<Vec<_>>()
    };
    let second_bar = r#"{"c":7729.75,"h":7731,"l":7729.75,"o":7731,"t":"2026-11-20T15:00:59+00:00","v":4}"#;
    let first_bar = r#"{"c":7730,"h":7730.5,"l":7730,"o":7730.5,"t":"2026-11-20T15:00:01+00:00","v":4}"#;
    assert_eq!(bars(1, 1), [second_bar, first_bar]);
    let minute = r#"{"c":7729.75,"h":7731,"l":7729.75,"o":7730.5,"t":"2026-11-20T15:00:00+00:00","v":8}"#;
    assert_eq!(bars(2, 1), [minute]);
}

#[test]
fn what_cannot_be_replayed_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(&folder, &[(0, Hub::Market, &quote(MES, 1)), (5000, Hub::Market, &quote(MES, 2))]);
    let start = |replay: &Replay| Sim::replay(stepped(), replay).map(drop).unwrap_err().to_string();
    for speed in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(start(&Replay { speed, ..Replay::of(&path) }).contains("from 0 to 1000000"));
    }
    assert!(start(&Replay::of(folder.path().join("none"))).contains("none cannot be read"));
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 20;
    bytes[last] ^= 4;
    std::fs::write(&path, &bytes).unwrap();
    assert!(start(&Replay::of(&path)).contains("damaged in its block at byte"));
    // A torn end is no damage.
    std::fs::write(&path, &bytes[..last]).unwrap();
    drop(Sim::replay(stepped(), &Replay::of(&path)).unwrap());
}
