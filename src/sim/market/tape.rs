//! What a market tells: trades that print, changes of its book, and the quote.

use std::time::Duration;

use crate::price::Price;

/// Which side starts a trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum Aggressor {
    Buyer = 0,
    Seller = 1,
}

/// A trade that prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) struct Print {
    pub(in crate::sim) price: Price,
    pub(in crate::sim) aggressor: Aggressor,
    pub(in crate::sim) volume: i64,
}

/// What a depth entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum DepthKind {
    Ask = 1,
    Bid = 2,
    BestAsk = 3,
    BestBid = 4,
    /// Session volume at a price.
    Volume = 5,
    Reset = 6,
    Low = 7,
    High = 8,
    NewBestBid = 9,
    NewBestAsk = 10,
}

/// One change of the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) struct DepthEntry {
    pub(in crate::sim) kind: DepthKind,
    pub(in crate::sim) price: Price,
    pub(in crate::sim) volume: i64,
    pub(in crate::sim) current_volume: i64,
}

impl DepthEntry {
    /// Whether it tells what rests at a price.
    pub(in crate::sim) fn is_level(&self) -> bool {
        !matches!(self.kind, DepthKind::Volume | DepthKind::Reset | DepthKind::Low | DepthKind::High)
    }
}

/// The state that quotes tell about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) struct Quote {
    pub(in crate::sim) last: Price,
    pub(in crate::sim) bid: Price,
    pub(in crate::sim) ask: Price,
    pub(in crate::sim) previous_close: Price,
    pub(in crate::sim) open: Price,
    pub(in crate::sim) high: Price,
    pub(in crate::sim) low: Price,
    pub(in crate::sim) volume: i64,
}

impl Quote {
    /// Last price against the previous close.
    pub(in crate::sim) fn change(&self) -> Price {
        Price::from_units(self.last.units() - self.previous_close.units())
    }

    /// The change in percent of the previous close, cut to two digits.
    pub(in crate::sim) fn change_percent(&self) -> Price {
        let hundredths =
            i128::from(self.change().units()) * 10_000 / i128::from(self.previous_close.units().max(1));
        Price::from_units(i64::try_from(hundredths).unwrap_or(0).saturating_mul(10_000_000))
    }
}

/// What one step brought about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::sim) struct Step {
    /// Whether the quote changed.
    pub(in crate::sim) is_quoted: bool,
    /// Trades, one message of them.
    pub(in crate::sim) prints: Vec<Print>,
    /// Book changes, one message of them. `None` stands for the null entries that the gateway sends now and
    /// then.
    pub(in crate::sim) depth: Vec<Option<DepthEntry>>,
    /// For how long the exchange would halt trading now.
    pub(in crate::sim) halt: Option<Duration>,
}

impl Step {
    /// Whether the book is a new one.
    pub(in crate::sim) fn begins_anew(&self) -> bool {
        self.depth.first().copied().flatten().is_some_and(|entry| entry.kind == DepthKind::Reset)
    }
}
