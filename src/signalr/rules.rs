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
    was_connected: bool,
}

impl Rules {
    pub(super) fn new(timing: HubTiming, seed: u64) -> Rules {
        let backoff = Backoff::new(timing.first_delay, timing.longest_delay, seed);
        Rules { timing, backoff, failures: 0, refusals: 0, was_connected: false }
    }

    /// Failures in a row.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// Whether there was a whole connection before.
    pub(super) fn was_connected(&self) -> bool {
        self.was_connected
    }

    /// A connection is whole.
    pub(super) fn connected(&mut self) {
        self.was_connected = true;
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
            let message =
                format!("given up after {limit} attempts to come back; the last time: {}", error.message());
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
            Kind::Tls => !self.was_connected,
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
