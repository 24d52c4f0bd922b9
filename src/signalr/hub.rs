//! The work of a hub's thread: connect, serve, come back, stop.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use parking_lot::Mutex;

use super::connection::{Connection, percent_encoded};
use super::handler::{Handler, HubSettings};
use super::handshake::HANDSHAKE;
use super::remote::{Command, EpochCount};
use super::rules::{Next, Rules};
use super::wanted::WantedSet;
use crate::clock::Deadline;
use crate::error::{Error, Kind, Result};
use crate::model::LinkState;
use crate::net::{Attempt, Waiter, Ws};
use crate::secret::Secret;
use crate::sync::OnStop;

/// A hub as its thread holds it.
pub(super) struct Hub {
    pub(super) settings: HubSettings,
    pub(super) handler: Box<dyn Handler>,
    pub(super) waiter: Waiter,
    pub(super) inbox: Receiver<Command>,
    pub(super) epoch: EpochCount,
    /// Why it is not connected, for those who wait.
    pub(super) trouble: Arc<Mutex<Option<Error>>>,
    pub(super) wanted: WantedSet,
    pub(super) rules: Rules,
    refused_token: Option<Secret>,
}

impl Hub {
    pub(super) fn new(
        settings: HubSettings,
        handler: Box<dyn Handler>,
        waiter: Waiter,
        inbox: Receiver<Command>,
        epoch: EpochCount,
        trouble: Arc<Mutex<Option<Error>>>,
    ) -> Hub {
        let seed = settings.clock.now().nanos() as u64;
        let rules = Rules::new(settings.timing.clone(), seed);
        let wanted = WantedSet::default();
        Hub { settings, handler, waiter, inbox, epoch, trouble, wanted, rules, refused_token: None }
    }

    /// Ends the thread's waits when the hub's stop token stops.
    pub(super) fn wake_on_stop(&self) -> OnStop {
        self.waiter.wake_on_stop(&self.settings.stop)
    }

    pub(super) fn run(&mut self) {
        self.tell(LinkState::Connecting, Duration::ZERO, None);
        loop {
            let error = match self.connect() {
                Ok(connection) => self.serve(connection),
                Err(error) => error,
            };
            if self.settings.stop.is_stopped() {
                self.tell(LinkState::Closed, Duration::ZERO, None);
                return;
            }
            *self.trouble.lock() = Some(error.clone());
            let name = self.settings.name;
            match self.rules.decide(error.clone()) {
                Next::Attempt(delay) => {
                    log::warn!("{name}: {error}; next attempt in {} ms", delay.as_millis());
                    self.tell(LinkState::Reconnecting, delay, Some(&error));
                    self.pause(Deadline::after(delay));
                }
                Next::GiveUp(error) => {
                    log::error!("{name}: given up: {error}");
                    *self.trouble.lock() = Some(error.clone());
                    self.tell(LinkState::Failed, Duration::ZERO, Some(&error));
                    for askers in self.wanted.give_up() {
                        askers.answer(&Err(error.clone()));
                    }
                    return;
                }
            }
        }
    }

    pub(super) fn tell(&mut self, state: LinkState, delay: Duration, reason: Option<&Error>) {
        self.handler.link(state, self.rules.failures(), delay, reason);
    }

    /// Waits out the delay; commands are noted meanwhile.
    fn pause(&mut self, until: Deadline) {
        while !until.is_past() && !self.settings.stop.is_stopped() {
            self.note_commands();
            if self.waiter.wait(until).is_err() {
                return;
            }
        }
    }

    fn connect(&mut self) -> Result<Connection> {
        let deadline = Deadline::after(self.settings.timing.connect);
        let token = self.settings.tokens.token(self.refused_token.as_ref(), deadline)?;
        let url = format!(
            "{}?access_token={}",
            self.settings.url.replacen("http", "ws", 1),
            percent_encoded(token.expose())
        );
        let attempt = Attempt { tls: &self.settings.tls, deadline, stop: &self.settings.stop };
        let socket = match Ws::connect(&url, &mut self.waiter, attempt) {
            Ok(socket) => socket,
            Err(error) => {
                self.refused_token = (error.kind() == Kind::Auth).then_some(token);
                return Err(error);
            }
        };
        self.refused_token = None;
        let mut connection = Connection::new(socket, self.settings.tap.clone(), &self.settings.timing);
        connection.send(HANDSHAKE.to_owned())?;
        Ok(connection)
    }

    /// Serves a connection until it ends; tells why.
    fn serve(&mut self, mut connection: Connection) -> Error {
        let mut error = loop {
            if let Err(error) = self.step(&mut connection) {
                break error;
            }
        };
        if connection.is_logged_out {
            let message =
                "the gateway logged this connection out: a sign-in elsewhere, a token's end, or maintenance";
            error = Error::new(Kind::Network, message);
        }
        // What is being fetched for it comes too late.
        self.epoch.advance();
        for call in connection.calls.take_all() {
            self.wanted.keep_waiting(&call.topic, call.askers);
        }
        self.rules.ended_after(connection.opened.elapsed());
        self.settings.tap.closed(&error);
        connection.socket.close();
        error
    }

    /// Remembers what other threads asked for until there is a connection.
    pub(super) fn note_commands(&mut self) {
        while let Ok(command) = self.inbox.try_recv() {
            match command {
                Command::Want(call, askers) => self.wanted.add_for_later(call, askers),
                Command::Unwant(topic) => drop(self.wanted.take_back(&topic)),
                Command::Message(..) => log::debug!("{}: a message came too late", self.settings.name),
            }
        }
    }

    /// When a connection has nothing to do until then.
    pub(super) fn wait_until(&mut self, at: Instant, now: Instant) -> Result<()> {
        let left = Deadline::after(at.saturating_duration_since(now));
        self.waiter
            .wait(left)
            .map(drop)
            .map_err(|error| Error::new(Kind::Network, format!("cannot wait for the network: {error}")))
    }
}
