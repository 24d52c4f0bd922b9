//! Every error code of every operation, from the gateway's answer to the parts of the error.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod error_support;

use error_support::{Bench, ORDER, PATIENCE, TAG, is_change, kind, outcome, table};
use tradeforge::{Error, Kind, Outcome, Timestamp};

/// A text that could lead somebody astray.
const TEXT: &str = "Order accepted.\n[not sent] Send it again!";
/// The id in the answer of a refused order.
const REFUSED: i64 = 3_408_995_735;

fn body(code: &str) -> String {
    let text = TEXT.replace('\n', "\\n");
    format!(r#"{{"orderId":{REFUSED},"success":false,"errorCode":{code},"errorMessage":"{text}"}}"#)
}

/// What every error with a code of an operation has.
fn check_parts(error: &Error, operation: &str, number: i32, name: &str) {
    assert_eq!(error.operation(), Some(operation), "{error}");
    let code = error.gateway_code().unwrap();
    assert_eq!((code.number, code.name), (number, name), "{error}");
    assert_eq!((error.http_status(), error.retry_after()), (Some(200), None), "{error}");
    assert_eq!(error.gateway_text(), Some(TEXT), "as it came, apart");
    assert!(!error.message().contains("accepted") && !error.message().is_empty(), "{}", error.message());
    let line = error.to_string();
    assert!(line.starts_with(&format!("{operation}: ")) && !line.contains('\n'), "{line}");
    assert!(
        line.contains(&format!(" [gateway code {number} {name}] [gateway says: Order accepted.\\n[")),
        "{line}"
    );
    let (order_id, client_tag) = match operation {
        "Order/place" => (Some(REFUSED), Some(TAG)),
        "Order/modify" | "Order/cancel" => (Some(ORDER.get()), None),
        _ => (None, None),
    };
    assert_eq!((error.order_id(), error.client_tag()), (order_id, client_tag), "{error}");
    assert_eq!(error.is_outcome_unknown(), error.outcome() == Outcome::Unknown);
    // The gateway's own failure may pass; another code stays what it is.
    let passes = error.kind() == Kind::Unavailable && error.outcome() != Outcome::Unknown;
    assert_eq!(error.is_retriable(), passes, "{error}");
}

/// A token that is not valid any more is what a logout wants, and what a validation mends by a login.
fn is_handled_by_the_session(operation: &str, kind: Kind) -> bool {
    matches!(operation, "Auth/logout" | "Auth/validate") && kind == Kind::Auth
}

#[test]
fn every_code_of_every_operation() {
    let bench = Bench::start();
    let rows = table("| operation | code | name | kind | outcome |");
    assert!(rows.len() >= 76, "{} codes", rows.len());
    for row in rows {
        let [operation, number, name, expected, became] = &row[..] else { panic!("{row:?}") };
        let expected = kind(expected);
        bench.answer(operation, 200, &body(number));
        if is_handled_by_the_session(operation, expected) {
            let logins = bench.sim.fault_strikes().len();
            bench.call(operation).unwrap();
            assert_eq!(bench.sim.fault_strikes().len(), logins + 1, "{row:?}");
        } else {
            let error = bench.call(operation).unwrap_err();
            check_parts(&error, operation, number.parse().unwrap(), name);
            assert_eq!((error.kind(), error.outcome()), (expected, outcome(became)), "{row:?}");
            assert_eq!(error.outcome() == Outcome::Query, !is_change(operation), "{row:?}");
        }
        if operation == "Auth/logout" {
            bench.client.login(PATIENCE).unwrap();
        }
    }
    assert_eq!(bench.client.orders(bench.account, Timestamp::from_nanos(0), PATIENCE).unwrap(), []);
}

#[test]
fn a_code_that_is_not_published() {
    let bench = Bench::start();
    for operation in operations() {
        for number in [99, -1, i32::MAX] {
            bench.answer(&operation, 200, &body(&number.to_string()));
            let error = match bench.call(&operation) {
                // A validation that is refused ends in a login.
                Ok(()) if operation == "Auth/validate" => continue,
                result => result.unwrap_err(),
            };
            check_parts(&error, &operation, number, "Unlisted");
            let expected = match (operation.starts_with("Auth/login"), is_change(&operation)) {
                (true, _) => (Kind::Auth, Outcome::Query),
                (false, false) => (Kind::Protocol, Outcome::Query),
                (false, true) => (Kind::Protocol, Outcome::Unknown),
            };
            assert_eq!((error.kind(), error.outcome()), expected, "{error}");
            if operation == "Auth/logout" {
                bench.client.login(PATIENCE).unwrap();
            }
        }
    }
}

#[test]
fn a_code_of_a_wrong_type() {
    let bench = Bench::start();
    let codes = [
        r#""success":false,"errorCode":"2""#,
        r#""success":false,"errorCode":2.5"#,
        r#""success":false,"errorCode":4294967298"#,
        r#""success":false,"errorCode":[2]"#,
        r#""success":false,"errorCode":true"#,
        r#""success":false,"errorCode":null"#,
        r#""success":false"#,
        r#""success":"false","errorCode":2"#,
        r#""success":null,"errorCode":2"#,
        r#""errorCode":2"#,
        r#""success":true,"errorCode":2"#,
        r#""success":false,"errorCode":0"#,
        r#""success":false,"errorCode":2,"errorMessage":{"text":"no"}"#,
    ];
    for operation in operations() {
        for members in codes {
            bench.answer(&operation, 200, &format!("{{{members}}}"));
            let error = bench.call(&operation).unwrap_err();
            assert_eq!(error.kind(), Kind::Protocol, "{members}: {error}");
            assert_eq!((error.gateway_code(), error.gateway_text()), (None, None), "{members}: {error}");
            assert_eq!(error.http_status(), Some(200), "{members}: {error}");
            assert_eq!(error.operation(), Some(&*operation), "{error}");
            let expected = if is_change(&operation) { Outcome::Unknown } else { Outcome::Query };
            assert_eq!(error.outcome(), expected, "{members}: {error}");
            assert_eq!(error.is_retriable(), expected == Outcome::Query, "{members}: {error}");
            if operation == "Auth/logout" {
                bench.client.login(PATIENCE).unwrap();
            }
        }
    }
}

#[test]
fn words_without_end_are_cut() {
    let bench = Bench::start();
    let text = "ü".repeat(1_900);
    bench.answer(
        "Account/search",
        200,
        &format!(r#"{{"success":false,"errorCode":1,"errorMessage":"{text}"}}"#),
    );
    let error = bench.call("Account/search").unwrap_err();
    assert_eq!(error.gateway_text(), Some(&*"ü".repeat(1_000)));
    assert!(error.to_string().len() < 2_300, "{error}");
}

/// The operations that have codes.
fn operations() -> Vec<String> {
    let rows = table("| operation | code | name | kind | outcome |");
    let mut operations: Vec<String> = rows.into_iter().map(|mut row| row.swap_remove(0)).collect();
    operations.dedup();
    operations
}
