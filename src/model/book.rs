//! The market as it stands: the last quote of a contract, and its order book.

use super::market::{Quote, Volume};
use crate::clock::Timestamp;
use crate::price::Price;

/// The last quote of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastQuote {
    /// The merged whole.
    pub quote: Quote,
    /// When this machine received its last part.
    pub received: Timestamp,
    /// When the gateway says that part was made; `None` when it does not say.
    pub at: Option<Timestamp>,
    /// Whether it is the market's state now: quotes are subscribed, and the connection that told it stands.
    pub is_current: bool,
}

/// One price of an order book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// The price.
    pub price: Price,
    /// The contracts that wait there, one at least.
    pub volume: Volume,
}

/// How an order book stands. Its levels are told apart from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BookState {
    /// How many prices have bids.
    pub bids: usize,
    /// How many prices have asks.
    pub asks: usize,
    /// When this machine received the last change.
    pub received: Timestamp,
    /// When the gateway says it was made; `None` when it does not say.
    pub at: Option<Timestamp>,
    /// Whether it is the market's state now: depth is subscribed, and the connection that told it stands.
    pub is_current: bool,
    /// Whether the gateway began it anew on this connection and no record was skipped since, so that no level can be
    /// missing.
    pub is_whole: bool,
    /// Whether the best bid is at or above the best ask, which only the gateway can bring about.
    pub is_crossed: bool,
}

/// An order book with its levels, the best first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    /// How it stands.
    pub state: BookState,
    /// The highest bids, falling.
    pub bids: Vec<Level>,
    /// The lowest asks, rising.
    pub asks: Vec<Level>,
}
