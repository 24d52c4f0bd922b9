//! What carries HTTP: a connection of our own in the place of `ureq`'s, which a deadline or a stop can end.

use std::cell::Cell;
use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};

use super::socket::stopped;
use super::stream::{Attempt, Origin, Stream, wait_on};
use super::tls::Tls;
use super::waiter::Waiter;
use crate::clock::Deadline;
use crate::error::{Error, Kind};
use crate::sync::{OnStop, StopToken};

/// How far a call has come.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Progress {
    /// A connection was made for it; else it uses a kept one.
    pub(super) has_connected: bool,
    /// Bytes of its request were handed to the system.
    pub(super) has_sent: bool,
    /// Bytes of an answer came.
    pub(super) has_heard: bool,
}

thread_local! {
    /// Of the call of this thread.
    pub(super) static PROGRESS: Cell<Progress> = const {
        Cell::new(Progress { has_connected: false, has_sent: false, has_heard: false })
    };
}

fn note(change: impl FnOnce(&mut Progress)) {
    let mut progress = PROGRESS.get();
    change(&mut progress);
    PROGRESS.set(progress);
}

fn wrap(error: Error) -> ureq::Error {
    ureq::Error::Other(Box::new(error))
}

fn deadline_of(timeout: NextTimeout) -> Deadline {
    match timeout.not_zero() {
        Some(left) => Deadline::after(*left),
        None => Deadline::NEVER,
    }
}

/// Looks nothing up: `ureq` asks before every request, also where a kept connection will carry it. The
/// connector looks the name up when it must connect.
#[derive(Debug)]
pub(super) struct NoLookup;

impl Resolver for NoLookup {
    fn resolve(
        &self,
        _: &Uri,
        _: &Config,
        _: NextTimeout,
    ) -> std::result::Result<ResolvedSocketAddrs, ureq::Error> {
        Ok(self.empty())
    }
}

/// Makes connections for `ureq`.
pub(super) struct StreamConnector {
    pub(super) tls: Arc<Tls>,
    pub(super) stop: StopToken,
}

impl fmt::Debug for StreamConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamConnector")
    }
}

impl Connector for StreamConnector {
    type Out = StreamTransport;

    fn connect(
        &self,
        details: &ConnectionDetails,
        _: Option<()>,
    ) -> std::result::Result<Option<StreamTransport>, ureq::Error> {
        note(|progress| progress.has_connected = true);
        let origin = Origin::of(details.uri).map_err(wrap)?;
        let mut waiter = Waiter::new().map_err(wrap)?;
        let on_stop = waiter.wake_on_stop(&self.stop);
        let attempt = Attempt { tls: &self.tls, deadline: deadline_of(details.timeout), stop: &self.stop };
        let stream = Stream::connect(&origin, &mut waiter, attempt).map_err(wrap)?;
        let buffers =
            LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Some(StreamTransport {
            stream,
            waiter,
            stop: self.stop.clone(),
            _on_stop: on_stop,
            buffers,
            unsent: Vec::new(),
        }))
    }
}

/// One connection with the waiter of its own that lets another thread end a call.
pub(super) struct StreamTransport {
    stream: Stream,
    waiter: Waiter,
    stop: StopToken,
    _on_stop: OnStop,
    buffers: LazyBuffers,
    /// What goes out once the answer is waited for, so that a request is one packet, and one that is given up
    /// before that was not sent.
    unsent: Vec<u8>,
}

/// How much of a request is held back. The requests of a gateway are far shorter.
const MOST_UNSENT: usize = 64 * 1024;

impl fmt::Debug for StreamTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamTransport")
    }
}

impl StreamTransport {
    fn wait(&mut self, timeout: NextTimeout, deadline: Deadline) -> std::result::Result<(), ureq::Error> {
        match wait_on(&mut self.waiter, deadline, &self.stop, "the gateway did not answer") {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == Kind::Deadline => Err(ureq::Error::Timeout(timeout.reason)),
            Err(error) => Err(wrap(error)),
        }
    }

    /// Sends what is held back.
    fn send(&mut self, timeout: NextTimeout) -> std::result::Result<(), ureq::Error> {
        let timeout = timeout.for_write();
        let deadline = deadline_of(timeout);
        if self.stop.is_stopped() {
            return Err(wrap(stopped()));
        }
        note(|progress| progress.has_sent = true);
        let mut done = 0;
        loop {
            let result = match &self.unsent[done..] {
                [] => self.stream.flush().map(|()| 0),
                rest => self.stream.write(rest),
            };
            match result {
                Ok(0) if done == self.unsent.len() => break,
                Ok(0) => return Err(io::Error::from(io::ErrorKind::WriteZero).into()),
                Ok(count) => done += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.wait(timeout, deadline)?,
                Err(error) => return Err(error.into()),
            }
        }
        self.unsent.clear();
        Ok(())
    }
}

impl Transport for StreamTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(
        &mut self,
        amount: usize,
        timeout: NextTimeout,
    ) -> std::result::Result<(), ureq::Error> {
        self.unsent.extend_from_slice(&self.buffers.output()[..amount]);
        if self.unsent.len() > MOST_UNSENT { self.send(timeout) } else { Ok(()) }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> std::result::Result<bool, ureq::Error> {
        if !self.unsent.is_empty() {
            self.send(timeout)?;
        }
        let timeout = timeout.for_read();
        let deadline = deadline_of(timeout);
        loop {
            // An answer that never ends may never make this wait.
            if self.stop.is_stopped() {
                return Err(wrap(stopped()));
            }
            match self.stream.read(self.buffers.input_append_buf()) {
                Ok(count) => {
                    note(|progress| progress.has_heard |= count > 0);
                    self.buffers.input_appended(count);
                    return Ok(count > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.wait(timeout, deadline)?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Asked before a connection is kept and before it is used again.
    fn is_open(&mut self) -> bool {
        self.stream.is_quiet()
    }

    fn is_tls(&self) -> bool {
        self.stream.is_encrypted()
    }
}
