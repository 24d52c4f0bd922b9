//! How a session lives for days: refresh, expiry, logout, refusals, clocks that differ.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;
mod session_support;

use std::sync::{Arc, Barrier};
use std::time::Duration;

use session_support::{Bench, HOUR, MINUTE, PATIENCE};
use tradeforge::model::LinkState;
use tradeforge::sim::{Fault, FaultKind, Shape};
use tradeforge::{AppLogin, Kind, Kinds, OrderRequest, Outcome, Side};

/// Counts requests to a path from now on, without changing them.
fn count(bench: &Bench, path: &str) -> impl Fn() -> usize {
    let number = bench.sim.inject(Fault::new(FaultKind::Latency).on(path).delay(Duration::ZERO).always());
    let (number, sim) = (number.unwrap(), bench.sim.clone());
    move || sim.fault_strikes().iter().filter(|strike| strike.fault == number).count()
}

#[test]
fn a_session_lives_for_a_week() {
    let bench = Bench::start(&[]);
    let (logins, exchanges) = (count(&bench, "/api/Auth/loginKey"), count(&bench, "/api/Auth/validate"));
    for _ in 0..7 * 24 * 4 {
        bench.step(MINUTE * 15);
        bench.query().unwrap();
        bench.order().unwrap();
    }
    assert_eq!((logins(), exchanges()), (0, 7), "once a day, ahead of the end");
}

#[test]
fn a_gateway_that_gives_no_newer_token_is_logged_in_to() {
    let mut shape = Shape::default();
    shape.set("new_token=false").unwrap();
    let bench = Bench::logged_out(shape, &[]);
    bench.client.login(PATIENCE).unwrap();
    let (logins, exchanges) = (count(&bench, "/api/Auth/loginKey"), count(&bench, "/api/Auth/validate"));
    for _ in 0..3 * 24 * 12 {
        bench.step(MINUTE * 5);
        bench.order().unwrap();
    }
    assert_eq!((logins(), exchanges()), (3, 3));
}

#[test]
fn a_refresh_that_hangs_leaves_an_order_half_of_its_time() {
    let bench = Bench::start(&[]);
    let contract = bench.sim.default_contract();
    let order = OrderRequest::market(bench.account, (&*contract).into(), Side::Buy, 1);
    bench.step(HOUR * 23 + MINUTE * 40);
    let exchanges = count(&bench, "/api/Auth/validate");
    bench.sim.inject(Fault::new(FaultKind::Stall).on("/api/Auth/validate").always()).unwrap();
    // The token is good for another twenty minutes.
    bench.client.place(&order, Duration::from_secs(3)).unwrap();
    assert_eq!(exchanges(), 1);
}

#[test]
fn an_order_after_a_long_sleep_waits_for_a_login() {
    let bench = Bench::start(&[]);
    let logins = count(&bench, "/api/Auth/loginKey");
    bench.step(HOUR * 100);
    bench.order().unwrap();
    assert_eq!(logins(), 1);
}

#[test]
fn a_token_that_expires_during_calls_of_eight_threads_is_replaced_once() {
    let bench = Bench::start(&[]);
    let logins = count(&bench, "/api/Auth/loginKey");
    for _ in 0..5 {
        bench.sim.inject(Fault::new(FaultKind::TokenExpiry)).unwrap();
        let before = logins();
        let start = Arc::new(Barrier::new(8));
        let threads: Vec<_> = (0..8)
            .map(|index| {
                let (client, account, start) = (bench.client.clone(), bench.account, start.clone());
                let work = move || {
                    start.wait();
                    match index % 2 {
                        0 => client.accounts(true, PATIENCE).map(drop).unwrap(),
                        _ => client.positions(account, PATIENCE).map(drop).unwrap(),
                    }
                };
                std::thread::Builder::new().name("test-query".into()).spawn(work).unwrap()
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(logins() - before, 1);
        bench.step(MINUTE * 2);
    }
}

#[test]
fn a_connection_comes_back_with_a_fresh_token() {
    let bench = Bench::start(&[]);
    let stream = common::stream(&bench.client);
    stream.subscribe(&(&*bench.sim.default_contract()).into(), Kinds::QUOTES, PATIENCE).unwrap();
    common::wait_for_link(&stream, LinkState::Connected);
    let (logins, exchanges) = (count(&bench, "/api/Auth/loginKey"), count(&bench, "/api/Auth/validate"));
    // Ahead of the end of the token.
    bench.step(HOUR * 23 + MINUTE * 45);
    bench.sim.drop_hub_connections();
    common::wait_for_link(&stream, LinkState::Connected);
    assert_eq!((logins(), exchanges()), (0, 1));
    // The gateway ends the connection together with its token, and nobody asks before the connection does.
    bench.step(HOUR * 25);
    common::wait_for_link(&stream, LinkState::Connected);
    assert_eq!((logins(), exchanges()), (1, 1), "once, whoever noticed first");
}

#[test]
fn an_order_that_meets_an_expired_token_is_refused_and_the_next_one_is_not() {
    let bench = Bench::start(&[]);
    bench.sim.inject(Fault::new(FaultKind::TokenExpiry)).unwrap();
    let error = bench.order().unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (Kind::Auth, Outcome::Rejected), "{error}");
    bench.order().unwrap();
}

#[test]
fn one_401_in_the_middle_does_not_fail_a_query() {
    let bench = Bench::start(&[]);
    let fault = Fault::new(FaultKind::Status).status(401).on("/api/Account/search");
    bench.sim.inject(fault.clone()).unwrap();
    bench.query().unwrap();
    // Again and again with new tokens is another thing.
    bench.sim.inject(fault.always()).unwrap();
    let logins = count(&bench, "/api/Auth/loginKey");
    let errors: Vec<_> = (0..6).map(|_| bench.query().unwrap_err()).collect();
    assert!(errors.iter().all(|error| error.kind() == Kind::Auth), "{errors:?}");
    assert!(errors[5].to_string().contains("until login is called again"), "{}", errors[5]);
    assert!(logins() <= 4, "{} logins", logins());
    bench.sim.clear_faults();
    assert_eq!(bench.query().unwrap_err().kind(), Kind::Auth);
    bench.client.login(PATIENCE).unwrap();
    bench.query().unwrap();
}

#[test]
fn refused_logins_open_the_circuit() {
    let bench = Bench::start(&[]);
    bench.sim.refuse_logins(7);
    bench.step(HOUR * 25);
    let logins = count(&bench, "/api/Auth/loginKey");
    let error = (0..5).map(|_| bench.order().unwrap_err()).last().unwrap();
    assert_eq!(error.gateway_code().map(|code| code.number), Some(7), "{error}");
    assert_eq!((error.kind(), error.outcome()), (Kind::Auth, Outcome::NotSent), "{error}");
    assert_eq!(logins(), 3, "no hammering");
    bench.sim.refuse_logins(0);
    assert!(bench.query().is_err());
    bench.client.login(PATIENCE).unwrap();
    bench.query().unwrap();
}

#[test]
fn a_refusal_by_a_code_proves_a_token_too() {
    let bench = Bench::start(&[]);
    for _ in 0..6 {
        bench.sim.inject(Fault::new(FaultKind::TokenExpiry)).unwrap();
        assert_eq!(bench.order().unwrap_err().kind(), Kind::Auth);
        let nothing = bench.client.cancel(bench.account, 1.into(), PATIENCE).unwrap_err();
        assert_eq!(nothing.kind(), Kind::NotFound, "by a token that the gateway takes: {nothing}");
    }
}

#[test]
fn a_clock_that_is_an_hour_wrong_changes_nothing() {
    for skew in [-3_600_000, 3_600_000] {
        let bench = Bench::logged_out(Shape::default(), &[]);
        bench.sim.inject(Fault::new(FaultKind::ClockSkew).skew_ms(skew)).unwrap();
        bench.client.login(PATIENCE).unwrap();
        for _ in 0..2 * 24 * 4 {
            bench.step(MINUTE * 15);
            bench.order().unwrap();
        }
    }
}

#[test]
fn an_application_logs_in_and_out() {
    let bench = Bench::logged_out(Shape::default(), &[("user_name", ""), ("api_key", "")]);
    bench.client.ping(PATIENCE).unwrap();
    assert_eq!(bench.client.login(PATIENCE).unwrap_err().kind(), Kind::Config);
    let (password, app, key) = bench.sim.app_credentials();
    let login = |key: &str| AppLogin::new(bench.sim.user_name(), password, "desk", app, key);
    let error = bench.client.login_app(&login("wrong"), PATIENCE).unwrap_err();
    assert_eq!(error.gateway_code().map(|code| code.name), Some("AppVerificationFailed"), "{error}");
    bench.client.login_app(&login(key), PATIENCE).unwrap();
    bench.query().unwrap();
    bench.step(HOUR * 25);
    bench.query().unwrap();
    bench.client.logout(PATIENCE).unwrap();
    assert_eq!(bench.query().unwrap_err().kind(), Kind::State);
    assert_eq!(bench.order().unwrap_err().outcome(), Outcome::NotSent);
    bench.client.login_app(&login(key), PATIENCE).unwrap();
    bench.query().unwrap();
}
