//! WebSocket over `tungstenite`, without waiting inside.

use std::io::{self, Read, Write};

use mio::Interest;
use tungstenite::http::Uri;
use tungstenite::protocol::{Role, WebSocketConfig};
use tungstenite::{Bytes, Message, WebSocket};

use super::stream::{Attempt, Origin, Stream};
use super::upgrade::upgrade;
use super::waiter::Waiter;
use crate::error::{Error, Kind, Result};

/// The largest message that is taken: 16 MiB. A depth snapshot has several hundred records of 100 bytes.
const MESSAGE_LIMIT: usize = 16 * 1024 * 1024;

/// How much is read before the caller looks after its other duties.
const BYTES_PER_TURN: usize = 64 * 1024;

/// A WebSocket to a server. The caller waits with its own [`Waiter`].
pub(crate) struct Ws(WebSocket<Portioned>);

/// A stream that is read in portions: control frames and empty fragments that never end make no message, and
/// would keep the reader for ever.
#[derive(Debug)]
struct Portioned {
    stream: Stream,
    left: usize,
    /// Bytes read so far, those of control frames too.
    read: u64,
    /// The server said goodbye, as far as WebSocket goes.
    is_closed_by_peer: bool,
}

impl Read for Portioned {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let portion = buffer.len().min(self.left);
        let count = self.stream.read(&mut buffer[..portion])?;
        self.left -= count;
        self.read += count as u64;
        Ok(count)
    }
}

impl Write for Portioned {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.stream.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

impl Ws {
    /// Connects to `url`, which may hold a token: it is never part of an error.
    ///
    /// # Errors
    /// As [`Stream::connect`] and [`upgrade`]; [`Kind::Config`] when the URL is none.
    pub(crate) fn connect(url: &str, waiter: &mut Waiter, attempt: Attempt<'_>) -> Result<Ws> {
        let uri: Uri = url.parse().map_err(|_| Error::new(Kind::Config, "the URL of a hub is not valid"))?;
        let origin = Origin::of(&uri)?;
        let mut stream = Stream::connect(&origin, waiter, attempt)?;
        let early = upgrade(&mut stream, &uri, waiter, attempt)?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(MESSAGE_LIMIT))
            .max_frame_size(Some(MESSAGE_LIMIT));
        let stream = Portioned { stream, left: BYTES_PER_TURN, read: 0, is_closed_by_peer: false };
        Ok(Ws(WebSocket::from_partially_read(stream, early, Role::Client, Some(config))))
    }

    /// Lets [`Ws::read`] go on; false when it stopped because its portion was used up, and not because the
    /// socket has to be waited for.
    pub(crate) fn renew_portion(&mut self) -> bool {
        std::mem::replace(&mut self.0.get_mut().left, BYTES_PER_TURN) > 0
    }

    /// How many bytes have come so far. Any of them is a sign of life.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.0.get_ref().read
    }

    /// The next message; `None` when the socket has to be waited for first, or when the portion is used up.
    ///
    /// # Errors
    /// [`Kind::Network`] when the connection ended, [`Kind::Protocol`] when the server breaks the protocol.
    pub(crate) fn read(&mut self) -> Result<Option<Bytes>> {
        loop {
            match self.0.read() {
                Ok(Message::Text(text)) => return Ok(Some(text.into())),
                Ok(Message::Binary(bytes)) => return Ok(Some(bytes)),
                Ok(Message::Close(None)) => {
                    self.0.get_mut().is_closed_by_peer = true;
                    return Err(closed());
                }
                Ok(Message::Close(Some(frame))) => {
                    self.0.get_mut().is_closed_by_peer = true;
                    let reason = frame.reason.escape_debug();
                    let message = format!("the gateway closed the connection ({} {reason})", frame.code);
                    return Err(Error::new(Kind::Network, message));
                }
                // Pings are answered by tungstenite with the next read.
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => {}
                Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Ok(None);
                }
                Err(error) => return Err(refuse(&error)),
            }
        }
    }

    /// Hands a text message to the socket; what does not fit now goes out with [`Ws::flush`].
    ///
    /// # Errors
    /// As [`Ws::read`].
    pub(crate) fn send(&mut self, text: String) -> Result<()> {
        match self.0.write(Message::text(text)) {
            Ok(()) => self.flush(),
            Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(refuse(&error)),
        }
    }

    /// Goes on with messages that did not fit.
    ///
    /// # Errors
    /// As [`Ws::read`].
    pub(crate) fn flush(&mut self) -> Result<()> {
        match self.0.flush() {
            Ok(()) => Ok(()),
            Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(refuse(&error)),
        }
    }

    /// Says goodbye. What the server sent before it heard that can still be read, and its own goodbye ends it.
    pub(crate) fn begin_close(&mut self) {
        // A connection that takes nothing any more ends by itself.
        let _ = self.0.close(None);
        let _ = self.0.flush();
    }

    /// Whether the server said goodbye.
    pub(crate) fn was_closed_by_peer(&self) -> bool {
        self.0.get_ref().is_closed_by_peer
    }

    /// Lets another waiter watch it, by [`Ws::watch`].
    ///
    /// # Errors
    /// [`Kind::State`] when the system refuses.
    pub(crate) fn unwatch(&mut self, waiter: &Waiter) -> Result<()> {
        waiter.unwatch(self.0.get_mut().stream.source()).map_err(|error| cannot_watch(&error))
    }

    /// Lets `waiter` watch it.
    ///
    /// # Errors
    /// [`Kind::State`] when the system refuses.
    pub(crate) fn watch(&mut self, waiter: &Waiter) -> Result<()> {
        let interest = Interest::READABLE | Interest::WRITABLE;
        waiter.watch(self.0.get_mut().stream.source(), interest).map_err(|error| cannot_watch(&error))
    }

    /// Says goodbye as far as that needs no waiting.
    pub(crate) fn close(mut self) {
        // The connection is given up either way.
        let _ = self.0.close(None);
        let _ = self.0.flush();
    }
}

fn cannot_watch(error: &io::Error) -> Error {
    Error::new(Kind::State, format!("the system does not watch a connection: {error}"))
}

fn closed() -> Error {
    Error::new(Kind::Network, "the gateway closed the connection")
}

fn refuse(error: &tungstenite::Error) -> Error {
    use tungstenite::Error as Ws;
    match error {
        Ws::ConnectionClosed | Ws::AlreadyClosed => closed(),
        Ws::Io(error) => Error::new(Kind::Network, format!("the connection broke: {error}")),
        Ws::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => closed(),
        Ws::Capacity(_) => Error::new(Kind::Protocol, "the hub sent a message of more than 16 MiB"),
        other => Error::new(Kind::Protocol, format!("the hub broke the WebSocket protocol: {other}")),
    }
}
