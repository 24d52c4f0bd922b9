//! One accepted connection: reads and writes with a deadline that also end when the simulator stops.

use std::io::{self, Read, Write};
use std::time::Duration;

use crate::clock::Deadline;
use crate::net::{Accepted, Socket, Waiter};
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
}

/// A connection and what was read from it but not used yet.
#[derive(Debug)]
pub(in crate::sim) struct Peer {
    socket: Socket,
    waiter: Waiter,
    stop: StopToken,
    on_stop: OnStop,
    buffer: Vec<u8>,
}

/// What is left of a [`Peer`] for the WebSocket that takes the connection over.
pub(in crate::sim) struct Parts {
    pub(in crate::sim) socket: Socket,
    pub(in crate::sim) waiter: Waiter,
    pub(in crate::sim) on_stop: OnStop,
    pub(in crate::sim) buffer: Vec<u8>,
}

impl Peer {
    /// Takes the connection over in the thread that serves it.
    pub(in crate::sim) fn new(accepted: Accepted, stop: StopToken) -> crate::error::Result<Peer> {
        let waiter = Waiter::new()?;
        let socket = accepted.watched_by(&waiter).map_err(|error| {
            crate::error::Error::new(crate::error::Kind::Network, format!("the connection broke: {error}"))
        })?;
        let on_stop = waiter.wake_on_stop(&stop);
        Ok(Peer { socket, waiter, stop, on_stop, buffer: Vec::new() })
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
            match self.socket.read(&mut chunk) {
                Ok(0) => return Err(End::Gone),
                Ok(count) => {
                    self.buffer.extend_from_slice(&chunk[..count]);
                    return Ok(());
                }
                Err(error) => self.pause(&error, deadline)?,
            }
        }
    }

    /// Writes all of `bytes`.
    pub(in crate::sim) fn send(&mut self, mut bytes: &[u8], deadline: Deadline) -> Result<(), End> {
        while !bytes.is_empty() {
            match self.socket.write(bytes) {
                Ok(0) => return Err(End::Gone),
                Ok(count) => bytes = &bytes[count..],
                Err(error) => self.pause(&error, deadline)?,
            }
        }
        Ok(())
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

    /// Gives the connection away.
    pub(in crate::sim) fn into_parts(self) -> Parts {
        Parts { socket: self.socket, waiter: self.waiter, on_stop: self.on_stop, buffer: self.buffer }
    }

    fn pause(&mut self, error: &io::Error, deadline: Deadline) -> Result<(), End> {
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
