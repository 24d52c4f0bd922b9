//! Make before break: a successor with a newer token is put in the place of a connection while that goes on.

use std::time::{Duration, Instant};

use super::connection::{Connection, Stage};
use super::frame::RECORD_END;
use super::handshake::HANDSHAKE;
use super::hub::Hub;
use super::message::{Record, encode_invocation};
use super::overlap::{Overlap, Seam};
use super::renewal::{Renewal, Renewed};
use super::wanted::Askers;
use crate::clock::Timestamp;
use crate::error::{Error, Kind, Result};
use crate::model::LinkState;

/// How long the predecessor may take to end.
const FAREWELL: Duration = Duration::from_secs(2);

/// A renewal that failed is followed by the next after so many pings: 30 s.
const RETRY_PINGS: u32 = 3;

/// A connection in service, and what becomes of it.
pub(super) struct Served {
    pub(super) active: Connection,
    pub(super) rotation: Rotation,
}

impl Served {
    /// The connection that answers calls now, and the one that is to know them too.
    pub(super) fn in_order(&mut self) -> (&mut Connection, Option<&mut Connection>) {
        match &mut self.rotation {
            // The predecessor hears nothing any more.
            Rotation::Beside { successor, leaving: Some(_), .. } => (successor, None),
            // Its own turn to put back what is wanted is still to come.
            Rotation::Beside { successor, .. } if successor.stage == Stage::Handshake => {
                (&mut self.active, None)
            }
            Rotation::Beside { successor, .. } => (&mut self.active, Some(successor)),
            _ => (&mut self.active, None),
        }
    }
}

/// How far the way to a connection with a newer token is.
pub(super) enum Rotation {
    /// Nothing to do until it is looked again whether there is a newer token.
    Idle { look_at: Instant },
    /// The token and the connection are being fetched.
    Renewing,
    /// The successor is being subscribed; with `leaving`, it is, and the predecessor is to end by then.
    Beside { successor: Box<Connection>, overlap: Overlap, leaving: Option<Instant> },
    /// The successor is in service and holds its events until it answers the mark, or until then: by its answer
    /// it has brought all that its predecessor brought.
    Joining { overlap: Overlap, mark: u64, until: Instant },
}

impl Rotation {
    /// When something is to be done.
    pub(super) fn next_timer(&self) -> Option<Instant> {
        match self {
            Rotation::Idle { look_at } => Some(*look_at),
            Rotation::Renewing => None,
            Rotation::Beside { successor, leaving, .. } => {
                leaving.iter().copied().chain([successor.next_sign()]).min()
            }
            Rotation::Joining { until, .. } => Some(*until),
        }
    }

    /// Takes note of what the connection in service brings; false when it is held and not to be handed on now.
    pub(super) fn admits(&mut self, received: Timestamp, record: &[u8]) -> bool {
        match self {
            Rotation::Beside { successor, overlap, .. } => {
                // What comes before the successor subscribes cannot come by it.
                if successor.stage != Stage::Handshake {
                    overlap.note(record);
                }
                true
            }
            Rotation::Joining { overlap, until, .. } => {
                if !overlap.hold(received, record) {
                    *until = Instant::now();
                }
                false
            }
            Rotation::Idle { .. } | Rotation::Renewing => true,
        }
    }

    /// Whether everything may be handed on without [`Rotation::admits`].
    pub(super) fn hands_all_on(&self) -> bool {
        matches!(self, Rotation::Idle { .. } | Rotation::Renewing)
    }
}

impl Hub {
    fn retry(&self) -> Duration {
        self.settings.timing.ping.saturating_mul(RETRY_PINGS)
    }

    /// Does what is due for the change to a newer token.
    ///
    /// # Errors
    /// Why the connection in service ends first.
    pub(super) fn rotate(&mut self, served: &mut Served, now: Instant) -> Result<()> {
        let is_live = served.active.stage == Stage::Live;
        match &mut served.rotation {
            Rotation::Idle { look_at } if now >= *look_at => {
                *look_at = now + self.settings.timing.ping;
                if is_live && !self.is_renewing && self.settings.tokens.is_outdated(&served.active.token) {
                    self.renew(served, now);
                }
            }
            Rotation::Beside { successor, leaving: leaving @ None, .. } => {
                let is_subscribed = successor.stage == Stage::Restoring && successor.calls.is_empty();
                if is_subscribed && served.active.calls.is_empty() && is_live {
                    *leaving = Some(now + FAREWELL);
                    self.mark(&mut served.active, now)?;
                    // With nothing wanted there is nothing to wait for.
                    if served.active.calls.is_empty() {
                        served.active.begin_close();
                    }
                }
            }
            Rotation::Beside { leaving: Some(until), .. } if now >= *until => {
                let message = "the connection with the old token did not end when it was closed";
                return Err(Error::new(Kind::Deadline, message));
            }
            // The mark was answered.
            Rotation::Beside { leaving: Some(_), .. } if served.active.calls.is_empty() => {
                served.active.begin_close();
            }
            Rotation::Joining { mark, until, .. } if now >= *until || !served.active.calls.has(*mark) => {
                self.join(served, now);
            }
            _ => {}
        }
        Ok(())
    }

    /// Makes a call that changes nothing: its answer comes after everything that the server had for the connection.
    fn mark(&mut self, connection: &mut Connection, now: Instant) -> Result<u64> {
        let Some(call) = self.wanted.mark() else { return Ok(connection.calls.id()) };
        let id = connection.calls.begin(call.topic, Askers::mark(), now + FAREWELL);
        connection.send(encode_invocation(id, call.subscribe, &call.arguments))?;
        Ok(id)
    }

    /// Hands on what was held and did not come by the predecessor.
    pub(super) fn join(&mut self, served: &mut Served, now: Instant) {
        let Rotation::Joining { overlap, .. } = &mut served.rotation else { return };
        let mut overlap = std::mem::take(overlap);
        self.rest(served, now);
        let held = overlap.release(|record| match Record::parse(record) {
            Ok(Record::Invocation { target, arguments }) => self.handler.seam(&target, arguments),
            _ => Seam::Each,
        });
        for held in held {
            let frame = [held.record.as_slice(), &[RECORD_END]].concat();
            self.settings.tap.received(held.received, &frame);
            self.hand_on(&mut served.active, held.received, &held.record);
        }
    }

    fn renew(&mut self, served: &mut Served, now: Instant) {
        let renewal = Renewal::new(&self.settings, served.active.token.clone(), !self.is_displaced);
        match renewal.start(self.remote.clone()) {
            Ok(thread) => {
                self.renewal = Some(thread);
                self.is_renewing = true;
                served.rotation = Rotation::Renewing;
            }
            Err(error) => {
                log::warn!("{}: no newer token: {error}", self.settings.name);
                served.rotation = Rotation::Idle { look_at: now + self.retry() };
            }
        }
    }

    fn rest(&mut self, served: &mut Served, now: Instant) {
        served.rotation = Rotation::Idle { look_at: now + self.settings.timing.ping };
    }

    /// Takes what a renewal found.
    ///
    /// # Errors
    /// When the connection in service has to end before there can be another.
    pub(super) fn take_renewed(&mut self, served: &mut Served, renewed: Result<Renewed>) -> Result<()> {
        self.is_renewing = false;
        let now = Instant::now();
        let is_awaited = matches!(served.rotation, Rotation::Renewing);
        let (mut socket, token) = match renewed {
            Ok(Renewed::Connection(socket, token)) if is_awaited => (socket, token),
            // It was fetched for an earlier connection.
            Ok(Renewed::Connection(socket, _)) => {
                socket.close();
                return Ok(());
            }
            Ok(Renewed::Token) if is_awaited => {
                self.is_planned_end = true;
                let message =
                    "closed here to go on with a newer token: this gateway keeps one connection only";
                return Err(Error::new(Kind::Network, message));
            }
            Ok(_) if is_awaited => {
                self.rest(served, now);
                return Ok(());
            }
            Ok(_) => return Ok(()),
            Err(error) => {
                log::warn!("{}: no connection with a newer token: {error}", self.settings.name);
                if is_awaited {
                    served.rotation = Rotation::Idle { look_at: now + self.retry() };
                }
                return Ok(());
            }
        };
        if let Err(error) = socket.watch(&self.waiter) {
            log::warn!("{}: no second connection: {error}", self.settings.name);
            served.rotation = Rotation::Idle { look_at: now + self.retry() };
            return Ok(());
        }
        let mut successor =
            Connection::beside(*socket, token, self.settings.tap.clone(), &self.settings.timing);
        let overlap = Overlap::default();
        if let Err(error) = successor.send(HANDSHAKE.to_owned()) {
            self.give_up_successor(served, &error);
            return Ok(());
        }
        served.rotation = Rotation::Beside { successor: Box::new(successor), overlap, leaving: None };
        Ok(())
    }

    /// Reads and looks after the successor, if there is one; false when there may be more to read. What goes
    /// wrong with it leaves the connection in service alone.
    ///
    /// # Errors
    /// When the successor ends whose predecessor is leaving: what was asked for since only the successor knows.
    pub(super) fn tend_successor(&mut self, served: &mut Served, now: Instant) -> Result<bool> {
        let Rotation::Beside { successor, overlap, leaving } = &mut served.rotation else { return Ok(true) };
        let mut tend = || -> Result<bool> {
            let is_drained = self.read_beside(successor, overlap)?;
            successor.listen(now);
            successor.check_time(now)?;
            match leaving {
                // It would go into service without this.
                None if successor.calls.next_expired(now).is_some() => {
                    return Err(Error::new(Kind::Deadline, "it was not subscribed wholly in time"));
                }
                _ => self.expire_calls(successor, now),
            }
            successor.socket.flush()?;
            Ok(is_drained)
        };
        match tend() {
            Ok(is_drained) => Ok(is_drained),
            Err(error) => {
                let is_leaving = leaving.is_some();
                self.give_up_successor(served, &error);
                if is_leaving { Err(error) } else { Ok(true) }
            }
        }
    }

    fn give_up_successor(&mut self, served: &mut Served, error: &Error) {
        log::warn!("{}: the connection with the newer token failed: {error}", self.settings.name);
        let idle = Rotation::Idle { look_at: Instant::now() + self.retry() };
        if let Rotation::Beside { mut successor, .. } = std::mem::replace(&mut served.rotation, idle) {
            // Whoever asked it waits for the next connection.
            for call in successor.calls.take_all() {
                self.wanted.keep_waiting(&call.topic, call.askers);
            }
            successor.socket.close();
        }
    }

    /// The connection in service has ended. With a successor beside it service goes on; else tells why not.
    ///
    /// # Errors
    /// The reason of the end.
    pub(super) fn succeed(&mut self, served: &mut Served, error: Error) -> Result<()> {
        self.join(served, Instant::now());
        if self.is_renewing && served.active.is_logged_out {
            // The second connection is open at the gateway and not yet here.
            self.is_displaced = true;
        }
        let renewing = std::mem::replace(&mut served.rotation, Rotation::Renewing);
        let Rotation::Beside { successor, overlap, leaving } = renewing else { return Err(error) };
        if self.settings.stop.is_stopped() {
            return Err(error);
        }
        let now = Instant::now();
        let mut old = std::mem::replace(&mut served.active, *successor);
        let is_told_to_go = old.is_logged_out || old.is_told_to_go || old.socket.was_closed_by_peer();
        // Closed by us and by the server, it brought all that the successor did not.
        let is_whole = leaving.is_some() && old.socket.was_closed_by_peer();
        if old.is_logged_out || (leaving.is_none() && is_told_to_go) {
            log::info!("{}: this gateway ends a connection when another is opened", self.settings.name);
            self.is_displaced = true;
        }
        self.rules.ended_after(old.opened.elapsed());
        self.settings.tap.closed(&error);
        let calls: Vec<_> = old.calls.take_all().collect();
        served.active.enter_service();
        served.active.is_again = true;
        if is_whole {
            log::debug!("{}: goes on with a newer token", self.settings.name);
            served.active.inherit(&old);
        } else {
            log::warn!("{}: {error}; goes on with a newer token", self.settings.name);
            self.epoch.advance();
            self.tell(LinkState::Reconnecting, Duration::ZERO, Some(&error));
            if served.active.stage != Stage::Handshake {
                self.tell_resync(&mut served.active);
            }
        }
        self.tell_refused(&mut served.active);
        old.socket.close();
        for call in calls {
            self.ask_again(&mut served.active, call)?;
        }
        let mark = match served.active.stage {
            Stage::Handshake => 0,
            _ => self.mark(&mut served.active, now)?,
        };
        served.rotation = Rotation::Joining { overlap, mark, until: now + FAREWELL };
        Ok(())
    }
}
