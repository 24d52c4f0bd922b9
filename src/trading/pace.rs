//! Reading back again and again, ever more slowly, within a deadline.

use std::time::Duration;

use crate::clock::Deadline;
use crate::error::{Error, Kind, Result};
use crate::sync::StopToken;

const FIRST_WAIT: Duration = Duration::from_millis(20);
/// The gateway allows some three requests a second.
const LONGEST_WAIT: Duration = Duration::from_secs(1);
const FIRST_TRY: Duration = Duration::from_secs(2);
/// A single try gets no less than this, as far as the deadline lets it.
const LEAST_TRY: Duration = Duration::from_millis(250);

/// The rhythm of reading back.
pub(super) struct Pace<'a> {
    stop: &'a StopToken,
    deadline: Deadline,
    wait: Duration,
    attempt: Duration,
}

impl Pace<'_> {
    /// A rhythm that begins fast.
    pub(super) fn new(stop: &StopToken, deadline: Deadline) -> Pace<'_> {
        Pace { stop, deadline, wait: FIRST_WAIT, attempt: FIRST_TRY }
    }

    /// The time for the next try: more each time, but never more than half of what is left, so that one that
    /// hangs leaves time for another.
    pub(super) fn attempt(&mut self) -> Deadline {
        let attempt = share(self.deadline, self.attempt);
        self.attempt = self.attempt.saturating_mul(2);
        attempt
    }

    /// Waits for the next turn, each time longer.
    ///
    /// # Errors
    /// As [`Pace::wait_for`].
    pub(super) fn wait(&mut self) -> Result<()> {
        let delay = self.wait;
        self.wait = (delay * 2).min(LONGEST_WAIT);
        self.wait_for(delay)
    }

    /// Waits this long.
    ///
    /// # Errors
    /// [`Kind::Closed`] when the client closes, [`Kind::Deadline`] when the deadline comes first.
    pub(super) fn wait_for(&self, delay: Duration) -> Result<()> {
        if self.stop.wait(Deadline::after(delay).min(self.deadline)) {
            return Err(Error::new(Kind::Closed, "the client was closed while it read back"));
        }
        match self.deadline.is_past() {
            true => Err(Error::new(Kind::Deadline, "the time was up before it could be read back")),
            false => Ok(()),
        }
    }
}

/// The time for the first of so many calls that must all be made before the deadline.
pub(super) fn fair_share(deadline: Deadline, calls: usize) -> Deadline {
    let calls = u32::try_from(calls).unwrap_or(u32::MAX).max(1);
    deadline.remaining().map_or(deadline, |left| Deadline::after(left / calls).min(deadline))
}

/// At most `most` of the time until a deadline, and half of it at most.
pub(super) fn share(deadline: Deadline, most: Duration) -> Deadline {
    let half = deadline.remaining().map_or(most, |left| (left / 2).max(LEAST_TRY));
    Deadline::after(half.min(most)).min(deadline)
}
