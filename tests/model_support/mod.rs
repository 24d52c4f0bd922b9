//! What the models share: locks, deadlines and errors in the place of the library's, whose every step shuttle orders.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each model uses a part")]

use std::ops::{Deref, DerefMut};

/// Locks in the manner of `parking_lot`, whose every step shuttle orders.
#[derive(Default)]
pub struct Mutex<T>(shuttle::sync::Mutex<T>);

pub struct MutexGuard<'a, T>(Option<shuttle::sync::MutexGuard<'a, T>>);

impl<T> Mutex<T> {
    pub fn new(value: T) -> Mutex<T> {
        Mutex(shuttle::sync::Mutex::new(value))
    }

    pub fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard(Some(self.0.lock().unwrap()))
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().unwrap()
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.as_mut().unwrap()
    }
}

#[derive(Default)]
pub struct Condvar(shuttle::sync::Condvar);

impl Condvar {
    pub fn new() -> Condvar {
        Condvar::default()
    }

    pub fn notify_one(&self) {
        self.0.notify_one();
    }

    pub fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        guard.0 = Some(self.0.wait(guard.0.take().unwrap()).unwrap());
    }

    pub fn notify_all(&self) {
        self.0.notify_all();
    }

    pub fn wait_until<T>(&self, _: &mut MutexGuard<'_, T>, _: std::time::Instant) -> Waited {
        unreachable!("no model waits for a time")
    }
}

/// How a wait with a deadline ended.
pub struct Waited;

impl Waited {
    pub fn timed_out(&self) -> bool {
        unreachable!("no model waits for a time")
    }
}

/// Runs a model in this many orders, half of them with few changes of thread, which finds deep defects. A deadlock
/// fails it, and the failure names the seed.
pub fn check(model: impl Fn() + Send + Sync + Clone + 'static) {
    shuttle::check_random(model.clone(), 2_000);
    shuttle::check_pct(model, 2_000, 3);
}

pub mod clock {
    /// Never, or over.
    #[derive(Clone, Copy)]
    pub struct Deadline(bool);

    impl Deadline {
        pub const NEVER: Deadline = Deadline(false);
        pub const NOW: Deadline = Deadline(true);

        pub fn is_past(self) -> bool {
            self.0
        }

        pub fn instant(self) -> Option<std::time::Instant> {
            None
        }
    }
}

pub mod error {
    pub type Result<T> = std::result::Result<T, Error>;

    #[derive(Debug)]
    pub struct Error;

    pub enum Kind {
        Bug,
    }

    impl Error {
        pub fn new(_: Kind, _: &str) -> Error {
            Error
        }
    }
}
