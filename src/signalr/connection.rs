//! One hub connection: its stage, its timers, what it has heard and sent.

use std::time::{Duration, Instant};

use super::frame::RecordSplitter;
use super::message::encode_ping;
use crate::error::{Error, Kind, Result};
use crate::net::Ws;
use crate::recording::HubTap;

/// From the first packet to the handshake's answer.
pub(super) const CONNECT_TIME: Duration = Duration::from_secs(15);
/// The gateway drops a client that is silent for 30 s.
const PING_INTERVAL: Duration = Duration::from_secs(10);
/// The gateway pings every 15 s; twice that without a byte is death.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Our handshake is on its way.
    Handshake,
    /// The wanted subscriptions are being put back.
    Restoring,
    /// Everything wanted is subscribed.
    Live,
}

pub(super) struct Connection {
    pub(super) socket: Ws,
    pub(super) splitter: RecordSplitter,
    pub(super) stage: Stage,
    pub(super) opened: Instant,
    pub(super) last_heard: Instant,
    last_sent: Instant,
    tap: HubTap,
}

impl Connection {
    pub(super) fn new(socket: Ws, tap: HubTap) -> Connection {
        let now = Instant::now();
        tap.opened();
        Connection {
            socket,
            splitter: RecordSplitter::new(),
            stage: Stage::Handshake,
            opened: now,
            last_heard: now,
            last_sent: now,
            tap,
        }
    }

    pub(super) fn send(&mut self, record: String) -> Result<()> {
        self.last_sent = Instant::now();
        self.tap.sent(record.as_bytes());
        self.socket.send(record)
    }

    /// Pings when it is time, and ends a connection that is dead.
    pub(super) fn check_time(&mut self, now: Instant) -> Result<()> {
        if self.stage == Stage::Handshake && now >= self.opened + CONNECT_TIME {
            return Err(Error::new(Kind::Deadline, "the hub did not answer the handshake within 15 s"));
        }
        if now >= self.last_heard + SILENCE_LIMIT {
            return Err(Error::new(Kind::Network, "the hub gave no sign of life for 30 s"));
        }
        if now >= self.last_sent + PING_INTERVAL {
            self.send(encode_ping())?;
        }
        Ok(())
    }

    pub(super) fn next_timer(&self) -> Instant {
        let timer = (self.last_sent + PING_INTERVAL).min(self.last_heard + SILENCE_LIMIT);
        if self.stage == Stage::Handshake { timer.min(self.opened + CONNECT_TIME) } else { timer }
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
