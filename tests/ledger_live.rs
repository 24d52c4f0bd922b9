//! What streams and the live state tell of the user while the connection holds.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod ledger_support;

use std::time::Duration;

use ledger_support::{PATIENCE, Trader, accounts, fills, orders, positions};
use tradeforge::model::{EventFlags, LinkState};
use tradeforge::sim::{Fault, FaultKind, Hub, Shape};
use tradeforge::{AccountId, BracketPrice, Kind, Kinds, OrderStatus, Side, StreamOptions};

#[test]
fn each_fill_and_each_state_of_an_account_comes_out_once() {
    let mut trader = Trader::start();
    trader.place(&trader.market(Side::Buy, 1));
    trader.settle();
    trader.client.close_position(trader.account, &trader.contract.id, PATIENCE).unwrap();
    trader.settle();
    let told = trader.told();
    // On the wire are three fills, the opening one twice, and four accounts.
    assert_eq!(
        fills(&told).iter().map(|fill| fill.profit_and_loss.is_some()).collect::<Vec<_>>(),
        [false, true]
    );
    assert_eq!(positions(&told).iter().map(|position| position.size).collect::<Vec<_>>(), [1, 0]);
    let balances: Vec<_> = accounts(&told).iter().map(|account| account.balance).collect();
    assert_eq!(balances.len(), 2, "{balances:?}");
    assert!(told.iter().all(|event| event.flags == EventFlags::NONE));
    trader.check_state();
}

#[test]
fn what_the_wire_doubles_comes_out_once() {
    let mut trader = Trader::start();
    trader.sim.inject(Fault::new(FaultKind::Duplicate).on("GatewayUser*").hub(Hub::User).always()).unwrap();
    let working = trader.place(&trader.resting());
    let filled = trader.place(&trader.market(Side::Buy, 1));
    trader.settle();
    trader.client.cancel(trader.account, working, PATIENCE).unwrap();
    trader.settle();
    let told = trader.told();
    let statuses =
        |id| orders(&told).iter().filter(|order| order.id == id).map(|order| order.status).collect();
    let (working, filled): (Vec<_>, Vec<_>) = (statuses(working), statuses(filled));
    assert_eq!(working.last(), Some(&OrderStatus::Cancelled));
    assert_eq!(filled.last(), Some(&OrderStatus::Filled));
    for statuses in [working, filled] {
        assert!(statuses.windows(2).all(|pair| pair[0] != pair[1]), "{statuses:?}");
    }
    assert_eq!(fills(&told).len(), 1);
    assert_eq!(positions(&told).len(), 1);
    trader.check_state();
}

#[test]
fn a_late_event_does_not_bring_an_order_back() {
    let mut trader = Trader::start();
    // The order's first event comes after its last.
    trader.sim.inject(Fault::new(FaultKind::Reorder).on("GatewayUserOrder").hub(Hub::User).times(4)).unwrap();
    for _ in 0..4 {
        trader.place(&trader.market(Side::Buy, 1));
        trader.settle();
    }
    let told = trader.told();
    let mut ended = Vec::new();
    for order in orders(&told) {
        assert!(!ended.contains(&order.id), "{order:?} after its end");
        if order.status.is_final() {
            ended.push(order.id);
        }
    }
    assert_eq!(ended.len(), 4);
    trader.check_state();
}

#[test]
fn the_first_subscription_knows_what_is_there() {
    let mut trader = Trader::idle(Shape::default());
    trader.last = trader.trade_once();
    let error = trader.client.live_orders(trader.account).unwrap_err();
    assert_eq!(error.kind(), Kind::State);
    assert!(error.to_string().contains("subscribe"), "{error}");
    let resting = trader.place(&trader.resting());
    let entry = trader
        .place(&tradeforge::OrderRequest { take_profit: Some(BracketPrice::Ticks(40)), ..trader.resting() });
    trader.place(&trader.market(Side::Buy, 2));
    trader.settle();
    trader.follow();
    // The state is known, and none of it is news.
    trader.check_state();
    let live = trader.client.live_orders(trader.account).unwrap();
    assert_eq!(live.state.len(), 3);
    assert!(live.state.iter().any(|order| order.id == resting));
    let leg = live.state.iter().find(|order| order.parent == Some(entry)).unwrap();
    assert_eq!(leg.status, OrderStatus::Suspended);
    assert_eq!(live.since, trader.sim.now());
    let told = trader.told();
    assert!(orders(&told).is_empty() && positions(&told).is_empty() && fills(&trader.seen).is_empty());

    // The fill that opened the position is told again at its end; it happened before the beginning.
    trader.sim.step(Duration::from_secs(3_600)).unwrap();
    trader.client.close_position(trader.account, &trader.contract.id, PATIENCE).unwrap();
    trader.settle();
    let told = trader.told();
    assert_eq!(fills(&told).iter().map(|fill| fill.profit_and_loss.is_some()).collect::<Vec<_>>(), [true]);
    trader.check_state();
}

#[test]
fn the_state_is_kept_as_long_as_somebody_follows_it() {
    let mut trader = Trader::start();
    trader.place(&trader.resting());
    trader.settle();
    trader.told();
    let other = trader.client.stream(&StreamOptions::default()).unwrap();
    other.subscribe_account(trader.account, Kinds::ORDERS, PATIENCE).unwrap();
    // Once for the beginning and once for the look at what was told.
    for _ in 0..2 {
        trader.stream.unsubscribe_account(trader.account, Kinds::ORDERS);
    }
    assert_eq!(trader.client.live_orders(trader.account).unwrap().state.len(), 1);
    drop(other);
    assert_eq!(trader.client.live_orders(trader.account).unwrap_err().kind(), Kind::State);
    assert!(trader.client.live_positions(trader.account).is_ok());

    let error = trader.client.live_account(AccountId::new(1)).unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound, "{error}");
}

#[test]
fn a_state_that_cannot_be_fetched_says_why_and_is_fetched_later() {
    let mut trader = Trader::idle(Shape::default());
    trader.sim.inject(Fault::new(FaultKind::Status).on("/api/Order/v2/query").status(503).times(2)).unwrap();
    trader.place(&trader.market(Side::Buy, 1));
    trader.stream.subscribe_account(trader.account, Kinds::ORDERS, PATIENCE).unwrap();
    let error = trader.client.live_orders(trader.account).unwrap_err();
    assert_eq!(error.kind(), Kind::State);
    assert!(error.to_string().contains("the gateway is failing"), "{error}");
    for _ in 0..100_000 {
        if let Ok(live) = trader.client.live_orders(trader.account) {
            assert_eq!(live.state.len(), 1);
            return;
        }
        std::thread::yield_now();
        trader.told();
    }
    panic!("the state is not known");
}

#[test]
fn it_grows_stale_when_the_connection_is_lost() {
    let mut trader = Trader::start();
    trader.place(&trader.resting());
    trader.settle();
    trader.told();
    trader.sim.step(Duration::from_secs(5)).unwrap();
    let lost = trader.sim.now();
    trader.while_away(|trader| {
        trader.sim.step(Duration::from_secs(5)).unwrap();
        let live = trader.client.live_orders(trader.account).unwrap();
        assert_eq!((live.state.len(), live.stale_since), (1, Some(lost)));
    });
    let live = trader.client.live_orders(trader.account).unwrap();
    assert!(live.is_current() && live.since > lost, "{live:?}");
    trader.client.close();
    assert!(!trader.client.live_orders(trader.account).unwrap().is_current());
    trader.until_link(LinkState::Closed);
}
