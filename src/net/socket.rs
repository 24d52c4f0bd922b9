//! TCP without blocking calls: connect, read and write end at a deadline or when told to stop.

use std::io::{self, Read, Write};
#[cfg(feature = "sim")]
use std::net::Shutdown;
use std::net::SocketAddr;

use mio::Interest;
use mio::net::TcpStream;

use super::waiter::Waiter;
use crate::clock::Deadline;
use crate::error::{Error, Kind, Result};
use crate::sync::StopToken;

/// A connection whose reads and writes give [`io::ErrorKind::WouldBlock`] instead of waiting.
#[derive(Debug)]
pub struct Socket(TcpStream);

impl Socket {
    /// Connects to the first of `addresses` that answers, and watches the connection with `waiter`.
    ///
    /// # Errors
    /// [`Kind::Closed`] when `stop` stops, [`Kind::Deadline`], [`Kind::Network`] with the last address's
    /// reason.
    pub fn connect(
        addresses: &[SocketAddr],
        waiter: &mut Waiter,
        deadline: Deadline,
        stop: &StopToken,
    ) -> Result<Socket> {
        let mut failure = Error::new(Kind::Network, "the name has no address");
        for (index, address) in addresses.iter().enumerate() {
            // What is left is shared fairly, so that one dead address does not eat the time of the others.
            let left = (addresses.len() - index) as u32;
            let share = match deadline.remaining() {
                Some(remaining) => Deadline::after(remaining / left),
                None => Deadline::NEVER,
            };
            match Socket::connect_one(*address, waiter, share, stop) {
                Ok(socket) => return Ok(socket),
                Err(error) if error.kind() == Kind::Closed => return Err(error),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// A connection that is watched already.
    #[cfg(feature = "sim")]
    pub(super) fn of(stream: TcpStream) -> Socket {
        Socket(stream)
    }

    fn connect_one(
        address: SocketAddr,
        waiter: &mut Waiter,
        deadline: Deadline,
        stop: &StopToken,
    ) -> Result<Socket> {
        let refused =
            |error: io::Error| Error::new(Kind::Network, format!("cannot connect to {address}: {error}"));
        let mut stream = TcpStream::connect(address).map_err(refused)?;
        waiter.watch(&mut stream, Interest::READABLE | Interest::WRITABLE).map_err(refused)?;
        loop {
            if stop.is_stopped() {
                return Err(stopped());
            }
            if deadline.is_past() {
                let message = format!("no connection to {address} in time; is the address right?");
                return Err(Error::new(Kind::Deadline, message));
            }
            waiter.wait(deadline).map_err(refused)?;
            if let Some(error) = stream.take_error().map_err(refused)? {
                return Err(refused(error));
            }
            match stream.peer_addr() {
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::NotConnected => {}
                Err(error) => return Err(refused(error)),
            }
        }
        stream.set_nodelay(true).map_err(refused)?;
        Ok(Socket(stream))
    }

    /// What a waiter watches.
    pub(super) fn source(&mut self) -> &mut TcpStream {
        &mut self.0
    }

    /// Whether the peer keeps the connection open and has nothing to say, so that it can be used again.
    pub fn is_quiet(&self) -> bool {
        let mut byte = [0];
        matches!(self.0.peek(&mut byte), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }

    /// As [`super::Stream::first_byte`].
    #[cfg(feature = "sim")]
    pub(super) fn first_byte(&self) -> io::Result<Option<u8>> {
        let mut byte = [0];
        self.0.peek(&mut byte).map(|count| (count > 0).then_some(byte[0]))
    }

    /// Whether the peer keeps the connection open, as far as that shows without reading.
    #[cfg(feature = "sim")]
    pub fn is_open(&self) -> bool {
        match self.0.peek(&mut [0]) {
            Ok(count) => count > 0,
            Err(error) => matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted),
        }
    }

    /// Lets the connection end with a reset once the socket is dropped, and drops what was not sent.
    #[cfg(feature = "sim")]
    pub fn reset(&self) {
        if let Err(error) = socket2::SockRef::from(&self.0).set_linger(Some(std::time::Duration::ZERO)) {
            log::debug!("a connection is closed without a reset: {error}");
        }
    }

    /// Ends both directions at once.
    #[cfg(feature = "sim")]
    pub fn shutdown(&self) {
        // An error says that the connection is already gone.
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

/// The error of a call that ended because its client closes.
pub(crate) fn stopped() -> Error {
    Error::new(Kind::Closed, "the client was closed while the call was under way")
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Socket {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.0.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
