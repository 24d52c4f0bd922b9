//! Serving one connection: records in, calls out, and the stages on the way to a whole one.

use std::time::{Duration, Instant};

use super::calls::PendingCall;
use super::connection::{Connection, Stage};
use super::handler::{Heard, Readiness};
use super::handshake::handshake_answer;
use super::hub::Hub;
use super::message::{Completion, Record, encode_invocation};
use super::remote::Command;
use super::wanted::{Askers, Call};
use crate::clock::Timestamp;
use crate::error::{Error, Kind, Result};
use crate::model::LinkState;

/// Frames read before the thread looks after its other duties.
const FRAMES_PER_STEP: usize = 256;
/// The first pause between two resyncs that malformed records bring about.
const DAMAGE_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_DAMAGE_PAUSE: Duration = Duration::from_secs(30);

impl Hub {
    /// Reads what is there, does what is asked, then waits.
    pub(super) fn step(&mut self, connection: &mut Connection) -> Result<()> {
        if self.settings.stop.is_stopped() {
            return Err(Error::new(Kind::Closed, "the client is closed"));
        }
        let is_drained = self.read(connection)?;
        if connection.stage != Stage::Handshake {
            self.obey_commands(connection)?;
        }
        let now = Instant::now();
        connection.listen(now);
        connection.check_time(now)?;
        while let Some(late) = connection.calls.next_expired(now) {
            let span = self.settings.timing.call.as_secs_f32();
            let message = format!("the hub did not answer the subscription within {span} s");
            self.finish(late, Err(Error::new(Kind::Deadline, message)));
        }
        self.move_on(connection, now);
        connection.socket.flush()?;
        if !is_drained {
            return Ok(());
        }
        self.wait_until(connection.next_timer(), now)
    }

    /// Takes what has come; false when there may be more.
    fn read(&mut self, connection: &mut Connection) -> Result<bool> {
        for _ in 0..FRAMES_PER_STEP {
            let Some(frame) = connection.socket.read()? else {
                return Ok(connection.socket.renew_portion());
            };
            self.take_frame(connection, &frame)?;
        }
        Ok(false)
    }

    /// Goes to the next stage when this one is done.
    fn move_on(&mut self, connection: &mut Connection, now: Instant) {
        if connection.stage != Stage::Restoring
            || !connection.calls.is_empty()
            || now < connection.restore_from
        {
            return;
        }
        connection.restored = now;
        match self.handler.restored(self.rules.was_connected() || connection.damages > 0) {
            Readiness::Ready => self.become_live(connection),
            Readiness::Wait => {
                self.tell_resync(connection);
                connection.stage = Stage::Resyncing;
            }
        }
    }

    /// A record could not be read: the connection is whole again once what it told was fetched. The more of them
    /// come, the longer are the pauses.
    fn damage(&mut self, connection: &mut Connection) {
        let pause = DAMAGE_PAUSE.saturating_mul(1 << connection.damages.min(16)).min(LONGEST_DAMAGE_PAUSE);
        connection.damages = connection.damages.saturating_add(1);
        connection.restore_from = connection.restored + pause;
        connection.stage = Stage::Restoring;
        // What was fetched until now may lack what the record told.
        self.epoch.advance();
        self.tell_resync(connection);
    }

    fn tell_resync(&mut self, connection: &mut Connection) {
        if !std::mem::replace(&mut connection.is_resync_told, true) {
            self.tell(LinkState::Resyncing, Duration::ZERO, None);
        }
    }

    fn become_live(&mut self, connection: &mut Connection) {
        connection.stage = Stage::Live;
        connection.is_resync_told = false;
        self.rules.connected();
        *self.trouble.lock() = None;
        self.tell(LinkState::Connected, Duration::ZERO, None);
    }

    fn take_frame(&mut self, connection: &mut Connection, frame: &[u8]) -> Result<()> {
        let received = self.settings.clock.now();
        self.settings.tap.received(received, frame);
        let mut splitter = std::mem::take(&mut connection.splitter);
        let mut outcome = Ok(());
        let fed = splitter.feed(frame, |record| {
            if outcome.is_ok() {
                outcome = self.take_record(connection, received, record);
            }
        });
        connection.splitter = splitter;
        fed.and(outcome)
    }

    fn take_record(&mut self, connection: &mut Connection, received: Timestamp, record: &[u8]) -> Result<()> {
        if connection.stage == Stage::Handshake {
            handshake_answer(record)?;
            connection.stage = Stage::Restoring;
            if self.rules.was_connected() {
                self.tell_resync(connection);
            }
            return self.restore(connection);
        }
        let heard = match Record::parse(record) {
            Ok(Record::Invocation { target, arguments }) => {
                self.handler.invocation(received, &target, arguments.get())
            }
            Ok(Record::Completion(done)) => {
                self.complete(connection, &done);
                Heard::Fine
            }
            Ok(Record::Ping) => Heard::Fine,
            Ok(Record::Close { error, allow_reconnect }) => {
                return Err(self.told_to_go(connection, error.map(String::from), allow_reconnect));
            }
            Ok(Record::Other(kind)) => {
                log::debug!("{}: record type {kind} passed over", self.settings.name);
                Heard::Fine
            }
            Err(error) => self.handler.unreadable(received, &error),
        };
        match heard {
            Heard::Fine => {}
            Heard::Damaged => self.damage(connection),
            Heard::LoggedOut => connection.is_logged_out = true,
        }
        Ok(())
    }

    /// Why the server ended the connection by a record.
    fn told_to_go(&self, connection: &Connection, words: Option<String>, allow_reconnect: bool) -> Error {
        let error = Error::new(Kind::Network, "the hub ended the connection").with_gateway(None, words);
        match allow_reconnect || connection.is_logged_out {
            true => error,
            false => error.with_retry_after(self.rules.left_alone()),
        }
    }

    fn complete(&mut self, connection: &mut Connection, done: &Completion<'_>) {
        let Some(call) = connection.calls.complete(&done.invocation_id) else { return };
        let result = match &done.error {
            None => Ok(()),
            Some(text) => Err(Error::new(Kind::Rejected, "the hub refused the subscription")
                .with_gateway(None, Some(text.to_string()))),
        };
        self.finish(call, result);
    }

    fn restore(&mut self, connection: &mut Connection) -> Result<()> {
        self.note_commands();
        let calls = self.wanted.put_back();
        calls.into_iter().try_for_each(|(call, askers)| self.invoke(connection, &call, askers))
    }

    fn invoke(&mut self, connection: &mut Connection, call: &Call, askers: Askers) -> Result<()> {
        let expires = Instant::now() + self.settings.timing.call;
        let id = connection.calls.begin(call.topic.clone(), askers, expires);
        connection.send(encode_invocation(id, call.subscribe, &call.arguments))
    }

    /// Carries out what other threads asked for.
    fn obey_commands(&mut self, connection: &mut Connection) -> Result<()> {
        while let Ok(command) = self.inbox.try_recv() {
            match command {
                // Asked for again it is called again: a second reader of a book needs a snapshot too.
                Command::Want(call, askers) => {
                    self.wanted.add(call.clone());
                    self.invoke(connection, &call, askers)?;
                }
                Command::Unwant(topic) => {
                    if let Some(call) = self.wanted.take_back(&topic) {
                        connection.calls.forget(&topic);
                        let id = connection.calls.id();
                        connection.send(encode_invocation(id, call.unsubscribe, &call.arguments))?;
                    }
                }
                Command::Message(epoch, message) => {
                    if epoch == self.epoch.now()
                        && self.handler.command(message) == Readiness::Ready
                        && connection.stage == Stage::Resyncing
                    {
                        self.become_live(connection);
                    }
                }
            }
        }
        Ok(())
    }

    /// Tells whoever asked for a subscription how it went. Whoever waited takes a refused one back.
    fn finish(&mut self, call: PendingCall, result: Result<()>) {
        let is_told = call.askers.answer(&result);
        self.handler.subscribed(&call.topic, result, is_told);
    }
}
