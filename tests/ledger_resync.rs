//! What happens while the user hub is away is told when it is back: each change, each fill once, and then
//! CONNECTED.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod ledger_support;

use std::time::Duration;

use ledger_support::{PATIENCE, Trader, accounts, fills, orders, positions};
use tradeforge::model::{EventFlags, LinkState, PositionSide};
use tradeforge::sim::{Fault, FaultKind, Garbage, Hub, Shape};
use tradeforge::{
    BracketPrice, Event, EventBody, Kind, Kinds, Money, OrderChange, OrderId, OrderRequest, OrderStatus,
    Side, StopLoss,
};

/// The latest status that these events tell of an order.
fn status(events: &[Event], id: OrderId) -> Option<OrderStatus> {
    orders(events).iter().rev().find(|order| order.id == id).map(|order| order.status)
}

/// What came since `before`, without the news of the connection; all of it was fetched.
fn fetched(trader: &Trader, before: usize) -> Vec<Event> {
    let told: Vec<Event> =
        trader.seen[before..].iter().filter(|event| !event.body.kinds().is_empty()).copied().collect();
    assert!(told.iter().all(|event| event.flags.contains(EventFlags::RESYNC)), "{told:#?}");
    told
}

#[test]
fn everything_that_happened_meanwhile_is_told() {
    let mut trader = Trader::start();
    let cancelled = trader.place(&trader.resting());
    let changed = trader.place(&trader.resting());
    let untouched = trader.place(&trader.resting());
    let entry = trader.place(&OrderRequest {
        stop_loss: Some(StopLoss { at: BracketPrice::Ticks(40), is_trailing: false }),
        take_profit: Some(BracketPrice::Ticks(60)),
        ..OrderRequest::limit(trader.account, trader.contract.id.clone(), Side::Buy, 1, trader.at(-20))
    });
    trader.settle();
    trader.told();
    let before = trader.seen.len();
    let new_price = trader.at(-200);
    let mut placed = Vec::new();
    trader.while_away(|trader| {
        trader.client.cancel(trader.account, cancelled, PATIENCE).unwrap();
        let change =
            OrderChange { limit_price: Some(new_price), ..OrderChange::new(trader.account, changed) };
        trader.client.modify(&change, PATIENCE).unwrap();
        // The entry becomes marketable, so its legs begin to work.
        let through =
            OrderChange { limit_price: Some(trader.at(20)), ..OrderChange::new(trader.account, entry) };
        trader.client.modify(&through, PATIENCE).unwrap();
        trader.settle();
        placed.push(trader.place(&trader.market(Side::Buy, 2)));
        trader.settle();
        trader.sim.set_balance(trader.account.get() as i32, "149000".parse().unwrap()).unwrap();
    });
    let told = fetched(&trader, before);
    assert_eq!(status(&told, cancelled), Some(OrderStatus::Cancelled));
    let change = orders(&told).into_iter().find(|order| order.id == changed).unwrap();
    assert_eq!((change.status, change.limit_price), (OrderStatus::Open, Some(new_price)));
    assert_eq!(status(&told, untouched), None, "nothing happened to it");
    assert_eq!(status(&told, entry), Some(OrderStatus::Filled));
    let legs = orders(&told).into_iter().filter(|order| order.parent == Some(entry));
    assert_eq!(legs.map(|leg| leg.status).collect::<Vec<_>>(), [OrderStatus::Open; 2]);
    assert_eq!(status(&told, placed[0]), Some(OrderStatus::Filled), "it was made and filled meanwhile");
    assert_eq!(fills(&told).iter().map(|fill| fill.order).collect::<Vec<_>>(), [entry, placed[0]]);
    assert_eq!(positions(&told).iter().map(|position| position.size).collect::<Vec<_>>(), [3]);
    assert_eq!(
        accounts(&told).iter().map(|account| account.balance.unwrap()).collect::<Vec<_>>(),
        ["149000".parse::<Money>().unwrap()]
    );
    // What was done comes before what came of it.
    let rank = |event: &Event| match event.body {
        EventBody::Fill(_) => 0,
        EventBody::Order(order) => {
            if order.status.is_final() {
                1
            } else {
                2
            }
        }
        EventBody::Position(_) => 3,
        _ => 4,
    };
    assert!(told.is_sorted_by_key(rank), "{told:#?}");
    trader.check_state();

    let before = trader.seen.len();
    trader.while_away(|trader| {
        trader.client.close_position(trader.account, &trader.contract.id, PATIENCE).unwrap();
        trader.settle();
    });
    let told = fetched(&trader, before);
    let flat = positions(&told)[0];
    assert_eq!((flat.side, flat.size), (PositionSide::Flat, 0));
    trader.check_state();
    assert!(trader.fill_counts().values().all(|count| *count == 1));
    // Nothing is told twice when nothing happened.
    let before = trader.seen.len();
    trader.while_away(|_| ());
    assert!(fetched(&trader, before).is_empty());
    trader.check_state();
}

#[test]
fn many_orders_that_ended_are_found() {
    let mut trader = Trader::start();
    let resting: Vec<OrderId> = (0..12).map(|_| trader.place(&trader.resting())).collect();
    trader.settle();
    trader.told();
    // They are older than what is asked for by time: the latest thing that was told is this one.
    trader.sim.step(Duration::from_secs(7_200)).unwrap();
    trader.place(&trader.market(Side::Buy, 1));
    trader.settle();
    trader.told();
    let before = trader.seen.len();
    trader.while_away(|trader| {
        for id in &resting[..8] {
            trader.client.cancel(trader.account, *id, PATIENCE).unwrap();
        }
        trader.settle();
    });
    let told = fetched(&trader, before);
    assert_eq!(orders(&told).len(), 8);
    assert!(resting[..8].iter().all(|id| status(&told, *id) == Some(OrderStatus::Cancelled)));
    trader.check_state();
    // A few are asked for one by one.
    let before = trader.seen.len();
    trader.while_away(|trader| trader.client.cancel(trader.account, resting[9], PATIENCE).unwrap());
    assert_eq!(status(&fetched(&trader, before), resting[9]), Some(OrderStatus::Cancelled));
    trader.check_state();
}

#[test]
fn what_was_long_before_the_beginning_is_not_missed() {
    let mut trader = Trader::idle(Shape::default());
    trader.last = trader.trade_once();
    let resting = trader.place(&trader.resting());
    trader.settle();
    // All that is known at the beginning is an order that is days old.
    trader.sim.step(Duration::from_secs(3 * 86_400)).unwrap();
    trader.follow();
    let before = trader.seen.len();
    trader.while_away(|_| ());
    assert!(fetched(&trader, before).is_empty());
    trader.while_away(|trader| {
        trader.client.cancel(trader.account, resting, PATIENCE).unwrap();
        trader.place(&trader.market(Side::Buy, 1));
        trader.settle();
    });
    let told = fetched(&trader, before);
    assert_eq!((fills(&told).len(), status(&told, resting)), (1, Some(OrderStatus::Cancelled)));
    trader.check_state();
}

#[test]
fn what_comes_while_it_is_fetched_waits_its_turn() {
    let mut trader = Trader::start();
    let missed = trader.place(&trader.resting());
    trader.settle();
    trader.told();
    let before = trader.seen.len();
    trader.sim.inject(Fault::new(FaultKind::Status).on("/api/Position/searchOpen").always()).unwrap();
    trader.sim.drop_hub_connections();
    let failed = trader.until(|event| match event.body {
        EventBody::Link(link) if link.state == LinkState::Resyncing && link.reason.is_some() => Some(link),
        _ => None,
    });
    assert_eq!((failed.reason, failed.attempt), (Some(Kind::Unavailable), 1));
    // These come live, while the fetch fails again and again.
    trader.client.cancel(trader.account, missed, PATIENCE).unwrap();
    let bought = trader.place(&trader.market(Side::Buy, 1));
    trader.settle();
    trader.told();
    assert!(fetched(&trader, before).is_empty(), "nothing is told before what was missed");
    assert!(!trader.client.live_orders(trader.account).unwrap().is_current());
    trader.sim.clear_faults();
    trader.until_link(LinkState::Connected);
    trader.told();
    let told = &trader.seen[before..];
    assert_eq!(status(told, missed), Some(OrderStatus::Cancelled));
    assert_eq!(status(told, bought), Some(OrderStatus::Filled));
    assert_eq!(fills(told).len(), 1);
    let connected = told
        .iter()
        .position(|event| matches!(event.body, EventBody::Link(link) if link.state == LinkState::Connected));
    let last = told.iter().rposition(|event| !event.body.kinds().is_empty());
    assert!(last < connected, "{told:#?}");
    trader.check_state();
}

#[test]
fn a_loss_during_the_fetch_starts_it_anew() {
    let mut trader = Trader::start();
    trader.place(&trader.resting());
    trader.settle();
    trader.told();
    let before = trader.seen.len();
    trader.sim.inject(Fault::new(FaultKind::Status).on("/api/Trade/search").always()).unwrap();
    for _ in 0..3 {
        trader.sim.drop_hub_connections();
        trader.until_link(LinkState::Reconnecting);
        trader.until_link(LinkState::Resyncing);
        trader.place(&trader.market(Side::Buy, 1));
        trader.settle();
    }
    trader.sim.clear_faults();
    trader.until_link(LinkState::Connected);
    trader.told();
    assert_eq!(fills(&trader.seen[before..]).len(), 3);
    assert!(trader.fill_counts().values().all(|count| *count == 1));
    trader.check_state();
}

#[test]
fn a_record_that_cannot_be_read_is_fetched() {
    let mut trader = Trader::start();
    for (event, form) in [
        ("GatewayUserOrder", Garbage::Shape),
        ("GatewayUserTrade", Garbage::Html),
        ("GatewayUserTrade", Garbage::Empty),
        ("GatewayUserPosition", Garbage::Shape),
    ] {
        let before = trader.seen.len();
        let garbage = Fault::new(FaultKind::Garbage).on(event).hub(Hub::User).form(form).times(2);
        trader.sim.inject(garbage).unwrap();
        let placed = trader.place(&trader.market(Side::Buy, 1));
        trader.settle();
        trader.until_link(LinkState::Resyncing);
        trader.until_link(LinkState::Connected);
        trader.sim.clear_faults();
        trader.told();
        let told = &trader.seen[before..];
        assert_eq!(status(told, placed), Some(OrderStatus::Filled));
        assert_eq!(fills(told).len(), 1);
        trader.check_state();
    }
}

#[test]
fn a_restart_of_the_gateway_is_survived() {
    let mut trader = Trader::start();
    let resting = trader.place(&trader.resting());
    trader.settle();
    trader.told();
    trader.sim.restart(Duration::from_secs(2)).unwrap();
    trader.until_link(LinkState::Reconnecting);
    trader.sim.step(Duration::from_secs(3)).unwrap();
    // The tokens are gone too: a query gets a new one, a cancel does not.
    trader.order(resting);
    trader.client.cancel(trader.account, resting, PATIENCE).unwrap();
    trader.settle();
    trader.until_link(LinkState::Connected);
    trader.told();
    assert_eq!(trader.last_statuses()[&resting], OrderStatus::Cancelled);
    trader.check_state();
}

#[test]
fn an_account_that_is_refused_does_not_hold_up_the_others() {
    let mut trader = Trader::start();
    let refused = Fault::new(FaultKind::CompletionError).on("SubscribePositions").hub(Hub::User);
    trader.sim.inject(refused).unwrap();
    trader.sim.drop_hub_connections();
    trader.until_link(LinkState::Reconnecting);
    trader.until_link(LinkState::Connected);
    let error = trader.client.live_positions(trader.account).unwrap_err();
    assert!(error.to_string().contains("refused"), "{error}");
    assert!(trader.client.live_orders(trader.account).unwrap().is_current());
}

#[test]
fn what_happened_while_a_subscription_was_refused_is_told() {
    for is_asked_for_again in [false, true] {
        let mut trader = Trader::start();
        let refused = Fault::new(FaultKind::CompletionError).on("SubscribePositions").hub(Hub::User);
        trader.sim.inject(refused).unwrap();
        trader.sim.drop_hub_connections();
        trader.until_link(LinkState::Reconnecting);
        trader.until_link(LinkState::Connected);
        trader.place(&trader.market(Side::Buy, 2));
        trader.settle();
        trader.told();
        let before = trader.seen.len();
        match is_asked_for_again {
            // On the same connection, where nothing is lost.
            true => {
                trader.stream.subscribe_account(trader.account, Kinds::POSITIONS, PATIENCE).unwrap();
                trader.told();
            }
            false => trader.while_away(|_| ()),
        }
        let missed = fetched(&trader, before);
        assert_eq!(positions(&missed).iter().map(|position| position.size).collect::<Vec<_>>(), [2]);
        trader.check_state();
    }
}

#[test]
fn a_stream_of_troubles_ends_in_the_truth() {
    for seed in [1u64, 2, 3] {
        let mut trader = Trader::idle(Shape::default());
        trader.last = trader.trade_once();
        trader.follow();
        let opened = trader.sim.inspect().fills;
        let mut random = seed;
        let mut draw = |below: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % below
        };
        for _ in 0..40 {
            let user = |kind| Fault::new(kind).hub(Hub::User);
            let fault = match draw(9) {
                0 => Some(user(FaultKind::Drop).on("GatewayUser*")),
                1 => Some(user(FaultKind::Duplicate).on("GatewayUser*").times(5)),
                2 => Some(user(FaultKind::CutFrame).on("GatewayUser*").after(2)),
                3 => Some(user(FaultKind::Garbage).on("GatewayUser*").form(Garbage::Shape)),
                4 => Some(user(FaultKind::Reorder).on("GatewayUserOrder").times(2)),
                5 => Some(Fault::new(FaultKind::Status).on("/api/Order/*query").times(1)),
                6 => Some(user(FaultKind::Reset)),
                7 => Some(user(FaultKind::Logout)),
                _ => None,
            };
            fault.into_iter().for_each(|fault| {
                trader.sim.inject(fault).unwrap();
            });
            // A query that a fault strikes fails; what it would have done is left out.
            match draw(6) {
                0 => drop(trader.place(&trader.resting())),
                1 => drop(trader.place(&trader.market(Side::Buy, 1))),
                2 => drop(trader.place(&trader.market(Side::Sell, 2))),
                3 => drop(trader.client.cancel_all(trader.account, None, PATIENCE)),
                4 => drop(trader.client.close_position(trader.account, &trader.contract.id, PATIENCE)),
                _ => drop(trader.place(&OrderRequest {
                    stop_loss: Some(StopLoss { at: BracketPrice::Ticks(40), is_trailing: false }),
                    ..trader.market(Side::Buy, 1)
                })),
            }
            trader.sim.step(Duration::from_millis(300)).unwrap();
        }
        trader.sim.clear_faults();
        trader.settle();
        trader.told();
        // A last loss, after which everything is fetched that was never told.
        trader.while_away(|_| ());
        trader.told();
        trader.check_state();
        let counts = trader.fill_counts();
        assert!(counts.values().all(|count| *count == 1), "{counts:?}");
        assert_eq!(counts.len(), trader.sim.inspect().fills - opened, "seed {seed}");
        let asked = trader.client.orders(trader.account, trader.sim.now().saturating_sub(PATIENCE), PATIENCE);
        for order in asked.unwrap().iter().filter(|order| trader.last_statuses().contains_key(&order.id)) {
            assert_eq!(trader.last_statuses()[&order.id], order.status, "{order:?}");
        }
    }
}
