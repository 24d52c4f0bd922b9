//! Every type of order that the gateway takes, as it is read back.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod order_support;

use order_support::{Desk, PATIENCE};
use tradeforge::{Kind, OrderChange, OrderRequest, OrderStatus, OrderType, Outcome, Side};

#[test]
fn every_type_is_taken_and_read_back() {
    let desk = Desk::still();
    let (account, id) = (desk.account, || desk.contract.id.clone());
    for side in [Side::Buy, Side::Sell] {
        let sign = if side == Side::Buy { 1 } else { -1 };
        let (rests, stops) = (desk.at(-40 * sign), desk.at(40 * sign));
        for (request, limit, stop) in [
            (OrderRequest::limit(account, id(), side, 2, rests), Some(rests), None),
            (OrderRequest::stop(account, id(), side, 2, stops), None, Some(stops)),
            (OrderRequest::trailing_stop(account, id(), side, 2, stops), None, None),
            (OrderRequest::join_bid(account, id(), side, 2), None, None),
            (OrderRequest::join_ask(account, id(), side, 2), None, None),
        ] {
            let placed = desk.place(&request);
            let order = desk.order(placed);
            assert_eq!((order.order_type, order.side, order.size), (request.order_type, side, 2));
            assert_eq!(order.status, OrderStatus::Open, "{order:?}");
            match request.order_type {
                OrderType::TrailingStop => {
                    // Sent as a level, told as a distance.
                    let distance = order.trail_distance.unwrap();
                    assert!((36..=44).contains(&distance), "{order:?}");
                    let price = desk.contract.tick_size.checked_mul(distance.into());
                    assert_eq!(order.trail_price, price);
                }
                OrderType::JoinBid | OrderType::JoinAsk => assert!(order.limit_price.is_some()),
                _ => assert_eq!((order.limit_price, order.stop_price), (limit, stop)),
            }
            desk.client.cancel_all(account, None, PATIENCE).unwrap();
        }
    }
}

#[test]
fn a_join_takes_the_best_price_of_its_own_side() {
    let desk = Desk::still();
    let id = || desk.contract.id.clone();
    let bid = desk.place(&OrderRequest::join_bid(desk.account, id(), Side::Buy, 1));
    let ask = desk.place(&OrderRequest::join_ask(desk.account, id(), Side::Sell, 1));
    let (bid, ask) = (desk.order(bid).limit_price.unwrap(), desk.order(ask).limit_price.unwrap());
    assert!(bid < ask, "{bid} {ask}");
}

#[test]
fn a_stop_limit_is_not_sent() {
    let desk = Desk::still();
    let before = desk.orders().len();
    let request = OrderRequest {
        order_type: OrderType::StopLimit,
        limit_price: Some(desk.at(50)),
        stop_price: Some(desk.at(40)),
        ..desk.market(Side::Buy)
    };
    let error = desk.client.place(&request, PATIENCE).unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (Kind::Argument, Outcome::NotSent));
    assert!(error.message().contains("StopLimit"), "{error}");
    assert_eq!(desk.orders().len(), before, "not even a rejected one");
}

#[test]
fn every_price_and_the_size_can_be_changed() {
    let desk = Desk::still();
    let (account, id) = (desk.account, || desk.contract.id.clone());
    let change = |order| OrderChange::new(account, order);
    let modify = |change: OrderChange| desk.client.modify(&change, PATIENCE).unwrap();

    let limit = desk.place(&OrderRequest::limit(account, id(), Side::Buy, 1, desk.at(-40)));
    modify(OrderChange { limit_price: Some(desk.at(-60)), size: Some(3), ..change(limit) });
    let order = desk.order(limit);
    assert_eq!((order.limit_price, order.size), (Some(desk.at(-60)), 3));

    let stop = desk.place(&OrderRequest::stop(account, id(), Side::Sell, 1, desk.at(-40)));
    modify(OrderChange { stop_price: Some(desk.at(-80)), ..change(stop) });
    assert_eq!(desk.order(stop).stop_price, Some(desk.at(-80)));

    let trailing = desk.place(&OrderRequest::trailing_stop(account, id(), Side::Sell, 1, desk.at(-40)));
    let before = desk.order(trailing).trail_distance.unwrap();
    modify(OrderChange { trail_price: Some(desk.at(-90)), ..change(trailing) });
    assert_eq!(desk.order(trailing).trail_distance, Some(before + 50));

    let error = desk.client.modify(&change(limit), PATIENCE).unwrap_err();
    assert_eq!((error.outcome(), error.order_id()), (Outcome::NotSent, Some(limit.get())));
}
