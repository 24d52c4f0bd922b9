//! Reading back again and again, ever more slowly, within a deadline.

use std::time::Duration;

use crate::clock::Deadline;
use crate::error::{Error, Kind, Result};
use crate::sync::StopToken;

const FIRST: Duration = Duration::from_millis(20);
/// The gateway allows some three requests a second.
const SLOWEST: Duration = Duration::from_secs(1);
/// A single attempt gets no less than this, as far as the deadline lets it.
const LEAST: Duration = Duration::from_millis(250);
/// The share of a call that has no deadline.
const LONGEST: Duration = Duration::from_secs(30);

/// The rhythm of reading back.
pub(super) struct Pace<'a> {
    stop: &'a StopToken,
    deadline: Deadline,
    next: Duration,
}

impl Pace<'_> {
    /// A rhythm that begins fast.
    pub(super) fn new(stop: &StopToken, deadline: Deadline) -> Pace<'_> {
        Pace { stop, deadline, next: FIRST }
    }

    /// Waits for the next turn, each time longer.
    ///
    /// # Errors
    /// As [`Pace::wait_for`].
    pub(super) fn wait(&mut self) -> Result<()> {
        let delay = self.next;
        self.next = (delay * 2).min(SLOWEST);
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

/// The time for one of several attempts: half of what is left, so that one that hangs leaves time for
/// another.
pub(super) fn share(deadline: Deadline) -> Deadline {
    let left = deadline.remaining().map_or(LONGEST, |left| (left / 2).max(LEAST));
    Deadline::after(left).min(deadline)
}
