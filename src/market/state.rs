//! What the market of every subscribed contract was last seen to be.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use parking_lot::Mutex;

use super::book::Book;
use super::quote::{QuoteCell, Told};
use super::slots::Slots;
use crate::model::{
    BookState, Event, EventBody, EventFlags, Hub, Kinds, LastQuote, Level, LinkState, Side, Symbol,
};

/// The state of all contracts of a client.
#[derive(Debug, Default)]
pub(crate) struct MarketState {
    contracts: Slots<Contract>,
    /// Twice the number of connections lost so far, and one more while the present one is whole. Nothing that
    /// another connection told is current.
    connection: AtomicU64,
}

/// The state of one contract.
#[derive(Debug, Default)]
struct Contract {
    quotes: Subscribed,
    quote: QuoteCell,
    depth: Subscribed,
    book: Mutex<Book>,
}

/// How many streams subscribe, and how often the telling began: with the first of them, and anew after a refusal.
#[derive(Debug, Default)]
struct Subscribed {
    streams: AtomicU32,
    times: AtomicU32,
}

/// What a stream can subscribe of what is kept here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The last quote.
    Quote,
    /// The order book.
    Book,
}

impl MarketState {
    /// A stream subscribes. Comes before the first event.
    pub(crate) fn want(&self, contract: Symbol, part: Part) {
        let subscribed = self.contracts.get_or_default(contract).subscribed(part);
        if subscribed.streams.fetch_add(1, Ordering::AcqRel) == 0 {
            subscribed.times.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// A stream that subscribed does so no more.
    pub(crate) fn unwant(&self, contract: Symbol, part: Part) {
        if let Some(contract) = self.contracts.get(contract) {
            contract.subscribed(part).streams.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// Takes what an event tells. Called by the hub's thread.
    pub(crate) fn take(&self, event: &Event) {
        let contract = || self.contracts.get(event.instrument?);
        match event.body {
            EventBody::Quote(quote) => {
                if let Some(contract) = contract() {
                    let told_by = self.told_by(&contract.quotes);
                    let told = Told { quote, received: event.received, at: event.at, told_by };
                    contract.quote.write(&told);
                }
            }
            EventBody::Depth(depth) => {
                if let Some(contract) = contract() {
                    let told_by = self.told_by(&contract.depth);
                    let more = event.flags.contains(EventFlags::MORE);
                    contract.book.lock().take(depth, more, event.received, event.at, told_by);
                }
            }
            EventBody::Subscription(told) if told.refused.is_some() => {
                if let Some(contract) = contract() {
                    contract.refuse(told.kinds);
                }
            }
            EventBody::Link(link) if link.hub == Hub::Market => self.follow(link.state),
            _ => {}
        }
    }

    /// A depth record of a contract was skipped, or of one that is not known.
    pub(crate) fn skip_depth(&self, contract: Option<Symbol>) {
        match contract {
            Some(contract) => self.contracts.get(contract).into_iter().for_each(Contract::skip_depth),
            None => self.contracts.all().for_each(Contract::skip_depth),
        }
    }

    fn follow(&self, state: LinkState) {
        let connection = self.connection.load(Ordering::Relaxed);
        let next = match state {
            LinkState::Connected => connection | 1,
            LinkState::Reconnecting | LinkState::Failed | LinkState::Closed => (connection | 1) + 1,
            _ => return,
        };
        self.connection.store(next, Ordering::Release);
    }

    /// The connection and the subscription that tell something now.
    fn told_by(&self, subscribed: &Subscribed) -> u64 {
        let connection = self.connection.load(Ordering::Acquire) >> 1;
        connection << 32 | u64::from(subscribed.times.load(Ordering::Acquire))
    }

    /// [`MarketState::told_by`] while the connection is whole and somebody subscribes.
    fn current(&self, subscribed: &Subscribed) -> Option<u64> {
        let is_whole = self.connection.load(Ordering::Acquire) & 1 == 1;
        (is_whole && subscribed.streams.load(Ordering::Acquire) > 0).then(|| self.told_by(subscribed))
    }

    /// The last quote of a contract; `None` before the first. Takes no lock.
    pub(crate) fn quote(&self, contract: Symbol) -> Option<LastQuote> {
        let contract = self.contracts.get(contract)?;
        let told = contract.quote.read()?;
        let is_current = self.current(&contract.quotes) == Some(told.told_by);
        Some(LastQuote { quote: told.quote, received: told.received, at: told.at, is_current })
    }

    /// How the order book of a contract stands; `None` before the first record. The levels of each side, bids
    /// first, are handed over from the best on, until `take` gives false.
    pub(crate) fn book(
        &self,
        contract: Symbol,
        mut take: impl FnMut(Side, Level) -> bool,
    ) -> Option<BookState> {
        let contract = self.contracts.get(contract)?;
        let book = contract.book.lock();
        book.read(self.current(&contract.depth), &mut take)
    }
}

impl Contract {
    /// What was told until now is not kept up any more.
    fn refuse(&self, kinds: Kinds) {
        for (kind, subscribed) in [(Kinds::QUOTES, &self.quotes), (Kinds::DEPTH, &self.depth)] {
            if kinds.contains(kind) {
                subscribed.times.fetch_add(1, Ordering::AcqRel);
            }
        }
    }

    fn skip_depth(&self) {
        self.book.lock().skip();
    }

    fn subscribed(&self, part: Part) -> &Subscribed {
        match part {
            Part::Quote => &self.quotes,
            Part::Book => &self.depth,
        }
    }
}
