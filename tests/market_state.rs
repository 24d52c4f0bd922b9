//! The last quote and the order book, read without the queue.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tradeforge::model::{Depth, DepthKind, EventFlags, Level, LinkState, Symbol, Volume};
use tradeforge::sim::{Fault, FaultKind, Garbage, Sim, SimClock, SimConfig};
use tradeforge::{Client, Config, ContractId, EventBody, Kinds, Price, Stream, StreamOptions, Timestamp};

const PATIENCE: Duration = Duration::from_secs(30);

struct Market {
    sim: Sim,
    client: Client,
    stream: Stream,
    contract: ContractId,
    symbol: Symbol,
}

impl Market {
    /// A market that moves when it is stepped, with one contract subscribed.
    fn start() -> Market {
        let clock = SimClock::Stepped(Timestamp::parse("2026-11-20T15:00:00Z").unwrap());
        let sim = Sim::start(SimConfig { clock, ..SimConfig::default() }).unwrap();
        let mut config = Config::new();
        for (key, value) in sim.settings() {
            config.set(key, &value).unwrap();
        }
        let client = Client::new(&config).unwrap();
        client.login(PATIENCE).unwrap();
        let stream = client.stream(&StreamOptions::default()).unwrap();
        let contract = ContractId::from(&*sim.default_contract());
        let symbol = client.symbol_of(contract.as_str());
        Market { sim, client, stream, contract, symbol }
    }

    fn subscribe(&self, kinds: Kinds) {
        self.stream.subscribe(&self.contract, kinds, PATIENCE).unwrap();
    }

    fn step(&self) {
        self.sim.step(Duration::from_millis(500)).unwrap();
    }

    /// Steps until it holds.
    fn until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds() {
            assert!(Instant::now() < end, "{what} did not come about");
            self.step();
        }
    }

    fn wait_for_link(&self, state: LinkState) {
        let mut found = false;
        while !found {
            let take = |event: tradeforge::Event| {
                found |= matches!(event.body, EventBody::Link(link) if link.state == state);
            };
            assert!(!matches!(
                self.stream.poll_each(1, PATIENCE, take).unwrap(),
                tradeforge::Polled::TimedOut
            ));
        }
    }
}

/// A book that is kept from events in the plainest way.
#[derive(Default)]
struct PlainBook {
    bids: BTreeMap<Price, Volume>,
    asks: BTreeMap<Price, Volume>,
}

impl PlainBook {
    fn apply(&mut self, depth: &Depth) {
        let side = match depth.kind {
            DepthKind::Bid | DepthKind::BestBid | DepthKind::NewBestBid => &mut self.bids,
            DepthKind::Ask | DepthKind::BestAsk | DepthKind::NewBestAsk => &mut self.asks,
            DepthKind::Reset => return *self = PlainBook::default(),
            _ => return,
        };
        match depth.volume.get() {
            0 => side.remove(&depth.price),
            _ => side.insert(depth.price, depth.volume),
        };
    }

    fn levels(&self) -> (Vec<Level>, Vec<Level>) {
        let level = |(price, volume): (&Price, &Volume)| Level { price: *price, volume: *volume };
        (self.bids.iter().rev().map(level).collect(), self.asks.iter().map(level).collect())
    }
}

#[test]
fn a_book_is_what_its_records_make_it_and_never_crossed() {
    let market = Market::start();
    assert_eq!(market.client.book(market.symbol, 9), None);
    market.subscribe(Kinds::QUOTES | Kinds::DEPTH);
    let (mut plain, mut changes, mut seen) = (PlainBook::default(), 0, 0);
    // What is told before the connection is whole is not called current.
    let mut is_whole = false;
    market.until("two thousand changes", || {
        market
            .stream
            .poll_each(1_000, Duration::from_millis(20), |event| match event.body {
                EventBody::Depth(depth) => {
                    plain.apply(&depth);
                    changes += usize::from(!event.flags.contains(EventFlags::MORE));
                }
                EventBody::Link(link) => is_whole |= link.state == LinkState::Connected,
                _ => {}
            })
            .unwrap();
        if let Some(book) = market.client.book(market.symbol, usize::MAX).filter(|_| is_whole) {
            seen += 1;
            assert!(
                !book.state.is_crossed && book.state.is_current && book.state.is_whole,
                "{:?}",
                book.state
            );
            assert_eq!((book.bids.len(), book.asks.len()), (book.state.bids, book.state.asks));
            assert!(book.bids.is_sorted_by(|better, worse| better.price > worse.price));
            assert!(book.asks.is_sorted_by(|better, worse| better.price < worse.price));
        }
        changes > 2_000
    });
    assert!(seen > 10);
    // Nothing more comes: what was polled and what is kept meet.
    let end = Instant::now() + PATIENCE;
    loop {
        let take = |event: tradeforge::Event| {
            if let EventBody::Depth(depth) = event.body {
                plain.apply(&depth);
            }
        };
        market.stream.poll_each(1_000, Duration::from_millis(50), take).unwrap();
        let book = market.client.book(market.symbol, usize::MAX).unwrap();
        let quote = market.client.last_quote(market.symbol).unwrap().quote;
        let best = (book.bids.first().map(|level| level.price), book.asks.first().map(|level| level.price));
        if plain.levels() == (book.bids, book.asks) && best == (quote.bid, quote.ask) {
            break;
        }
        assert!(Instant::now() < end, "book {best:?}, quote {quote:?}");
    }
    // A last record may come between the two.
    loop {
        let few = market.client.book(market.symbol, 2).unwrap();
        assert_eq!((few.bids.len(), few.asks.len()), (2, 2));
        let mut bids = few.bids.clone();
        let state = market.client.copy_book(market.symbol, &mut bids[..1], &mut []).unwrap();
        if state == few.state && bids == few.bids {
            break;
        }
        assert!(Instant::now() < end, "{few:?}, {state:?}");
    }
}

#[test]
fn a_quote_is_current_only_while_it_is_told() {
    let market = Market::start();
    let last = || market.client.last_quote(market.symbol);
    let is_current = || last().is_some_and(|last| last.is_current);
    assert_eq!(last(), None);
    market.subscribe(Kinds::QUOTES);
    market.until("a quote", is_current);
    assert!(last().unwrap().quote.bid < last().unwrap().quote.ask);

    market.stream.unsubscribe(&market.contract, Kinds::QUOTES);
    assert!(!is_current(), "nobody subscribes any more, but it can still be read");
    market.subscribe(Kinds::QUOTES);
    market.until("a quote after the second subscription", is_current);

    market.sim.drop_hub_connections();
    market.wait_for_link(LinkState::Reconnecting);
    assert!(!is_current());
    assert!(last().unwrap().quote.bid.is_some(), "what was known can be read");
    market.wait_for_link(LinkState::Connected);
    market.until("a quote of the new connection", is_current);
}

#[test]
fn a_book_begins_anew_with_every_connection() {
    let market = Market::start();
    market.subscribe(Kinds::DEPTH);
    let book = || market.client.book(market.symbol, 1);
    let is_good = || book().is_some_and(|book| book.state.is_current && book.state.is_whole);
    market.until("a book", is_good);
    market.sim.drop_hub_connections();
    market.wait_for_link(LinkState::Reconnecting);
    assert!(!book().unwrap().state.is_current);
    market.wait_for_link(LinkState::Connected);
    market.until("a book of the new connection", is_good);
    market.stream.close();
    assert!(!book().unwrap().state.is_current);
}

#[test]
fn a_book_that_missed_a_record_is_not_whole_until_it_begins_anew() {
    const SKIPPED: usize = 250;
    let market = Market::start();
    market.subscribe(Kinds::QUOTES | Kinds::DEPTH);
    let state = || market.client.book(market.symbol, 1).map(|book| book.state);
    let is_good = || state().is_some_and(|state| state.is_current && state.is_whole);
    market.until("a book", is_good);
    let garbage =
        Fault::new(FaultKind::Garbage).on("GatewayDepth").form(Garbage::Shape).times(SKIPPED as u32);
    market.sim.inject(garbage).unwrap();
    // All are counted, also where only some are told.
    market.until("records that cannot be read", || market.stream.statistics().malformed == SKIPPED as u64);
    market.step();
    assert!(!state().unwrap().is_whole && state().unwrap().is_current, "{:?}", state());
    market.subscribe(Kinds::DEPTH);
    market.until("a snapshot", is_good);
}
