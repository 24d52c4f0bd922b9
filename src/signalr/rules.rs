//! What follows the end of a connection or a failed attempt: `docs/STREAMS.md` has these rules as a table.

use std::time::Duration;

use crate::error::{Error, Kind};
use crate::model::HubTiming;
use crate::sync::Backoff;

/// Refused credentials in a row before the hub gives up.
const MOST_REFUSALS: u32 = 3;
/// A server that asks not to come back is left alone for so many first delays.
const LEFT_ALONE: u32 = 10;

/// What to do next.
#[derive(Debug)]
pub(super) enum Next {
    /// Try again after this delay.
    Attempt(Duration),
    /// Never again, for this reason.
    GiveUp(Error),
}

/// Counts what went wrong in a row, and decides.
#[derive(Debug)]
pub(super) struct Rules {
    timing: HubTiming,
    backoff: Backoff,
    /// Failures since a connection proved good.
    failures: u32,
    refusals: u32,
    had_connection: bool,
}

impl Rules {
    pub(super) fn new(timing: HubTiming, seed: u64) -> Rules {
        let backoff = Backoff::new(timing.first_delay, timing.longest_delay, seed);
        Rules { timing, backoff, failures: 0, refusals: 0, had_connection: false }
    }

    /// Failures in a row.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// The server answered a handshake; tells whether it is not the first time, so that something may be lost.
    pub(super) fn reached(&mut self) -> bool {
        std::mem::replace(&mut self.had_connection, true)
    }

    /// A connection is whole.
    pub(super) fn connected(&mut self) {
        self.refusals = 0;
    }

    /// A connection has ended after this time.
    pub(super) fn ended_after(&mut self, lived: Duration) {
        if lived >= self.timing.proven {
            self.failures = 0;
            self.backoff.reset();
        }
    }

    /// Counts a failure and decides what follows it.
    pub(super) fn decide(&mut self, error: Error) -> Next {
        self.failures = self.failures.saturating_add(1);
        if self.is_permanent(&error) {
            return Next::GiveUp(error);
        }
        let limit = self.timing.attempts;
        if limit > 0 && self.failures > limit {
            let message = format!(
                "given up, for attempts to come back are limited to {limit}; the last: {}",
                error.message()
            );
            return Next::GiveUp(
                Error::new(error.kind(), message)
                    .with_gateway(error.gateway_code(), error.gateway_text().map(str::to_owned)),
            );
        }
        let least = error.retry_after().unwrap_or_default();
        Next::Attempt(least.saturating_add(self.backoff.next_delay()))
    }

    fn is_permanent(&mut self, error: &Error) -> bool {
        match error.kind() {
            Kind::Config | Kind::File | Kind::Bug => true,
            // What was trusted once may be trusted again: a box on the way, or a certificate that is being renewed.
            Kind::Tls => !self.had_connection,
            Kind::Auth => {
                self.refusals += 1;
                self.refusals >= MOST_REFUSALS
            }
            _ => false,
        }
    }

    /// How long to leave a server alone that ends the connection and does not ask to come back.
    pub(super) fn left_alone(&self) -> Duration {
        self.timing.first_delay.saturating_mul(LEFT_ALONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(attempts: u32) -> Rules {
        Rules::new(HubTiming { attempts, ..HubTiming::default() }, 7)
    }

    fn lost() -> Error {
        Error::new(Kind::Network, "lost")
    }

    fn delay(next: Next) -> Duration {
        match next {
            Next::Attempt(delay) => delay,
            Next::GiveUp(error) => panic!("given up: {error}"),
        }
    }

    #[test]
    fn delays_grow_to_their_limit_until_a_connection_proves_good() {
        let mut rules = rules(0);
        let mut longest = Duration::ZERO;
        for failure in 0..200_u32 {
            let limit = (Duration::from_millis(500) * (1 << failure.min(10))).min(Duration::from_secs(30));
            let delay = delay(rules.decide(lost()));
            assert!(delay <= limit, "{failure}: {delay:?}");
            longest = longest.max(delay);
        }
        assert!(longest > Duration::from_secs(25), "{longest:?}");
        rules.ended_after(Duration::from_secs(59));
        assert_eq!(rules.failures(), 200);
        rules.ended_after(Duration::from_secs(60));
        assert!(delay(rules.decide(lost())) <= Duration::from_millis(500));
        assert_eq!(rules.failures(), 1);
    }

    #[test]
    fn attempts_are_limited_when_asked() {
        let mut rules = rules(3);
        for _ in 0..3 {
            delay(rules.decide(lost()));
        }
        let Next::GiveUp(error) = rules.decide(lost()) else { panic!("the limit is three") };
        assert!(error.message().contains("limited to 3") && error.message().contains("lost"), "{error}");
        assert_eq!((error.kind(), rules.failures()), (Kind::Network, 4));
    }

    #[test]
    fn a_server_is_left_alone_for_as_long_as_it_asks() {
        let mut rules = rules(0);
        let busy = Error::new(Kind::Unavailable, "busy").with_http(503, Some(Duration::from_secs(90)));
        let waited = delay(rules.decide(busy));
        assert!(waited >= Duration::from_secs(90) && waited <= Duration::from_secs(91), "{waited:?}");
        assert_eq!(rules.left_alone(), Duration::from_secs(5));
    }

    #[test]
    fn what_does_not_pass_is_given_up() {
        for kind in [Kind::Config, Kind::File, Kind::Bug, Kind::Tls] {
            let next = rules(0).decide(Error::new(kind, "wrong"));
            assert!(matches!(next, Next::GiveUp(_)), "{kind:?}");
        }
        for kind in [Kind::Network, Kind::Deadline, Kind::Protocol, Kind::Unavailable, Kind::State] {
            delay(rules(0).decide(Error::new(kind, "passes")));
        }
        let mut trusted = rules(0);
        assert!(!trusted.reached() && trusted.reached(), "the first time is not the second");
        delay(trusted.decide(Error::new(Kind::Tls, "another certificate")));
    }

    #[test]
    fn three_refusals_in_a_row_are_enough() {
        let refused = || Error::new(Kind::Auth, "refused");
        let mut rules = rules(0);
        delay(rules.decide(refused()));
        delay(rules.decide(refused()));
        rules.connected();
        delay(rules.decide(refused()));
        delay(rules.decide(refused()));
        assert!(matches!(rules.decide(refused()), Next::GiveUp(_)));
    }
}
