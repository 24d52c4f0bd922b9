//! The order book of one contract, built from depth records.

use crate::clock::Timestamp;
use crate::model::{BookState, Depth, DepthKind, Level, Side, Volume};
use crate::price::Price;

/// The levels of both sides and what is known about them.
#[derive(Debug, Default)]
pub(super) struct Book {
    /// Rising, so that the best is the last: most changes are near it and move little.
    bids: Vec<Level>,
    /// Falling.
    asks: Vec<Level>,
    /// Records of a message of which more are to come. A book between them was never the market's.
    held: Vec<Depth>,
    /// When the last change was received and made; `None` before the first.
    times: Option<(Timestamp, Option<Timestamp>)>,
    /// What told it: a connection and a subscription.
    told_by: u64,
    /// A reset came since, and no record was skipped after it.
    is_whole: bool,
}

impl Book {
    /// Takes a record. The book changes with the last of a message.
    pub(super) fn take(
        &mut self,
        depth: Depth,
        more_follow: bool,
        received: Timestamp,
        at: Option<Timestamp>,
        told_by: u64,
    ) {
        if self.told_by != told_by {
            // Another connection or subscription: what was before it says nothing any more.
            self.held.clear();
            self.clear();
            self.is_whole = false;
            self.told_by = told_by;
        }
        self.held.push(depth);
        if more_follow {
            return;
        }
        let mut held = std::mem::take(&mut self.held);
        held.drain(..).for_each(|depth| self.apply(depth));
        self.held = held;
        self.times = Some((received, at));
    }

    /// A record was skipped: until the next reset a level may be missing, or be there and be gone.
    pub(super) fn skip(&mut self) {
        self.is_whole = false;
    }

    /// Tells how the book stands, and hands over the levels of each side from the best on, until `take` gives
    /// false. `None` before the first record. `told_by` is what would tell it now.
    pub(super) fn read(
        &self,
        told_by: Option<u64>,
        take: &mut dyn FnMut(Side, Level) -> bool,
    ) -> Option<BookState> {
        let (received, at) = self.times?;
        for (side, levels) in [(Side::Buy, &self.bids), (Side::Sell, &self.asks)] {
            // The first that is refused ends its side.
            levels.iter().rev().all(|level| take(side, *level));
        }
        Some(BookState {
            bids: self.bids.len(),
            asks: self.asks.len(),
            received,
            at,
            is_current: told_by == Some(self.told_by),
            is_whole: self.is_whole,
            is_crossed: match (self.bids.last(), self.asks.last()) {
                (Some(bid), Some(ask)) => bid.price >= ask.price,
                _ => false,
            },
        })
    }

    fn apply(&mut self, depth: Depth) {
        match depth.kind {
            DepthKind::Bid => set(&mut self.bids, depth, Price::cmp),
            DepthKind::Ask => set(&mut self.asks, depth, falling),
            DepthKind::BestBid | DepthKind::NewBestBid => set_best(&mut self.bids, depth, Price::cmp),
            DepthKind::BestAsk | DepthKind::NewBestAsk => set_best(&mut self.asks, depth, falling),
            DepthKind::Reset => {
                self.clear();
                self.is_whole = true;
            }
            // Session volume, extremes and fills, and what is not known, are no levels.
            _ => {}
        }
    }

    fn clear(&mut self) {
        self.bids.clear();
        self.asks.clear();
    }
}

type Order = fn(&Price, &Price) -> std::cmp::Ordering;

fn falling(left: &Price, right: &Price) -> std::cmp::Ordering {
    right.cmp(left)
}

/// Puts a level where it belongs; one without contracts goes.
fn set(levels: &mut Vec<Level>, depth: Depth, order: Order) {
    let place = levels.binary_search_by(|level| order(&level.price, &depth.price));
    let level = Level { price: depth.price, volume: depth.volume };
    match (place, depth.volume > Volume::new(0)) {
        (Ok(at), true) => levels[at] = level,
        (Ok(at), false) => drop(levels.remove(at)),
        (Err(at), true) => levels.insert(at, level),
        (Err(_), false) => {}
    }
}

/// As [`set`], and nothing better remains: the gateway says that this is the best.
fn set_best(levels: &mut Vec<Level>, depth: Depth, order: Order) {
    if depth.volume > Volume::new(0) {
        while levels.last().is_some_and(|level| order(&level.price, &depth.price).is_gt()) {
            levels.pop();
        }
    }
    set(levels, depth, order);
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_nanos(1);

    fn depth(kind: DepthKind, price: i64, volume: i64) -> Depth {
        Depth { kind, price: Price::from_units(price), volume: Volume::new(volume), current_volume: None }
    }

    fn take(book: &mut Book, records: &[(DepthKind, i64, i64)]) {
        for (index, (kind, price, volume)) in records.iter().enumerate() {
            book.take(depth(*kind, *price, *volume), index + 1 < records.len(), NOW, None, 1);
        }
    }

    type Rows = Vec<(i64, i64)>;

    fn read(book: &Book) -> (Rows, Rows, BookState) {
        let (mut bids, mut asks) = (Vec::new(), Vec::new());
        let mut take = |side, level: Level| {
            let rows = if side == Side::Buy { &mut bids } else { &mut asks };
            rows.push((level.price.units(), level.volume.get()));
            true
        };
        let state = book.read(Some(1), &mut take).unwrap();
        (bids, asks, state)
    }

    #[test]
    fn levels_come_and_go_in_their_order() {
        let mut book = Book::default();
        assert!(book.read(None, &mut |_, _| true).is_none());
        take(&mut book, &[(DepthKind::Bid, 9, 1)]);
        assert!(!read(&book).2.is_whole, "levels of before may be missing");
        take(&mut book, &[(DepthKind::Reset, 0, 0), (DepthKind::Trade, 10, 500), (DepthKind::Ask, 12, 3)]);
        take(&mut book, &[(DepthKind::Ask, 11, 2), (DepthKind::Bid, 10, 4), (DepthKind::Bid, 8, 6)]);
        take(&mut book, &[(DepthKind::Bid, 9, 5), (DepthKind::Ask, 12, 7), (DepthKind::Bid, 7, 0)]);
        let (bids, asks, state) = read(&book);
        assert_eq!(bids, [(10, 4), (9, 5), (8, 6)]);
        assert_eq!(asks, [(11, 2), (12, 7)]);
        assert!(state.is_whole && state.is_current && !state.is_crossed);
        assert_eq!((state.bids, state.asks), (3, 2));
        take(&mut book, &[(DepthKind::Bid, 10, 0), (DepthKind::High, 99, 1), (DepthKind::Fill, 9, 1)]);
        assert_eq!(read(&book).0, [(9, 5), (8, 6)]);
    }

    #[test]
    fn nothing_is_better_than_the_best() {
        let mut book = Book::default();
        take(&mut book, &[(DepthKind::Reset, 0, 0), (DepthKind::Bid, 10, 1), (DepthKind::Bid, 9, 1)]);
        take(
            &mut book,
            &[(DepthKind::NewBestBid, 8, 2), (DepthKind::Ask, 11, 1), (DepthKind::BestAsk, 12, 1)],
        );
        let (bids, asks, _) = read(&book);
        assert_eq!((bids, asks), (vec![(8, 2)], vec![(12, 1)]));
        take(&mut book, &[(DepthKind::BestBid, 12, 1)]);
        assert!(read(&book).2.is_crossed, "by the gateway");
    }

    #[test]
    fn half_a_message_is_not_seen() {
        let mut book = Book::default();
        take(&mut book, &[(DepthKind::Reset, 0, 0), (DepthKind::Bid, 10, 1), (DepthKind::Ask, 11, 1)]);
        book.take(depth(DepthKind::Bid, 11, 1), true, NOW, None, 1);
        assert_eq!(read(&book).0, [(10, 1)]);
        book.take(depth(DepthKind::Ask, 11, 0), false, NOW, None, 1);
        assert_eq!(read(&book).0, [(11, 1), (10, 1)]);
        assert!(!read(&book).2.is_crossed);
    }

    #[test]
    fn another_connection_begins_anew() {
        let mut book = Book::default();
        take(&mut book, &[(DepthKind::Reset, 0, 0), (DepthKind::Bid, 10, 1)]);
        book.take(depth(DepthKind::Bid, 11, 1), true, NOW, None, 1);
        book.take(depth(DepthKind::Ask, 20, 1), false, NOW, None, 2);
        let (bids, asks, state) = read(&book);
        assert_eq!((bids, asks), (vec![], vec![(20, 1)]));
        assert!(!state.is_current && !state.is_whole);
    }

    #[test]
    fn a_reader_takes_as_many_levels_as_it_has_room_for() {
        let mut book = Book::default();
        take(&mut book, &[(DepthKind::Bid, 10, 1), (DepthKind::Bid, 9, 1), (DepthKind::Bid, 8, 1)]);
        let mut seen = Vec::new();
        let mut room = |_, level: Level| {
            seen.push(level.price.units());
            seen.len() < 2
        };
        assert_eq!(book.read(None, &mut room).map(|state| state.bids), Some(3));
        assert_eq!(seen, [10, 9]);
    }
}
