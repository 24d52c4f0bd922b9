//! One accepted connection: reads and writes with a deadline that also end when the simulator stops.

use std::io::{self, Read, Write};
use std::time::Duration;

use crate::clock::Deadline;
use crate::net::{Accepted, Stream, Waiter};
use crate::sim::server::http::Response;
use crate::sim::server::identity::Identity;
use crate::sync::{OnStop, StopToken};

/// Why a connection is over.
#[derive(Debug)]
pub(in crate::sim) enum End {
    /// The peer closed it, or the connection broke.
    Gone,
    /// The simulator stops.
    Stopped,
    /// The peer was too slow.
    TimedOut,
    /// The connection could not be encrypted, for this reason.
    NotEncrypted(String),
}

/// The first byte of every TLS connection.
const TLS_HANDSHAKE: u8 = 22;
/// What a peer hears that speaks HTTP where TLS is spoken, in the form that refusals have.
const USE_TLS: &str =
    r#"{"title":"This port speaks TLS: begin the URL with https:// or wss://","status":400}"#;

/// A connection and what was read from it but not used yet.
#[derive(Debug)]
pub(in crate::sim) struct Peer {
    stream: Stream,
    waiter: Waiter,
    stop: StopToken,
    on_stop: OnStop,
    buffer: Vec<u8>,
}

/// What is left of a [`Peer`] for the WebSocket that takes the connection over.
pub(in crate::sim) struct Parts {
    pub(in crate::sim) stream: Stream,
    pub(in crate::sim) waiter: Waiter,
    pub(in crate::sim) stop: StopToken,
    pub(in crate::sim) on_stop: OnStop,
    pub(in crate::sim) buffer: Vec<u8>,
}

impl Peer {
    /// Takes the connection over in the thread that serves it, and encrypts it where there is an identity
    /// for that.
    pub(in crate::sim) fn new(
        accepted: Accepted,
        stop: StopToken,
        identity: Option<&Identity>,
    ) -> Result<Peer, End> {
        let lost = |error: &dyn std::fmt::Display| {
            log::warn!("simulator: a connection was lost: {error}");
            End::Gone
        };
        let waiter = Waiter::new().map_err(|error| lost(&error))?;
        let socket = accepted.watched_by(&waiter).map_err(|error| lost(&error))?;
        let on_stop = waiter.wake_on_stop(&stop);
        let peer = Peer { stream: Stream::Plain(socket), waiter, stop, on_stop, buffer: Vec::new() };
        match identity {
            Some(identity) => peer.encrypted(identity),
            None => Ok(peer),
        }
    }

    fn encrypted(mut self, identity: &Identity) -> Result<Peer, End> {
        let deadline = Deadline::after(identity.handshake_timeout);
        let first = loop {
            match self.stream.first_byte() {
                Ok(first) => break first.ok_or(End::Gone)?,
                Err(error) => self.wait_after(&error, deadline)?,
            }
        };
        if first != TLS_HANDSHAKE {
            let answer = Response::with_body(400, "application/problem+json", USE_TLS);
            self.send(&answer.to_bytes(false), deadline)?;
            self.linger();
            let why = "it speaks no TLS; its URL must begin with https:// or wss://";
            return Err(End::NotEncrypted(why.into()));
        }
        let config = identity.server_config.clone();
        let stream = self.stream.served(config).map_err(|error| End::NotEncrypted(error.to_string()))?;
        let mut peer = Peer { stream, ..self };
        while let Err(error) = peer.stream.shake_hands() {
            match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => {
                    peer.wait_after(&error, deadline)?
                }
                _ => {
                    let file = identity.ca_file.path().display();
                    let why = format!("{error}; does it trust the authority in {file}?");
                    return Err(End::NotEncrypted(why));
                }
            }
        }
        Ok(peer)
    }

    /// What was read and not used yet.
    pub(in crate::sim) fn buffer(&self) -> &[u8] {
        &self.buffer
    }

    /// Forgets the first `count` bytes of the buffer.
    pub(in crate::sim) fn consume(&mut self, count: usize) {
        self.buffer.drain(..count.min(self.buffer.len()));
    }

    /// Waits for more bytes and adds them to the buffer.
    pub(in crate::sim) fn fill(&mut self, deadline: Deadline) -> Result<(), End> {
        let mut chunk = [0; 8 * 1024];
        loop {
            // Looked at here too, for a client that never pauses.
            if self.stop.is_stopped() {
                return Err(End::Stopped);
            }
            match self.stream.read(&mut chunk) {
                Ok(0) => return Err(End::Gone),
                Ok(count) => {
                    self.buffer.extend_from_slice(&chunk[..count]);
                    return Ok(());
                }
                Err(error) => self.wait_after(&error, deadline)?,
            }
        }
    }

    /// Writes all of `bytes`.
    pub(in crate::sim) fn send(&mut self, mut bytes: &[u8], deadline: Deadline) -> Result<(), End> {
        loop {
            let result = match bytes {
                [] => self.stream.flush().map(|()| 0),
                rest => self.stream.write(rest),
            };
            match result {
                Ok(0) if bytes.is_empty() => return Ok(()),
                Ok(0) => return Err(End::Gone),
                Ok(count) => bytes = &bytes[count..],
                Err(error) => self.wait_after(&error, deadline)?,
            }
        }
    }

    /// Tells the peer that nothing more will come.
    pub(in crate::sim) fn say_goodbye(&mut self) {
        self.stream.say_goodbye();
    }

    /// Reads and drops what still comes for a moment, so that closing does not destroy the last answer on
    /// its way.
    pub(in crate::sim) fn linger(&mut self) {
        let deadline = Deadline::after(Duration::from_millis(250));
        let mut budget = 4 * 1024 * 1024usize;
        while budget > 0 && self.fill(deadline).is_ok() {
            budget = budget.saturating_sub(self.buffer.len());
            self.buffer.clear();
        }
    }

    /// Lets a time pass.
    pub(in crate::sim) fn pause(&self, duration: Duration) -> Result<(), End> {
        match self.stop.wait(Deadline::after(duration)) {
            true => Err(End::Stopped),
            false => Ok(()),
        }
    }

    /// Waits until the client leaves, and reads over what it says.
    pub(in crate::sim) fn wait_until_gone(&mut self) {
        while self.fill(Deadline::NEVER).is_ok() {
            self.buffer.clear();
        }
    }

    /// Ends the connection with a reset.
    pub(in crate::sim) fn reset(self) {
        self.stream.reset();
    }

    /// Gives the connection away.
    pub(in crate::sim) fn into_parts(self) -> Parts {
        let Peer { stream, waiter, stop, on_stop, buffer } = self;
        Parts { stream, waiter, stop, on_stop, buffer }
    }

    /// Waits until an operation that gave this error may be tried again.
    fn wait_after(&mut self, error: &io::Error, deadline: Deadline) -> Result<(), End> {
        match error.kind() {
            io::ErrorKind::Interrupted => return Ok(()),
            io::ErrorKind::WouldBlock => {}
            _ => return Err(End::Gone),
        }
        if self.stop.is_stopped() {
            return Err(End::Stopped);
        }
        if deadline.is_past() {
            return Err(End::TimedOut);
        }
        self.waiter.wait(deadline).map(|_| ()).map_err(|_| End::Gone)
    }
}
