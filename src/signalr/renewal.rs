//! Fetching a newer token and a connection with it, on a thread of its own: the hub's thread goes on meanwhile.

use std::sync::Arc;

use super::connection::percent_encoded;
use super::handler::{HubSettings, TokenSource};
use super::remote::{Command, HubRemote};
use crate::clock::Deadline;
use crate::error::Result;
use crate::net::{Attempt, Tls, Waiter, Ws};
use crate::secret::Secret;
use crate::sync::{StopToken, Thread, spawn};

/// What a renewal found.
pub(super) enum Renewed {
    /// There is no newer token.
    Nothing,
    /// There is one. No connection was opened.
    Token,
    /// A connection with a newer token, still without its handshake.
    Connection(Box<Ws>, Secret),
}

/// What is needed to renew.
pub(super) struct Renewal {
    url: String,
    tls: Arc<Tls>,
    tokens: Arc<dyn TokenSource>,
    stop: StopToken,
    deadline: Deadline,
    /// The token in use.
    old: Secret,
    /// Whether to open a connection.
    connects: bool,
}

impl Renewal {
    pub(super) fn new(settings: &HubSettings, old: Secret, connects: bool) -> Renewal {
        Renewal {
            url: settings.url.clone(),
            tls: settings.tls.clone(),
            tokens: settings.tokens.clone(),
            stop: settings.stop.clone(),
            deadline: Deadline::after(settings.timing.connect),
            old,
            connects,
        }
    }

    /// Starts the thread, which tells the hub how it went.
    pub(super) fn start(self, remote: HubRemote) -> Result<Thread> {
        spawn("tf-hub-renew", move || {
            // A hub that has ended needs nothing.
            let _ = remote.command(Command::Renewed(self.run()));
        })
    }

    fn run(&self) -> Result<Renewed> {
        let token = self.tokens.token(None, self.deadline)?;
        if token == self.old {
            return Ok(Renewed::Nothing);
        }
        if !self.connects {
            return Ok(Renewed::Token);
        }
        let mut waiter = Waiter::new()?;
        let _on_stop = waiter.wake_on_stop(&self.stop);
        let attempt = Attempt { tls: &self.tls, deadline: self.deadline, stop: &self.stop };
        let mut socket = open(&self.url, &token, &mut waiter, attempt)?;
        socket.unwatch(&waiter)?;
        Ok(Renewed::Connection(Box::new(socket), token))
    }
}

/// Opens a connection to a hub, as far as the upgrade.
pub(super) fn open(url: &str, token: &Secret, waiter: &mut Waiter, attempt: Attempt<'_>) -> Result<Ws> {
    let address =
        format!("{}?access_token={}", url.replacen("http", "ws", 1), percent_encoded(token.expose()));
    Ws::connect(&address, waiter, attempt)
}
