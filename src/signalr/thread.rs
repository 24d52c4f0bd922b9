//! The thread of a hub, as the rest of the library holds it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::unbounded;
use parking_lot::Mutex;

use super::handler::{Handler, HubSettings};
use super::hub::Hub;
use super::remote::{Command, EpochCount, HubRemote};
use super::wanted::{Askers, Call};
use crate::clock::Deadline;
use crate::error::{Error, Kind, Result};
use crate::model::{LinkState, Topic};
use crate::net::Waiter;
use crate::sync::{Awaited, NoAnswer, StopToken, Thread, answer, spawn};

/// A running hub thread. Dropping it waits for the thread, which ends when its stop token stops.
pub(crate) struct HubThread {
    remote: HubRemote,
    trouble: Arc<Mutex<Option<Error>>>,
    stop: StopToken,
    thread: Mutex<Option<Thread>>,
}

/// A subscription that was asked for and is not confirmed yet.
pub(crate) struct Confirmation {
    awaited: Awaited<Result<()>>,
    trouble: Arc<Mutex<Option<Error>>>,
    stop: StopToken,
}

impl HubThread {
    /// Starts the thread, which connects at once. `handler` is made with a remote that reaches it.
    ///
    /// # Errors
    /// [`Kind::State`] when the system has no thread or descriptor left.
    pub(crate) fn start(
        settings: HubSettings,
        handler: impl FnOnce(HubRemote) -> Box<dyn Handler>,
    ) -> Result<HubThread> {
        let waiter = Waiter::new()?;
        let (commands, inbox) = unbounded();
        let epoch = EpochCount::default();
        let remote = HubRemote::new(commands, waiter.waker(), epoch.clone());
        let trouble = Arc::new(Mutex::new(None));
        let stop = settings.stop.clone();
        let name = settings.name;
        let mut hub = Hub::new(
            settings,
            handler(remote.clone()),
            waiter,
            inbox,
            remote.clone(),
            epoch,
            trouble.clone(),
        );
        let thread = spawn(name, move || {
            let _on_stop = hub.wake_on_stop();
            if catch_unwind(AssertUnwindSafe(|| hub.run())).is_err() {
                let error = Error::new(Kind::Bug, "the thread of a hub panicked; please report it");
                log::error!("{name}: {error}");
                // The handler may be what panicked, so it is asked once and not trusted.
                let _ = catch_unwind(AssertUnwindSafe(|| hub.tell_failure(&error)));
            }
        })?;
        Ok(HubThread { remote, trouble, stop, thread: Mutex::new(Some(thread)) })
    }

    /// Adds a subscription to the wanted ones; the confirmation can be waited for.
    ///
    /// # Errors
    /// Why the hub gave up; then nothing is wanted. After a failed wait the caller takes it back by
    /// [`HubThread::unsubscribe`].
    pub(crate) fn subscribe(&self, call: Call) -> Result<Confirmation> {
        let (told, awaited) = answer();
        self.command(Command::Want(call, Askers::of(Some(told))))?;
        Ok(Confirmation { awaited, trouble: self.trouble.clone(), stop: self.stop.clone() })
    }

    /// Adds a subscription to the wanted ones; the handler is told how it went.
    ///
    /// # Errors
    /// Why the hub gave up.
    pub(crate) fn want(&self, call: Call) -> Result<()> {
        self.command(Command::Want(call, Askers::of(None)))
    }

    /// Ends a subscription. Does not wait.
    pub(crate) fn unsubscribe(&self, topic: &Topic) {
        // A hub that has ended holds no subscription.
        let _ = self.command(Command::Unwant(topic.clone()));
    }

    /// Reaches the thread from other threads.
    pub(crate) fn remote(&self) -> HubRemote {
        self.remote.clone()
    }

    /// Waits for the thread, which ends when its stop token stops.
    pub(crate) fn join(&self) {
        // Under the lock, so that a second caller waits too.
        let mut thread = self.thread.lock();
        drop(thread.take());
    }

    fn command(&self, command: Command) -> Result<()> {
        match self.remote.command(command) {
            true => Ok(()),
            false => Err(gone(&self.stop, &self.trouble)),
        }
    }
}

impl Confirmation {
    /// Waits until the server confirmed the subscription.
    ///
    /// # Errors
    /// [`Kind::Rejected`] when the server refuses, [`Kind::Deadline`], [`Kind::Closed`], or why the hub gave up.
    pub(crate) fn wait(self, deadline: Deadline) -> Result<()> {
        self.awaited.wait(deadline).unwrap_or_else(|none| match none {
            NoAnswer::Late => Err(late(&self.trouble)),
            NoAnswer::Abandoned => Err(gone(&self.stop, &self.trouble)),
        })
    }
}

fn gone(stop: &StopToken, trouble: &Mutex<Option<Error>>) -> Error {
    if stop.is_stopped() {
        return Error::new(Kind::Closed, "the client is closed");
    }
    let taken_back = || Error::new(Kind::State, "the subscription was taken back by another thread");
    trouble.lock().clone().unwrap_or_else(taken_back)
}

fn late(trouble: &Mutex<Option<Error>>) -> Error {
    let message = match &*trouble.lock() {
        Some(trouble) => format!("the hub is not connected: {}", trouble.message()),
        None => "the hub did not confirm the subscription in time".into(),
    };
    Error::new(Kind::Deadline, message)
}

impl Hub {
    /// Tells that the thread ends by a defect.
    fn tell_failure(&mut self, error: &Error) {
        *self.trouble.lock() = Some(error.clone());
        self.handler.link(LinkState::Failed, 0, Duration::ZERO, Some(error));
    }
}
