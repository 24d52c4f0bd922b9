//! What orders take from the book of a market.
//!
//! The orders of simulated accounts do not show in the published book, and what they take does not either. It
//! is remembered here, so that no two orders of one moment live on the same contracts.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::price::Price;
use crate::sim::market::walk::Market;

/// After this time others have come in for what was taken, even in a market that stands still.
const REFILL: Duration = Duration::from_secs(1);

/// Contracts that an order gets at one price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) struct Take {
    pub(in crate::sim) price: Price,
    pub(in crate::sim) size: i32,
}

/// Who takes, and how much at which price at worst.
#[derive(Debug, Clone, Copy)]
pub(in crate::sim) struct Demand {
    pub(in crate::sim) is_buy: bool,
    pub(in crate::sim) limit: Option<Price>,
    pub(in crate::sim) size: i32,
}

/// What was taken from the levels of one market since they last changed.
#[derive(Debug, Default)]
pub(in crate::sim) struct Book {
    /// By the price of a level. Bids and asks never share one.
    taken: BTreeMap<Price, Taken>,
}

#[derive(Debug)]
struct Taken {
    /// The size of the level when it was taken from.
    level: i64,
    taken: i64,
    at: Timestamp,
}

impl Book {
    /// Takes from the opposite levels, best first, and one tick beyond the last level whatever these do not
    /// hold.
    pub(in crate::sim) fn take(&mut self, market: &Market, demand: Demand, now: Timestamp) -> Vec<Take> {
        let is_within = |price: Price| match demand.limit {
            Some(limit) if demand.is_buy => price <= limit,
            Some(limit) => price >= limit,
            None => true,
        };
        let levels: BTreeMap<Price, i64> = market.levels(true).chain(market.levels(false)).collect();
        self.taken.retain(|price, taken| {
            levels.get(price) == Some(&taken.level) && now < taken.at.saturating_add(REFILL)
        });
        let mut takes = Vec::new();
        let mut left = demand.size;
        let mut last = None;
        for (price, level) in market.levels(!demand.is_buy).take_while(|(price, _)| is_within(*price)) {
            last = Some(price);
            let gone = self.taken.get(&price).map_or(0, |taken| taken.taken);
            let size = i32::try_from(level - gone).unwrap_or(i32::MAX).min(left);
            if size > 0 {
                left -= size;
                let taken = Taken { level, taken: gone + i64::from(size), at: now };
                self.taken.insert(price, taken);
                takes.push(Take { price, size });
            }
            if left == 0 {
                return takes;
            }
        }
        let beyond = last.filter(|_| left > 0).and_then(|last| {
            let tick = market.tick_size();
            if demand.is_buy { last.checked_add(tick) } else { last.checked_sub(tick) }
        });
        let is_last_level = last == market.levels(!demand.is_buy).last().map(|(price, _)| price);
        if let Some(price) = beyond.filter(|price| is_last_level && is_within(*price)) {
            takes.push(Take { price, size: left });
        }
        takes
    }
}

/// How many contracts rest at a price among the bids or the asks: none at a price better than the best,
/// `None` where the book does not reach.
pub(in crate::sim) fn resting(market: &Market, is_bid: bool, price: Price) -> Option<i64> {
    let mut levels = market.levels(is_bid).peekable();
    let best = levels.peek()?.0;
    if if is_bid { price > best } else { price < best } {
        return Some(0);
    }
    levels.find(|(level, _)| *level == price).map(|(_, size)| size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::market::walk::LEVELS;

    const START: Timestamp = Timestamp::from_nanos(1_000_000_000_000);

    fn price(text: &str) -> Price {
        text.parse().unwrap()
    }

    fn taken(
        book: &mut Book,
        market: &Market,
        limit: Option<&str>,
        size: i32,
        now: Timestamp,
    ) -> Vec<String> {
        let demand = Demand { is_buy: true, limit: limit.map(price), size };
        book.take(market, demand, now).iter().map(|take| format!("{} @ {}", take.size, take.price)).collect()
    }

    #[test]
    fn levels_are_walked_and_not_taken_twice() {
        let mut market = Market::standing("MES", "100");
        let mut book = Book::default();
        assert_eq!(taken(&mut book, &market, None, 12, START), ["10 @ 100.25", "2 @ 100.5"]);
        assert_eq!(taken(&mut book, &market, Some("100.25"), 5, START), [""; 0]);
        assert_eq!(taken(&mut book, &market, Some("100.5"), 9, START), ["8 @ 100.5"]);
        // A level that changed is new.
        market.resize_to(false, 0, 4);
        assert_eq!(taken(&mut book, &market, Some("100.25"), 5, START), ["4 @ 100.25"]);
        let later = START.saturating_add(REFILL);
        assert_eq!(taken(&mut book, &market, Some("100.25"), 5, later), ["4 @ 100.25"]);
    }

    #[test]
    fn what_the_book_does_not_hold_is_got_one_tick_beyond() {
        let market = Market::standing("MES", "100");
        let all = taken(&mut Book::default(), &market, None, 105, START);
        assert_eq!((all.len(), all[LEVELS].as_str()), (LEVELS + 1, "5 @ 102.75"));
        let limited = taken(&mut Book::default(), &market, Some("102.5"), 105, START);
        assert_eq!(limited.len(), LEVELS);
        let wide = taken(&mut Book::default(), &market, Some("200"), 105, START);
        assert_eq!(wide[LEVELS], "5 @ 102.75");
    }

    #[test]
    fn resting_contracts_are_known_where_the_book_reaches() {
        let market = Market::standing("MES", "100");
        for (is_bid, at, expected) in [
            (true, "100", Some(10)),
            (true, "100.25", Some(0)),
            (true, "97.75", Some(10)),
            (true, "97.5", None),
            (false, "100.25", Some(10)),
            (false, "100", Some(0)),
            (false, "102.75", None),
        ] {
            assert_eq!(resting(&market, is_bid, price(at)), expected, "{is_bid} {at}");
        }
    }
}
