//! The thread that owns a hub connection: it connects, subscribes, pings, reads, comes back and stops.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use parking_lot::Mutex;

use super::connection::{CONNECT_TIME, Connection, Stage, percent_encoded};
use super::handshake::{HANDSHAKE, handshake_answer};
use super::message::{Record, encode_invocation};
use crate::clock::{Clock, Deadline, Timestamp};
use crate::error::{Error, Kind, Result};
use crate::model::{LinkState, Topic};
use crate::net::{Attempt, Tls, Waiter, Waker, Ws};
use crate::recording::HubTap;
use crate::secret::Secret;
use crate::sync::{Answer, Backoff, NoAnswer, StopToken, Thread, answer, spawn};

/// How long a call may stay without its completion.
const CALL_TIME: Duration = Duration::from_secs(10);
const BACKOFF_BASE: Duration = Duration::from_millis(500);
const BACKOFF_CAP: Duration = Duration::from_secs(30);
/// A connection that lived this long was good: the next delay starts small again.
const PROVEN_AFTER: Duration = Duration::from_secs(60);
/// Frames read before the thread looks after its other duties.
const FRAMES_PER_STEP: usize = 256;
/// Refused credentials in a row before the hub gives up.
const AUTH_FAILURES: u32 = 3;

/// A subscription as the hub's server spells it.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// What it is about.
    pub(crate) topic: Topic,
    /// The method that starts it.
    pub(crate) subscribe: &'static str,
    /// The method that ends it.
    pub(crate) unsubscribe: &'static str,
    /// The arguments of both, a JSON array.
    pub(crate) arguments: String,
}

/// Gives the token for a connection.
pub(crate) trait TokenSource: Send + Sync {
    /// A token to connect with; a fresh one when it is `refused` that the server did not accept.
    fn token(&self, refused: Option<&Secret>, deadline: Deadline) -> Result<Secret>;
}

/// Takes what the connection brings. Called on the hub's thread only, in order.
pub(crate) trait Handler: Send {
    /// The server called a method of the client.
    fn invocation(&mut self, received: Timestamp, target: &str, arguments: &str);
    /// The connection changed its state. `attempt` failures lie behind it, `delay` before the next attempt.
    fn link(&mut self, state: LinkState, attempt: u32, delay: Duration, reason: Option<&Error>);
    /// A subscription was confirmed or refused while nobody waited for it.
    fn subscribed(&mut self, topic: &Topic, result: Result<()>);
    /// Whether more may be read. If not, [`HubThread::waker`] is called when it may.
    fn has_room(&self) -> bool;
}

/// What a hub thread works with.
pub(crate) struct HubSettings {
    /// The name of its thread.
    pub(crate) name: &'static str,
    /// The hub's URL, http or https.
    pub(crate) url: String,
    pub(crate) tls: Arc<Tls>,
    pub(crate) tokens: Arc<dyn TokenSource>,
    pub(crate) clock: Arc<dyn Clock>,
    /// Takes what is received and sent while somebody records.
    pub(crate) tap: HubTap,
    pub(crate) stop: StopToken,
}

enum Command {
    Want(Call, Option<Answer<Result<()>>>),
    Unwant(Topic),
}

/// A running hub thread. Dropping it waits for the thread, which ends when its stop token stops.
pub(crate) struct HubThread {
    commands: Sender<Command>,
    waker: Waker,
    trouble: Arc<Mutex<Option<Error>>>,
    stop: StopToken,
    thread: Mutex<Option<Thread>>,
}

impl HubThread {
    /// Starts the thread, which connects at once.
    ///
    /// # Errors
    /// [`Kind::State`] when the system has no thread or descriptor left.
    pub(crate) fn start(settings: HubSettings, handler: Box<dyn Handler>) -> Result<HubThread> {
        let waiter = Waiter::new()?;
        let waker = waiter.waker();
        let (commands, inbox) = unbounded();
        let trouble = Arc::new(Mutex::new(None));
        let stop = settings.stop.clone();
        let seed = settings.clock.now().nanos() as u64;
        let name = settings.name;
        let mut hub = Hub {
            settings,
            handler,
            waiter,
            inbox,
            trouble: trouble.clone(),
            wanted: Vec::new(),
            pending: HashMap::new(),
            next_id: 1,
            backoff: Backoff::new(BACKOFF_BASE, BACKOFF_CAP, seed),
            refused_logins: 0,
            refused_token: None,
        };
        let thread = spawn(name, move || {
            let _on_stop = hub.waiter.wake_on_stop(&hub.settings.stop);
            if catch_unwind(AssertUnwindSafe(|| hub.run())).is_err() {
                let error = Error::new(Kind::Bug, "the thread of a hub panicked; please report it");
                log::error!("{name}: {error}");
                *hub.trouble.lock() = Some(error.clone());
                // The handler may be what panicked, so it is asked once and not trusted.
                let _ = catch_unwind(AssertUnwindSafe(|| {
                    hub.handler.link(LinkState::Failed, 0, Duration::ZERO, Some(&error));
                }));
            }
        })?;
        Ok(HubThread { commands, waker, trouble, stop, thread: Mutex::new(Some(thread)) })
    }

    /// Adds a subscription to the wanted ones and waits until the server confirmed it.
    ///
    /// # Errors
    /// [`Kind::Rejected`] when the server refuses, [`Kind::Deadline`], [`Kind::Closed`], or why the hub gave
    /// up. After an error the caller takes it back by [`HubThread::unsubscribe`].
    pub(crate) fn subscribe(&self, call: Call, deadline: Deadline) -> Result<()> {
        let (told, awaited) = answer();
        self.command(Command::Want(call, Some(told)))?;
        awaited.wait(deadline).unwrap_or_else(|none| match none {
            NoAnswer::Late => Err(self.late()),
            NoAnswer::Abandoned => Err(self.gone()),
        })
    }

    /// Adds a subscription to the wanted ones; the handler is told how it went.
    ///
    /// # Errors
    /// Why the hub gave up.
    pub(crate) fn want(&self, call: Call) -> Result<()> {
        self.command(Command::Want(call, None))
    }

    /// Ends a subscription. Does not wait.
    pub(crate) fn unsubscribe(&self, topic: &Topic) {
        // A hub that has ended holds no subscription.
        let _ = self.command(Command::Unwant(topic.clone()));
    }

    /// Makes the thread look after its duties.
    pub(crate) fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// Waits for the thread, which ends when its stop token stops.
    pub(crate) fn join(&self) {
        // Under the lock, so that a second caller waits too.
        let mut thread = self.thread.lock();
        drop(thread.take());
    }

    fn command(&self, command: Command) -> Result<()> {
        self.commands.send(command).map_err(|_| self.gone())?;
        self.waker.wake();
        Ok(())
    }

    fn gone(&self) -> Error {
        if self.stop.is_stopped() {
            return Error::new(Kind::Closed, "the client is closed");
        }
        let taken_back = || Error::new(Kind::State, "the subscription was taken back by another thread");
        self.trouble.lock().clone().unwrap_or_else(taken_back)
    }

    fn late(&self) -> Error {
        let message = match &*self.trouble.lock() {
            Some(trouble) => format!("the hub is not connected: {}", trouble.message()),
            None => "the hub did not confirm the subscription in time".into(),
        };
        Error::new(Kind::Deadline, message)
    }
}

/// A subscription that shall hold as long as there is a connection.
struct Wanted {
    call: Call,
    /// How many times it was asked for and not taken back.
    count: usize,
    /// Who waits for it while there is no connection.
    waiting: Vec<Answer<Result<()>>>,
}

/// A call that waits for its completion.
struct Pending {
    topic: Topic,
    expires: Instant,
    waiting: Vec<Answer<Result<()>>>,
}

struct Hub {
    settings: HubSettings,
    handler: Box<dyn Handler>,
    waiter: Waiter,
    inbox: Receiver<Command>,
    trouble: Arc<Mutex<Option<Error>>>,
    wanted: Vec<Wanted>,
    pending: HashMap<u64, Pending>,
    next_id: u64,
    backoff: Backoff,
    refused_logins: u32,
    refused_token: Option<Secret>,
}

impl Hub {
    fn run(&mut self) {
        self.handler.link(LinkState::Connecting, 0, Duration::ZERO, None);
        loop {
            let error = match self.connect() {
                Ok(connection) => self.serve(connection),
                Err(error) => error,
            };
            self.keep_waiting();
            if self.settings.stop.is_stopped() {
                self.handler.link(LinkState::Closed, 0, Duration::ZERO, None);
                return;
            }
            *self.trouble.lock() = Some(error.clone());
            if self.is_permanent(&error) {
                log::error!("{}: given up: {error}", self.settings.name);
                self.handler.link(LinkState::Failed, self.backoff.attempt(), Duration::ZERO, Some(&error));
                for answer in self.wanted.drain(..).flat_map(|wanted| wanted.waiting) {
                    answer.give(Err(error.clone()));
                }
                return;
            }
            let delay = self.backoff.next_delay();
            log::warn!("{}: {error}; next attempt in {} ms", self.settings.name, delay.as_millis());
            self.handler.link(LinkState::Reconnecting, self.backoff.attempt(), delay, Some(&error));
            self.pause(Deadline::after(delay));
        }
    }

    /// Lets those who wait for a completion that will not come wait for the next connection's.
    fn keep_waiting(&mut self) {
        for (_, pending) in std::mem::take(&mut self.pending) {
            if let Some(index) = self.find(&pending.topic) {
                self.wanted[index].waiting.extend(pending.waiting);
            }
        }
    }

    /// Waits out the delay; commands are noted meanwhile.
    fn pause(&mut self, until: Deadline) {
        while !until.is_past() && !self.settings.stop.is_stopped() {
            self.note_commands();
            if self.waiter.wait(until).is_err() {
                return;
            }
        }
    }

    fn is_permanent(&mut self, error: &Error) -> bool {
        match error.kind() {
            Kind::Config | Kind::File | Kind::Bug => true,
            Kind::Auth => {
                self.refused_logins += 1;
                self.refused_logins >= AUTH_FAILURES
            }
            _ => false,
        }
    }

    fn connect(&mut self) -> Result<Connection> {
        let deadline = Deadline::after(CONNECT_TIME);
        let token = self.settings.tokens.token(self.refused_token.as_ref(), deadline)?;
        let url = format!(
            "{}?access_token={}",
            self.settings.url.replacen("http", "ws", 1),
            percent_encoded(token.expose())
        );
        let attempt = Attempt { tls: &self.settings.tls, deadline, stop: &self.settings.stop };
        let socket = match Ws::connect(&url, &mut self.waiter, attempt) {
            Ok(socket) => socket,
            Err(error) => {
                self.refused_token = (error.kind() == Kind::Auth).then_some(token);
                return Err(error);
            }
        };
        self.refused_token = None;
        let mut connection = Connection::new(socket, self.settings.tap.clone());
        connection.send(HANDSHAKE.to_owned())?;
        Ok(connection)
    }

    /// Serves a connection until it ends; tells why.
    fn serve(&mut self, mut connection: Connection) -> Error {
        let error = loop {
            if let Err(error) = self.step(&mut connection) {
                break error;
            }
        };
        if connection.opened.elapsed() >= PROVEN_AFTER {
            self.backoff.reset();
        }
        self.settings.tap.closed(&error);
        connection.socket.close();
        error
    }

    /// Reads what is there, does what is asked, then waits.
    fn step(&mut self, connection: &mut Connection) -> Result<()> {
        if self.settings.stop.is_stopped() {
            return Err(Error::new(Kind::Closed, "the client is closed"));
        }
        let mut is_drained = false;
        for _ in 0..FRAMES_PER_STEP {
            // Whoever waits for the answer to a call may be the one who makes room.
            if self.pending.is_empty() && !self.handler.has_room() {
                // Nothing is heard because nothing is read. Pings go on, and commands too.
                connection.last_heard = Instant::now();
                is_drained = true;
                break;
            }
            let Some(frame) = connection.socket.read()? else {
                is_drained = connection.socket.renew_portion();
                break;
            };
            connection.last_heard = Instant::now();
            self.take_frame(connection, &frame)?;
        }
        if connection.stage != Stage::Handshake {
            self.obey_commands(connection)?;
        }
        let now = Instant::now();
        connection.check_time(now)?;
        self.expire_calls(now);
        if connection.stage == Stage::Restoring && self.pending.is_empty() {
            connection.stage = Stage::Live;
            self.refused_logins = 0;
            *self.trouble.lock() = None;
            self.handler.link(LinkState::Connected, self.backoff.attempt(), Duration::ZERO, None);
        }
        connection.socket.flush()?;
        if !is_drained {
            return Ok(());
        }
        let next_call = self.pending.values().map(|pending| pending.expires).min();
        let wake_at = next_call.map_or(connection.next_timer(), |at| at.min(connection.next_timer()));
        let left = Deadline::after(wake_at.saturating_duration_since(now));
        self.waiter
            .wait(left)
            .map_err(|error| Error::new(Kind::Network, format!("cannot wait for the network: {error}")))?;
        Ok(())
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
            return self.restore(connection);
        }
        match Record::parse(record) {
            Ok(Record::Invocation { target, arguments }) => {
                self.handler.invocation(received, &target, arguments);
            }
            Ok(Record::Completion(done)) => {
                let pending = done.invocation_id.parse().ok().and_then(|id: u64| self.pending.remove(&id));
                if let Some(pending) = pending {
                    let result = match done.error {
                        None => Ok(()),
                        Some(text) => Err(Error::new(Kind::Rejected, "the hub refused the subscription")
                            .with_gateway(None, Some(text.into()))),
                    };
                    self.finish(pending, result);
                }
            }
            Ok(Record::Ping) => {}
            Ok(Record::Close { error, allow_reconnect }) => {
                let message = match allow_reconnect {
                    true => "the hub ended the connection and asks to come back",
                    false => "the hub ended the connection",
                };
                return Err(Error::new(Kind::Network, message).with_gateway(None, error.map(String::from)));
            }
            Ok(Record::Other(kind)) => log::debug!("{}: record type {kind} passed over", self.settings.name),
            Err(error) => log::warn!("{}: {error}; the record is passed over", self.settings.name),
        }
        Ok(())
    }

    fn restore(&mut self, connection: &mut Connection) -> Result<()> {
        self.note_commands();
        let take = |wanted: &mut Wanted| (wanted.call.clone(), std::mem::take(&mut wanted.waiting));
        let calls: Vec<_> = self.wanted.iter_mut().map(take).collect();
        calls.into_iter().try_for_each(|(call, waiting)| self.invoke(connection, &call, waiting))
    }

    fn invoke(
        &mut self,
        connection: &mut Connection,
        call: &Call,
        waiting: Vec<Answer<Result<()>>>,
    ) -> Result<()> {
        let id = self.next_id;
        self.next_id += 1;
        let expires = Instant::now() + CALL_TIME;
        self.pending.insert(id, Pending { topic: call.topic.clone(), expires, waiting });
        connection.send(encode_invocation(id, call.subscribe, &call.arguments))
    }

    /// Carries out what other threads asked for.
    fn obey_commands(&mut self, connection: &mut Connection) -> Result<()> {
        while let Ok(command) = self.inbox.try_recv() {
            match command {
                // Asked for again it is called again: a second reader of a book needs a snapshot too.
                Command::Want(call, answer) => {
                    self.note_wanted(call.clone(), None);
                    self.invoke(connection, &call, answer.into_iter().collect())?;
                }
                Command::Unwant(topic) => {
                    if let Some(call) = self.note_unwanted(&topic) {
                        let id = self.next_id;
                        self.next_id += 1;
                        connection.send(encode_invocation(id, call.unsubscribe, &call.arguments))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Remembers what other threads asked for until there is a connection.
    fn note_commands(&mut self) {
        while let Ok(command) = self.inbox.try_recv() {
            match command {
                Command::Want(call, answer) => self.note_wanted(call, answer),
                Command::Unwant(topic) => drop(self.note_unwanted(&topic)),
            }
        }
    }

    fn note_wanted(&mut self, call: Call, answer: Option<Answer<Result<()>>>) {
        let index = self.find(&call.topic).unwrap_or_else(|| {
            self.wanted.push(Wanted { call, count: 0, waiting: Vec::new() });
            self.wanted.len() - 1
        });
        self.wanted[index].count += 1;
        self.wanted[index].waiting.extend(answer);
    }

    /// The call to undo when nobody wants the topic any more.
    fn note_unwanted(&mut self, topic: &Topic) -> Option<Call> {
        let index = self.find(topic)?;
        self.wanted[index].count -= 1;
        if self.wanted[index].count > 0 {
            return None;
        }
        self.pending.retain(|_, pending| pending.topic != *topic);
        Some(self.wanted.remove(index).call)
    }

    fn find(&self, topic: &Topic) -> Option<usize> {
        self.wanted.iter().position(|wanted| wanted.call.topic == *topic)
    }

    fn expire_calls(&mut self, now: Instant) {
        let expired: Vec<u64> =
            self.pending.iter().filter(|(_, pending)| pending.expires <= now).map(|(id, _)| *id).collect();
        for id in expired {
            if let Some(pending) = self.pending.remove(&id) {
                let error = Error::new(Kind::Deadline, "the hub did not answer the subscription within 10 s");
                self.finish(pending, Err(error));
            }
        }
    }

    /// Tells whoever asked for a subscription how it went. Whoever waited takes a refused one back.
    fn finish(&mut self, pending: Pending, result: Result<()>) {
        if pending.waiting.is_empty() {
            self.handler.subscribed(&pending.topic, result);
            return;
        }
        for answer in pending.waiting {
            answer.give(result.clone());
        }
    }
}
