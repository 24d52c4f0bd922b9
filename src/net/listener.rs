//! The listening side, for the simulator.

use std::io;
use std::net::SocketAddr;

use mio::Interest;
use mio::net::{TcpListener, TcpStream};

use super::socket::Socket;
use super::waiter::Waiter;

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
        Ok(Socket::of(self.0))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::time::Duration;

    use super::super::waiter::Ready;
    use super::*;
    use crate::clock::Deadline;
    use crate::error::Kind;
    use crate::sync::StopToken;

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
        assert_eq!(waiter.wait(Deadline::after(Duration::from_millis(1))).unwrap(), Ready::default());
    }
}
