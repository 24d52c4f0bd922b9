//! The market of one contract: a seeded random walk with a book on each side.
//!
//! Prices are counted in ticks here and become decimals only in what is published, so they cannot leave the
//! grid. One step makes one thing happen; how often steps come is the caller's business. The sequence of
//! steps depends on the seed and on nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::price::Price;
use crate::sim::market::bars::Bar;
use crate::sim::market::mood::{Mood, Moods};
use crate::sim::market::products::Product;
use crate::sim::market::random::Random;
use crate::sim::market::tape::{Aggressor, DepthEntry, DepthKind, Print, Quote, Step};

/// Levels of the book on each side.
pub(in crate::sim) const LEVELS: usize = 10;

/// Steps a second at speed 1: together with the weights below they give 42 quotes, 20 trade messages and 62
/// depth messages a second, as measured on a busy index future.
pub(in crate::sim) const STEPS_PER_SECOND: f64 = 62.0;
/// Steps of 62 that are trades; each also gives a quote.
const TRADES: i64 = 20;
/// Steps of 62 that move the best prices; each also gives a quote. The rest only resize a level.
const MOVES: i64 = 22;

/// Session volumes are known this many ticks around the price at which the market starts.
const PROFILE: i64 = 300;

/// How strongly the walk is drawn to where it began: a distance of this many ticks would turn it with
/// certainty. It keeps the price within some hundred ticks for ever. Where a usual day is short, the pull is
/// stronger.
const PULL: i64 = 20_000;
const STRONGEST_PULL: i64 = 400;
/// Steps of a wild market among which one halts it.
const HALT_ODDS: i64 = 6_000;

/// The market of one contract.
#[derive(Debug)]
pub(in crate::sim) struct Market {
    tick: Price,
    random: Random,
    moods: Moods,
    /// Where it began.
    home: i64,
    /// How far a usual day moves.
    daily: i64,
    previous_close: i64,
    open: i64,
    high: i64,
    low: i64,
    last: i64,
    /// Best bid; the other bids follow tick by tick below.
    bid: i64,
    /// Best ask; the other asks follow tick by tick above.
    ask: i64,
    bids: [i64; LEVELS],
    asks: [i64; LEVELS],
    moved_up: bool,
    volume: i64,
    volume_at: BTreeMap<i64, i64>,
}

impl Market {
    /// The market as it stands before its first step.
    pub(in crate::sim) fn new(product: &Product, contract_id: &str, seed: u64) -> Market {
        let mut random = Random::named(seed, contract_id);
        let reach = (product.daily_ticks() / 6).min(60);
        let bid = product.reference_ticks() + random.between(-reach, reach);
        let mut market = Market {
            tick: product.tick_size,
            moods: Moods::new(&mut random),
            home: bid,
            daily: product.daily_ticks(),
            previous_close: product.reference_ticks(),
            open: bid,
            high: bid,
            low: bid,
            last: bid,
            bid,
            ask: bid + 1,
            bids: [0; LEVELS],
            asks: [0; LEVELS],
            moved_up: false,
            volume: 0,
            volume_at: BTreeMap::new(),
            random,
        };
        market.fill_book();
        market
    }

    fn fill_book(&mut self) {
        for level in 0..LEVELS {
            self.bids[level] = self.fresh_size(level);
            self.asks[level] = self.fresh_size(level);
        }
    }

    /// Opens a trading day: away from where the last one closed, with a first trade and a new book.
    pub(in crate::sim) fn open_day(&mut self) -> Step {
        self.previous_close = self.last;
        let reach = self.daily / 3;
        let gap = self.random.between(-reach, reach) - (self.bid - self.home) / 8;
        self.bid = (self.last + gap).clamp(self.home / 2, self.home * 2);
        self.ask = self.bid + 1;
        (self.open, self.high, self.low) = (self.bid, self.bid, self.bid);
        self.volume = 0;
        self.volume_at.clear();
        self.fill_book();
        let volume = self.random.between(20, 400);
        let print = self.print(Aggressor::Seller, volume);
        let (reset, entries) = self.snapshot();
        let depth = std::iter::once(reset).chain(entries).map(Some).collect();
        Step { is_quoted: true, prints: vec![print], depth, halt: None }
    }

    /// Goes on in a trading day that has come as far as `day`; `None` at its opening.
    pub(in crate::sim) fn resume(&mut self, previous_close: i64, day: Option<Bar>) {
        self.previous_close = previous_close;
        let Some(day) = day else { return };
        (self.open, self.high, self.low, self.volume) = (day.open, day.high, day.low, day.volume);
        let window = self.low.max(self.last - PROFILE)..=self.high.min(self.last + PROFILE);
        let share = day.volume / (window.end() - window.start() + 1).max(1);
        let mut left = day.volume;
        // How much traded before must not change what happens next.
        let mut random = self.random.clone();
        for price in window {
            let traded = random.between(share / 3, share);
            self.volume_at.insert(price, traded);
            left -= traded;
        }
        // What is left traded where the price is now.
        *self.volume_at.entry(self.last).or_default() += left;
    }

    /// The last price in ticks.
    pub(in crate::sim) fn last_ticks(&self) -> i64 {
        self.last
    }

    /// A number of ticks as a price.
    pub(in crate::sim) fn price(&self, ticks: i64) -> Price {
        // The walk stays near the reference, far from the ends of the range.
        self.tick.checked_mul(ticks).unwrap_or(Price::ZERO)
    }

    /// The current quote.
    pub(in crate::sim) fn quote(&self) -> Quote {
        Quote {
            last: self.price(self.last),
            bid: self.price(self.bid),
            ask: self.price(self.ask),
            previous_close: self.price(self.previous_close),
            open: self.price(self.open),
            high: self.price(self.high),
            low: self.price(self.low),
            volume: self.volume,
        }
    }

    /// The whole depth as a new subscriber gets it: first a reset, then session volumes by price, extremes
    /// and resting levels.
    pub(in crate::sim) fn snapshot(&self) -> (DepthEntry, Vec<DepthEntry>) {
        let volumes =
            self.volume_at.iter().map(|(&price, &volume)| self.entry(DepthKind::Volume, price, volume));
        let extremes = [self.entry(DepthKind::Low, self.low, 0), self.entry(DepthKind::High, self.high, 0)];
        let asks = (0..LEVELS).map(|level| self.level(DepthKind::Ask, level));
        let bids = (0..LEVELS).map(|level| self.level(DepthKind::Bid, level));
        let entries = volumes.chain(extremes).chain(asks).chain(bids).collect();
        (self.entry(DepthKind::Reset, 0, 0), entries)
    }

    /// The distance between two levels.
    pub(in crate::sim) fn tick_size(&self) -> Price {
        self.tick
    }

    /// The levels that resting buyers (or sellers) make, best first, each with its contracts.
    pub(in crate::sim) fn levels(&self, is_bid: bool) -> impl Iterator<Item = (Price, i64)> {
        (0..LEVELS).map(move |level| {
            let kind = if is_bid { DepthKind::Bid } else { DepthKind::Ask };
            let entry = self.level(kind, level);
            (entry.price, entry.volume)
        })
    }

    /// Time to the next step at speed 1, in nanoseconds.
    pub(in crate::sim) fn pause(&mut self) -> i64 {
        let mean = (1e9 / STEPS_PER_SECOND) as i64 * 100 / self.moods.now().traits().rate;
        let pause = self.random.between(mean / 2, mean + mean / 2);
        self.moods.pass(pause, &mut self.random);
        pause
    }

    /// Lets one thing happen.
    pub(in crate::sim) fn step(&mut self) -> Step {
        let draw = self.random.between(1, STEPS_PER_SECOND as i64);
        let mut step = if draw <= TRADES {
            self.trade()
        } else if draw <= TRADES + MOVES {
            self.shift()
        } else {
            self.resize()
        };
        if self.moods.now() == Mood::Wild && self.random.chance(1, HALT_ODDS) {
            step.halt = Some(Duration::from_millis(self.random.between(2_000, 10_000).unsigned_abs()));
        }
        step
    }

    /// Moves the best prices, which every time gives a quote.
    pub(in crate::sim) fn shift(&mut self) -> Step {
        let mood = self.moods.now().traits();
        let mut depth = Vec::with_capacity(4);
        let spread = self.ask - self.bid;
        let up = self.goes_up(mood.bounces);
        self.moved_up = up;
        let is_wide = spread > 1;
        // Few changes open the spread; an open one mostly closes again.
        let changes =
            spread > mood.widest || self.random.chance(if is_wide { mood.closes } else { mood.opens }, 10);
        let closes = is_wide && (spread >= mood.widest || self.random.chance(7, 10));
        match (changes, up) {
            (true, true) if closes => self.raise_bid(&mut depth),
            (true, false) if closes => self.lower_ask(&mut depth),
            (true, true) => self.raise_ask(&mut depth),
            (true, false) => self.lower_bid(&mut depth),
            (false, true) => {
                self.raise_ask(&mut depth);
                self.raise_bid(&mut depth);
            }
            (false, false) => {
                self.lower_bid(&mut depth);
                self.lower_ask(&mut depth);
            }
        }
        self.finish(true, Vec::new(), depth)
    }

    fn goes_up(&mut self, bounces: i64) -> bool {
        if !(self.home / 2..=self.home * 2).contains(&self.bid) {
            return self.bid < self.home;
        }
        // Most moves take back the one before, as when the price bounces between bid and ask.
        if self.random.chance(bounces, 10) {
            return !self.moved_up;
        }
        let pull = (self.daily * self.daily / 2).clamp(STRONGEST_PULL, PULL);
        self.random.between(-pull, pull) > self.bid - self.home
    }

    fn raise_bid(&mut self, depth: &mut Vec<Option<DepthEntry>>) {
        let dropped = self.bid - (LEVELS as i64 - 1);
        self.bid += 1;
        self.bids.rotate_right(1);
        self.bids[0] = self.fresh_size(0);
        depth.push(Some(self.level(DepthKind::NewBestBid, 0)));
        depth.push(Some(self.entry(DepthKind::Bid, dropped, 0)));
    }

    fn lower_ask(&mut self, depth: &mut Vec<Option<DepthEntry>>) {
        let dropped = self.ask + (LEVELS as i64 - 1);
        self.ask -= 1;
        self.asks.rotate_right(1);
        self.asks[0] = self.fresh_size(0);
        depth.push(Some(self.level(DepthKind::NewBestAsk, 0)));
        depth.push(Some(self.entry(DepthKind::Ask, dropped, 0)));
    }

    fn lower_bid(&mut self, depth: &mut Vec<Option<DepthEntry>>) {
        let gone = self.bid;
        self.bid -= 1;
        self.bids.rotate_left(1);
        self.bids[LEVELS - 1] = self.fresh_size(LEVELS - 1);
        depth.push(Some(self.entry(DepthKind::Bid, gone, 0)));
        depth.push(Some(self.level(DepthKind::Bid, LEVELS - 1)));
    }

    fn raise_ask(&mut self, depth: &mut Vec<Option<DepthEntry>>) {
        let gone = self.ask;
        self.ask += 1;
        self.asks.rotate_left(1);
        self.asks[LEVELS - 1] = self.fresh_size(LEVELS - 1);
        depth.push(Some(self.entry(DepthKind::Ask, gone, 0)));
        depth.push(Some(self.level(DepthKind::Ask, LEVELS - 1)));
    }

    /// Trades at the best price and takes from it what trades; a large trade goes through several prices.
    fn trade(&mut self) -> Step {
        let mood = self.moods.now().traits();
        let aggressor = if self.random.chance(1, 2) { Aggressor::Buyer } else { Aggressor::Seller };
        // Most messages hold one trade, some two or three.
        let count = if self.random.chance(1, 6) { self.random.between(2, 3) } else { 1 };
        let mut prints = Vec::with_capacity(count as usize);
        let mut depth = Vec::with_capacity(4);
        let first = if aggressor == Aggressor::Buyer { self.ask } else { self.bid };
        for _ in 0..count {
            let is_large = self.random.chance(mood.large_trades, 24);
            let mut left = if is_large { self.random.between(3, mood.large_trade) } else { 1 };
            while left > 0 {
                // The last contract stays when the spread would get too wide without it.
                let is_last = self.ask - self.bid >= mood.widest;
                let best = match aggressor {
                    Aggressor::Buyer => &mut self.asks[0],
                    Aggressor::Seller => &mut self.bids[0],
                };
                let volume = if is_last { left } else { left.min(*best) };
                *best = (*best - volume).max(i64::from(is_last));
                left -= volume;
                let is_gone = *best == 0;
                prints.push(self.print(aggressor, volume));
                match (aggressor, is_gone) {
                    (Aggressor::Buyer, true) => self.raise_ask(&mut depth),
                    (Aggressor::Seller, true) => self.lower_bid(&mut depth),
                    (_, false) => {}
                }
            }
        }
        let kind = match aggressor {
            Aggressor::Buyer => DepthKind::BestAsk,
            Aggressor::Seller => DepthKind::BestBid,
        };
        depth.push(Some(self.level(kind, 0)));
        for price in first.min(self.last)..=first.max(self.last) {
            let session = self.volume_at.get(&price).copied().unwrap_or_default();
            let traded = self.entry(DepthKind::Volume, price, session);
            depth.push(Some(DepthEntry { current_volume: 1, ..traded }));
        }
        self.finish(true, prints, depth)
    }

    /// A trade at the best price.
    fn print(&mut self, aggressor: Aggressor, volume: i64) -> Print {
        let price = match aggressor {
            Aggressor::Buyer => self.ask,
            Aggressor::Seller => self.bid,
        };
        self.last = price;
        self.high = self.high.max(price);
        self.low = self.low.min(price);
        self.volume += volume;
        *self.volume_at.entry(price).or_default() += volume;
        Print { price: self.price(price), aggressor, volume }
    }

    fn resize(&mut self) -> Step {
        let level = self.random.between(0, LEVELS as i64 - 1) as usize;
        let is_bid = self.random.chance(1, 2);
        let size = self.fresh_size(level);
        let (side, best, other) = match is_bid {
            true => (&mut self.bids, DepthKind::BestBid, DepthKind::Bid),
            false => (&mut self.asks, DepthKind::BestAsk, DepthKind::Ask),
        };
        side[level] = size;
        let entry = self.level(if level == 0 { best } else { other }, level);
        self.finish(false, Vec::new(), vec![Some(entry)])
    }

    fn finish(&mut self, is_quoted: bool, prints: Vec<Print>, mut depth: Vec<Option<DepthEntry>>) -> Step {
        if self.random.chance(1, 50) {
            depth.push(None);
        }
        Step { is_quoted, prints, depth, halt: None }
    }

    fn fresh_size(&mut self, level: usize) -> i64 {
        self.random.between(2, self.moods.now().traits().depth + 4 * level as i64)
    }

    fn level(&self, kind: DepthKind, level: usize) -> DepthEntry {
        match kind {
            DepthKind::Bid | DepthKind::BestBid | DepthKind::NewBestBid => {
                self.entry(kind, self.bid - level as i64, self.bids[level])
            }
            _ => self.entry(kind, self.ask + level as i64, self.asks[level]),
        }
    }

    fn entry(&self, kind: DepthKind, ticks: i64, volume: i64) -> DepthEntry {
        DepthEntry { kind, price: self.price(ticks), volume, current_volume: 0 }
    }
}

/// Markets that tests put where they want them.
#[cfg(test)]
impl Market {
    /// A market with this bid, an ask one tick above, ten contracts on each level and the last trade at the
    /// bid.
    pub(in crate::sim) fn standing(code: &str, bid: &str) -> Market {
        let product = crate::sim::market::products::PRODUCTS.iter().find(|product| product.code == code);
        let mut market = Market::new(product.unwrap(), code, 1);
        market.place(bid, 10);
        market
    }

    /// Moves the best prices, with fresh levels of `size`; the last trade is at the bid.
    pub(in crate::sim) fn place(&mut self, bid: &str, size: i64) {
        self.bid = bid.parse::<Price>().unwrap().ticks(self.tick).unwrap();
        self.ask = self.bid + 1;
        self.last = self.bid;
        (self.bids, self.asks) = ([size; LEVELS], [size; LEVELS]);
    }

    /// Gives a level another size.
    pub(in crate::sim) fn resize_to(&mut self, is_bid: bool, level: usize, size: i64) {
        if is_bid { self.bids[level] = size } else { self.asks[level] = size }
    }

    /// One trade at a price, which leaves the book as it is.
    pub(in crate::sim) fn print_at(&mut self, price: &str, aggressor: Aggressor, volume: i64) -> Step {
        let price: Price = price.parse().unwrap();
        self.last = price.ticks(self.tick).unwrap();
        Step { is_quoted: true, prints: vec![Print { price, aggressor, volume }], ..Step::default() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::sim::market::products::PRODUCTS;

    fn market(code: &str, seed: u64) -> Market {
        let product = PRODUCTS.iter().find(|product| product.code == code).unwrap();
        Market::new(product, &format!("CON.F.US.{code}.Z26"), seed)
    }

    #[test]
    fn the_seed_decides_everything() {
        let run = |seed| {
            let mut market = market("MES", seed);
            (0..500).map(|_| (market.pause(), market.step())).collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }

    #[test]
    fn prices_stay_sane_for_every_product() {
        for product in &PRODUCTS {
            let mut market = market(product.code, 3);
            for _ in 0..12_000 {
                market.pause();
                let step = market.step();
                let quote = market.quote();
                assert!(quote.bid < quote.ask && quote.low <= quote.last && quote.last <= quote.high);
                assert!(quote.bid > Price::ZERO);
                for price in [quote.bid, quote.ask, quote.last, quote.open, quote.high, quote.low] {
                    assert!(price.is_on_tick(product.tick_size));
                }
                assert!(step.prints.last().is_none_or(|print| print.price == quote.last));
                assert!(step.prints.iter().all(|print| print.volume > 0));
            }
        }
    }

    #[test]
    fn increments_keep_a_book_equal_to_the_snapshot() {
        let mut market = market("MNQ", 5);
        let (mut bids, mut asks) = (BTreeMap::new(), BTreeMap::new());
        let mut apply = |entry: &DepthEntry| {
            let side = match entry.kind {
                DepthKind::Bid | DepthKind::BestBid | DepthKind::NewBestBid => &mut bids,
                DepthKind::Ask | DepthKind::BestAsk | DepthKind::NewBestAsk => &mut asks,
                _ => return,
            };
            match entry.volume {
                0 => side.remove(&entry.price),
                volume => side.insert(entry.price, volume),
            };
        };
        market.snapshot().1.iter().for_each(&mut apply);
        for _ in 0..50_000 {
            market.pause();
            market.step().depth.iter().flatten().for_each(&mut apply);
        }
        let expected = |kind| -> BTreeMap<Price, i64> {
            let entries = market.snapshot().1.into_iter().filter(|entry| entry.kind == kind);
            entries.map(|entry| (entry.price, entry.volume)).collect()
        };
        assert_eq!(bids, expected(DepthKind::Bid));
        assert_eq!(asks, expected(DepthKind::Ask));
    }

    #[test]
    fn the_rates_are_those_of_a_busy_future() {
        let mut market = market("MNQ", 9);
        let (mut quotes, mut trades, mut depth, mut nanos) = (0.0, 0.0, 0.0, 0);
        for _ in 0..200_000 {
            nanos += market.pause();
            let step = market.step();
            quotes += f64::from(u8::from(step.is_quoted));
            trades += f64::from(u8::from(!step.prints.is_empty()));
            depth += f64::from(u8::from(!step.depth.is_empty()));
        }
        let seconds = nanos as f64 / 1e9;
        for (count, rate) in [(quotes, 42.0), (trades, 20.0), (depth, 62.0)] {
            let measured: f64 = count / seconds;
            assert!((measured / rate - 1.0).abs() < 0.05, "{measured} against {rate}");
        }
    }
}
