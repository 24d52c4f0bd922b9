//! Serving one connection: records in, calls out, and the stages on the way to a whole one.

use std::time::{Duration, Instant};

use super::calls::PendingCall;
use super::connection::{Connection, Stage};
use super::handler::{Heard, Readiness};
use super::handshake::handshake_answer;
use super::hub::Hub;
use super::message::{Completion, Record, encode_invocation, plain_invocation};
use super::overlap::Overlap;
use super::remote::Command;
use super::rotation::{Rotation, Served};
use super::wanted::{Askers, Call, Told};
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
    pub(super) fn step(&mut self, served: &mut Served) -> Result<()> {
        if self.settings.stop.is_stopped() {
            return Err(Error::new(Kind::Closed, "the client is closed"));
        }
        let Served { active, rotation } = served;
        let mut is_drained = self.read(active, rotation)?;
        if active.stage != Stage::Handshake {
            self.obey_commands(served)?;
        }
        let now = Instant::now();
        let Served { active, .. } = served;
        active.listen(now);
        active.check_time(now)?;
        self.expire_calls(active, now);
        self.move_on(active, now);
        active.socket.flush()?;
        is_drained &= self.tend_successor(served, now)?;
        self.rotate(served, now)?;
        self.handler.flush();
        if !is_drained {
            return Ok(());
        }
        let timer = served.active.next_timer();
        self.wait_until(served.rotation.next_timer().map_or(timer, |other| timer.min(other)), now)
    }

    /// Takes what has come; false when there may be more.
    fn read(&mut self, connection: &mut Connection, rotation: &mut Rotation) -> Result<bool> {
        self.read_frames(connection, |hub, connection, frame| {
            let received = hub.settings.clock.now();
            hub.settings.tap.received(received, frame);
            hub.split(connection, frame, |hub, connection, record| {
                hub.take_record(connection, rotation, received, record)
            })
        })
    }

    /// Takes what a successor brings, and holds the events.
    pub(super) fn read_beside(&mut self, connection: &mut Connection, overlap: &mut Overlap) -> Result<bool> {
        self.read_frames(connection, |hub, connection, frame| {
            let received = hub.settings.clock.now();
            hub.split(connection, frame, |hub, connection, record| {
                hub.take_record_beside(connection, overlap, received, record)
            })
        })
    }

    fn read_frames(
        &mut self,
        connection: &mut Connection,
        mut take: impl FnMut(&mut Hub, &mut Connection, &[u8]) -> Result<()>,
    ) -> Result<bool> {
        for _ in 0..FRAMES_PER_STEP {
            // Whoever waits for the answer to a call may be the one who makes room.
            let is_busy = connection.stage == Stage::Handshake || !connection.calls.is_empty();
            if !is_busy && !self.handler.has_room() {
                connection.excuse_silence();
                return Ok(true);
            }
            let Some(frame) = connection.socket.read()? else {
                return Ok(connection.socket.renew_portion());
            };
            take(self, connection, &frame)?;
        }
        Ok(false)
    }

    fn split(
        &mut self,
        connection: &mut Connection,
        frame: &[u8],
        mut take: impl FnMut(&mut Hub, &mut Connection, &[u8]) -> Result<()>,
    ) -> Result<()> {
        let mut splitter = std::mem::take(&mut connection.splitter);
        let mut outcome = Ok(());
        let fed = splitter.feed(frame, |record| {
            if outcome.is_ok() {
                outcome = take(self, connection, record);
            }
        });
        connection.splitter = splitter;
        fed.and(outcome)
    }

    pub(super) fn expire_calls(&mut self, connection: &mut Connection, now: Instant) {
        while let Some(late) = connection.calls.next_expired(now) {
            let span = self.settings.timing.call.as_secs_f32();
            let message = format!("the hub did not answer the subscription within {span} s");
            self.finish(late, Err(Error::new(Kind::Deadline, message)));
        }
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
        match self.handler.restored(connection.is_again) {
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
        connection.is_again = true;
        connection.restore_from = connection.restored + pause;
        connection.stage = Stage::Restoring;
        // What was fetched until now may lack what the record told.
        self.epoch.advance();
        self.tell_resync(connection);
    }

    pub(super) fn tell_resync(&mut self, connection: &mut Connection) {
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

    fn take_record(
        &mut self,
        connection: &mut Connection,
        rotation: &mut Rotation,
        received: Timestamp,
        record: &[u8],
    ) -> Result<()> {
        if connection.stage == Stage::Handshake {
            handshake_answer(record)?;
            connection.stage = Stage::Restoring;
            connection.is_again |= self.rules.reached();
            if connection.is_again {
                self.tell_resync(connection);
            }
            self.note_commands();
            return self.put_back(connection, |askers| askers);
        }
        if rotation.hands_all_on()
            && let Some((target, arguments)) = plain_invocation(record)
            && self.handler.known(received, target, arguments)
        {
            return Ok(());
        }
        let heard = match Record::parse(record) {
            Ok(Record::Invocation { target, arguments }) if rotation.admits(received, record) => {
                self.handler.invocation(received, &target, arguments)
            }
            Ok(Record::Completion(done)) => {
                self.complete(connection, &done);
                Heard::Fine
            }
            Ok(Record::Close { error, allow_reconnect }) => {
                return Err(self.told_to_go(connection, error.map(String::from), allow_reconnect));
            }
            Ok(Record::Ping | Record::Invocation { .. }) => Heard::Fine,
            Ok(Record::Other(kind)) => {
                log::debug!("{}: record type {kind} passed over", self.settings.name);
                Heard::Fine
            }
            Err(error) => self.handler.unreadable(received, &error),
        };
        self.heed(connection, heard);
        Ok(())
    }

    fn take_record_beside(
        &mut self,
        connection: &mut Connection,
        overlap: &mut Overlap,
        received: Timestamp,
        record: &[u8],
    ) -> Result<()> {
        if connection.stage == Stage::Handshake {
            handshake_answer(record)?;
            connection.stage = Stage::Restoring;
            return self.put_back(connection, |_| Askers::repeated());
        }
        match Record::parse(record) {
            Ok(Record::Completion(done)) => self.complete_beside(connection, &done),
            Ok(Record::Close { error, allow_reconnect }) => {
                return Err(self.told_to_go(connection, error.map(String::from), allow_reconnect));
            }
            Ok(Record::Ping | Record::Other(_)) => {}
            // One that cannot be read is told once it is handed on.
            Ok(Record::Invocation { .. }) | Err(_) => {
                if !overlap.hold(received, record) {
                    return Err(Error::new(Kind::State, "too much came before it was subscribed"));
                }
            }
        }
        Ok(())
    }

    /// Hands on an event that was held.
    pub(super) fn hand_on(&mut self, connection: &mut Connection, received: Timestamp, record: &[u8]) {
        let heard = match Record::parse(record) {
            Ok(Record::Invocation { target, arguments }) => {
                self.handler.invocation(received, &target, arguments)
            }
            Ok(_) => Heard::Fine,
            Err(error) => self.handler.unreadable(received, &error),
        };
        self.heed(connection, heard);
    }

    fn heed(&mut self, connection: &mut Connection, heard: Heard) {
        match heard {
            Heard::Fine => {}
            Heard::Damaged => self.damage(connection),
            Heard::LoggedOut => connection.is_logged_out = true,
        }
    }

    /// Why the server ended the connection by a record.
    fn told_to_go(&self, connection: &mut Connection, words: Option<String>, allow_reconnect: bool) -> Error {
        connection.is_told_to_go = true;
        let error = Error::new(Kind::Network, "the hub ended the connection").with_gateway(None, words);
        match allow_reconnect || connection.is_logged_out {
            true => error,
            false => error.with_retry_after(self.rules.left_alone()),
        }
    }

    fn complete(&mut self, connection: &mut Connection, done: &Completion<'_>) {
        if let Some(call) = connection.calls.complete(&done.invocation_id) {
            self.finish(call, outcome(done));
        }
    }

    /// What a successor is refused is news once it is in service: until then the one before it goes on with it.
    fn complete_beside(&mut self, connection: &mut Connection, done: &Completion<'_>) {
        let Some(call) = connection.calls.complete(&done.invocation_id) else { return };
        match outcome(done) {
            Err(error) if call.askers.is_repeated() => connection.refused.push((call.topic, error)),
            outcome => self.finish(call, outcome),
        }
    }

    /// Tells what a connection was refused that is in service now.
    pub(super) fn tell_refused(&mut self, connection: &mut Connection) {
        for (topic, error) in std::mem::take(&mut connection.refused) {
            if self.wanted.call_of(&topic).is_some() {
                self.handler.subscribed(&topic, Err(error), true);
            }
        }
    }

    /// Makes all calls that are wanted.
    fn put_back(&mut self, connection: &mut Connection, told: impl Fn(Askers) -> Askers) -> Result<()> {
        let calls = self.wanted.put_back();
        calls.into_iter().try_for_each(|(call, askers)| self.invoke(connection, &call, told(askers)))
    }

    fn invoke(&mut self, connection: &mut Connection, call: &Call, askers: Askers) -> Result<()> {
        let expires = Instant::now() + self.settings.timing.call;
        let id = connection.calls.begin(call.topic.clone(), askers, expires);
        connection.send(encode_invocation(id, call.subscribe, &call.arguments))
    }

    /// Makes a call again that an earlier connection did not complete.
    pub(super) fn ask_again(&mut self, connection: &mut Connection, call: PendingCall) -> Result<()> {
        match self.wanted.call_of(&call.topic) {
            Some(again) if connection.stage != Stage::Handshake => {
                self.invoke(connection, &again, call.askers)
            }
            _ => {
                self.wanted.keep_waiting(&call.topic, call.askers);
                Ok(())
            }
        }
    }

    /// Carries out what other threads asked for.
    fn obey_commands(&mut self, served: &mut Served) -> Result<()> {
        while let Ok(command) = self.inbox.try_recv() {
            match command {
                // Asked for again it is called again: a second reader of a book needs a snapshot too.
                Command::Want(call, askers) => {
                    if self.wanted.add(call.clone()) {
                        self.handler.begins(&call.topic);
                    }
                    let (first, second) = served.in_order();
                    self.invoke(first, &call, askers)?;
                    if let Some(second) = second {
                        // When it is broken, its own end will tell.
                        let _ = self.invoke(second, &call, Askers::repeated());
                    }
                }
                Command::Unwant(topic) => {
                    if let Some(call) = self.wanted.take_back(&topic) {
                        let (first, second) = served.in_order();
                        first.undo(&call)?;
                        if let Some(second) = second {
                            // As above.
                            let _ = second.undo(&call);
                        }
                    }
                }
                Command::Message(epoch, message) => {
                    if epoch == self.epoch.now()
                        && self.handler.command(message) == Readiness::Ready
                        && served.active.stage == Stage::Resyncing
                    {
                        self.become_live(&mut served.active);
                    }
                }
                Command::Renewed(renewed) => self.take_renewed(served, renewed)?,
            }
        }
        Ok(())
    }

    /// Tells whoever asked for a subscription how it went. Whoever waited takes a refused one back.
    fn finish(&mut self, call: PendingCall, result: Result<()>) {
        match call.askers.answer(&result) {
            Told::Nobody => {}
            told => self.handler.subscribed(&call.topic, result, told == Told::Everybody),
        }
    }
}

/// What the answer to a subscription says.
fn outcome(done: &Completion<'_>) -> Result<()> {
    match &done.error {
        None => Ok(()),
        Some(text) => Err(Error::new(Kind::Rejected, "the hub refused the subscription")
            .with_gateway(None, Some(text.to_string()))),
    }
}
