//! Answers of another status than 200: what kind they are, whose text and wait they carry, and what became of
//! the request.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod error_support;

use std::time::Duration;

use error_support::{Bench, OPERATIONS, PATIENCE, is_change, kind, outcome, table};
use tradeforge::sim::{Fault, FaultKind};
use tradeforge::{Kind, Outcome};

/// The statuses that a row of the documentation is about.
fn statuses(words: &str) -> Vec<u16> {
    match words {
        "200" => Vec::new(),
        "500 to 599" => vec![500, 502, 503, 504, 520, 599],
        "any other" => vec![201, 202, 204, 302, 307, 402, 409, 415, 422, 499],
        list => list.split(", ").map(|status| status.parse().unwrap()).collect(),
    }
}

#[test]
fn every_status_of_every_operation() {
    let bench = Bench::start();
    let rows = table("| status | kind | outcome of a change |");
    assert_eq!(rows.len(), 7);
    for row in rows {
        let [words, expected, became] = &row[..] else { panic!("{row:?}") };
        for status in statuses(words) {
            for operation in OPERATIONS {
                check(&bench, operation, status, kind(expected), outcome(became));
            }
        }
    }
}

fn check(bench: &Bench, operation: &str, status: u16, kind: Kind, became: Outcome) {
    let fault = Fault::new(FaultKind::Status).status(status).body("Back at 22:00").on(Bench::path(operation));
    // Nothing shall be held back afterwards.
    let fault = if status == 429 { fault.retry_after(Duration::ZERO) } else { fault };
    // A query that meets an expired token asks once more.
    let is_repeated = status == 401
        && !is_change(operation)
        && !operation.starts_with("Auth/")
        && operation != "Status/ping";
    bench.sim.inject(fault.times(1 + u32::from(is_repeated))).unwrap();
    let before = bench.sim.fault_strikes().len();
    let result = bench.call(operation);
    assert_eq!(
        bench.sim.fault_strikes().len() - before,
        1 + usize::from(is_repeated),
        "{operation} {status}"
    );
    // An end of the token is what a logout wants, and what a validation mends by a login.
    if kind == Kind::Auth && matches!(operation, "Auth/logout" | "Auth/validate") {
        result.unwrap();
    } else {
        let error = result.unwrap_err();
        // What was meant to be a good answer to a login may hold a token, so it is not shown.
        let may_hold_a_token =
            status < 300 && matches!(operation, "Auth/loginKey" | "Auth/loginApp" | "Auth/validate");
        let text = (status != 204 && !may_hold_a_token).then_some("Back at 22:00");
        let expected = if is_change(operation) { became } else { Outcome::Query };
        assert_eq!((error.kind(), error.outcome()), (kind, expected), "{operation} {status}: {error}");
        assert_eq!((error.operation(), error.http_status()), (Some(operation), Some(status)), "{error}");
        assert_eq!((error.gateway_code(), error.gateway_text()), (None, text), "{error}");
        assert!(
            !error.message().contains("22:00") && error.to_string().contains(&format!("[HTTP {status}]"))
        );
        let passes = matches!(kind, Kind::RateLimit | Kind::Unavailable) || status < 300;
        assert_eq!(error.is_retriable(), passes && expected != Outcome::Unknown, "{error}");
    }
    bench.client.login(PATIENCE).unwrap();
}

#[test]
fn the_wait_that_a_failing_gateway_asks_for_is_told() {
    let bench = Bench::start();
    let wait = Duration::from_secs(90);
    for status in [503, 500, 403] {
        let fault = Fault::new(FaultKind::Status).status(status).on("/api/*");
        for fault in [fault.clone().retry_after(wait), fault.retry_after_date(wait)] {
            bench.sim.inject(fault).unwrap();
            let error = bench.call("Order/place").unwrap_err();
            assert_eq!((error.http_status(), error.retry_after()), (Some(status), Some(wait)), "{error}");
            // Only HTTP 429 is about the number of requests: a close must not wait for the end of an outage.
            assert_eq!(bench.call("Position/closeContract").unwrap_err().kind(), Kind::NotFound);
        }
    }
}

#[test]
fn a_page_is_no_text() {
    let bench = Bench::start();
    for page in ["<html>Sign in</html>", " \n<!DOCTYPE html>", ""] {
        bench.answer("Order/place", 503, page);
        let error = bench.call("Order/place").unwrap_err();
        assert_eq!((error.kind(), error.gateway_text()), (Kind::Unavailable, None), "{error}");
    }
    let problem = r#"{"title":"Not now","status":503,"detail":"The store is away.","traceId":"00-1"}"#;
    bench.answer("Order/place", 503, problem);
    assert_eq!(bench.call("Order/place").unwrap_err().gateway_text(), Some("Not now The store is away."));
}
