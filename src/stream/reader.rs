//! A stream as its user holds it.

use std::fmt;
#[cfg(unix)]
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::callback::Inside;
use super::options::{StreamOptions, StreamStatistics};
use super::registry::{Feeds, Registry, Route};
use super::turn::Turn;
use crate::clock::{Clock, Deadline};
use crate::error::{Error, Kind, Result};
use crate::market::{MarketState, Part};
use crate::model::{AccountId, ContractId, Event, Kinds, Symbol, SymbolTable, Topic};
use crate::provider::Confirmation;
use crate::sync::{Hold, Pop};

/// Why [`Stream::poll`] came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polled {
    /// This many events were written, one at least.
    Events(usize),
    /// The deadline passed and nothing came.
    TimedOut,
    /// [`Stream::wake`] was called. Nothing was taken from the queue.
    Woken,
    /// The stream or its client is closed, and the queue is empty.
    Closed,
}

/// What a stream needs of its client.
#[derive(Clone)]
pub(crate) struct StreamContext {
    pub(crate) registry: Arc<Registry>,
    pub(crate) feeds: Arc<dyn Feeds>,
    pub(crate) symbols: Arc<SymbolTable>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// A queue of events that background threads fill. Any thread may subscribe, wake and close; one at a time
/// polls.
///
/// Dropping a stream ends its subscriptions.
pub struct Stream {
    context: StreamContext,
    route: Arc<Route>,
}

impl Stream {
    pub(crate) fn new(context: StreamContext, options: &StreamOptions) -> Result<Stream> {
        options.check()?;
        let route = context.registry.open(options);
        Ok(Stream { context, route })
    }

    /// Subscribes quotes, trades or depth of a contract, and waits until the gateway confirmed each.
    ///
    /// The connection is opened at the first use and comes back by itself; subscriptions are put back.
    ///
    /// # Errors
    /// [`Kind::Rejected`] when the gateway refuses, [`Kind::Deadline`], [`Kind::Argument`] when `kinds` has
    /// none of these, [`Kind::State`] before the login, [`Kind::Closed`]. After an error nothing of the call
    /// is subscribed.
    pub fn subscribe(
        &self,
        contract: &ContractId,
        kinds: Kinds,
        deadline: impl Into<Deadline>,
    ) -> Result<()> {
        check_text(contract)?;
        check_kinds(kinds, Kinds::MARKET, "quotes, trades or depth")?;
        self.subscribe_all(&Topic::of_contract(contract, kinds), deadline.into())
    }

    /// Subscribes orders, positions, fills or the state of an account, and waits until the gateway confirmed
    /// each. [`Kinds::ACCOUNTS`] brings every account of the user.
    ///
    /// # Errors
    /// As [`Stream::subscribe`].
    pub fn subscribe_account(
        &self,
        account: AccountId,
        kinds: Kinds,
        deadline: impl Into<Deadline>,
    ) -> Result<()> {
        check_kinds(kinds, Kinds::USER, "orders, positions, fills or accounts")?;
        self.subscribe_all(&Topic::of_account(account, kinds), deadline.into())
    }

    /// Ends subscriptions of [`Stream::subscribe`]. What is queued stays. Does not wait.
    pub fn unsubscribe(&self, contract: &ContractId, kinds: Kinds) {
        self.unsubscribe_all(&Topic::of_contract(contract, kinds));
    }

    /// Ends subscriptions of [`Stream::subscribe_account`]. What is queued stays. Does not wait.
    pub fn unsubscribe_account(&self, account: AccountId, kinds: Kinds) {
        self.unsubscribe_all(&Topic::of_account(account, kinds));
    }

    fn subscribe_all(&self, topics: &[Topic], deadline: Deadline) -> Result<()> {
        // Without any time the answer comes as an event. Asked once: time may run out on the way.
        let waits = !deadline.is_past();
        for (index, topic) in topics.iter().enumerate() {
            let asked = self.route.admit(topic, &self.context.symbols, || {
                self.follow(topic, MarketState::want);
                self.ask(topic, waits).inspect_err(|_| self.follow(topic, MarketState::unwant))
            });
            let (admitted, done) = match asked {
                Ok(Some(confirmation)) => (index + 1, confirmation(deadline)),
                Ok(None) => (index + 1, Ok(())),
                Err(error) => (index, Err(error)),
            };
            if done.is_err() {
                // Another thread may have taken it back meanwhile; twice would end that of another stream.
                self.unsubscribe_all(&topics[..admitted]);
                return done;
            }
        }
        Ok(())
    }

    fn unsubscribe_all(&self, topics: &[Topic]) {
        for topic in topics {
            self.route.dismiss(topic, &self.context.symbols, || self.take_back(topic));
        }
    }

    fn ask(&self, topic: &Topic, waits: bool) -> Result<Option<Confirmation>> {
        let feed = self.context.feeds.feed(topic.hub())?;
        match waits {
            true => feed.subscribe(topic).map(Some),
            false => feed.subscribe_later(topic).map(|()| None),
        }
    }

    fn take_back(&self, topic: &Topic) {
        self.follow(topic, MarketState::unwant);
        // A connection that cannot be had holds no subscription.
        if let Ok(feed) = self.context.feeds.feed(topic.hub()) {
            feed.unsubscribe(topic);
        }
    }

    /// Lets the market's state know who subscribes.
    fn follow(&self, topic: &Topic, tell: fn(&MarketState, Symbol, Part)) {
        let (contract, part) = match topic {
            Topic::Quotes(contract) => (contract, Part::Quote),
            Topic::Depth(contract) => (contract, Part::Book),
            _ => return,
        };
        tell(&self.context.registry.market, self.context.symbols.intern(contract.as_str()), part);
    }

    /// Writes the events that wait into `events`, and tells how many. Waits until `deadline` for the first,
    /// never for more.
    ///
    /// # Errors
    /// [`Kind::State`] when another thread takes events of this stream, or a callback does.
    pub fn poll(&self, events: &mut [Event], deadline: impl Into<Deadline>) -> Result<Polled> {
        let mut written = 0;
        let pop = self.turn(Hold::ForACall)?.poll(events.len(), deadline.into(), |event| {
            events[written] = event;
            written += 1;
        });
        Ok(pop.into())
    }

    /// Calls `take` with up to `limit` events, one by one, on this thread: those that wait, or those that wait
    /// when the first one comes, for which it waits until `deadline`. `take` may do everything, closing the
    /// stream and the client included. [`Stream::wake`] ends it after the present event. When `take` panics, the
    /// later events stay.
    ///
    /// # Errors
    /// As [`Stream::poll`].
    pub fn poll_each(
        &self,
        limit: usize,
        deadline: impl Into<Deadline>,
        mut take: impl FnMut(Event),
    ) -> Result<Polled> {
        let turn = self.turn(Hold::ForACall)?;
        let mut next = None;
        let pop = turn.poll(limit.min(1), deadline.into(), |event| next = Some(event));
        let Some(first) = next else { return Ok(pop.into()) };
        let _inside = Inside::enter();
        // What comes meanwhile is left for the next call, so that this one ends.
        let limit = limit.min(turn.depth().saturating_add(1));
        take(first);
        let mut count = 1;
        while count < limit
            && let Some(event) = turn.next()
        {
            take(event);
            count += 1;
        }
        Ok(Polled::Events(count))
    }

    /// Lets a thread of the library, `tf-callback`, call `call` with every event, one by one, until the callback
    /// is cleared, the stream or the client is closed. Nobody polls meanwhile.
    ///
    /// `call` may do everything, closing the stream and the client included. While it runs, the events of this
    /// stream wait, and nobody else does. When it panics, the panic is counted and the next event follows.
    /// What is queued when the stream is closed is not handed to it, and can be polled.
    ///
    /// # Errors
    /// [`Kind::State`] when a callback is set, when somebody polls, or when the system has no thread left;
    /// [`Kind::Closed`] when the stream is closed.
    pub fn set_callback(&self, call: impl FnMut(Event) + Send + 'static) -> Result<()> {
        if self.route.queue.is_closed() {
            return Err(Error::new(Kind::Closed, "the stream is closed"));
        }
        self.route.callback.start(self.turn(Hold::UntilRecalled)?, call)
    }

    /// Ends the callback, after the call that is under way; the events can be polled again. Waits for that call,
    /// unless this is inside a callback. Does nothing when there is none.
    pub fn clear_callback(&self) {
        self.route.callback.end(&self.route.queue);
    }

    /// The right to take events.
    pub(crate) fn turn(&self, hold: Hold) -> Result<Turn> {
        Turn::take(&self.route.queue, &self.context.clock, hold).ok_or_else(|| {
            let message = if self.route.callback.is_over() {
                "another thread takes events of this stream: one at a time, or a stream for each"
            } else {
                "the events of this stream go to its callback: clear it first, or make a stream for each"
            };
            Error::new(Kind::State, message)
        })
    }

    /// A descriptor that is readable while events wait, after [`Stream::wake`] until a poll told it, and once
    /// the stream is closed: for `poll`, `select`, `epoll` and `kqueue`, level-triggered. Wait for it to be
    /// readable and poll; never read from it nor close it. Made at the first call; the same one ever after.
    ///
    /// # Errors
    /// [`Kind::State`] when the process is out of descriptors.
    #[cfg(unix)]
    pub fn descriptor(&self) -> Result<BorrowedFd<'_>> {
        Ok(self.route.queue.descriptor()?.as_fd())
    }

    /// Makes the thread in [`Stream::poll`] come back at once with [`Polled::Woken`], or the next call when
    /// there is none. A callback is not woken.
    pub fn wake(&self) {
        self.route.queue.wake();
    }

    /// Ends the subscriptions and the stream. What is queued can still be polled. Waits for nothing but a
    /// callback that is under way, and not even for that inside a callback.
    pub fn close(&self) {
        self.route.queue.close();
        self.route.end(|topic| self.take_back(topic));
        self.route.callback.end(&self.route.queue);
        self.context.registry.remove(&self.route);
    }

    /// How many events wait. A moment's view.
    pub fn depth(&self) -> usize {
        self.route.queue.counts().waiting
    }

    /// How many market events gave way so far because nobody polled in time.
    pub fn dropped(&self) -> u64 {
        self.route.queue.counts().dropped
    }

    /// What went through so far, and what waits.
    pub fn statistics(&self) -> StreamStatistics {
        let (counts, received) = self.route.queue.look(|event| event.received);
        StreamStatistics {
            received: counts.received,
            delivered: counts.delivered,
            dropped: counts.dropped,
            conflated: counts.conflated,
            malformed: self.route.malformed.load(Ordering::Relaxed),
            panics: self.route.callback.panics(),
            depth: counts.waiting,
            high_water: counts.high_water,
            oldest: received.map(|received| self.context.clock.now().since(received)),
        }
    }
}

impl From<Pop> for Polled {
    fn from(pop: Pop) -> Polled {
        match pop {
            Pop::Items(count) => Polled::Events(count),
            Pop::TimedOut => Polled::TimedOut,
            Pop::Woken => Polled::Woken,
            // Recalled: the stream goes.
            Pop::Closed | Pop::Recalled => Polled::Closed,
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").field("depth", &self.depth()).field("dropped", &self.dropped()).finish()
    }
}

fn check_kinds(kinds: Kinds, allowed: Kinds, names: &str) -> Result<()> {
    if kinds.is_empty() || !allowed.contains(kinds) {
        return Err(Error::new(Kind::Argument, format!("the kinds to subscribe must be {names}")));
    }
    Ok(())
}

/// The longest contract id that is subscribed.
const LONGEST_CONTRACT: usize = 256;

fn check_text(contract: &ContractId) -> Result<()> {
    if contract.as_str().trim().is_empty() {
        return Err(Error::new(Kind::Argument, "the contract id is empty; find it by search"));
    }
    // A record that is too long makes the gateway end the connection of every stream, again and again.
    if contract.as_str().len() > LONGEST_CONTRACT {
        let message = format!("the contract id is longer than {LONGEST_CONTRACT} bytes; find it by search");
        return Err(Error::new(Kind::Argument, message));
    }
    Ok(())
}
