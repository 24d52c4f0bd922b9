//! What a hub's thread works with, and whom it tells.

use std::sync::Arc;
use std::time::Duration;

use super::overlap::Seam;
use super::remote::Message;
use crate::clock::{Clock, Deadline, Timestamp};
use crate::error::{Error, Result};
use crate::model::{HubTiming, LinkState, Topic};
use crate::net::Tls;
use crate::recording::HubTap;
use crate::secret::Secret;
use crate::sync::StopToken;

/// Gives the token for a connection.
pub(crate) trait TokenSource: Send + Sync {
    /// A token to connect with; a fresh one when it is `refused` that the server did not accept.
    fn token(&self, refused: Option<&Secret>, deadline: Deadline) -> Result<Secret>;

    /// Whether [`TokenSource::token`] would give another one by now. Does not wait.
    fn is_outdated(&self, token: &Secret) -> bool;
}

/// What a record means for the connection that brought it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It goes on.
    Fine,
    /// The record could not be read, and what it told has to be fetched: [`Handler::restored`] follows.
    Damaged,
    /// The server is about to end it.
    LoggedOut,
}

/// Whether a connection counts as whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readiness {
    /// It does: [`LinkState::Connected`] follows.
    Ready,
    /// Something is being fetched: it is [`LinkState::Resyncing`] until [`Handler::command`] says ready.
    Wait,
}

/// Takes what the connection brings. Called on the hub's thread only, in order.
pub(crate) trait Handler: Send {
    /// The short way for an invocation that looks like any other. Nobody has checked the arguments: only when they
    /// are one whole JSON array, they are what the server said. False when nothing was done: then the record is
    /// parsed, and what it is comes by the other methods.
    fn known(&mut self, received: Timestamp, target: &[u8], arguments: &[u8]) -> bool {
        let _ = (received, target, arguments);
        false
    }

    /// The server called a method of the client.
    fn invocation(&mut self, received: Timestamp, target: &str, arguments: &str) -> Heard;

    /// A record came that is none.
    fn unreadable(&mut self, received: Timestamp, error: &Error) -> Heard;

    /// The connection changed its state. `attempt` failures in a row lie behind it, `delay` before the next
    /// attempt.
    fn link(&mut self, state: LinkState, attempt: u32, delay: Duration, reason: Option<&Error>);

    /// A topic is about to be asked for that nobody wanted until now: nothing came of it for a while.
    fn begins(&mut self, _topic: &Topic) {}

    /// A subscription was confirmed or refused. `is_told`: nobody waited for it, so it is told as an event.
    fn subscribed(&mut self, topic: &Topic, result: Result<()>, is_told: bool);

    /// Every wanted subscription is confirmed, or was refused. `again` unless it is the first connection: then
    /// something may have been lost before. Also when the first was lost before it was whole. With [`Readiness::Wait`] the connection is resyncing until a
    /// message of this epoch makes [`Handler::command`] ready; records come here all the while.
    fn restored(&mut self, again: bool) -> Readiness;

    /// The thread is about to wait, or did much: what was handed on shall be seen.
    fn flush(&mut self);

    /// Whether more may be read. If not, the remote is woken when it may.
    fn has_room(&self) -> bool;

    /// How such a call joins what the connection brought whose place another one takes, both still being whole.
    fn seam<'a>(&self, target: &str, arguments: &'a str) -> Seam<'a>;

    /// A message of [`HubRemote::tell`](super::HubRemote::tell) came, of the epoch that the hub is in. Ready ends
    /// a resync that is under way, and means nothing otherwise.
    fn command(&mut self, message: Message) -> Readiness;
}

/// What a hub thread works with.
pub(crate) struct HubSettings {
    /// The name of its thread.
    pub(crate) name: &'static str,
    /// The hub's URL, http or https.
    pub(crate) url: String,
    pub(crate) tls: Arc<Tls>,
    pub(crate) tokens: Arc<dyn TokenSource>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) timing: HubTiming,
    /// Takes what is received and sent while somebody records.
    pub(crate) tap: HubTap,
    pub(crate) stop: StopToken,
}
