//! One hub connection: its stage, its timers, what it has heard and sent.

use std::time::{Duration, Instant};

use super::calls::PendingCalls;
use super::frame::RecordSplitter;
use super::message::encode_ping;
use crate::error::{Error, Kind, Result};
use crate::model::HubTiming;
use crate::net::Ws;
use crate::recording::HubTap;

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
    pub(super) splitter: RecordSplitter,
    pub(super) stage: Stage,
    pub(super) calls: PendingCalls,
    pub(super) opened: Instant,
    last_heard: Instant,
    bytes_heard: u64,
    /// When it was restored last, and when it may be again.
    pub(super) restored: Instant,
    pub(super) restore_from: Instant,
    /// How often a record could not be read whose content was then missing.
    pub(super) damages: u32,
    /// The server said that it ends the connection.
    pub(super) is_logged_out: bool,
    /// It was told that the connection is resyncing.
    pub(super) is_resync_told: bool,
    last_sent: Instant,
    timing: HubTiming,
    tap: HubTap,
}

impl Connection {
    pub(super) fn new(socket: Ws, tap: HubTap, timing: &HubTiming) -> Connection {
        let now = Instant::now();
        tap.opened();
        Connection {
            socket,
            splitter: RecordSplitter::new(),
            stage: Stage::Handshake,
            calls: PendingCalls::default(),
            opened: now,
            last_heard: now,
            bytes_heard: 0,
            restored: now,
            restore_from: now,
            damages: 0,
            is_logged_out: false,
            is_resync_told: false,
            last_sent: now,
            timing: timing.clone(),
            tap,
        }
    }

    pub(super) fn send(&mut self, record: String) -> Result<()> {
        self.last_sent = Instant::now();
        self.tap.sent(record.as_bytes());
        self.socket.send(record)
    }

    /// Notes whether the server gave a sign of life.
    pub(super) fn listen(&mut self, now: Instant) {
        let bytes = self.socket.bytes_read();
        if std::mem::replace(&mut self.bytes_heard, bytes) != bytes {
            self.last_heard = now;
        }
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
        if now >= self.last_sent + self.timing.ping {
            self.send(encode_ping())?;
        }
        Ok(())
    }

    /// When something has to be done if nothing comes.
    pub(super) fn next_timer(&self) -> Instant {
        let mut timer = (self.last_sent + self.timing.ping).min(self.last_heard + self.timing.silence);
        if self.stage == Stage::Handshake {
            timer = timer.min(self.opened + self.timing.connect);
        }
        if self.stage == Stage::Restoring && self.calls.is_empty() {
            timer = timer.min(self.restore_from);
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
