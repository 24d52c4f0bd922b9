//! Keeps requests within what the gateway takes, on this side of the wire.
//!
//! One object for a client and all its clones. It counts what was sent within the last span; who finds it full
//! waits for the oldest to leave it, or is refused when he must not wait.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::clock::{Clock, Deadline, Timestamp};
use crate::error::{Error, Kind, Outcome, Result};
use crate::model::{RateLimit, RateLimits};
use crate::sync::StopToken;

/// The pause after HTTP 429 that does not tell how long to wait.
const COOL_DOWN: Duration = Duration::from_secs(5);

/// The longest pause that a gateway can make us take: an hour.
const LONGEST_COOL_DOWN: Duration = Duration::from_secs(3_600);

/// Requests travel at different speeds, so what is just outside a span here may be inside it there.
const TRAVEL: Duration = Duration::from_millis(250);

/// Which window counts a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Requests for bars.
    Bars,
    /// All others.
    Rest,
}

/// What a request is to the limits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticket {
    /// Which window counts it.
    pub(super) scope: Scope,
    /// Whether it may use what is kept back.
    pub(super) may_use_reserve: bool,
    /// Whether it may wait. What changes something must not: by then it may be wrong.
    pub(super) may_wait: bool,
}

/// The limits of one client.
pub(crate) struct Limits {
    clock: Arc<dyn Clock>,
    stop: StopToken,
    state: Mutex<State>,
}

struct State {
    bars: Option<Window>,
    rest: Option<Window>,
    reserve: u32,
    cool_down: Option<CoolDown>,
}

/// Nothing is sent before `end`.
struct CoolDown {
    begin: Timestamp,
    end: Timestamp,
}

/// When the requests of the last span were sent, oldest first.
struct Window {
    limit: RateLimit,
    sent: VecDeque<Timestamp>,
}

impl Limits {
    /// Limits that nothing has been counted against. Waits end when `stop` stops.
    pub(crate) fn new(limits: RateLimits, clock: Arc<dyn Clock>, stop: StopToken) -> Limits {
        let window = |limit: Option<RateLimit>| limit.map(|limit| Window { limit, sent: VecDeque::new() });
        let state = State {
            bars: window(limits.bars),
            rest: window(limits.rest),
            reserve: limits.reserve,
            cool_down: None,
        };
        Limits { clock, stop, state: Mutex::new(state) }
    }

    /// Counts a request that goes out now; waits before that if it must and may.
    ///
    /// # Errors
    /// [`Kind::RateLimit`] with the time to wait when it must not wait, or not so long; [`Kind::Closed`]. The
    /// request must then not be sent.
    pub(super) fn admit(&self, ticket: Ticket, deadline: Deadline) -> Result<()> {
        loop {
            let Some(wait) = self.state.lock().admit(ticket, self.clock.now()) else { return Ok(()) };
            if !ticket.may_wait || deadline.remaining().is_some_and(|left| left < wait) {
                return Err(refused(wait));
            }
            log::debug!("a request waits {} ms for the rate limit", wait.as_millis());
            if self.stop.wait(deadline.min(Deadline::after(wait))) {
                return Err(Error::new(Kind::Closed, "the client was closed").with_outcome(Outcome::NotSent));
            }
        }
    }

    /// Holds everything back because the gateway said that it was too much; gives for how long.
    pub(super) fn cool_down(&self, asked: Option<Duration>) -> Duration {
        let wait = asked.unwrap_or(COOL_DOWN).min(LONGEST_COOL_DOWN);
        let begin = self.clock.now();
        let end = begin.saturating_add(wait);
        let mut state = self.state.lock();
        if state.cool_down.as_ref().is_none_or(|held| held.end < end) {
            state.cool_down = Some(CoolDown { begin, end });
        }
        log::warn!("the gateway takes no more requests for {} ms", wait.as_millis());
        wait
    }

    /// The time by the client's clock.
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl State {
    /// Counts a request, or tells how long it must wait.
    fn admit(&mut self, ticket: Ticket, now: Timestamp) -> Option<Duration> {
        if let Some(held) = &self.cool_down {
            // A clock that was set back must not make the pause longer.
            if now < held.end && now >= held.begin {
                return Some(held.end.since(now));
            }
            self.cool_down = None;
        }
        let (window, kept) = match ticket.scope {
            Scope::Bars => (&mut self.bars, 0),
            Scope::Rest if ticket.may_use_reserve => (&mut self.rest, 0),
            Scope::Rest => (&mut self.rest, self.reserve),
        };
        window.as_mut().and_then(|window| window.admit(now, kept))
    }
}

impl Window {
    /// Counts a request when `kept` and one more places are free; else tells when there will be.
    fn admit(&mut self, now: Timestamp, kept: u32) -> Option<Duration> {
        // A clock that was set back: what lies ahead counts as sent now.
        for sent in self.sent.iter_mut().rev().take_while(|sent| **sent > now) {
            *sent = now;
        }
        let span = self.limit.window + TRAVEL;
        while self.sent.front().is_some_and(|oldest| now.since(*oldest) >= span) {
            self.sent.pop_front();
        }
        let free_for_this = (self.limit.requests.saturating_sub(kept).max(1)) as usize;
        match self.sent.len().checked_sub(free_for_this) {
            None => {
                self.sent.push_back(now);
                None
            }
            Some(behind) => Some(self.sent[behind].saturating_add(span).since(now)),
        }
    }
}

fn refused(wait: Duration) -> Error {
    let message = format!(
        "not sent, as the gateway would take it for one too many; wait {} ms or raise rate_limit",
        wait.as_millis()
    );
    Error::new(Kind::RateLimit, message).with_retry_after(wait).with_outcome(Outcome::NotSent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    const NOW: Deadline = Deadline::NEVER;
    const ORDER: Ticket = Ticket { scope: Scope::Rest, may_use_reserve: false, may_wait: false };
    const CANCEL: Ticket = Ticket { may_use_reserve: true, ..ORDER };
    const BARS: Ticket = Ticket { scope: Scope::Bars, ..ORDER };
    const QUERY: Ticket = Ticket { may_wait: true, ..ORDER };

    fn limits(reserve: u32) -> (Limits, ManualClock, StopToken) {
        let clock = ManualClock::new(Timestamp::from_nanos(1_000_000_000_000));
        let stop = StopToken::new();
        let limits =
            RateLimits { bars: Some(RateLimit::new(2, 30)), rest: Some(RateLimit::new(10, 60)), reserve };
        (Limits::new(limits, Arc::new(clock.clone()), stop.clone()), clock, stop)
    }

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    /// How many are admitted before one is refused, and how long that one should wait.
    fn fill(limits: &Limits, ticket: Ticket) -> (usize, Duration) {
        let mut count = 0;
        loop {
            match limits.admit(ticket, NOW) {
                Ok(()) => count += 1,
                Err(error) => {
                    assert_eq!((error.kind(), error.outcome()), (Kind::RateLimit, Outcome::NotSent));
                    return (count, error.retry_after().unwrap());
                }
            }
        }
    }

    #[test]
    fn the_window_rolls() {
        let (limits, clock, _) = limits(0);
        for _ in 0..4 {
            limits.admit(ORDER, NOW).unwrap();
        }
        clock.advance(seconds(40));
        assert_eq!(fill(&limits, ORDER), (6, seconds(20) + TRAVEL));
        clock.advance(seconds(20));
        assert_eq!(fill(&limits, ORDER).0, 0, "not to the instant: requests travel at different speeds");
        clock.advance(TRAVEL);
        assert_eq!(fill(&limits, ORDER), (4, seconds(40)), "only the first four have left");
    }

    #[test]
    fn bars_and_rest_are_apart_and_the_reserve_is_kept() {
        let (limits, _, _) = limits(3);
        assert_eq!(fill(&limits, BARS).0, 2);
        assert_eq!(fill(&limits, ORDER).0, 7);
        assert_eq!(fill(&limits, CANCEL).0, 3);
        assert_eq!(fill(&limits, ORDER).0, 0);
    }

    #[test]
    fn a_full_reserve_makes_others_wait_longer() {
        let (limits, clock, _) = limits(3);
        fill(&limits, ORDER);
        clock.advance(seconds(10));
        fill(&limits, CANCEL);
        // Ten are counted: three must leave before an order finds one of its seven places free.
        assert_eq!(fill(&limits, CANCEL).1, seconds(50) + TRAVEL);
        clock.advance(seconds(50) + TRAVEL);
        assert_eq!(fill(&limits, ORDER).0, 4);
    }

    #[test]
    fn too_many_cools_everything_down() {
        let (limits, clock, _) = limits(3);
        assert_eq!(limits.cool_down(None), COOL_DOWN);
        assert_eq!(limits.cool_down(Some(seconds(1))), seconds(1));
        for ticket in [ORDER, CANCEL, BARS] {
            assert_eq!(fill(&limits, ticket), (0, COOL_DOWN), "the longer one holds");
        }
        clock.advance(COOL_DOWN);
        limits.admit(CANCEL, NOW).unwrap();
        assert_eq!(limits.cool_down(Some(Duration::MAX)), LONGEST_COOL_DOWN);
    }

    #[test]
    fn a_clock_that_is_set_back_makes_nobody_wait_longer() {
        let (limits, clock, _) = limits(0);
        fill(&limits, ORDER);
        limits.cool_down(None);
        clock.set_back(seconds(3_600));
        assert_eq!(fill(&limits, ORDER), (0, seconds(60) + TRAVEL));
    }

    #[test]
    fn a_query_waits_no_longer_than_its_deadline_and_not_beyond_the_close() {
        let (limits, _, stop) = limits(0);
        fill(&limits, ORDER);
        let error = limits.admit(QUERY, Deadline::after(seconds(5))).unwrap_err();
        assert_eq!(error.kind(), Kind::RateLimit, "it would not be in time, so it fails at once");
        let limits = Arc::new(limits);
        let waiter = {
            let limits = limits.clone();
            crate::sync::spawn("tf-test", move || {
                assert_eq!(limits.admit(QUERY, Deadline::NEVER).unwrap_err().kind(), Kind::Closed);
            })
            .unwrap()
        };
        stop.stop();
        waiter.join();
    }
}
