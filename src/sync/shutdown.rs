//! The stop token: told once, it wakes everybody who waits.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::{Condvar, Mutex};

use crate::clock::Deadline;

type Hook = Box<dyn Fn() + Send>;

#[derive(Default)]
struct Shared {
    stopped: AtomicBool,
    hooks: Mutex<Hooks>,
    changed: Condvar,
}

#[derive(Default)]
struct Hooks {
    next: u64,
    waiting: BTreeMap<u64, Hook>,
}

/// Tells threads and blocked calls to end. Clones are the same token.
#[derive(Clone, Default)]
pub struct StopToken(Arc<Shared>);

impl StopToken {
    /// A token that is not stopped.
    pub fn new() -> StopToken {
        StopToken::default()
    }

    /// Stops: runs every hook and wakes every waiter. Later calls do nothing.
    pub fn stop(&self) {
        let hooks = self.0.hooks.lock();
        if !self.0.stopped.swap(true, Ordering::SeqCst) {
            for hook in hooks.waiting.values() {
                hook();
            }
        }
        drop(hooks);
        self.0.changed.notify_all();
    }

    /// Whether it is stopped.
    pub fn is_stopped(&self) -> bool {
        self.0.stopped.load(Ordering::SeqCst)
    }

    /// Runs `hook` when the token stops, at once if it has. Dropping the guard takes the hook back.
    ///
    /// The hook runs under a lock on the thread that stops: it must only wake, and never touch the token.
    #[must_use]
    pub fn on_stop(&self, hook: impl Fn() + Send + 'static) -> OnStop {
        let mut hooks = self.0.hooks.lock();
        if self.is_stopped() {
            hook();
        }
        let id = hooks.next;
        hooks.next += 1;
        hooks.waiting.insert(id, Box::new(hook));
        OnStop { token: self.clone(), id }
    }

    /// Waits until the token stops or the deadline passes; true when it is stopped.
    pub fn wait(&self, deadline: Deadline) -> bool {
        let mut hooks = self.0.hooks.lock();
        while !self.is_stopped() {
            match deadline.instant() {
                None => self.0.changed.wait(&mut hooks),
                Some(at) => {
                    if self.0.changed.wait_until(&mut hooks, at).timed_out() {
                        return self.is_stopped();
                    }
                }
            }
        }
        true
    }
}

impl fmt::Debug for StopToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StopToken").field(&self.is_stopped()).finish()
    }
}

/// Keeps a hook of [`StopToken::on_stop`] in place.
#[derive(Debug)]
pub struct OnStop {
    token: StopToken,
    id: u64,
}

impl Drop for OnStop {
    fn drop(&mut self) {
        self.token.0.hooks.lock().waiting.remove(&self.id);
    }
}
