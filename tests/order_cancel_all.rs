//! Cancelling everything, and telling what each order came to.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod order_support;

use std::time::Duration;

use order_support::{Desk, PATIENCE};
use tradeforge::sim::{Fault, FaultKind};
use tradeforge::{BracketPrice, CancelOutcome, OrderRequest, OrderStatus, Side, StopLoss};

#[test]
fn every_order_goes_legs_too() {
    let desk = Desk::still();
    let family = desk.place(&OrderRequest {
        stop_loss: Some(StopLoss::fixed(BracketPrice::Ticks(10))),
        take_profit: Some(BracketPrice::Ticks(10)),
        ..desk.resting("family")
    });
    let single = desk.place(&desk.resting("single"));
    let reports = desk.client.cancel_all(desk.account, None, PATIENCE).unwrap();
    let ids: Vec<_> = reports.iter().map(|report| report.order.id).collect();
    assert_eq!(reports.len(), 4);
    assert_eq!(ids[..2], [family, single], "entries come first");
    for report in &reports {
        assert!(report.order.parent.is_none() || report.order.parent == Some(family));
        match &report.outcome {
            CancelOutcome::Confirmed(order) => assert_eq!(order.status, OrderStatus::Cancelled),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(desk.client.open_orders(desk.account, PATIENCE).unwrap(), []);
    assert!(desk.client.cancel_all(desk.account, None, PATIENCE).unwrap().is_empty());
}

#[test]
fn more_orders_than_a_page_holds_are_listed_and_cancelled() {
    const FAMILIES: usize = 45;
    let desk = Desk::still();
    for number in 0..FAMILIES {
        desk.place(&OrderRequest {
            stop_loss: Some(StopLoss::fixed(BracketPrice::Ticks(10))),
            take_profit: Some(BracketPrice::Ticks(10)),
            ..desk.resting(&format!("family-{number}"))
        });
    }
    let open = desk.client.open_orders(desk.account, PATIENCE).unwrap();
    assert!(open.is_sorted_by(|a, b| a.id < b.id), "oldest first, none twice");
    let count = |status| open.iter().filter(|order| order.status == status).count();
    assert_eq!((count(OrderStatus::Open), count(OrderStatus::Suspended)), (FAMILIES, 2 * FAMILIES));
    let reports = desk.client.cancel_all(desk.account, None, PATIENCE).unwrap();
    assert_eq!(reports.len(), 3 * FAMILIES);
    assert!(reports.iter().all(|report| matches!(report.outcome, CancelOutcome::Confirmed(_))));
}

#[test]
fn only_the_contract_that_is_named() {
    let desk = Desk::still();
    let found = desk.client.search_contracts("NQ", false, PATIENCE).unwrap();
    let other = found.into_iter().find(|contract| contract.id != desk.contract.id).unwrap();
    let kept = desk.place(&desk.resting("kept"));
    let gone = desk.place(&OrderRequest::join_bid(desk.account, other.id.clone(), Side::Buy, 1));
    let reports = desk.client.cancel_all(desk.account, Some(&other.id), PATIENCE).unwrap();
    assert_eq!(reports.iter().map(|report| report.order.id).collect::<Vec<_>>(), [gone]);
    assert_eq!(desk.order(kept).status, OrderStatus::Open);
    assert_eq!(desk.order(gone).status, OrderStatus::Cancelled);
}

#[test]
fn one_that_stays_does_not_hide_the_others() {
    let desk = Desk::still();
    let ids: Vec<_> = ["a", "b", "c"].into_iter().map(|tag| desk.place(&desk.resting(tag))).collect();
    // The first is lost on its way, the second is done without an answer.
    desk.sim.inject(Fault::new(FaultKind::Refused).on("/api/Order/cancel")).unwrap();
    desk.sim.inject(Fault::new(FaultKind::LostReply).on("/api/Order/cancel").after(1)).unwrap();
    let reports = desk.client.cancel_all(desk.account, None, Duration::from_secs(3)).unwrap();
    let outcomes: Vec<_> = reports.iter().map(|report| (report.order.id, &report.outcome)).collect();
    match &outcomes[..] {
        [
            (first, CancelOutcome::Unconfirmed(error)),
            (second, CancelOutcome::Confirmed(_)),
            (third, CancelOutcome::Confirmed(_)),
        ] => {
            assert_eq!([*first, *second, *third], ids[..]);
            assert_eq!(error.order_id(), Some(first.get()));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(desk.order(ids[0]).status, OrderStatus::Open);
    assert_eq!(desk.sim.fault_strikes().len(), 2, "nothing was sent again");
}

#[test]
fn nothing_is_cancelled_when_the_orders_cannot_be_listed() {
    let desk = Desk::still();
    let id = desk.place(&desk.resting("stays"));
    desk.sim.inject(Fault::new(FaultKind::Status).on("/api/Order/v2/query")).unwrap();
    let error = desk.client.cancel_all(desk.account, None, PATIENCE).unwrap_err();
    assert_eq!(error.outcome(), tradeforge::Outcome::NotSent, "{error}");
    assert_eq!(desk.order(id).status, OrderStatus::Open);
}
