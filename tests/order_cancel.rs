//! Cancels that are confirmed by reading the order back, whatever happens to the answer.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod order_support;

use std::time::Duration;

use order_support::{Desk, PATIENCE};
use tradeforge::sim::{Fault, FaultKind, Garbage, Shape, SimConfig};
use tradeforge::{CancelOutcome, Error, Kind, OrderId, OrderStatus, Outcome, Side};

const CANCEL: &str = "/api/Order/cancel";
const READ_BACK: &str = "/api/Order/searchById";
/// Long enough for an answer on loopback, and waited for only where none comes.
const SHORT: Duration = Duration::from_secs(2);

fn confirmed(outcome: CancelOutcome, id: OrderId) {
    match outcome {
        CancelOutcome::Confirmed(order) => {
            assert_eq!((order.id, order.status), (id, OrderStatus::Cancelled));
        }
        other => panic!("{other:?}"),
    }
}

fn failed(outcome: CancelOutcome) -> Error {
    match outcome {
        CancelOutcome::Failed(error) => error,
        other => panic!("{other:?}"),
    }
}

fn unconfirmed(outcome: CancelOutcome, id: OrderId) -> Error {
    match outcome {
        CancelOutcome::Unconfirmed(error) => {
            assert_eq!((error.outcome(), error.order_id()), (Outcome::Unknown, Some(id.get())), "{error}");
            error
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_cancel_is_confirmed_although_its_answer_is_lost() {
    let desk = Desk::still();
    let id = desk.place(&desk.resting("plain"));
    confirmed(desk.client.cancel_confirmed(desk.account, id, PATIENCE), id);
    for (tag, fault) in [
        ("lost", Fault::new(FaultKind::LostReply)),
        ("reset", Fault::new(FaultKind::Reset)),
        ("cut", Fault::new(FaultKind::Cut)),
        ("html", Fault::new(FaultKind::Garbage).form(Garbage::Html)),
        ("500", Fault::new(FaultKind::Status).status(500).carried_out(true)),
    ] {
        let id = desk.place(&desk.resting(tag));
        let before = desk.sim.fault_strikes().len();
        desk.sim.inject(fault.on(CANCEL).always()).unwrap();
        confirmed(desk.client.cancel_confirmed(desk.account, id, PATIENCE), id);
        assert_eq!(desk.sim.fault_strikes().len(), before + 1, "{tag}: sent once");
        desk.sim.clear_faults();
    }
}

#[test]
fn a_cancel_that_hangs_leaves_time_for_reading_back() {
    let desk = Desk::still();
    let id = desk.place(&desk.resting("stalled"));
    desk.sim.inject(Fault::new(FaultKind::Stall).on(CANCEL)).unwrap();
    confirmed(desk.client.cancel_confirmed(desk.account, id, SHORT), id);
}

#[test]
fn what_cannot_be_seen_is_unconfirmed_and_not_sent_again() {
    let desk = Desk::still();
    let id = desk.place(&desk.resting("lost on the way"));
    desk.sim.inject(Fault::new(FaultKind::Refused).on(CANCEL).always()).unwrap();
    let error = unconfirmed(desk.client.cancel_confirmed(desk.account, id, SHORT), id);
    assert!(error.message().contains("still worked"), "{error}");
    assert_eq!(desk.sim.fault_strikes().len(), 1, "sent once");
    assert_eq!(desk.order(id).status, OrderStatus::Open);
    desk.sim.clear_faults();

    desk.sim.inject(Fault::new(FaultKind::Status).on(READ_BACK).always()).unwrap();
    let error = unconfirmed(desk.client.cancel_confirmed(desk.account, id, SHORT), id);
    assert_eq!((error.kind(), error.http_status()), (Kind::Unavailable, Some(503)), "{error}");
}

#[test]
fn reading_back_goes_on_after_a_failure() {
    let desk = Desk::still();
    let id = desk.place(&desk.resting("twice"));
    desk.sim.inject(Fault::new(FaultKind::Garbage).on(READ_BACK).times(2)).unwrap();
    confirmed(desk.client.cancel_confirmed(desk.account, id, PATIENCE), id);
    assert_eq!(desk.sim.fault_strikes().len(), 2);
}

#[test]
fn an_order_that_filled_first_is_told() {
    // With whichever code the gateway refuses the cancel of a finished order.
    for finished_order_code in [2, 3, 5] {
        let shape = Shape { finished_order_code, ..Shape::default() };
        let desk = Desk::of(SimConfig { shape, speed: 0.0, ..SimConfig::default() });
        let id = desk.place(&desk.market(Side::Buy));
        desk.until(id, OrderStatus::Filled);
        for fault in [None, Some(Fault::new(FaultKind::LostReply).on(CANCEL))] {
            if let Some(fault) = fault {
                desk.sim.inject(fault).unwrap();
            }
            match desk.client.cancel_confirmed(desk.account, id, PATIENCE) {
                CancelOutcome::FilledFirst(order) => assert_eq!((order.id, order.fill_volume), (id, Some(1))),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn a_cancel_that_crosses_a_fill_ends_with_the_fill() {
    let desk = Desk::running();
    let id = desk.place(&desk.market(Side::Buy));
    // The gateway is still working on the order, or has just filled it.
    match desk.client.cancel_confirmed(desk.account, id, PATIENCE) {
        CancelOutcome::FilledFirst(order) => assert_eq!(order.status, OrderStatus::Filled),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_refusal_and_a_cancel_that_is_not_sent_have_failed() {
    let desk = Desk::still();
    let id = desk.place(&desk.resting("stays"));
    let error = failed(desk.client.cancel_confirmed(desk.account, id, Duration::ZERO));
    assert_eq!((error.outcome(), error.order_id()), (Outcome::NotSent, Some(id.get())), "{error}");

    desk.sim.inject(Fault::new(FaultKind::Status).status(429).on(CANCEL)).unwrap();
    let error = failed(desk.client.cancel_confirmed(desk.account, id, PATIENCE));
    assert_eq!(error.kind(), Kind::RateLimit);

    desk.sim.set_can_trade(desk.sim.default_account(), false).unwrap();
    let error = failed(desk.client.cancel_confirmed(desk.account, id, PATIENCE));
    assert_eq!(error.gateway_code().unwrap().name, "AccountRejected");
    assert_eq!(desk.order(id).status, OrderStatus::Open);

    desk.sim.set_can_trade(desk.sim.default_account(), true).unwrap();
    let error = failed(desk.client.cancel_confirmed(desk.account, 1.into(), PATIENCE));
    assert_eq!(error.kind(), Kind::NotFound);
}

#[test]
fn a_close_ends_the_reading() {
    let desk = Desk::still();
    let id = desk.place(&desk.resting("open"));
    desk.sim.inject(Fault::new(FaultKind::Refused).on(CANCEL)).unwrap();
    let outcome = std::thread::scope(|scope| {
        let cancel = scope.spawn(|| desk.client.cancel_confirmed(desk.account, id, PATIENCE));
        while desk.sim.fault_strikes().is_empty() {}
        desk.client.close();
        cancel.join().unwrap()
    });
    let error = unconfirmed(outcome, id);
    assert_eq!(error.kind(), Kind::Closed, "{error}");
}
