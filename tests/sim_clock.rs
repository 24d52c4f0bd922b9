//! The ends of a simulator's time.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use tradeforge::sim::{AccountRules, Calendar, Sim, SimClock, SimConfig};
use tradeforge::{Kind, Money, Timestamp};

const END: i64 = 7_258_118_400_000_000_000;

fn starting_at(clock: SimClock) -> tradeforge::Result<Sim> {
    let rules = AccountRules { max_loss: Some(Money::from_units(1)), ..AccountRules::default() };
    Sim::start(SimConfig { clock, rules, calendar: Calendar::Cme, ..SimConfig::default() })
}

#[test]
fn a_step_beyond_the_end_is_refused_and_moves_nothing() {
    let start = Timestamp::parse("2199-12-31T00:00:00Z").unwrap();
    let sim = starting_at(SimClock::Stepped(start)).unwrap();
    for duration in [Duration::MAX, Duration::from_secs(86_401)] {
        assert_eq!(sim.step(duration).unwrap_err().kind(), Kind::Argument);
        assert_eq!(sim.now(), start);
    }
    sim.step(Duration::from_secs(86_400)).unwrap();
    sim.step(Duration::ZERO).unwrap();
    assert_eq!(sim.now(), Timestamp::from_nanos(END));
}

#[test]
fn a_clock_starts_from_1970_to_2199() {
    for start in [i64::MIN, -1, END + 1, i64::MAX].map(Timestamp::from_nanos) {
        for clock in [SimClock::Stepped(start), SimClock::RunningFrom(start)] {
            assert_eq!(starting_at(clock).unwrap_err().kind(), Kind::Argument, "{clock:?}");
        }
    }
    for start in [0, END].map(Timestamp::from_nanos) {
        let sim = starting_at(SimClock::Stepped(start)).unwrap();
        assert!(sim.default_contract().starts_with("CON.F.US.MES."));
    }
}
