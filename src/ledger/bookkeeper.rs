//! Keeps the ledger: stands between the user hub and the streams, and fetches what the hub cannot tell.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use super::fetch::{Asker, Want};
use super::pages::{Pages, is_of_user};
use super::tracker::{Fetched, Tracker};
use crate::clock::{Clock, Deadline};
use crate::error::{Error, Kind, Result};
use crate::model::{
    Account, AccountId, Event, EventBody, EventFlags, Hub, HubTiming, Kinds, Link, LinkState, Live, Order,
    Position, SubscriptionEvent, Symbol, SymbolTable, Topic,
};
use crate::provider::EventSink;
use crate::session::Session;
use crate::signalr::{Epoch, HubRemote, Message, Readiness};
use crate::sync::{Backoff, StopToken, Thread, spawn};

/// How long a query may take, its wait for the rate limit included.
const QUERY_TIME: Duration = Duration::from_secs(30);
/// How long a subscription waits at most until its state is known too.
const SEED_TIME: Duration = Duration::from_secs(10);

/// Keeps the ledger of a client. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Bookkeeper(Arc<Office>);

struct Office {
    asker: Asker,
    timing: HubTiming,
    /// Who sees what the ledger lets through.
    streams: Arc<dyn EventSink>,
    stop: StopToken,
    pages: Mutex<Pages>,
    seeding: Mutex<Seeding>,
    /// What fetches is joined at the end. There are more than one only after several losses in a row.
    threads: Mutex<Vec<Thread>>,
}

/// Topics whose state nobody waits for.
#[derive(Default)]
struct Seeding {
    topics: Vec<Topic>,
    is_running: bool,
}

/// What is known of the fetch after a loss.
enum Progress {
    Failed { error: Error, attempt: u32, delay: Duration },
    Done { fetched: Vec<Fetched>, refused: Vec<(Topic, Error)>, remote: HubRemote },
}

impl Bookkeeper {
    pub(crate) fn new(
        session: Arc<Session>,
        symbols: Arc<SymbolTable>,
        clock: Arc<dyn Clock>,
        timing: HubTiming,
        streams: Arc<dyn EventSink>,
        stop: StopToken,
    ) -> Bookkeeper {
        Bookkeeper(Arc::new(Office {
            asker: Asker { session, symbols, clock },
            timing,
            streams,
            stop,
            pages: Mutex::default(),
            seeding: Mutex::default(),
            threads: Mutex::default(),
        }))
    }

    /// The orders of an account that are not final, oldest first.
    ///
    /// # Errors
    /// [`Kind::State`] when they are not followed or not known yet.
    pub(crate) fn orders(&self, account: AccountId) -> Result<Live<Vec<Order>>> {
        self.read(&Topic::Orders(account), |tracker, symbols| {
            let known = tracker.working_orders(account);
            Ok(known.map(|known| known.body.to_order(symbols, known.instrument, known.at)).collect())
        })
    }

    /// The open positions of an account.
    ///
    /// # Errors
    /// As [`Bookkeeper::orders`].
    pub(crate) fn positions(&self, account: AccountId) -> Result<Live<Vec<Position>>> {
        self.read(&Topic::Positions(account), |tracker, symbols| {
            let known = tracker.open_positions(account);
            Ok(known.map(|known| known.body.to_position(symbols, known.instrument)).collect())
        })
    }

    /// An account.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when the user has no such account; else as [`Bookkeeper::orders`].
    pub(crate) fn account(&self, account: AccountId) -> Result<Live<Account>> {
        self.read(&Topic::Accounts, |tracker, symbols| {
            let missing = || Error::new(Kind::NotFound, format!("the user has no account {account}"));
            tracker.account(account).map(|known| known.body.to_account(symbols)).ok_or_else(missing)
        })
    }

    fn read<T>(
        &self,
        topic: &Topic,
        read: impl FnOnce(&Tracker, &SymbolTable) -> Result<T>,
    ) -> Result<Live<T>> {
        self.0.pages.lock().read(topic, |tracker| read(tracker, &self.0.asker.symbols))
    }

    /// Somebody wants a topic.
    pub(super) fn follow(&self, topic: &Topic) {
        self.0.pages.lock().follow(topic);
    }

    /// Somebody does not want it any more.
    pub(super) fn unfollow(&self, topic: &Topic) {
        self.0.pages.lock().unfollow(topic);
    }

    /// Fetches the state of a topic that the hub has confirmed, unless it is known. A failure is tried again
    /// in the background.
    pub(super) fn seed(&self, topic: &Topic, deadline: Deadline) {
        let office = &self.0;
        let now = office.asker.clock.now();
        let want = {
            let mut pages = office.pages.lock();
            pages.confirm(topic);
            pages.unknown(topic, now)
        };
        let Some(want) = want else { return };
        match office.asker.fetch(&want, deadline.min(Deadline::after(SEED_TIME))) {
            Ok(fetched) => office.tell_news(|pages| pages.seed(&fetched)),
            Err(error) => {
                office.pages.lock().fail(topic, &error);
                self.seed_later([topic.clone()]);
            }
        }
    }

    /// Fetches states on a thread of its own.
    fn seed_later(&self, topics: impl IntoIterator<Item = Topic>) {
        let mut seeding = self.0.seeding.lock();
        seeding.topics.extend(topics);
        if seeding.topics.is_empty() || std::mem::replace(&mut seeding.is_running, true) {
            return;
        }
        drop(seeding);
        let office = self.0.clone();
        if let Err(error) = self.start(move || office.seed_all()) {
            self.0.seeding.lock().is_running = false;
            log::error!("the user's state cannot be fetched: {error}");
        }
    }

    fn start(&self, work: impl FnOnce() + Send + 'static) -> Result<()> {
        let mut threads = self.0.threads.lock();
        threads.retain(|thread| !thread.is_finished());
        if self.0.stop.is_stopped() {
            return Err(Error::new(Kind::Closed, "the client is closed"));
        }
        threads.push(spawn("tf-resync", work)?);
        Ok(())
    }

    /// Fetches what was missed on a thread of its own.
    fn resync(&self, remote: &HubRemote) -> Readiness {
        let wants = self.0.pages.lock().all_wants(self.0.asker.clock.now());
        if wants.is_empty() {
            return Readiness::Ready;
        }
        let (office, remote, epoch) = (self.0.clone(), remote.clone(), remote.epoch());
        if let Err(error) = self.start(move || office.fetch_all(&wants, remote, epoch)) {
            // It stays so until the connection is lost the next time.
            self.0.tell_trouble(&error, 0, Duration::ZERO);
        }
        Readiness::Wait
    }

    /// Waits for the threads, which end when the client's stop token stops.
    pub(crate) fn join(&self) {
        let threads = std::mem::take(&mut *self.0.threads.lock());
        drop(threads);
    }
}

impl EventSink for Bookkeeper {
    fn publish(&self, event: Event) {
        let office = &self.0;
        match &event.body {
            body if is_of_user(body) => office.tell_news(|pages| pages.take(event)),
            EventBody::Link(link) => office.tell_news(|pages| {
                let mut told = pages.link(link, event.received);
                told.push(event);
                told
            }),
            _ => office.streams.publish(event),
        }
    }

    fn skipped(&self, hub: Hub, kinds: Kinds, contract: Option<Symbol>) {
        self.0.streams.skipped(hub, kinds, contract);
    }

    fn subscribed(&self, topic: &Topic, refusal: Option<&Error>, is_told: bool) {
        let mut pages = self.0.pages.lock();
        if let Some(error) = refusal {
            return pages.refuse(topic, error);
        }
        pages.confirm(topic);
        // Who waits for the confirmation asks for the state too.
        if is_told && pages.unknown(topic, self.0.asker.clock.now()).is_some() {
            drop(pages);
            self.seed_later([topic.clone()]);
        }
    }

    fn restored(&self, again: bool, remote: &HubRemote) -> Readiness {
        if again { self.resync(remote) } else { Readiness::Ready }
    }

    fn command(&self, message: Message) -> Readiness {
        let office = &self.0;
        let Ok(progress) = message.downcast::<Progress>() else { return Readiness::Wait };
        let (fetched, refused, remote) = match *progress {
            Progress::Failed { error, attempt, delay } => {
                office.tell_trouble(&error, attempt, delay);
                return Readiness::Wait;
            }
            Progress::Done { fetched, refused, remote } => (fetched, refused, remote),
        };
        let mut is_whole = false;
        office.tell_news(|pages| {
            let told = pages.resync(&fetched);
            is_whole = told.is_some();
            told.unwrap_or_default()
        });
        if !is_whole {
            log::warn!("so much happened while the user's state was fetched that it is fetched again");
            return self.resync(&remote);
        }
        for (topic, error) in refused {
            office.pages.lock().refuse(&topic, &error);
            office.tell_refusal(&topic, &error);
        }
        let unknown = office.pages.lock().all_unknown();
        self.seed_later(unknown);
        Readiness::Ready
    }
}

impl Office {
    /// Hands what the pages let through to the streams, under the same lock: two threads do so, and nothing may
    /// overtake what is newer.
    fn tell_news<I: IntoIterator<Item = Event>>(&self, take: impl FnOnce(&mut Pages) -> I) {
        let mut pages = self.pages.lock();
        for event in take(&mut pages) {
            self.streams.publish(event);
        }
    }

    /// Fetches everything and hands it over on the hub's thread, unless the connection is lost meanwhile.
    fn fetch_all(&self, wants: &[Want], remote: HubRemote, epoch: Epoch) {
        let (mut backoff, mut attempt) = (self.backoff(), 0);
        let (mut fetched, mut refused) = (Vec::new(), Vec::new());
        for want in wants {
            loop {
                if self.stop.is_stopped() || remote.epoch() != epoch {
                    return;
                }
                let error = match self.asker.fetch(want, Deadline::after(QUERY_TIME)) {
                    Ok(state) => {
                        fetched.push(state);
                        break;
                    }
                    Err(error) => error,
                };
                if is_refusal(&error) {
                    refused.push((want.topic.clone(), error));
                    break;
                }
                let delay = backoff.next_delay().max(error.retry_after().unwrap_or_default());
                log::warn!("what was missed cannot be fetched: {error}; again in {} ms", delay.as_millis());
                attempt += 1;
                remote.tell(epoch, Box::new(Progress::Failed { error, attempt, delay }));
                self.stop.wait(Deadline::after(delay));
            }
        }
        let done = Progress::Done { fetched, refused, remote: remote.clone() };
        remote.tell(epoch, Box::new(done));
    }

    /// Fetches the states that are not known, until all are.
    fn seed_all(&self) {
        let mut backoff = self.backoff();
        loop {
            let topic = {
                let mut seeding = self.seeding.lock();
                let next = if self.stop.is_stopped() { None } else { seeding.topics.pop() };
                seeding.is_running = next.is_some();
                next
            };
            let Some(topic) = topic else { return };
            let want = self.pages.lock().unknown(&topic, self.asker.clock.now());
            let Some(want) = want else { continue };
            match self.asker.fetch(&want, Deadline::after(QUERY_TIME)) {
                Ok(fetched) => {
                    self.tell_news(|pages| pages.seed(&fetched));
                    backoff = self.backoff();
                }
                Err(error) => {
                    self.pages.lock().fail(&topic, &error);
                    log::warn!("the user's state cannot be fetched: {error}");
                    if !is_refusal(&error) {
                        let delay = backoff.next_delay().max(error.retry_after().unwrap_or_default());
                        self.seeding.lock().topics.insert(0, topic);
                        self.stop.wait(Deadline::after(delay));
                    }
                }
            }
        }
    }

    fn backoff(&self) -> Backoff {
        Backoff::new(
            self.timing.first_delay,
            self.timing.longest_delay,
            self.asker.clock.now().nanos() as u64,
        )
    }

    /// Tells that what was missed is not fetched yet, and why.
    fn tell_trouble(&self, error: &Error, attempt: u32, delay: Duration) {
        self.tell(EventBody::Link(Link {
            hub: Hub::User,
            state: LinkState::Resyncing,
            attempt,
            delay_ms: u32::try_from(delay.as_millis()).unwrap_or(u32::MAX),
            reason: Some(error.kind()),
            message: Some(self.asker.symbols.intern(error.message())),
        }));
    }

    /// Tells that the gateway does not say what was missed.
    fn tell_refusal(&self, topic: &Topic, error: &Error) {
        let account = match topic {
            Topic::Orders(account) | Topic::Positions(account) | Topic::Fills(account) => Some(*account),
            _ => None,
        };
        let kinds: Kinds = topic.kind();
        let words = error.gateway_text().unwrap_or(error.message());
        let message = Some(self.asker.symbols.intern(words));
        let refused = Some(error.kind());
        self.tell(EventBody::Subscription(SubscriptionEvent { kinds, account, refused, message }));
    }

    fn tell(&self, body: EventBody) {
        let received = self.asker.clock.now();
        let flags = EventFlags::NONE;
        self.streams.publish(Event { seq: 0, received, at: None, instrument: None, flags, body });
    }
}

/// Whether the gateway will say the same the next time.
fn is_refusal(error: &Error) -> bool {
    matches!(error.kind(), Kind::NotFound | Kind::Rejected | Kind::Argument)
}
