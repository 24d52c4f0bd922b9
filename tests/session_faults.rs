//! A token that ends while eight threads call a gateway that fails them: one login, whatever else goes wrong.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod session_support;

use std::sync::Barrier;
use std::time::Duration;

use session_support::{Bench, HOUR, MINUTE, PATIENCE};
use tradeforge::sim::{Fault, FaultKind, Garbage};
use tradeforge::{Error, Kind};

const THREADS: usize = 8;
/// Calls that must succeed in each thread.
const CALLS: usize = 6;

/// Counts requests to a path from now on.
fn count(bench: &Bench, path: &str) -> impl Fn() -> usize + use<> {
    let watch = Fault::new(FaultKind::Latency).delay(Duration::ZERO).on(path).always();
    let (number, sim) = (bench.sim.inject(watch).unwrap(), bench.sim.clone());
    move || sim.fault_strikes().iter().filter(|strike| strike.fault == number).count()
}

/// What can happen to a query.
fn faults() -> Vec<Fault> {
    [
        Fault::new(FaultKind::LostReply),
        Fault::new(FaultKind::Refused),
        Fault::new(FaultKind::Reset),
        Fault::new(FaultKind::Cut),
        Fault::new(FaultKind::Garbage).form(Garbage::Html),
        Fault::new(FaultKind::Status).status(500),
        Fault::new(FaultKind::Slow).chunk(40).pause(Duration::from_millis(1)),
    ]
    .into_iter()
    .map(|fault| fault.on("/api/Account/search").on("/api/Position/searchOpen").probability(0.06).always())
    .collect()
}

/// Calls from all threads at once until each has what it wants. Gives the errors on the way.
fn storm(bench: &Bench) -> Vec<Error> {
    let start = Barrier::new(THREADS);
    let call = |index: usize| match index % 2 {
        0 => bench.client.accounts(true, PATIENCE).map(drop),
        _ => bench.client.positions(bench.account, PATIENCE).map(drop),
    };
    std::thread::scope(|scope| {
        let work = |index: usize| {
            let (start, call) = (&start, &call);
            move || {
                start.wait();
                let mut errors = Vec::new();
                let mut done = 0;
                while done < CALLS {
                    match call(index) {
                        Ok(()) => done += 1,
                        Err(error) => errors.push(error),
                    }
                    assert!(errors.len() < 1_000, "{:?}", errors.last());
                }
                errors
            }
        };
        let threads: Vec<_> = (0..THREADS).map(|index| scope.spawn(work(index))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn one_login_for_all_however_the_token_ends() {
    let bench = Bench::start(&[("rate_limit", "off")]);
    for fault in faults() {
        bench.sim.inject(fault).unwrap();
    }
    let (logins, exchanges) = (count(&bench, "/api/Auth/loginKey"), count(&bench, "/api/Auth/validate"));
    let mut struck = 0;
    for round in 1..=4 {
        // The gateway ends the token before its time.
        bench.sim.inject(Fault::new(FaultKind::TokenExpiry)).unwrap();
        struck += storm(&bench).len();
        assert_eq!((logins(), exchanges()), (round, 0), "the gateway ended the token");
        // What the gateway takes in a minute is its own affair here.
        bench.step(MINUTE * 2);
    }
    for round in 1..=4 {
        // The token comes near its end: one thread exchanges it, the others go on with the old one.
        bench.step(HOUR * 23 + MINUTE * 40);
        struck += storm(&bench).len();
        assert_eq!((logins(), exchanges()), (4, round), "near the end of the token");
        bench.step(MINUTE * 2);
    }
    // It is over, by its own words.
    bench.step(HOUR * 25);
    struck += storm(&bench).len();
    assert_eq!((logins(), exchanges()), (5, 4), "the token was over");
    assert!(struck > 20, "the gateway was not faulty enough: {struck}");
}

#[test]
fn a_login_that_fails_is_made_again_by_the_next_and_by_nobody_else() {
    let bench = Bench::start(&[("rate_limit", "off")]);
    for fault in [
        Fault::new(FaultKind::LostReply),
        Fault::new(FaultKind::Status).status(500),
        Fault::new(FaultKind::Garbage).form(Garbage::Html),
        Fault::new(FaultKind::Cut),
    ] {
        let logins = count(&bench, "/api/Auth/loginKey");
        bench.sim.inject(fault.clone().on("/api/Auth/loginKey")).unwrap();
        bench.sim.inject(Fault::new(FaultKind::TokenExpiry)).unwrap();
        let errors = storm(&bench);
        assert_eq!(logins(), 2, "{fault:?}");
        // None where a kept connection ended under it and the login went out once more by itself.
        assert!(errors.len() <= 1, "{errors:?}");
        for error in errors {
            assert_eq!(error.operation(), Some("Auth/loginKey"), "{error}");
            assert!(error.is_retriable() && error.kind() != Kind::Auth, "{error}");
        }
        bench.step(MINUTE * 2);
    }
}
