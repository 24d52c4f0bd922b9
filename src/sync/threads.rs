//! Threads with names and a count, so that a test can see that none is left.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, JoinHandle};

use crate::error::{Error, Kind, Result};

static LIVE: AtomicUsize = AtomicUsize::new(0);

/// How many threads of this library run in this process. Zero once every client and simulator is closed.
pub fn live_threads() -> usize {
    LIVE.load(Ordering::SeqCst)
}

/// A running thread of this library. Dropping it waits for its end.
#[derive(Debug)]
pub struct Thread(Option<JoinHandle<()>>);

/// Starts a named thread. Names start with `tf-`.
///
/// # Errors
/// [`Kind::State`] when the system gives no further thread.
pub fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<Thread> {
    struct Counted;
    impl Drop for Counted {
        fn drop(&mut self) {
            LIVE.fetch_sub(1, Ordering::SeqCst);
        }
    }
    LIVE.fetch_add(1, Ordering::SeqCst);
    let counted = Counted;
    let started = Builder::new().name(name.to_owned()).spawn(move || {
        let _counted = counted;
        body();
    });
    match started {
        Ok(handle) => Ok(Thread(Some(handle))),
        Err(error) => {
            Err(Error::new(Kind::State, format!("the system refused a thread for {name}: {error}")))
        }
    }
}

impl Thread {
    /// Waits for the end of the thread. From the thread itself it returns at once.
    pub fn join(mut self) {
        self.join_now();
    }

    fn join_now(&mut self) {
        if let Some(handle) = self.0.take()
            && handle.thread().id() != std::thread::current().id()
            && handle.join().is_err()
        {
            log::error!("a thread of the library panicked; its work has stopped");
        }
    }

    /// Lets the thread run on its own.
    pub fn detach(mut self) {
        drop(self.0.take());
    }

    /// Whether the thread has ended.
    pub fn is_finished(&self) -> bool {
        self.0.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.join_now();
    }
}
