//! One place to wait for a socket and for a call from another thread.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use mio::event::Source;
use mio::{Events, Interest, Poll, Token};

use crate::clock::Deadline;
use crate::error::{Error, Kind, Result};
use crate::sync::{OnStop, StopToken};

const WAKER: Token = Token(0);
const SOCKET: Token = Token(1);

/// Lets one thread wait for its socket, for a [`Waker`] and for a deadline at once.
///
/// Readiness is told once per change: read until the socket would block before waiting again.
#[derive(Debug)]
pub struct Waiter {
    poll: Poll,
    events: Events,
    waker: Arc<mio::Waker>,
}

/// Ends a wait of the [`Waiter`] it came from, from any thread.
#[derive(Debug, Clone)]
pub struct Waker(Arc<mio::Waker>);

/// What ended a wait; neither when the deadline passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ready {
    /// The socket can go on.
    pub socket: bool,
    /// A [`Waker`] called.
    pub woken: bool,
}

impl Waiter {
    /// A waiter without a socket.
    ///
    /// # Errors
    /// [`Kind::State`] when the process is out of descriptors.
    pub fn new() -> Result<Waiter> {
        let made = Poll::new().and_then(|poll| {
            let waker = mio::Waker::new(poll.registry(), WAKER)?;
            Ok(Waiter { poll, events: Events::with_capacity(8), waker: Arc::new(waker) })
        });
        made.map_err(|error| {
            Error::new(Kind::State, format!("the system gives no further descriptor: {error}"))
        })
    }

    /// A handle that ends a wait from another thread.
    pub fn waker(&self) -> Waker {
        Waker(self.waker.clone())
    }

    /// Ends a wait when the token stops.
    pub fn wake_on_stop(&self, stop: &StopToken) -> OnStop {
        let waker = self.waker();
        stop.on_stop(move || waker.wake())
    }

    /// Waits for the socket, a waker or the deadline, whichever comes first. May come back early with
    /// nothing.
    ///
    /// # Errors
    /// When the system refuses to wait.
    pub fn wait(&mut self, deadline: Deadline) -> io::Result<Ready> {
        // The system counts whole milliseconds: round up, so that a wait for the last part does not spin.
        let timeout = deadline.remaining().map(|left| left + Duration::from_micros(999));
        match self.poll.poll(&mut self.events, timeout) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(Ready::default()),
            Err(error) => return Err(error),
        }
        let mut ready = Ready::default();
        for event in &self.events {
            match event.token() {
                WAKER => ready.woken = true,
                _ => ready.socket = true,
            }
        }
        Ok(ready)
    }

    /// Watches `source` for anything that lets it go on.
    pub(super) fn watch(&self, source: &mut impl Source, interest: Interest) -> io::Result<()> {
        self.poll.registry().register(source, SOCKET, interest)
    }

    /// Watches `source` no more.
    pub(super) fn unwatch(&self, source: &mut impl Source) -> io::Result<()> {
        self.poll.registry().deregister(source)
    }
}

impl Waker {
    /// Ends the wait that is under way, or the next one.
    pub fn wake(&self) {
        if let Err(error) = self.0.wake() {
            log::error!("a thread could not be woken: {error}");
        }
    }
}
