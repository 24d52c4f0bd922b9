//! A stream that nobody polls in time: the loss is counted at its place, and the account's news all arrive.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use common::hub::{HubServer, order, quote};
use common::{ACCOUNT, CONTRACT, PATIENCE, contract, login_only};
use serde_json::json;
use tradeforge::{EventBody, Kinds, StreamOptions};

const QUOTES: u64 = 1000;
const ORDERS: i64 = 50;
const CAPACITY: usize = 4;

#[test]
fn quotes_give_way_and_orders_do_not() {
    let (finish, finished) = crossbeam_channel::unbounded();
    let market = HubServer::start(move |connection| {
        let call = connection.next_call().unwrap();
        connection.confirm(&call);
        for bid in 1..=QUOTES {
            connection.send(&quote(CONTRACT, &json!({"bestBid": bid})));
        }
        // Calls are answered in order, so that a later confirmation means that all quotes were read.
        connection.confirm_all();
    });
    let user = HubServer::start(move |connection| {
        let call = connection.next_call().unwrap();
        connection.confirm(&call);
        for id in 1..=ORDERS {
            connection.send(&order(id, ACCOUNT));
        }
        finish.send(()).unwrap();
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
    let client = tradeforge::Client::new(&config).unwrap();
    client.login(PATIENCE).unwrap();
    let mut options = StreamOptions::default();
    options.capacity = CAPACITY;
    let stream = client.stream(&options).unwrap();
    stream.subscribe_account(ACCOUNT.into(), Kinds::ORDERS, PATIENCE).unwrap();
    stream.subscribe(&contract(), Kinds::QUOTES, PATIENCE).unwrap();
    finished.recv_timeout(PATIENCE).unwrap();
    // The confirmations stand behind all quotes and all orders.
    stream.subscribe(&contract(), Kinds::TRADES, PATIENCE).unwrap();
    stream.subscribe_account(ACCOUNT.into(), Kinds::FILLS, PATIENCE).unwrap();
    assert_eq!(stream.dropped(), QUOTES - CAPACITY as u64);
    client.close();

    let (mut bids, mut orders, mut dropped, mut next_seq) = (Vec::new(), Vec::new(), Vec::new(), 1);
    while let tradeforge::Polled::Events(_) = stream
        .poll_each(16, PATIENCE, |event| {
            assert_eq!(event.seq, next_seq);
            next_seq += 1;
            match event.body {
                EventBody::Quote(quote) => bids.push(quote.bid.unwrap().units() / 1_000_000_000),
                EventBody::Order(order) => orders.push(order.id.get()),
                EventBody::Gap(gap) => {
                    assert_eq!(gap.first_seq, event.seq);
                    next_seq = gap.first_seq + gap.dropped;
                    dropped.push(gap.dropped);
                }
                EventBody::Link(_) => {}
                other => panic!("{other:?}"),
            }
        })
        .unwrap()
    {}
    assert_eq!(dropped, [QUOTES - CAPACITY as u64], "one gap, with the right count");
    assert_eq!(bids, [997, 998, 999, 1000], "the newest are kept");
    assert_eq!(orders, (1..=ORDERS).collect::<Vec<_>>(), "none lost, in order");
}
