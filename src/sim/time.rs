//! The simulator's time: the time of day, or one that stands still until it is stepped.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use crate::clock::{Clock, SystemClock, Timestamp};
use crate::sim::config::SimClock;

/// The first moment of 2200. No simulator gets beyond it, so that what is planned ahead still has a time.
pub(in crate::sim) const END: Timestamp = Timestamp::from_nanos(7_258_118_400_000_000_000);

/// Where contracts, markets, timestamps and tokens take their time from. It never goes back, whatever the
/// system's clock does.
#[derive(Debug)]
pub(in crate::sim) struct Time {
    /// What to add to the system's time of day, in nanoseconds; a stepped time has none.
    offset: Option<i64>,
    /// The latest time that was shown.
    latest: AtomicI64,
    /// How far the clock is off that stamps are taken from, in nanoseconds.
    skew: AtomicI64,
}

impl Time {
    pub(in crate::sim) fn new(clock: SimClock) -> Time {
        let system = SystemClock.now().nanos();
        let (start, is_running) = match clock {
            SimClock::System => (system, true),
            SimClock::RunningFrom(start) => (start.nanos(), true),
            SimClock::Stepped(start) => (start.nanos(), false),
        };
        Time {
            offset: is_running.then(|| start.saturating_sub(system)),
            latest: AtomicI64::new(start),
            skew: AtomicI64::new(0),
        }
    }

    /// Whether a simulator may start at the time that this clock names.
    pub(in crate::sim) fn may_start(clock: SimClock) -> bool {
        match clock {
            SimClock::System => true,
            SimClock::RunningFrom(start) | SimClock::Stepped(start) => {
                (Timestamp::from_nanos(0)..=END).contains(&start)
            }
        }
    }

    /// The time now.
    pub(in crate::sim) fn now(&self) -> Timestamp {
        let Some(offset) = self.offset else {
            return Timestamp::from_nanos(self.latest.load(Ordering::SeqCst));
        };
        let shown = SystemClock.now().nanos().saturating_add(offset);
        Timestamp::from_nanos(self.latest.fetch_max(shown, Ordering::SeqCst).max(shown))
    }

    /// The time as the gateway's clock shows it: what timestamps, tokens and HTTP dates say.
    pub(in crate::sim) fn stamp(&self) -> Timestamp {
        Timestamp::from_nanos(self.now().nanos().saturating_add(self.skew.load(Ordering::SeqCst)))
    }

    /// Puts the gateway's clock ahead, or behind when negative. What happens when stays as it is.
    pub(in crate::sim) fn set_skew(&self, nanos: i64) {
        self.skew.store(nanos, Ordering::SeqCst);
    }

    /// The moment of the machine at which `due` comes; `None` when only a step brings it.
    pub(in crate::sim) fn instant_of(&self, due: Timestamp) -> Option<Instant> {
        self.offset?;
        let left = due.nanos().saturating_sub(self.now().nanos()).max(0);
        Some(Instant::now() + Duration::from_nanos(left.unsigned_abs()))
    }

    /// The moment of the machine at which the gateway's clock shows `stamp`; `None` when only a step brings it.
    pub(in crate::sim) fn instant_of_stamp(&self, stamp: Timestamp) -> Option<Instant> {
        let skew = self.skew.load(Ordering::SeqCst);
        self.instant_of(Timestamp::from_nanos(stamp.nanos().saturating_sub(skew)))
    }

    /// Whether it moves only by steps.
    pub(in crate::sim) fn is_stepped(&self) -> bool {
        self.offset.is_none()
    }

    /// Moves a stepped time forward to `due`; a running one gets there by itself.
    pub(in crate::sim) fn reach(&self, due: Timestamp) {
        if self.is_stepped() {
            self.latest.fetch_max(due.nanos(), Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stepped_time_stands_until_it_is_moved_and_never_goes_back() {
        let start = Timestamp::from_nanos(1_000);
        let time = Time::new(SimClock::Stepped(start));
        assert_eq!((time.now(), time.instant_of(start)), (start, None));
        time.reach(Timestamp::from_nanos(1_500));
        time.reach(Timestamp::from_nanos(1_200));
        assert_eq!(time.now(), Timestamp::from_nanos(1_500));
    }

    #[test]
    fn a_running_time_begins_where_it_is_told() {
        let start = Timestamp::from_nanos(1_000_000_000_000);
        let time = Time::new(SimClock::RunningFrom(start));
        let (before, at) = (Instant::now(), time.instant_of(start.saturating_add(Duration::from_secs(60))));
        assert!(time.now() >= start && time.now() < start.saturating_add(Duration::from_secs(60)));
        assert!(at.is_some_and(|at| at > before));
        time.reach(Timestamp::from_nanos(i64::MAX - 5));
        assert!(time.now() < start.saturating_add(Duration::from_secs(60)));
    }
}
