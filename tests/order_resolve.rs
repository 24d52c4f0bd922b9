//! What became of an order whose answer was lost: read back by its tag, never sent again.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod order_support;

use std::time::Duration;

use order_support::{Desk, PATIENCE};
use tradeforge::sim::{Fault, FaultKind};
use tradeforge::{Error, Kind, OrderRequest, OrderStatus, Outcome, Resolution, Result, Side};

const PLACE: &str = "/api/Order/place";
const WINDOW: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_secs(2);

/// A desk at the time of day, as the window of a search counts back from now.
fn desk() -> Desk {
    Desk::running()
}

/// Places an order while `kind` strikes.
fn strike(desk: &Desk, request: &OrderRequest, kind: FaultKind) -> Error {
    desk.sim.inject(Fault::new(kind).on(PLACE)).unwrap();
    let error = desk.client.place(request, SHORT).unwrap_err();
    assert_eq!((error.outcome(), error.client_tag()), (Outcome::Unknown, request.client_tag.as_deref()));
    error
}

fn resolve(desk: &Desk, tag: &str) -> Result<Resolution> {
    desk.client.resolve(desk.account, tag, WINDOW, PATIENCE)
}

#[test]
fn an_order_that_works_is_accepted() {
    let desk = desk();
    for kind in [FaultKind::LostReply, FaultKind::Stall, FaultKind::Garbage] {
        let tag = format!("{kind:?}");
        strike(&desk, &desk.resting(&tag), kind);
        match resolve(&desk, &tag).unwrap() {
            Resolution::Accepted(order) => {
                assert_eq!((order.client_tag, order.status), (Some(tag), OrderStatus::Open));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(desk.client.open_orders(desk.account, PATIENCE).unwrap().len(), 3, "each once");
}

#[test]
fn an_order_that_ended_is_accepted() {
    let desk = desk();
    let request = OrderRequest { client_tag: Some("filled".into()), ..desk.market(Side::Buy) };
    strike(&desk, &request, FaultKind::LostReply);
    let Resolution::Accepted(order) = resolve(&desk, "filled").unwrap() else { panic!() };
    desk.until(order.id, OrderStatus::Filled);
    // Now only the list by time has it.
    let Resolution::Accepted(again) = resolve(&desk, "filled").unwrap() else { panic!() };
    assert_eq!((again.id, again.status), (order.id, OrderStatus::Filled));
}

#[test]
fn an_order_that_was_refused_is_rejected() {
    let desk = desk();
    // Far beyond what the account may hold.
    let request = OrderRequest { size: 100_000, ..desk.resting("too large") };
    strike(&desk, &request, FaultKind::LostReply);
    let Resolution::Rejected(order) = resolve(&desk, "too large").unwrap() else { panic!() };
    assert_eq!((order.client_tag.as_deref(), order.status), (Some("too large"), OrderStatus::Rejected));
}

#[test]
fn a_second_order_with_the_tag_of_another_does_not_hide_it() {
    let desk = desk();
    let first = desk.place(&desk.resting("same"));
    desk.client.place(&desk.resting("same"), PATIENCE).unwrap_err();
    desk.client.cancel_confirmed(desk.account, first, PATIENCE);
    let Resolution::Accepted(order) = resolve(&desk, "same").unwrap() else { panic!() };
    assert_eq!(order.id, first);
}

#[test]
fn an_order_that_never_came_is_not_there() {
    let desk = desk();
    strike(&desk, &desk.resting("gone"), FaultKind::Refused);
    assert_eq!(resolve(&desk, "gone").unwrap(), Resolution::NotThere);
    assert_eq!(desk.client.open_orders(desk.account, PATIENCE).unwrap(), [], "it was not sent again");
}

#[test]
fn looking_goes_on_after_failures_and_ends_with_the_deadline() {
    let desk = desk();
    strike(&desk, &desk.resting("there"), FaultKind::LostReply);
    desk.sim.inject(Fault::new(FaultKind::Garbage).on("/api/Order/v2/query").times(2)).unwrap();
    assert!(matches!(resolve(&desk, "there").unwrap(), Resolution::Accepted(_)));

    desk.sim.inject(Fault::new(FaultKind::Status).on("/api/Order/v2/query").always()).unwrap();
    let error = desk.client.resolve(desk.account, "there", WINDOW, SHORT).unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (Kind::Unavailable, Outcome::Unknown), "{error}");
    assert_eq!(error.client_tag(), Some("there"));
    desk.sim.clear_faults();

    // A single look is too little to say that there is no order.
    let error = desk.client.resolve(desk.account, "nobody", WINDOW, Duration::from_millis(300)).unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (Kind::Deadline, Outcome::Unknown), "{error}");
    assert!(error.to_string().contains("may still come"), "{error}");
    assert_eq!(desk.client.resolve(desk.account, "", WINDOW, SHORT).unwrap_err().kind(), Kind::Argument);
}

#[test]
fn a_clock_that_is_an_hour_off_does_not_hide_an_order() {
    let desk = desk();
    for (tag, skew) in [("behind", -3_600_000), ("ahead", 3_600_000)] {
        desk.sim.inject(Fault::new(FaultKind::ClockSkew).skew_ms(skew)).unwrap();
        let request = OrderRequest { client_tag: Some(tag.into()), ..desk.market(Side::Buy) };
        let placed = desk.place(&request);
        desk.until(placed, OrderStatus::Filled);
        assert!(matches!(resolve(&desk, tag).unwrap(), Resolution::Accepted(_)), "{tag}");
        desk.sim.clear_faults();
    }
}
