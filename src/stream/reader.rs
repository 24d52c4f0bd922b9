//! A stream as its user holds it.

use std::fmt;
use std::sync::Arc;

use super::registry::{Feeds, Registry, Route};
use crate::clock::{Clock, Deadline};
use crate::error::{Error, Kind, Result};
use crate::market::{MarketState, Part};
use crate::model::{
    AccountId, ContractId, Event, EventBody, EventFlags, Gap, Kinds, Symbol, SymbolTable, Topic,
};
use crate::provider::Confirmation;
use crate::sync::Pop;

/// How a stream shall behave.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StreamOptions {
    /// How many market events wait at most; when they are more, the oldest give way and a
    /// [`Gap`] tells. Orders, positions, fills and accounts never give way. Defaults to
    /// 8192, about a minute of one busy contract.
    pub capacity: usize,
}

impl Default for StreamOptions {
    fn default() -> StreamOptions {
        StreamOptions { capacity: 8192 }
    }
}

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
        const MOST: usize = 1 << 22;
        if !(1..=MOST).contains(&options.capacity) {
            let message = format!("a stream's capacity is {} but must be 1 to {MOST}", options.capacity);
            return Err(Error::new(Kind::Argument, message));
        }
        let route = Arc::new(Route::new(options.capacity));
        context.registry.add(route.clone());
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
    /// [`Kind::State`] when another thread is polling this stream.
    pub fn poll(&self, events: &mut [Event], deadline: impl Into<Deadline>) -> Result<Polled> {
        let mut written = 0;
        let polled = self.poll_each(events.len(), deadline, |event| {
            events[written] = event;
            written += 1;
        })?;
        Ok(polled)
    }

    /// [`Stream::poll`] without an array: hands up to `limit` events to `take`.
    ///
    /// # Errors
    /// As [`Stream::poll`].
    pub fn poll_each(
        &self,
        limit: usize,
        deadline: impl Into<Deadline>,
        mut take: impl FnMut(Event),
    ) -> Result<Polled> {
        let clock = &self.context.clock;
        let pop = self.route.queue.poll(limit, deadline.into(), |seq, item| match item {
            Ok(event) => take(Event { seq, ..event }),
            Err(lost) => take(Event {
                seq,
                received: clock.now(),
                at: None,
                instrument: None,
                flags: EventFlags::NONE,
                body: EventBody::Gap(Gap { dropped: lost.dropped, first_seq: lost.first_seq }),
            }),
        });
        match pop {
            Pop::Items(count) => Ok(Polled::Events(count)),
            Pop::TimedOut => Ok(Polled::TimedOut),
            Pop::Woken => Ok(Polled::Woken),
            Pop::Closed => Ok(Polled::Closed),
            Pop::Busy => Err(Error::new(
                Kind::State,
                "another thread is polling this stream: one at a time, or a stream for each",
            )),
        }
    }

    /// Makes the thread in [`Stream::poll`] come back at once with [`Polled::Woken`], or the next call when
    /// there is none.
    pub fn wake(&self) {
        self.route.queue.wake();
    }

    /// Ends the subscriptions and the stream. What is queued can still be polled. Does not wait.
    pub fn close(&self) {
        self.context.registry.remove(&self.route);
        self.route.queue.close();
        self.route.end(|topic| self.take_back(topic));
    }

    /// How many events wait. A moment's view.
    pub fn depth(&self) -> usize {
        self.route.queue.len()
    }

    /// How many market events gave way so far because nobody polled in time.
    pub fn dropped(&self) -> u64 {
        self.route.queue.lost()
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
