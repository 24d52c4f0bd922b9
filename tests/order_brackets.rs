//! Brackets: plain ticks or prices go in, the gateway's signs come out, and the legs are read back.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod order_support;

use order_support::{Desk, PATIENCE};
use tradeforge::model::Order;
use tradeforge::{
    BracketPrice, Kind, OrderId, OrderRequest, OrderStatus, OrderType, Outcome, Side, StopLoss,
};

/// The legs of an order: stop loss and take profit.
fn legs(desk: &Desk, entry: OrderId) -> (Order, Order) {
    let open = desk.client.open_orders(desk.account, PATIENCE).unwrap();
    let mut legs = open.into_iter().filter(|order| order.parent == Some(entry));
    let (stop_loss, take_profit) = (legs.next().unwrap(), legs.next().unwrap());
    assert_eq!((legs.next(), take_profit.linked), (None, Some(stop_loss.id)));
    (stop_loss, take_profit)
}

#[test]
fn the_side_gives_the_signs() {
    for side in [Side::Buy, Side::Sell] {
        for is_trailing in [false, true] {
            let desk = Desk::still();
            let up = if side == Side::Buy { 1 } else { -1 };
            let entry = desk.place(&OrderRequest {
                stop_loss: Some(StopLoss { at: BracketPrice::Ticks(40), is_trailing }),
                take_profit: Some(BracketPrice::Ticks(60)),
                client_tag: Some("entry".into()),
                ..desk.market(side)
            });
            // The legs are there with their entry, and wait.
            let (stop_loss, take_profit) = legs(&desk, entry);
            let stop_type = if is_trailing { OrderType::TrailingStop } else { OrderType::Stop };
            for (leg, kind, ticks, tag) in [
                (&stop_loss, stop_type, -40 * up, "entry-SL"),
                (&take_profit, OrderType::Limit, 60 * up, "entry-TP"),
            ] {
                assert_eq!((leg.status, leg.order_type), (OrderStatus::Suspended, kind), "{leg:?}");
                assert_eq!(leg.trail_distance, Some(ticks));
                assert_eq!(leg.trail_price, desk.contract.tick_size.checked_mul(ticks.into()));
                assert_eq!(leg.client_tag.as_deref(), Some(tag));
                assert_ne!(leg.side, side);
            }
            desk.settle();
            let filled = desk.until(entry, OrderStatus::Filled).filled_price.unwrap();
            let away =
                |ticks: i32| filled.checked_add(desk.contract.tick_size.checked_mul(ticks.into()).unwrap());
            assert_eq!(desk.until(take_profit.id, OrderStatus::Open).limit_price, away(60 * up));
            let stop_loss = desk.until(stop_loss.id, OrderStatus::Open);
            if !is_trailing {
                assert_eq!(stop_loss.stop_price, away(-40 * up));
            }
        }
    }
}

#[test]
fn every_type_of_entry_takes_brackets() {
    let desk = Desk::still();
    let (account, id) = (desk.account, || desk.contract.id.clone());
    for side in [Side::Buy, Side::Sell] {
        let sign = if side == Side::Buy { 1 } else { -1 };
        for entry in [
            desk.market(side),
            OrderRequest::limit(account, id(), side, 1, desk.at(-40 * sign)),
            OrderRequest::stop(account, id(), side, 1, desk.at(40 * sign)),
            OrderRequest::trailing_stop(account, id(), side, 1, desk.at(40 * sign)),
            OrderRequest::join_bid(account, id(), side, 1),
            OrderRequest::join_ask(account, id(), side, 1),
        ] {
            let tick = desk.contract.tick_size;
            let entry = desk.place(&OrderRequest {
                stop_loss: Some(StopLoss::fixed(BracketPrice::Distance(tick.checked_mul(8).unwrap()))),
                take_profit: Some(BracketPrice::Ticks(4)),
                ..entry
            });
            let (stop_loss, take_profit) = legs(&desk, entry);
            let ticks = (stop_loss.trail_distance, take_profit.trail_distance);
            let sign = if side == Side::Buy { 1 } else { -1 };
            assert_eq!(ticks, (Some(-8 * sign), Some(4 * sign)));
        }
    }
}

#[test]
fn levels_count_from_the_price_of_the_order() {
    let desk = Desk::still();
    let entry = desk.place(&OrderRequest {
        stop_loss: Some(StopLoss::fixed(BracketPrice::Level(desk.at(-60)))),
        take_profit: Some(BracketPrice::Level(desk.at(-10))),
        ..OrderRequest::limit(desk.account, desk.contract.id.clone(), Side::Buy, 1, desk.at(-40))
    });
    let (stop_loss, take_profit) = legs(&desk, entry);
    assert_eq!((stop_loss.trail_distance, take_profit.trail_distance), (Some(-20), Some(30)));
}

#[test]
fn bad_brackets_are_not_sent() {
    let desk = Desk::still();
    let before = desk.orders().len();
    let far = BracketPrice::Ticks(10);
    for (stop_loss, take_profit, part) in [
        (BracketPrice::Ticks(3), far, "4 is the least"),
        (BracketPrice::Ticks(-10), far, "no sign"),
        (far, BracketPrice::Ticks(0), "take profit is 0 ticks"),
        (far, BracketPrice::Level(desk.at(20)), "no price before it fills"),
    ] {
        let request = OrderRequest {
            stop_loss: Some(StopLoss::fixed(stop_loss)),
            take_profit: Some(take_profit),
            ..desk.market(Side::Buy)
        };
        let error = desk.client.place(&request, PATIENCE).unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (Kind::Argument, Outcome::NotSent));
        assert!(error.message().contains(part), "{error}");
    }
    assert_eq!(desk.orders().len(), before);
}
