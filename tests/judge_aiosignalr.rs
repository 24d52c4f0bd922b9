//! The client works with a SignalR server that other people wrote.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;
mod judge_support;

use common::{PATIENCE, stream, wait_for, wait_for_link};
use judge_support::{Judge, sample};
use serde_json::{Value, json};
use tradeforge::model::{AccountId, ContractId, DepthKind, EventFlags, Hub, LinkState, PositionSide};
use tradeforge::{Client, Config, EventBody, Kind, Kinds, OrderStatus, Side, Stream};

const CONTRACT: &str = "CON.F.US.MNQ.U26";
const OTHER: &str = "CON.F.US.MES.U26";
const ACCOUNT: i32 = 20_000_002;

/// A client of the hubs of the judge.
fn client(port: &Value) -> Client {
    let url = format!("http://127.0.0.1:{port}");
    let (user, market) = (format!("{url}/hubs/user"), format!("{url}/hubs/market"));
    let mut config = Config::new();
    for (key, value) in [
        ("environment", "DEMO"),
        ("api_url", &*url),
        ("market_hub_url", &*market),
        ("user_hub_url", &*user),
        ("user_name", "jane"),
        ("api_key", "a-key-of-a-test"),
    ] {
        config.set(key, value).unwrap();
    }
    let client = Client::new(&config).unwrap();
    client.login(PATIENCE).unwrap();
    client
}

/// Subscribes to everything, and checks that the server was asked for it.
fn subscribe(stream: &Stream) {
    stream.subscribe(&CONTRACT.into(), Kinds::QUOTES | Kinds::DEPTH, PATIENCE).unwrap();
    stream.subscribe(&OTHER.into(), Kinds::TRADES, PATIENCE).unwrap();
    stream.subscribe_account(AccountId::new(ACCOUNT.into()), Kinds::USER, PATIENCE).unwrap();
}

/// Waits for both connections and for the calls of a whole subscription, in whatever order.
fn expect_subscription(judge: &mut Judge) {
    let mut calls = Vec::new();
    let mut connections = 0;
    while calls.len() < 7 || connections < 2 {
        let told = judge.next();
        match told["step"].as_str().unwrap() {
            "connected" => {
                assert_eq!(told["token"], "token-1");
                connections += 1;
            }
            "called" => calls.push(format!("{} {}", told["method"].as_str().unwrap(), told["arguments"])),
            "disconnected" => {}
            other => panic!("{other}: {told}"),
        }
    }
    calls.sort();
    let expected = [
        "SubscribeAccounts []".to_owned(),
        format!("SubscribeContractMarketDepth [\"{CONTRACT}\"]"),
        format!("SubscribeContractQuotes [\"{CONTRACT}\"]"),
        format!("SubscribeContractTrades [\"{OTHER}\"]"),
        format!("SubscribeOrders [{ACCOUNT}]"),
        format!("SubscribePositions [{ACCOUNT}]"),
        format!("SubscribeTrades [{ACCOUNT}]"),
    ];
    assert_eq!(calls, expected);
}

/// Lets the server send a captured record, and gives the event that the client makes of it.
fn told(judge: &mut Judge, stream: &Stream, name: &str) -> EventBody {
    judge.tell(&sample(name).to_string());
    wait_for(stream, |event| match event.body {
        EventBody::Link(_) | EventBody::Subscription(_) => None,
        // It lists nothing, so that after a loss everything is gone.
        _ if event.flags.contains(EventFlags::RESYNC) => None,
        body => Some(body),
    })
}

/// Checks that a captured fill arrives, which it does once.
fn check_fill(judge: &mut Judge, stream: &Stream) {
    let EventBody::Fill(fill) = told(judge, stream, "hub_user_trade_live_open") else { panic!() };
    assert_eq!((fill.fees.to_string().as_str(), fill.profit_and_loss, fill.size), ("5.55", None, 15));
}

/// Checks that the captured events of all other kinds arrive as what they are.
fn check_events(judge: &mut Judge, client: &Client, stream: &Stream) {
    let EventBody::Quote(quote) = told(judge, stream, "hub_market_quote_live") else { panic!("no quote") };
    assert_eq!(quote.bid.unwrap().to_string(), "29547");
    assert_eq!(quote.ask.unwrap().to_string(), "29547.5");
    let EventBody::Trade(trade) = told(judge, stream, "hub_market_trade_live_array") else { panic!() };
    assert_eq!((trade.price.to_string().as_str(), trade.aggressor), ("7730.5", Some(Side::Sell)));
    let EventBody::Depth(depth) = told(judge, stream, "hub_market_depth_live_array") else { panic!() };
    assert_eq!((depth.price.to_string().as_str(), depth.kind), ("29547", DepthKind::BestBid));
    let EventBody::Account(account) = told(judge, stream, "hub_user_account_live") else { panic!() };
    assert_eq!(account.balance.unwrap().to_string(), "150175.38");
    assert_eq!(client.symbol(account.name).as_deref(), Some("150KTC-V2-100002-20000002"));
    let EventBody::Order(order) = told(judge, stream, "hub_user_order_live_pending") else { panic!() };
    assert_eq!((order.id.to_string().as_str(), order.status), ("2934939764", OrderStatus::Pending));
    let EventBody::Position(position) = told(judge, stream, "hub_user_position_live_open") else { panic!() };
    assert_eq!((position.side, position.size), (PositionSide::Long, 15));
}

fn everything(frames: &str) {
    let Some(mut judge) = Judge::python("aiosignalr/gateway.py", &json!({ "frames": frames })) else {
        return;
    };
    let client = client(&judge.expect("ready")["port"]);
    let stream = stream(&client);
    subscribe(&stream);
    expect_subscription(&mut judge);
    check_events(&mut judge, &client, &stream);
    check_fill(&mut judge, &stream);

    let unknown = ContractId::from("CON.F.US.NONE.Z26");
    let error = stream.subscribe(&unknown, Kinds::QUOTES, PATIENCE).unwrap_err();
    assert_eq!(error.kind(), Kind::Rejected, "{error}");
    assert_eq!(error.gateway_text(), Some("There is no CON.F.US.NONE.Z26."));

    judge.tell("restart");
    for _ in 0..2 {
        wait_for_link(&stream, LinkState::Reconnecting);
    }
    expect_subscription(&mut judge);
    // What it tells of the user before that is compared with what it lists, and no news.
    wait_for(&stream, |event| match event.body {
        EventBody::Link(link) if link.hub == Hub::User && link.state == LinkState::Connected => Some(()),
        _ => None,
    });
    check_events(&mut judge, &client, &stream);

    stream.unsubscribe(&CONTRACT.into(), Kinds::QUOTES);
    let call = judge.expect("called");
    assert_eq!(
        (&call["method"], &call["arguments"]),
        (&"UnsubscribeContractQuotes".into(), &json!([CONTRACT]))
    );
    judge.tell(&sample("hub_market_quote_live").to_string());
    let next = told(&mut judge, &stream, "hub_market_depth_live_array");
    assert!(matches!(next, EventBody::Depth(_)), "{next:?}");

    client.close();
    for _ in 0..2 {
        judge.expect("disconnected");
    }
    judge.tell("end");
    judge.end();
}

#[test]
fn it_streams_from_text_frames() {
    everything("text");
}

#[test]
fn it_streams_from_binary_frames() {
    everything("binary");
}
