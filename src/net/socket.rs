//! TCP without blocking calls: connect, read and write end at a deadline or when told to stop.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr};

use mio::Interest;
use mio::net::{TcpListener, TcpStream};

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

    /// Whether the peer keeps the connection open and has nothing to say, so that it can be used again.
    pub fn is_quiet(&mut self) -> bool {
        let mut byte = [0];
        matches!(self.0.peek(&mut byte), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Ends both directions at once.
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

/// A listening port whose `accept` does not wait.
#[derive(Debug)]
pub struct Listener(TcpListener);

impl Listener {
    /// Listens on `address` and watches the port with `waiter`. Port 0 takes any free one.
    ///
    /// # Errors
    /// When the port is taken or may not be used.
    pub fn bind(address: SocketAddr, waiter: &Waiter) -> io::Result<Listener> {
        let mut listener = TcpListener::bind(address)?;
        waiter.watch(&mut listener, Interest::READABLE)?;
        Ok(Listener(listener))
    }

    /// The address with the port that the system chose.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// The next connection; [`io::ErrorKind::WouldBlock`] when there is none. It is not watched yet.
    ///
    /// # Errors
    /// As the system says.
    pub fn accept(&self) -> io::Result<(Accepted, SocketAddr)> {
        self.0.accept().map(|(stream, peer)| (Accepted(stream), peer))
    }
}

/// A connection that was accepted and now goes to the thread that will serve it.
#[derive(Debug)]
pub struct Accepted(TcpStream);

impl Accepted {
    /// Watches the connection with the serving thread's waiter.
    ///
    /// # Errors
    /// As the system says.
    pub fn watched_by(mut self, waiter: &Waiter) -> io::Result<Socket> {
        waiter.watch(&mut self.0, Interest::READABLE | Interest::WRITABLE)?;
        self.0.set_nodelay(true)?;
        Ok(Socket(self.0))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn loopback() -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 0))
    }

    #[test]
    fn bytes_go_both_ways() {
        let mut waiter = Waiter::new().unwrap();
        let mut accept_waiter = Waiter::new().unwrap();
        let listener = Listener::bind(loopback(), &accept_waiter).unwrap();
        let address = listener.local_addr().unwrap();
        let stop = StopToken::new();
        let mut socket = Socket::connect(&[address], &mut waiter, Deadline::NEVER, &stop).unwrap();
        accept_waiter.wait(Deadline::NEVER).unwrap();
        let (accepted, _) = listener.accept().unwrap();
        let serving = Waiter::new().unwrap();
        let mut peer = accepted.watched_by(&serving).unwrap();
        assert!(socket.is_quiet());
        peer.write_all(b"hello").unwrap();
        let mut buffer = [0; 8];
        let count = loop {
            match socket.read(&mut buffer) {
                Ok(count) => break count,
                Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
            }
            waiter.wait(Deadline::NEVER).unwrap();
        };
        assert_eq!(&buffer[..count], b"hello");
        drop(peer);
        while socket.is_quiet() {
            waiter.wait(Deadline::NEVER).unwrap();
        }
    }

    #[test]
    fn a_closed_port_is_a_network_error() {
        let mut waiter = Waiter::new().unwrap();
        let address = Listener::bind(loopback(), &waiter).unwrap().local_addr().unwrap();
        let deadline = Deadline::after(Duration::from_secs(30));
        let error = Socket::connect(&[address], &mut waiter, deadline, &StopToken::new()).unwrap_err();
        assert_eq!(error.kind(), Kind::Network, "{error}");
    }

    #[test]
    fn stop_ends_a_connect() {
        let mut waiter = Waiter::new().unwrap();
        let stop = StopToken::new();
        stop.stop();
        let error = Socket::connect(&[loopback()], &mut waiter, Deadline::NEVER, &stop).unwrap_err();
        assert!(matches!(error.kind(), Kind::Closed | Kind::Network), "{error}");
    }

    #[test]
    fn a_waker_ends_a_wait() {
        let mut waiter = Waiter::new().unwrap();
        let waker = waiter.waker();
        let thread = crate::sync::spawn("tf-test", move || waker.wake()).unwrap();
        while !waiter.wait(Deadline::NEVER).unwrap().woken {}
        thread.join();
        assert_eq!(
            waiter.wait(Deadline::after(Duration::from_millis(1))).unwrap(),
            crate::net::Ready::default()
        );
    }
}
