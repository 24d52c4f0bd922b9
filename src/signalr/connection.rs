//! One hub connection: its stage, its timers, what it has heard and sent.

use std::time::{Duration, Instant};

use super::calls::PendingCalls;
use super::frame::RecordSplitter;
use super::message::{encode_invocation, encode_ping};
use super::wanted::Call;
use crate::error::{Error, Kind, Result};
use crate::model::{HubTiming, Topic};
use crate::net::Ws;
use crate::recording::HubTap;
use crate::secret::Secret;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Our handshake is on its way.
    Handshake,
    /// The wanted subscriptions are being put back.
    Restoring,
    /// They are back, and what was missed is being fetched.
    Resyncing,
    /// Everything wanted is subscribed and known.
    Live,
}

pub(super) struct Connection {
    pub(super) socket: Ws,
    /// What it was opened with.
    pub(super) token: Secret,
    pub(super) splitter: RecordSplitter,
    pub(super) stage: Stage,
    pub(super) calls: PendingCalls,
    /// What the server refused before it went into service.
    pub(super) refused: Vec<(Topic, Error)>,
    pub(super) opened: Instant,
    last_heard: Instant,
    bytes_heard: u64,
    /// When it was restored last, and when it may be again.
    pub(super) restored: Instant,
    pub(super) restore_from: Instant,
    /// Something may have been lost before it was restored.
    pub(super) is_again: bool,
    /// How often a record could not be read whose content was then missing.
    pub(super) damages: u32,
    /// The server said that it ends the connection.
    pub(super) is_logged_out: bool,
    /// It was told that the connection is resyncing.
    pub(super) is_resync_told: bool,
    /// The server ended it by a record.
    pub(super) is_told_to_go: bool,
    /// We said goodbye; nothing is sent any more.
    is_closing: bool,
    last_sent: Instant,
    timing: HubTiming,
    tap: HubTap,
    /// Whether the tap takes what is sent: only of the connection in service.
    is_tapped: bool,
}

impl Connection {
    /// A connection that goes into service at once.
    pub(super) fn new(socket: Ws, token: Secret, tap: HubTap, timing: &HubTiming) -> Connection {
        let mut connection = Connection::beside(socket, token, tap, timing);
        connection.enter_service();
        connection
    }

    /// A connection beside the one in service.
    pub(super) fn beside(socket: Ws, token: Secret, tap: HubTap, timing: &HubTiming) -> Connection {
        let now = Instant::now();
        Connection {
            socket,
            token,
            splitter: RecordSplitter::new(),
            stage: Stage::Handshake,
            calls: PendingCalls::default(),
            refused: Vec::new(),
            opened: now,
            last_heard: now,
            bytes_heard: 0,
            restored: now,
            restore_from: now,
            is_again: false,
            damages: 0,
            is_logged_out: false,
            is_resync_told: false,
            is_told_to_go: false,
            is_closing: false,
            last_sent: now,
            timing: timing.clone(),
            tap,
            is_tapped: false,
        }
    }

    /// From now on it is the one in service.
    pub(super) fn enter_service(&mut self) {
        self.is_tapped = true;
        self.tap.opened();
    }

    /// Takes over how whole its predecessor was, of which it missed nothing.
    pub(super) fn inherit(&mut self, old: &Connection) {
        self.stage = old.stage;
        self.restored = old.restored;
        self.restore_from = old.restore_from;
        self.damages = old.damages;
        self.is_resync_told = old.is_resync_told;
    }

    /// Why it ended, once the server said that it is going to.
    pub(super) fn worded(&self, error: Error) -> Error {
        if !self.is_logged_out || error.kind() != Kind::Network {
            return error;
        }
        let message =
            "the gateway logged this connection out: a sign-in elsewhere, a token's end, or maintenance";
        Error::new(Kind::Network, message)
    }

    pub(super) fn send(&mut self, record: String) -> Result<()> {
        self.last_sent = Instant::now();
        if self.is_tapped {
            self.tap.sent(record.as_bytes());
        }
        self.socket.send(record)
    }

    /// Says goodbye; what the server sent before it hears that still comes.
    pub(super) fn begin_close(&mut self) {
        if !std::mem::replace(&mut self.is_closing, true) {
            self.socket.begin_close();
        }
    }

    /// Ends a subscription.
    pub(super) fn undo(&mut self, call: &Call) -> Result<()> {
        self.calls.forget(&call.topic);
        let id = self.calls.id();
        self.send(encode_invocation(id, call.unsubscribe, &call.arguments))
    }

    /// Notes whether the server gave a sign of life.
    pub(super) fn listen(&mut self, now: Instant) {
        let bytes = self.socket.bytes_read();
        if std::mem::replace(&mut self.bytes_heard, bytes) != bytes {
            self.last_heard = now;
        }
    }

    /// Nothing is heard because nothing is read.
    pub(super) fn excuse_silence(&mut self) {
        self.last_heard = Instant::now();
    }

    /// Pings when it is time, and ends a connection that is dead.
    pub(super) fn check_time(&mut self, now: Instant) -> Result<()> {
        let seconds = |span: Duration| span.as_secs_f32();
        if self.stage == Stage::Handshake && now >= self.opened + self.timing.connect {
            let message =
                format!("the hub did not answer the handshake within {} s", seconds(self.timing.connect));
            return Err(Error::new(Kind::Deadline, message));
        }
        if now >= self.last_heard + self.timing.silence {
            let message = format!("the hub gave no sign of life for {} s", seconds(self.timing.silence));
            return Err(Error::new(Kind::Network, message));
        }
        if now >= self.last_sent + self.timing.ping && !self.is_closing {
            self.send(encode_ping())?;
        }
        Ok(())
    }

    /// When something has to be done if nothing comes.
    pub(super) fn next_timer(&self) -> Instant {
        match self.stage == Stage::Restoring && self.calls.is_empty() {
            true => self.next_sign().min(self.restore_from),
            false => self.next_sign(),
        }
    }

    /// When a sign of life is due from either side, or an answer.
    pub(super) fn next_sign(&self) -> Instant {
        let mut timer = self.last_heard + self.timing.silence;
        if !self.is_closing {
            timer = timer.min(self.last_sent + self.timing.ping);
        }
        if self.stage == Stage::Handshake {
            timer = timer.min(self.opened + self.timing.connect);
        }
        self.calls.next_expiry().map_or(timer, |expiry| timer.min(expiry))
    }
}

/// The text for use in a query: everything but letters, digits and `-._~` as `%XX`.
pub(super) fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_survive_a_query() {
        assert_eq!(percent_encoded("aZ09-._~+/= é"), "aZ09-._~%2B%2F%3D%20%C3%A9");
    }
}
