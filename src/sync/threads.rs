//! Threads with names and a count, so that a test can see that none is left.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread::{Builder, JoinHandle};

use crate::error::{Error, Kind, Result};

static LIVE: AtomicUsize = AtomicUsize::new(0);
static NEXT_ID: AtomicU64 = AtomicU64::new(1);

thread_local! {
    /// The id of this thread if it is one of the library's. The standard library's own id would allocate on
    /// a thread of the host.
    static CURRENT: Cell<u64> = const { Cell::new(0) };
}

/// How many threads of this library run in this process. Zero once every client and simulator is closed.
pub fn live_threads() -> usize {
    LIVE.load(Ordering::SeqCst)
}

/// A running thread of this library. Dropping it waits for its end.
#[derive(Debug)]
pub struct Thread {
    id: u64,
    /// The process that it runs in. The child of a fork has no threads of its parent.
    process: u32,
    handle: Option<JoinHandle<()>>,
}

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
    let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
    let started = Builder::new().name(name.to_owned()).spawn(move || {
        let _counted = counted;
        CURRENT.set(id);
        body();
    });
    match started {
        Ok(handle) => Ok(Thread { id, process: std::process::id(), handle: Some(handle) }),
        Err(error) => {
            Err(Error::new(Kind::State, format!("the system refused a thread for {name}: {error}")))
        }
    }
}

impl Thread {
    /// Waits for the end of the thread. From the thread itself it returns at once.
    #[cfg(any(feature = "sim", test))]
    pub fn join(mut self) {
        self.join_now();
    }

    fn join_now(&mut self) {
        if self.process != std::process::id() {
            std::mem::forget(self.handle.take());
            return;
        }
        if let Some(handle) = self.handle.take()
            && self.id != CURRENT.get()
            && handle.join().is_err()
        {
            log::error!("a thread of the library panicked; its work has stopped");
        }
    }

    /// Lets the thread run on its own.
    pub fn detach(mut self) {
        drop(self.handle.take());
    }

    /// Whether the thread has ended.
    pub fn is_finished(&self) -> bool {
        self.handle.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.join_now();
    }
}
