//! A byte stream between a client and a server, plain or encrypted, that never blocks by itself.

use std::io::{self, Read, Write};
#[cfg(feature = "sim")]
use std::sync::Arc;

use mio::net::TcpStream;
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};
#[cfg(feature = "sim")]
use rustls::{ServerConfig, ServerConnection};
use ureq::http::Uri;

use super::socket::{Socket, stopped};
use super::tls::Tls;
use super::waiter::Waiter;
use crate::clock::Deadline;
use crate::error::{Error, Kind, Result};
use crate::net::resolve::resolve;
use crate::sync::StopToken;

/// Where a URL leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) is_encrypted: bool,
}

impl Origin {
    /// # Errors
    /// [`Kind::Config`] when the URL has no host or another scheme than http, https, ws and wss.
    pub(crate) fn of(uri: &Uri) -> Result<Origin> {
        let is_encrypted = match uri.scheme_str() {
            Some("https" | "wss") => true,
            Some("http" | "ws") => false,
            _ => return Err(Error::new(Kind::Config, "a URL must start with https:// or http://")),
        };
        let Some(host) = uri.host().filter(|host| !host.is_empty()) else {
            return Err(Error::new(Kind::Config, "a URL has no host name"));
        };
        let after_host = uri.authority().and_then(|authority| authority.as_str().rsplit_once(host));
        if uri.port().is_none() && after_host.is_some_and(|(_, port)| port.len() > 1) {
            return Err(Error::new(Kind::Config, "the port of a URL must be 0 to 65535"));
        }
        let port = uri.port_u16().unwrap_or(if is_encrypted { 443 } else { 80 });
        Ok(Origin { host: host.to_owned(), port, is_encrypted })
    }
}

/// What a connection attempt may use: trust, time, and the token that ends it.
#[derive(Clone, Copy)]
pub(crate) struct Attempt<'a> {
    pub(crate) tls: &'a Tls,
    pub(crate) deadline: Deadline,
    pub(crate) stop: &'a StopToken,
}

/// A connection. Reads and writes give [`io::ErrorKind::WouldBlock`] instead of waiting.
#[derive(Debug)]
pub(crate) enum Stream {
    Plain(Socket),
    /// The client's end of an encrypted connection.
    Encrypted(Box<StreamOwned<ClientConnection, Socket>>),
    /// The server's end of an encrypted connection.
    #[cfg(feature = "sim")]
    Served(Box<StreamOwned<ServerConnection, Socket>>),
}

impl Stream {
    /// Looks the host up, connects and encrypts.
    ///
    /// # Errors
    /// [`Kind::Closed`], [`Kind::Deadline`], [`Kind::Network`], [`Kind::Tls`], [`Kind::File`].
    pub(crate) fn connect(origin: &Origin, waiter: &mut Waiter, attempt: Attempt<'_>) -> Result<Stream> {
        let addresses = resolve(&origin.host, origin.port, attempt.deadline, attempt.stop)?;
        let mut socket = Socket::connect(&addresses, waiter, attempt.deadline, attempt.stop)?;
        if !origin.is_encrypted {
            return Ok(Stream::Plain(socket));
        }
        let refused = |reason: &str| {
            Error::new(
                Kind::Tls,
                format!("no encrypted connection to {}: {reason}; is TS_TLS_CA_FILE needed?", origin.host),
            )
        };
        let host = origin.host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(host).map_err(|error| refused(&error.to_string()))?;
        let mut session = ClientConnection::new(attempt.tls.client_config()?, name)
            .map_err(|error| refused(&error.to_string()))?;
        while session.is_handshaking() {
            match session.complete_io(&mut socket) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    wait_on(
                        waiter,
                        attempt.deadline,
                        attempt.stop,
                        "the encrypted connection was not ready",
                    )?;
                }
                // Who is not trusted now may never be; a connection that breaks may hold the next time.
                Err(error) if error.get_ref().is_some_and(|cause| cause.is::<rustls::Error>()) => {
                    return Err(refused(&error.to_string()));
                }
                Err(error) => {
                    let message =
                        format!("the connection to {} broke while it was set up: {error}", origin.host);
                    return Err(Error::new(Kind::Network, message));
                }
            }
        }
        Ok(Stream::Encrypted(Box::new(StreamOwned::new(session, socket))))
    }

    /// Whether the server keeps the connection open and has nothing to say. Anything that can be read is a
    /// word too many, be it the end, a reset, or a record that announces the end.
    pub(crate) fn is_quiet(&mut self) -> bool {
        if let Stream::Encrypted(stream) = self {
            // What was read together with the last answer is in the session, not in the socket.
            match stream.conn.process_new_packets() {
                Ok(state) if state.plaintext_bytes_to_read() == 0 && !state.peer_has_closed() => {}
                _ => return false,
            }
        }
        self.socket().is_quiet()
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        !matches!(self, Stream::Plain(_))
    }

    /// What a waiter watches.
    pub(super) fn source(&mut self) -> &mut TcpStream {
        match self {
            Stream::Plain(socket) => socket.source(),
            Stream::Encrypted(stream) => stream.sock.source(),
            #[cfg(feature = "sim")]
            Stream::Served(stream) => stream.sock.source(),
        }
    }

    fn socket(&self) -> &Socket {
        match self {
            Stream::Plain(socket) => socket,
            Stream::Encrypted(stream) => &stream.sock,
            #[cfg(feature = "sim")]
            Stream::Served(stream) => &stream.sock,
        }
    }
}

/// The server's end.
#[cfg(feature = "sim")]
impl Stream {
    /// A plain connection that was accepted, to be encrypted by [`Stream::shake_hands`].
    ///
    /// # Errors
    /// [`Kind::Tls`] when the configuration cannot be used.
    pub(crate) fn served(self, config: Arc<ServerConfig>) -> Result<Stream> {
        let Stream::Plain(socket) = self else { return Ok(self) };
        let session = ServerConnection::new(config)
            .map_err(|error| Error::new(Kind::Tls, format!("no encrypted connection: {error}")))?;
        Ok(Stream::Served(Box::new(StreamOwned::new(session, socket))))
    }

    /// The first byte that has come, which stays to be read; `None` when the peer has closed.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] when nothing has come; else as the system says.
    pub(crate) fn first_byte(&self) -> io::Result<Option<u8>> {
        self.socket().first_byte()
    }

    /// Goes on with the handshake until it is complete.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] while the client has not sent its part; else what is wrong with it.
    pub(crate) fn shake_hands(&mut self) -> io::Result<()> {
        let Stream::Served(stream) = self else { return Ok(()) };
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(())
    }

    /// Tells a peer that encrypts that nothing more will come, as far as it listens.
    pub(crate) fn say_goodbye(&mut self) {
        if let Stream::Served(stream) = self {
            stream.conn.send_close_notify();
            // One that takes nothing will learn it from the end of the connection.
            let _ = stream.flush();
        }
    }

    /// Whether the peer keeps the connection open, as far as that shows without reading.
    pub(crate) fn is_open(&self) -> bool {
        self.socket().is_open()
    }

    /// Lets the connection end with a reset once the stream is dropped, and drops what was not sent.
    pub(crate) fn reset(&self) {
        self.socket().reset();
    }

    /// Ends both directions at once.
    pub(crate) fn shutdown(&self) {
        self.socket().shutdown();
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(socket) => socket.read(buffer),
            Stream::Encrypted(stream) => stream.read(buffer),
            #[cfg(feature = "sim")]
            Stream::Served(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(socket) => socket.write(buffer),
            Stream::Encrypted(stream) => or_block(stream.write(buffer), buffer),
            #[cfg(feature = "sim")]
            Stream::Served(stream) => or_block(stream.write(buffer), buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Stream::Plain(socket) => socket.flush(),
            Stream::Encrypted(stream) => stream.flush(),
            #[cfg(feature = "sim")]
            Stream::Served(stream) => stream.flush(),
        }
    }
}

/// A session takes nothing while its buffer is full because the peer takes nothing; 0 would mean that the
/// connection ended.
fn or_block(written: io::Result<usize>, buffer: &[u8]) -> io::Result<usize> {
    match written {
        Ok(0) if !buffer.is_empty() => Err(io::ErrorKind::WouldBlock.into()),
        result => result,
    }
}

/// Waits until the socket may go on.
///
/// # Errors
/// [`Kind::Closed`] when stopped, [`Kind::Deadline`] with what was waited for, [`Kind::Network`].
pub(crate) fn wait_on(
    waiter: &mut Waiter,
    deadline: Deadline,
    stop: &StopToken,
    awaited: &str,
) -> Result<()> {
    if stop.is_stopped() {
        return Err(stopped());
    }
    if deadline.is_past() {
        return Err(Error::new(Kind::Deadline, format!("{awaited} in time")));
    }
    match waiter.wait(deadline) {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::new(Kind::Network, format!("cannot wait for the network: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_leads_to_its_origin() {
        let origin = |url: &str| Origin::of(&url.parse().unwrap());
        let https = origin("https://rtc.topstepx.com/hubs/user").unwrap();
        assert_eq!((https.host.as_str(), https.port, https.is_encrypted), ("rtc.topstepx.com", 443, true));
        let plain = origin("ws://127.0.0.1:8080/x").unwrap();
        assert_eq!((plain.port, plain.is_encrypted), (8080, false));
        assert!(origin("ftp://host/").is_err());
        assert!(origin("/path").is_err());
        assert!(origin("https://host:99999/").is_err(), "not the default port");
        assert_eq!(origin("https://a:b@[::1]:1/").unwrap().port, 1);
    }
}
