//! What a slow reader gets: each policy of a stream, and what its statistics tell.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use std::time::Instant;

use common::hub::{HubConnection, HubServer, event, order, quote};
use common::{
    ACCOUNT, CONTRACT, PATIENCE, contract, in_background, logged_in_with_hub, login_only, wait_for,
};
use serde_json::json;
use tradeforge::model::QuoteFields;
use tradeforge::{Client, Event, EventBody, Kinds, Polled, QueuePolicy, Stream, StreamOptions};

fn stream(client: &Client, policy: QueuePolicy, capacity: usize) -> Stream {
    let mut options = StreamOptions::default();
    (options.policy, options.capacity) = (policy, capacity);
    client.stream(&options).unwrap()
}

fn trade(price: i64) -> serde_json::Value {
    event("GatewayTrade", &json!([CONTRACT, [{"price": price, "volume": 1, "type": 0}]]))
}

fn send_bids(connection: &mut HubConnection, bids: std::ops::RangeInclusive<i64>) {
    for bid in bids {
        connection.send(&quote(CONTRACT, &json!({"bestBid": bid})));
    }
}

/// Everything that waits, without the news of the connection.
fn drain(stream: &Stream) -> Vec<Event> {
    let mut events = Vec::new();
    while let Polled::Events(_) = stream
        .poll_each(7, std::time::Duration::ZERO, |event| {
            if !matches!(event.body, EventBody::Link(_) | EventBody::Subscription(_)) {
                events.push(event);
            }
        })
        .unwrap()
    {}
    events
}

fn units(price: Option<tradeforge::Price>) -> Option<i64> {
    price.map(|price| price.units() / 1_000_000_000)
}

#[test]
fn a_stream_that_conflates_has_the_newest_quote_and_every_trade() {
    let hub = HubServer::start(|connection| {
        for _ in 0..3 {
            let call = connection.next_call().unwrap();
            connection.confirm(&call);
        }
        connection.send(&quote(CONTRACT, &json!({"bestBid": 100, "bestAsk": 101})));
        connection.send(&quote("OTHER", &json!({"bestBid": 7})));
        connection.send(&trade(100));
        connection.send(&quote(CONTRACT, &json!({"bestBid": 99})));
        connection.send(&trade(99));
        connection.send(&quote(CONTRACT, &json!({"lastPrice": 99})));
        connection.confirm_all();
    });
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let stream = stream(&client, QueuePolicy::Conflate, 100);
    stream.subscribe(&contract(), Kinds::QUOTES | Kinds::TRADES, PATIENCE).unwrap();
    // Calls are answered in order: everything was read.
    stream.subscribe(&"OTHER".into(), Kinds::QUOTES, PATIENCE).unwrap();
    stream.subscribe(&"OTHER".into(), Kinds::DEPTH, PATIENCE).unwrap();

    let before = stream.statistics();
    let events = drain(&stream);
    let bodies: Vec<_> = events.iter().map(|event| event.body).collect();
    let [
        EventBody::Quote(merged),
        EventBody::Quote(other),
        EventBody::Trade(first),
        EventBody::Trade(second),
    ] = bodies.as_slice()
    else {
        panic!("{bodies:?}")
    };
    assert_eq!((units(merged.bid), units(merged.ask), units(merged.last)), (Some(99), Some(101), Some(99)));
    assert_eq!(merged.changed, QuoteFields::BID | QuoteFields::ASK | QuoteFields::LAST);
    assert_eq!(merged.conflated, 2);
    assert_eq!((units(Some(first.price)), units(Some(second.price))), (Some(100), Some(99)));
    assert_eq!((units(other.bid), other.conflated), (Some(7), 0), "another contract");
    let after = stream.statistics();
    assert_eq!((before.conflated, before.dropped, after.depth), (2, 0, 0));
    assert_eq!(after.received, after.delivered + after.conflated);
}

#[test]
fn a_stream_that_blocks_loses_nothing_and_holds_the_market_back() {
    const QUOTES: i64 = 60_000;
    const CAPACITY: usize = 16;
    let market = HubServer::start(|connection| {
        let call = connection.next_call().unwrap();
        connection.confirm(&call);
        send_bids(connection, 1..=QUOTES);
        connection.confirm_all();
    });
    let user = HubServer::start(|connection| {
        let call = connection.next_call().unwrap();
        connection.confirm(&call);
        connection.send(&order(1, ACCOUNT));
        connection.confirm_all();
    });
    let server = login_only();
    let mut config = tradeforge::Config::new();
    for (key, value) in [
        ("api_url", server.url()),
        ("market_hub_url", market.url()),
        ("user_hub_url", user.url()),
        ("user_name", "jane".to_owned()),
        ("api_key", "a-key-of-a-test".to_owned()),
    ] {
        config.set(key, &value).unwrap();
    }
    let client = Client::new(&config).unwrap();
    client.login(PATIENCE).unwrap();
    let stream = stream(&client, QueuePolicy::Block, CAPACITY);
    stream.subscribe(&contract(), Kinds::QUOTES, PATIENCE).unwrap();
    // Full: the market connection is not read any more, the user's is.
    let others = common::stream(&client);
    others.subscribe_account(ACCOUNT.into(), Kinds::ORDERS, PATIENCE).unwrap();
    wait_for(&others, |event| matches!(event.body, EventBody::Order(_)).then_some(()));

    let (mut bids, mut next) = (Vec::new(), 1);
    while bids.len() < QUOTES as usize {
        let polled = stream.poll_each(CAPACITY, PATIENCE, |event| {
            assert_eq!(event.seq, next, "no gap");
            next += 1;
            match event.body {
                EventBody::Quote(quote) => bids.push(units(quote.bid).unwrap()),
                EventBody::Link(_) => {}
                other => panic!("{other:?}"),
            }
        });
        assert!(matches!(polled, Ok(Polled::Events(_))), "{polled:?} after {} quotes", bids.len());
    }
    assert_eq!(bids, (1..=QUOTES).collect::<Vec<_>>());
    let told = stream.statistics();
    assert_eq!(told.dropped, 0);
    assert!(told.high_water < CAPACITY + 64, "it held the market back: {told:?}");
}

#[test]
fn a_market_that_is_held_back_can_be_closed() {
    let (filled, fills) = std::sync::mpsc::channel();
    let hub = HubServer::start(move |connection| {
        let call = connection.next_call().unwrap();
        connection.confirm(&call);
        // Until the client goes: far more than the sockets hold.
        let mut bid = 0;
        while connection.send(&quote(CONTRACT, &json!({"bestBid": bid}))) {
            bid += 1;
        }
        filled.send(bid).unwrap();
    });
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let stream = stream(&client, QueuePolicy::Block, 4);
    stream.subscribe(&contract(), Kinds::QUOTES, PATIENCE).unwrap();
    let closing = in_background({
        let client = client.clone();
        move || client.close()
    });
    closing.join().unwrap();
    fills.recv_timeout(PATIENCE).expect("the connection ended");
    assert!(!drain(&stream).is_empty(), "what came is there");
}

#[test]
fn a_stream_that_goes_holds_the_market_back_no_longer() {
    let hub = HubServer::start(|connection| {
        let call = connection.next_call().unwrap();
        connection.confirm(&call);
        send_bids(connection, 1..=20_000);
        connection.confirm_all();
    });
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let slow = stream(&client, QueuePolicy::Block, 4);
    let quick = stream(&client, QueuePolicy::Conflate, 4);
    quick.subscribe(&contract(), Kinds::QUOTES, PATIENCE).unwrap();
    slow.subscribe(&contract(), Kinds::QUOTES, std::time::Duration::ZERO).unwrap();
    drop(slow);
    wait_for(&quick, |event| match event.body {
        EventBody::Quote(quote) => (units(quote.bid) == Some(20_000)).then_some(()),
        _ => None,
    });
}

#[test]
fn the_statistics_tell_what_waits() {
    let hub = HubServer::start(|connection| {
        let call = connection.next_call().unwrap();
        connection.confirm(&call);
        send_bids(connection, 1..=10);
        connection.confirm_all();
    });
    let server = login_only();
    let client = logged_in_with_hub(&server, &hub.url());
    let stream = stream(&client, QueuePolicy::DropOldest, 4);
    assert_eq!(stream.statistics(), Default::default());
    stream.subscribe(&contract(), Kinds::QUOTES, PATIENCE).unwrap();
    stream.subscribe(&contract(), Kinds::TRADES, PATIENCE).unwrap();
    // Told after the confirmation that was waited for.
    let end = Instant::now() + PATIENCE;
    while stream.statistics().received < 12 {
        assert!(Instant::now() < end, "{:?}", stream.statistics());
        std::thread::yield_now();
    }
    let told = stream.statistics();
    // Four quotes, and that it connects and is connected.
    assert_eq!((told.received, told.delivered, told.dropped, told.depth), (12, 0, 6, 6));
    assert!(told.high_water >= told.depth && told.oldest.is_some() && told.oldest < Some(PATIENCE));
    assert_eq!(drain(&stream).len(), 5, "four quotes and a gap");
    let told = stream.statistics();
    assert_eq!((told.received, told.delivered, told.depth, told.oldest), (12, 6, 0, None));
}
