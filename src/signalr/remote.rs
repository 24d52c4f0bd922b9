//! What other threads may tell a hub's thread.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_channel::Sender;

use super::renewal::Renewed;
use super::wanted::{Askers, Call};
use crate::error::Result;
use crate::model::Topic;
use crate::net::Waker;

/// A span of a hub's life without a loss: what was fetched in an earlier one may be older than what the hub
/// told since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Epoch(u64);

/// The epoch of a hub, which its thread moves on.
#[derive(Debug, Clone, Default)]
pub(super) struct EpochCount(Arc<AtomicU64>);

impl EpochCount {
    pub(super) fn now(&self) -> Epoch {
        Epoch(self.0.load(Ordering::SeqCst))
    }

    /// Something was lost, or is about to be fetched anew: messages for the epoch until now come too late.
    pub(super) fn advance(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A message for the handler of a hub.
pub(crate) type Message = Box<dyn Any + Send>;

/// What a hub's thread is told to do.
pub(super) enum Command {
    Want(Call, Askers),
    Unwant(Topic),
    Message(Epoch, Message),
    /// A newer token was looked for.
    Renewed(Result<Renewed>),
}

/// Reaches the handler of a hub on the hub's thread, from any thread. Holds nothing alive.
#[derive(Clone)]
pub(crate) struct HubRemote {
    commands: Sender<Command>,
    waker: Waker,
    epoch: EpochCount,
}

impl HubRemote {
    pub(super) fn new(commands: Sender<Command>, waker: Waker, epoch: EpochCount) -> HubRemote {
        HubRemote { commands, waker, epoch }
    }

    /// A remote of no hub.
    #[cfg(test)]
    #[allow(clippy::expect_used, reason = "a test that cannot go on fails")]
    pub(crate) fn nowhere() -> HubRemote {
        let waker = crate::net::Waiter::new().expect("a descriptor").waker();
        HubRemote::new(crossbeam_channel::unbounded().0, waker, EpochCount::default())
    }

    /// The epoch that the hub is in. On the hub's thread, inside a call of its handler, it is that call's.
    pub(crate) fn epoch(&self) -> Epoch {
        self.epoch.now()
    }

    /// Hands a message to [`Handler::command`](super::Handler::command) on the hub's thread. It is dropped when
    /// the hub is in another epoch by then, or has ended.
    pub(crate) fn tell(&self, epoch: Epoch, message: Message) {
        // A hub that has ended has no handler.
        let _ = self.command(Command::Message(epoch, message));
    }

    /// Makes the thread look after its duties.
    pub(crate) fn wake(&self) {
        self.waker.wake();
    }

    /// False when the hub has ended.
    pub(super) fn command(&self, command: Command) -> bool {
        let is_sent = self.commands.send(command).is_ok();
        self.waker.wake();
        is_sent
    }
}
