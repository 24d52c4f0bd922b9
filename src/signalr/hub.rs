//! The work of a hub's thread: connect, serve, come back, stop.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use parking_lot::Mutex;

use super::connection::Connection;
use super::handler::{Handler, HubSettings};
use super::handshake::HANDSHAKE;
use super::remote::{Command, EpochCount, HubRemote};
use super::renewal::open;
use super::rotation::{Rotation, Served};
use super::rules::{Next, Rules};
use super::wanted::WantedSet;
use crate::clock::Deadline;
use crate::error::{Error, Kind, Result};
use crate::model::LinkState;
use crate::net::{Attempt, Waiter};
use crate::secret::Secret;
use crate::sync::{OnStop, Thread};

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
    /// Reaches this thread.
    pub(super) remote: HubRemote,
    /// The thread that fetches a newer token, also when it has ended.
    pub(super) renewal: Option<Thread>,
    /// It is to be heard from.
    pub(super) is_renewing: bool,
    /// This gateway ended a connection because another was opened: from then on the old one is closed first.
    pub(super) is_displaced: bool,
    /// The connection was ended here, to open another at once.
    pub(super) is_planned_end: bool,
    refused_token: Option<Secret>,
}

impl Hub {
    pub(super) fn new(
        settings: HubSettings,
        handler: Box<dyn Handler>,
        waiter: Waiter,
        inbox: Receiver<Command>,
        remote: HubRemote,
        epoch: EpochCount,
        trouble: Arc<Mutex<Option<Error>>>,
    ) -> Hub {
        let seed = settings.clock.now().nanos() as u64;
        Hub {
            rules: Rules::new(settings.timing.clone(), seed),
            settings,
            handler,
            waiter,
            inbox,
            epoch,
            trouble,
            wanted: WantedSet::default(),
            remote,
            renewal: None,
            is_renewing: false,
            is_displaced: false,
            is_planned_end: false,
            refused_token: None,
        }
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
            if std::mem::take(&mut self.is_planned_end) {
                log::info!("{name}: {error}");
                self.tell(LinkState::Reconnecting, Duration::ZERO, Some(&error));
                continue;
            }
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
        let attempt = Attempt { tls: &self.settings.tls, deadline, stop: &self.settings.stop };
        let socket = match open(&self.settings.url, &token, &mut self.waiter, attempt) {
            Ok(socket) => socket,
            Err(error) => {
                self.refused_token = (error.kind() == Kind::Auth).then_some(token);
                return Err(error);
            }
        };
        self.refused_token = None;
        let mut connection = Connection::new(socket, token, self.settings.tap.clone(), &self.settings.timing);
        connection.send(HANDSHAKE.to_owned())?;
        Ok(connection)
    }

    /// Serves a connection and its successors until one ends without; tells why.
    fn serve(&mut self, active: Connection) -> Error {
        let look_at = active.opened + self.settings.timing.ping;
        let mut served = Served { active, rotation: Rotation::Idle { look_at } };
        let error = loop {
            if let Err(error) = self.step(&mut served) {
                self.handler.flush();
                let error = served.active.worded(error);
                if let Err(error) = self.succeed(&mut served, error) {
                    break error;
                }
            }
        };
        let mut connection = served.active;
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
                // The next connection has the newest token.
                Command::Renewed(_) => self.is_renewing = false,
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
