//! One answer from one thread to another.

use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

use crate::clock::Deadline;

#[derive(Debug)]
enum State<T> {
    Open,
    Given(T),
    /// Nobody is left who could answer.
    Abandoned,
}

#[derive(Debug)]
struct Slot<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

/// The side that answers. Dropping it without an answer ends the wait too.
#[derive(Debug)]
pub struct Answer<T>(Arc<Slot<T>>);

/// The side that waits.
#[derive(Debug)]
pub struct Awaited<T>(Arc<Slot<T>>);

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAnswer {
    /// The deadline passed.
    Late,
    /// The other side is gone.
    Abandoned,
}

/// The two sides of an answer.
pub fn answer<T>() -> (Answer<T>, Awaited<T>) {
    let slot = Arc::new(Slot { state: Mutex::new(State::Open), changed: Condvar::new() });
    (Answer(slot.clone()), Awaited(slot))
}

impl<T> Answer<T> {
    /// Gives the answer. It is dropped when nobody waits any more.
    pub fn give(self, value: T) {
        *self.0.state.lock() = State::Given(value);
        self.0.changed.notify_one();
    }
}

impl<T> Drop for Answer<T> {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        if matches!(*state, State::Open) {
            *state = State::Abandoned;
            self.0.changed.notify_one();
        }
    }
}

impl<T> Awaited<T> {
    /// Waits for the answer.
    ///
    /// # Errors
    /// [`NoAnswer`] when the deadline passes first or nobody is left to answer.
    pub fn wait(self, deadline: Deadline) -> Result<T, NoAnswer> {
        let mut state = self.0.state.lock();
        loop {
            match std::mem::replace(&mut *state, State::Open) {
                State::Given(value) => return Ok(value),
                State::Abandoned => return Err(NoAnswer::Abandoned),
                State::Open if deadline.is_past() => return Err(NoAnswer::Late),
                State::Open => match deadline.instant() {
                    None => self.0.changed.wait(&mut state),
                    Some(at) => {
                        self.0.changed.wait_until(&mut state, at);
                    }
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn given_late_or_abandoned() {
        let (given, awaited) = answer();
        let thread = crate::sync::spawn("tf-test", move || given.give(7)).unwrap();
        assert_eq!(awaited.wait(Deadline::NEVER), Ok(7));
        thread.join();

        let (kept, awaited) = answer::<u8>();
        assert_eq!(awaited.wait(Deadline::after(Duration::ZERO)), Err(NoAnswer::Late));
        kept.give(1);

        let (dropped, awaited) = answer::<u8>();
        let thread = crate::sync::spawn("tf-test", move || drop(dropped)).unwrap();
        assert_eq!(awaited.wait(Deadline::NEVER), Err(NoAnswer::Abandoned));
        thread.join();
    }
}
