//! The market's state, read without the queue.

use super::Client;
use crate::model::{Book, BookState, LastQuote, Level, Side, Symbol};

impl Client {
    /// The last quote of a contract ([`Client::symbol_of`] its id) that a stream of this client subscribes;
    /// `None` before the first. It is at least as new as the newest quote that was polled. Takes no lock and
    /// never waits.
    pub fn last_quote(&self, contract: Symbol) -> Option<LastQuote> {
        self.shared.registry.market.quote(contract)
    }

    /// The order book of a contract whose depth a stream of this client subscribes, with the best `levels` of
    /// each side; `None` before the first record. It is at least as new as the newest whole message that was
    /// polled, and never shows half of one.
    ///
    /// Bids are records 2, 4 and 9 of the gateway, asks 1, 3 and 10; 6 empties both sides, size 0 removes a
    /// level, and what is said to be the best (3, 4, 9, 10) removes what was better.
    pub fn book(&self, contract: Symbol, levels: usize) -> Option<Book> {
        let (mut bids, mut asks) = (Vec::new(), Vec::new());
        let state = self.walk_book(contract, |side, level| {
            let levels_of_side = if side == Side::Buy { &mut bids } else { &mut asks };
            let has_room = levels_of_side.len() < levels;
            if has_room {
                levels_of_side.push(level);
            }
            has_room
        })?;
        Some(Book { state, bids, asks })
    }

    /// [`Client::book`] without allocation: writes the best levels into the two slices, as many as fit or are
    /// there ([`BookState::bids`], [`BookState::asks`]).
    pub fn copy_book(&self, contract: Symbol, bids: &mut [Level], asks: &mut [Level]) -> Option<BookState> {
        let (mut bids, mut asks) = (bids.iter_mut(), asks.iter_mut());
        self.walk_book(contract, |side, level| {
            let slot = if side == Side::Buy { bids.next() } else { asks.next() };
            slot.map(|slot| *slot = level).is_some()
        })
    }

    /// How the book stands; its levels go to `take`, bids first, the best first, until it gives false for a side.
    pub(crate) fn walk_book(
        &self,
        contract: Symbol,
        take: impl FnMut(Side, Level) -> bool,
    ) -> Option<BookState> {
        self.shared.registry.market.book(contract, take)
    }
}
