//! One hub connection: handshake, calls, events out, signs of life.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use tungstenite::protocol::{Role, WebSocketConfig};
use tungstenite::{Error, Message, WebSocket};

use crate::clock::{Deadline, Timestamp};
use crate::net::{Stream, Waiter};
use crate::sim::faults::line::Damage;
use crate::sim::faults::plan::Point;
use crate::sim::gateway::{Gateway, Hub};
use crate::sim::hubs::invocation::{ClientRecord, check_handshake, parse};
use crate::sim::hubs::outbox::{Ending, Outbox, Record};
use crate::sim::hubs::records::{MARK, Recorder};
use crate::sim::server::keys::Claims;
use crate::sim::server::peer::{Parts, Peer};
use crate::sync::{OnStop, StopToken};

/// Longest record of a client in bytes.
const MAX_RECORD: usize = 32 * 1024;
/// Messages read before it is time to write again.
const READ_AT_ONCE: usize = 64;
/// Bytes of a frame that may take in further records.
const MAX_FRAME: usize = 64 * 1024;
/// One frame in so many takes in a second record when more than one waits.
const JOINED_FRAMES: u64 = 8;
/// Pings do not come closer than this.
const LEAST_KEEP_ALIVE: Duration = Duration::from_millis(10);
/// How long a client may take to answer a closing frame.
const FAREWELL: Duration = Duration::from_secs(1);

/// Why a connection is over.
#[derive(Debug)]
enum Over {
    /// The client closed it, or it broke.
    Gone,
    /// The simulator stops.
    Stopped,
    /// It is cut without a word.
    Dropped,
    /// The client is told, if there is something to tell.
    Closed { error: Option<Cow<'static, str>>, allow_reconnect: bool },
    /// A fault ends it.
    Damaged(Damage),
}

/// The error that clients know when a connection breaks off.
const CLOSED_WITH_ERROR: Over =
    Over::Closed { error: Some(Cow::Borrowed("Connection closed with an error.")), allow_reconnect: true };

/// A connection after its upgrade.
pub(in crate::sim) struct HubConnection<'a> {
    gateway: &'a Gateway,
    hub: Hub,
    socket: WebSocket<Stream>,
    waiter: Waiter,
    /// Stops when the simulator stops, and when the port closes for a restart.
    stop: StopToken,
    /// Keeps the waker of the stop token in place.
    _on_stop: OnStop,
    outbox: Arc<Outbox>,
    outgoing: VecDeque<Record>,
    /// What came of a record that is not complete.
    incoming: Vec<u8>,
    has_handshake: bool,
    frames: u64,
    ping_at: Deadline,
    silent_at: Deadline,
    /// When the token of the connection expires and the connection with it, if it does.
    expires: Option<Timestamp>,
}

impl<'a> HubConnection<'a> {
    /// Takes over a connection whose upgrade was answered.
    pub(in crate::sim) fn new(
        gateway: &'a Gateway,
        hub: Hub,
        claims: &Claims,
        peer: Peer,
    ) -> HubConnection<'a> {
        let Parts { stream, waiter, stop, on_stop, buffer } = peer.into_parts();
        let config = WebSocketConfig::default()
            .read_buffer_size(8 * 1024)
            .write_buffer_size(32 * 1024)
            .max_message_size(Some(MAX_RECORD))
            .max_frame_size(Some(MAX_RECORD));
        HubConnection {
            gateway,
            hub,
            socket: WebSocket::from_partially_read(stream, buffer, Role::Server, Some(config)),
            outbox: gateway.open_outbox(hub, waiter.waker()),
            waiter,
            stop,
            _on_stop: on_stop,
            outgoing: VecDeque::new(),
            incoming: Vec::new(),
            has_handshake: false,
            frames: 0,
            ping_at: Deadline::NEVER,
            expires: gateway.config.shape.expiry_ends_hubs.then(|| claims.expiry()),
            silent_at: Deadline::after(gateway.config.handshake_timeout),
        }
    }

    /// Serves the connection until it is over.
    pub(in crate::sim) fn run(mut self) {
        let over = loop {
            if let Err(over) = self.turn() {
                break over;
            }
        };
        if let Over::Damaged(Damage::Silent(until)) = over {
            self.stay_silent(until);
        }
        self.gateway.close_outbox(&self.outbox);
        match &over {
            Over::Damaged(Damage::Reset | Damage::Silent(_)) => return self.socket.get_ref().reset(),
            Over::Damaged(Damage::Torn(record)) => self.tear(record),
            over => self.leave(over),
        }
        if !matches!(over, Over::Gone | Over::Dropped | Over::Damaged(_)) {
            self.socket.get_mut().say_goodbye();
        }
        self.socket.get_ref().shutdown();
    }

    fn turn(&mut self) -> Result<(), Over> {
        if self.stop.is_stopped() {
            return Err(if self.gateway.stop.is_stopped() { Over::Stopped } else { Over::Dropped });
        }
        let has_more = self.read()?;
        // What waits stays in the outbox, where it is counted, while the client takes nothing.
        let ending = match self.outgoing.is_empty() {
            true => self.outbox.take(&mut self.outgoing),
            false => self.outbox.ending(),
        };
        match &ending {
            Some(Ending::TooSlow) => {
                log::warn!("simulator: hub client {} reads too slowly and is closed", self.outbox.id);
                return Err(CLOSED_WITH_ERROR);
            }
            Some(Ending::Dropped) => return Err(Over::Dropped),
            Some(Ending::Closed | Ending::Damaged(_)) | None => {}
        }
        if self.expires.is_some_and(|expires| self.gateway.time.stamp() >= expires) {
            log::info!("simulator: the token of hub client {} has expired", self.outbox.id);
            self.expires = None;
            self.outbox.push(self.gateway.recorder.logout("The session has expired."));
            self.outbox.end(Ending::Closed);
            return Ok(());
        }
        if self.ping_at.is_past() {
            self.outgoing.push_back(self.gateway.recorder.ping());
            self.ping_at = self.next_ping();
        }
        let is_flushed = self.write()?;
        match ending {
            Some(Ending::Closed | Ending::Damaged(Damage::Closed)) if is_flushed => {
                return Err(Over::Closed { error: None, allow_reconnect: false });
            }
            Some(Ending::Damaged(Damage::Told { error, allow_reconnect })) if is_flushed => {
                return Err(Over::Closed { error: error.map(Cow::Owned), allow_reconnect });
            }
            Some(Ending::Damaged(damage)) if is_flushed || damage.is_abrupt() => {
                return Err(Over::Damaged(damage));
            }
            _ => {}
        }
        if self.silent_at.is_past() {
            let what = if self.has_handshake { "is silent" } else { "makes no handshake" };
            log::info!("simulator: hub client {} {what} and is closed", self.outbox.id);
            return Err(CLOSED_WITH_ERROR);
        }
        let may_go_on = has_more || (is_flushed && self.outbox.has_records());
        if !may_go_on {
            let expiry = self.expires.and_then(|expires| self.gateway.time.instant_of_stamp(expires));
            let deadline = self.ping_at.min(self.silent_at).min(expiry.into());
            self.waiter.wait(deadline).map_err(|_| Over::Gone)?;
        }
        Ok(())
    }

    /// Reads what has come; true when there may be more.
    fn read(&mut self) -> Result<bool, Over> {
        for _ in 0..READ_AT_ONCE {
            let message = match self.socket.read() {
                Ok(message) => message,
                Err(error) if would_block(&error) => return Ok(false),
                Err(Error::Capacity(_) | Error::Utf8(_)) => return Err(CLOSED_WITH_ERROR),
                Err(error) => {
                    log::debug!("simulator: hub client {} is gone: {error}", self.outbox.id);
                    return Err(Over::Gone);
                }
            };
            let data = match &message {
                Message::Text(text) => text.as_bytes(),
                Message::Binary(bytes) => bytes,
                // Pongs to pings are sent by the library, and a close is followed by an error above.
                Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => continue,
            };
            self.take_in(data)?;
        }
        Ok(true)
    }

    /// Splits what came into records; the last may be incomplete.
    fn take_in(&mut self, data: &[u8]) -> Result<(), Over> {
        let mut parts = data.split(|&byte| byte == MARK as u8).peekable();
        while let Some(part) = parts.next() {
            if self.incoming.len() + part.len() > MAX_RECORD {
                return Err(CLOSED_WITH_ERROR);
            }
            self.incoming.extend_from_slice(part);
            if parts.peek().is_some() {
                let record = String::from_utf8(std::mem::take(&mut self.incoming));
                self.handle(&record.map_err(|_| CLOSED_WITH_ERROR)?)?;
            }
        }
        Ok(())
    }

    fn handle(&mut self, record: &str) -> Result<(), Over> {
        if !self.has_handshake {
            return self.shake_hands(record);
        }
        self.silent_at = Deadline::after(self.gateway.config.client_timeout);
        let invocation = match parse(record) {
            Some(ClientRecord::Invocation(invocation)) => invocation,
            Some(ClientRecord::Ignored) => return Ok(()),
            Some(ClientRecord::Close) => return Err(Over::Closed { error: None, allow_reconnect: false }),
            None => {
                log::info!("simulator: hub client {} sends what is no record", self.outbox.id);
                return Err(CLOSED_WITH_ERROR);
            }
        };
        let recorder = self.gateway.recorder;
        let (hub, connection) = (self.hub, self.outbox.id);
        let point = Point::Call { hub, connection, method: &invocation.target };
        if let Some(fault) = self.gateway.faults.strike(point).and_then(|strike| strike.fault) {
            if let Some(id) = &invocation.id {
                self.outbox.push(recorder.failed(id, &fault.call_error(&invocation.target)));
            }
            return Ok(());
        }
        let answer =
            |record: fn(&Recorder, &str) -> Record| invocation.id.as_deref().map(|id| record(&recorder, id));
        let refuse = |error: &str| {
            log::info!("simulator: hub client {}: {error}", self.outbox.id);
            if let Some(id) = &invocation.id {
                self.outbox.push(recorder.failed(id, error));
            }
        };
        if let Some(player) = &self.gateway.player {
            let confirm =
                || answer(Recorder::completed).into_iter().for_each(|record| self.outbox.push(record));
            let obeyed = self.gateway.obey_in_replay(player, self.hub, &invocation, &self.outbox, confirm);
            obeyed.unwrap_or_else(|error| refuse(&error));
            return Ok(());
        }
        self.gateway.change(|exchange| match invocation.subscription(self.hub, exchange) {
            Ok(subscription) => {
                // The answer goes first, and nobody gets in between: what follows it is complete.
                if let Some(record) = answer(Recorder::completed) {
                    self.outbox.push(record);
                }
                if subscription.begins {
                    exchange.subscribe(subscription.topic, &self.outbox);
                } else {
                    exchange.subscribers.remove(subscription.topic, &self.outbox);
                }
            }
            Err(error) => refuse(&error),
        });
        Ok(())
    }

    fn next_ping(&self) -> Deadline {
        Deadline::after(self.gateway.config.keep_alive.max(LEAST_KEEP_ALIVE))
    }

    fn shake_hands(&mut self, record: &str) -> Result<(), Over> {
        let point = Point::Handshake { hub: self.hub, connection: self.outbox.id };
        if let Some(fault) = self.gateway.faults.strike(point).and_then(|strike| strike.fault) {
            self.stop.wait(Deadline::after(fault.handshake_delay()));
        }
        let checked = check_handshake(record);
        let answer = self.gateway.recorder.handshake(checked.as_ref().err().map(String::as_str));
        self.outgoing.push_back(answer);
        if let Err(error) = checked {
            log::info!("simulator: hub client {}: {error}", self.outbox.id);
            self.write()?;
            return Err(Over::Closed { error: None, allow_reconnect: false });
        }
        self.has_handshake = true;
        self.ping_at = self.next_ping();
        self.silent_at = Deadline::after(self.gateway.config.client_timeout);
        Ok(())
    }

    /// Writes what waits, as far as the client takes it; true when nothing is left.
    fn write(&mut self) -> Result<bool, Over> {
        // What the library keeps goes first: it would keep any amount for a client that takes nothing.
        if !self.flush()? {
            return Ok(false);
        }
        while let Some(record) = self.outgoing.pop_front() {
            self.frames += 1;
            let message = Message::Text(self.join(record));
            match self.socket.write(message) {
                Ok(()) => {}
                // The library keeps the frame and sends it later.
                Err(error) if would_block(&error) => return Ok(false),
                Err(_) => return Err(Over::Gone),
            }
        }
        self.flush()
    }

    fn flush(&mut self) -> Result<bool, Over> {
        match self.socket.flush() {
            Ok(()) => Ok(true),
            Err(error) if would_block(&error) => Ok(false),
            Err(_) => Err(Over::Gone),
        }
    }

    /// Now and then a frame takes in a second record, as the gateway's do.
    fn join(&mut self, record: Record) -> Record {
        let is_joined = self.has_handshake
            && self.gateway.config.shape.joined_records
            && self.frames.is_multiple_of(JOINED_FRAMES);
        match self.outgoing.front() {
            Some(next) if is_joined && record.len() + next.len() <= MAX_FRAME => {
                let joined = format!("{record}{next}");
                self.outgoing.pop_front();
                joined.into()
            }
            _ => record,
        }
    }

    /// Keeps the connection open and dead.
    fn stay_silent(&mut self, until: Deadline) {
        while !self.stop.is_stopped() && !until.is_past() && self.socket.get_mut().is_open() {
            if self.waiter.wait(until).is_err() {
                return;
            }
        }
    }

    /// Sends the first half of a record's frame.
    fn tear(&mut self, record: &str) {
        let mut frame = vec![0x81];
        match record.len() {
            length @ ..126 => frame.push(length as u8),
            length @ ..0x1_0000 => {
                frame.push(126);
                frame.extend((length as u16).to_be_bytes());
            }
            length => {
                frame.push(127);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.extend_from_slice(&record.as_bytes()[..record.len() / 2]);
        // What the client has no room for is cut too.
        let stream = self.socket.get_mut();
        let _ = stream.write(&frame).and_then(|_| stream.flush());
    }

    /// Says goodbye as far as the client listens.
    fn leave(&mut self, over: &Over) {
        let (error, allow_reconnect) = match over {
            Over::Gone | Over::Dropped | Over::Damaged(_) => return,
            Over::Stopped => (None, true),
            Over::Closed { error, allow_reconnect } => (error.as_deref(), *allow_reconnect),
        };
        if self.has_handshake {
            self.outgoing.clear();
            self.outgoing.push_back(self.gateway.recorder.close(error, allow_reconnect));
            if self.write().is_err() {
                return;
            }
        }
        let deadline = match over {
            // Stopping is at once: what the system does not take now is lost.
            Over::Stopped => Deadline::after(Duration::ZERO),
            _ => Deadline::after(FAREWELL),
        };
        let mut result = self.socket.close(None).and_then(|()| self.socket.flush());
        loop {
            match result {
                Err(error) if !would_block(&error) => return,
                _ if deadline.is_past() || self.stop.is_stopped() => return,
                _ => {}
            }
            result = match self.socket.read() {
                Err(error) if would_block(&error) => match self.waiter.wait(deadline) {
                    Ok(_) => Ok(()),
                    Err(_) => return,
                },
                other => other.map(|_| ()),
            };
        }
    }
}

fn would_block(error: &Error) -> bool {
    matches!(error, Error::Io(error)
        if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted))
}
