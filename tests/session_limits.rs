//! How a client keeps within what the gateway takes, and what it remembers instead of asking.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod session_support;

use std::time::Duration;

use session_support::{Bench, MINUTE, PATIENCE};
use tradeforge::sim::{Fault, FaultKind};
use tradeforge::{Kind, OrderChange, OrderId, Outcome};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn the_gateway_never_says_too_many() {
    let bench = Bench::start(&[]);
    bench.order().unwrap();
    bench.step(SECOND);
    let change = OrderChange { size: Some(2), ..OrderChange::new(bench.account, OrderId::new(1)) };
    // The login and the order count too.
    let mut sent = 2;
    let refused = loop {
        match bench.client.modify(&change, PATIENCE).unwrap_err() {
            error if error.kind() == Kind::RateLimit => break error,
            error => assert_eq!(error.kind(), Kind::NotFound, "{error}"),
        }
        sent += 1;
    };
    assert_eq!((refused.kind(), refused.outcome()), (Kind::RateLimit, Outcome::NotSent), "{refused}");
    assert_eq!((refused.http_status(), sent), (None, 180), "20 of 200 are kept");
    let wait = refused.retry_after().unwrap();
    assert!(wait > Duration::ZERO && wait < MINUTE + SECOND, "{wait:?}");
    // The clock stands still, so a query would wait for ever: it fails as its deadline is too near.
    let query = bench.client.clone().positions(bench.account, PATIENCE).unwrap_err();
    assert_eq!((query.kind(), query.outcome()), (Kind::RateLimit, Outcome::Query), "{query}");
    // What ends positions and orders goes through, and only as much as the gateway takes.
    assert_eq!(bench.client.flatten(bench.account, PATIENCE).unwrap(), 1);
    let cancel = || bench.client.cancel(bench.account, OrderId::new(1), PATIENCE).unwrap_err();
    let cancelled = (0..19).map(|_| cancel()).take_while(|error| error.kind() == Kind::NotFound).count();
    assert_eq!(cancelled, 18, "two requests were the flattening's");
    assert_eq!((cancel().kind(), cancel().outcome()), (Kind::RateLimit, Outcome::NotSent));
    // The login and the first order leave the window; the reserve that was used is kept back all the same.
    bench.step(wait);
    assert_eq!(bench.order().unwrap_err().retry_after(), Some(SECOND));
    bench.step(SECOND);
    bench.order().unwrap();
}

#[test]
fn a_query_waits_for_its_turn() {
    // On the machine's clock, as the wait is real.
    let sim = tradeforge::sim::Sim::start(Default::default()).unwrap();
    let mut config = tradeforge::Config::new();
    for (key, value) in sim.settings() {
        config.set(key, &value).unwrap();
    }
    for (key, value) in [("rate_limit", "3/1"), ("cache_seconds", "0")] {
        config.set(key, value).unwrap();
    }
    let client = tradeforge::Client::new(&config).unwrap();
    client.login(PATIENCE).unwrap();
    for _ in 0..7 {
        client.accounts(true, PATIENCE).unwrap();
    }
}

#[test]
fn http_429_cools_everything_down_in_every_spelling() {
    let busy = || Fault::new(FaultKind::Status).status(429).on("/api/Account/search");
    for (fault, wait, told) in [
        (busy().retry_after(SECOND * 90), SECOND * 90, true),
        (busy().retry_after_date(SECOND * 90), SECOND * 90, true),
        (busy(), SECOND * 5, false),
    ] {
        for skew in [0, 3_600_000] {
            let bench = Bench::start(&[]);
            bench.sim.inject(Fault::new(FaultKind::ClockSkew).skew_ms(skew)).unwrap();
            bench.sim.inject(fault.clone()).unwrap();
            let error = bench.query().unwrap_err();
            assert_eq!((error.kind(), error.http_status()), (Kind::RateLimit, Some(429)), "{error}");
            assert_eq!(error.retry_after(), told.then_some(wait));
            let strikes = bench.sim.fault_strikes().len();
            let order = bench.order().unwrap_err();
            assert_eq!((order.kind(), order.outcome()), (Kind::RateLimit, Outcome::NotSent), "{order}");
            assert_eq!((order.retry_after(), order.http_status()), (Some(wait), None));
            let query = bench.client.positions(bench.account, SECOND).unwrap_err();
            assert_eq!(query.kind(), Kind::RateLimit, "{query}");
            bench.step(wait - SECOND);
            assert_eq!(bench.order().unwrap_err().retry_after(), Some(SECOND));
            bench.step(SECOND);
            bench.order().unwrap();
            bench.query().unwrap();
            assert_eq!(bench.sim.fault_strikes().len(), strikes, "it struck once");
        }
    }
}

#[test]
fn a_wait_for_the_limit_ends_at_close() {
    let bench = Bench::start(&[]);
    bench.sim.inject(Fault::new(FaultKind::Status).status(429).on("*").retry_after(MINUTE)).unwrap();
    bench.query().unwrap_err();
    let client = bench.client.clone();
    let account = bench.account;
    let work = move || client.positions(account, tradeforge::Deadline::NEVER).unwrap_err();
    let waiting = std::thread::Builder::new().name("test-query".into()).spawn(work).unwrap();
    bench.client.close();
    assert_eq!(waiting.join().unwrap().kind(), Kind::Closed);
}

#[test]
fn answers_are_remembered_until_they_are_old_or_cleared() {
    let bench = Bench::start(&[("cache_seconds", "300")]);
    let failing = Fault::new(FaultKind::Status).status(500);
    let contract = (&*bench.sim.default_contract()).into();
    let ask = || {
        bench.query()?;
        bench.client.contract(&contract, PATIENCE)?;
        bench.client.search_contracts("NQ", false, PATIENCE)?;
        bench.client.available_contracts(false, PATIENCE).map(drop)
    };
    ask().unwrap();
    bench.sim.inject(failing.clone().on("/api/Account/*").always()).unwrap();
    bench.sim.inject(failing.on("/api/Contract/*").always()).unwrap();
    bench.step(SECOND * 299);
    ask().unwrap();
    bench.step(SECOND);
    assert_eq!(ask().unwrap_err().kind(), Kind::Unavailable);
    bench.sim.clear_faults();
    ask().unwrap();
    bench.sim.inject(Fault::new(FaultKind::Status).status(500).on("/api/Account/*")).unwrap();
    bench.client.clear_caches();
    assert_eq!(ask().unwrap_err().kind(), Kind::Unavailable);
    ask().unwrap();
    bench.client.logout(PATIENCE).unwrap();
    assert_eq!(ask().unwrap_err().kind(), Kind::State);
}
