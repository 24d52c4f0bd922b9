//! What becomes of every operation when the gateway or the network fails it: told rightly, and a change is
//! never sent twice.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod error_support;

use std::time::Duration;

use error_support::{Bench, OPERATIONS, PATIENCE, is_change};
use tradeforge::sim::{Fault, FaultKind, Garbage, Sim};
use tradeforge::{Error, Kind, Outcome};

/// Enough to send a request, and not to wait for its answer.
const SHORT: Duration = Duration::from_millis(500);

/// Lets a fault strike one request of an operation, and gives the error of the call.
fn strike(bench: &Bench, operation: &str, fault: Fault, deadline: Duration) -> Error {
    let strikes = || bench.sim.fault_strikes().len();
    let before = strikes();
    bench.sim.inject(fault.clone().on(Bench::path(operation)).always()).unwrap();
    let error = bench.call_within(operation, deadline).unwrap_err();
    // A query goes out once more where a kept connection ends under it; a change never does.
    let most = if is_change(operation) { 1 } else { 2 };
    assert!((1..=most).contains(&(strikes() - before)), "{operation}, {fault:?}: {error}");
    bench.sim.clear_faults();
    if operation == "Auth/logout" {
        bench.client.login(PATIENCE).unwrap();
    }
    error
}

/// A query has failed and may be made again; nobody knows what became of a change.
fn check(operation: &str, fault: &Fault, error: &Error, kind: Kind) {
    assert_eq!((error.kind(), error.operation()), (kind, Some(operation)), "{fault:?}: {error}");
    let outcome = if is_change(operation) { Outcome::Unknown } else { Outcome::Query };
    assert_eq!(error.outcome(), outcome, "{operation}, {fault:?}: {error}");
    assert_eq!(error.is_retriable(), !is_change(operation), "{operation}, {fault:?}: {error}");
    let tag = (operation == "Order/place").then_some(error_support::TAG);
    assert_eq!(error.client_tag(), tag, "{operation}, {fault:?}: {error}");
}

#[test]
fn an_answer_that_is_lost_or_none() {
    let bench = Bench::start();
    let garbage = |form| Fault::new(FaultKind::Garbage).form(form);
    for operation in OPERATIONS {
        for (fault, kind) in [
            (Fault::new(FaultKind::LostReply), Kind::Network),
            (Fault::new(FaultKind::Refused), Kind::Network),
            (Fault::new(FaultKind::Reset), Kind::Network),
            (Fault::new(FaultKind::Reset).carried_out(false), Kind::Network),
            (Fault::new(FaultKind::Cut), Kind::Network),
            (Fault::new(FaultKind::Cut).keep(0), Kind::Network),
            (garbage(Garbage::Html), Kind::Protocol),
            (garbage(Garbage::Bytes), Kind::Protocol),
            (garbage(Garbage::Empty), Kind::Protocol),
            (garbage(Garbage::Shape), Kind::Protocol),
            (Fault::new(FaultKind::Status).status(500), Kind::Unavailable),
            (Fault::new(FaultKind::Status).status(502).carried_out(true), Kind::Unavailable),
        ] {
            check(operation, &fault, &strike(&bench, operation, fault.clone(), PATIENCE), kind);
        }
    }
}

#[test]
fn an_answer_that_does_not_come_in_time() {
    // Each waits for its deadline, so they do it side by side.
    std::thread::scope(|scope| {
        for operations in OPERATIONS.chunks(4) {
            scope.spawn(|| {
                operations.iter().for_each(|operation| wait_for_nothing(&Bench::start(), operation))
            });
        }
    });
}

fn wait_for_nothing(bench: &Bench, operation: &str) {
    for fault in [
        Fault::new(FaultKind::Stall),
        // A byte now and then: each comes in time, all together do not.
        Fault::new(FaultKind::Slow).chunk(1).pause(Duration::from_millis(50)),
    ] {
        check(operation, &fault, &strike(bench, operation, fault.clone(), SHORT), Kind::Deadline);
    }
}

#[test]
fn an_answer_in_small_pieces_is_an_answer() {
    let bench = Bench::start();
    bench
        .sim
        .inject(Fault::new(FaultKind::Slow).chunk(7).pause(Duration::ZERO).on("/api/*").always())
        .unwrap();
    for operation in OPERATIONS {
        match bench.call(operation) {
            Ok(()) => {}
            // There is no such order and no position.
            Err(error) => assert_eq!(error.kind(), Kind::NotFound, "{error}"),
        }
        bench.client.login(PATIENCE).unwrap();
    }
}

/// The connections of a client that were open when the gateway went away are not used for anything.
#[test]
fn connections_that_died_meanwhile_carry_no_order() {
    let bench = Bench::start();
    bench.call("Account/search").unwrap();
    restart(&bench.sim);
    // On a new connection, and once.
    let sent = bench.count("Order/place");
    bench.call("Order/place").unwrap();
    assert_eq!(sent(), 1);
    bench.sim.step(Duration::from_secs(1)).unwrap();
    assert_eq!(bench.client.positions(bench.account, PATIENCE).unwrap()[0].size, 1);
    // A gateway that is down takes no connection: nothing was sent.
    bench
        .sim
        .inject(Fault::new(FaultKind::Restart).down_for(Duration::from_secs(60)).keep_tokens(true))
        .unwrap();
    for operation in OPERATIONS {
        let error = bench.call(operation).unwrap_err();
        let outcome = if is_change(operation) { Outcome::NotSent } else { Outcome::Query };
        assert_eq!((error.kind(), error.outcome()), (Kind::Network, outcome), "{operation}: {error}");
        assert!(error.is_retriable(), "{error}");
        if operation == "Auth/logout" {
            return;
        }
    }
}

/// Every connection ends, and every token is still good.
fn restart(sim: &Sim) {
    let down = Duration::from_secs(2);
    sim.inject(Fault::new(FaultKind::Restart).down_for(down).keep_tokens(true)).unwrap();
    sim.step(down).unwrap();
}
