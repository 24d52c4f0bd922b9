//! What waits in a queue: a lane of market data that has a bound, and a lane that never loses anything.
//!
//! Market data goes into the bounded lane. Items that must arrive (orders, fills, connection news) go into the
//! other one, and each of them remembers how many bounded items came before it. They are taken in the order of
//! those places, so the order of one producer is kept even where items were lost.

use std::collections::{HashMap, VecDeque};

/// What becomes of the oldest when the bounded lane is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overflow {
    /// It gives way, and the consumer learns how many did, at their place.
    DropOldest,
    /// It stays: the producer asks for room before it goes on.
    Grow,
}

/// How many items gave way, and the sequence number of the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost {
    /// How many items were dropped.
    pub dropped: u64,
    /// The sequence number that the first of them would have had.
    pub first_seq: u64,
}

/// What went through a queue so far, and what waits in it. `received` is always the sum of `delivered`,
/// `dropped`, `conflated` and `waiting`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Items that came.
    pub received: u64,
    /// Items that were taken.
    pub delivered: u64,
    /// Items that gave way.
    pub dropped: u64,
    /// Items that a newer one took in.
    pub conflated: u64,
    /// Items that wait.
    pub waiting: usize,
    /// The most that ever waited.
    pub high_water: usize,
}

/// An item with its sequence number, or what is missing there.
pub type Taken<T> = (u64, std::result::Result<T, Lost>);

#[derive(Debug)]
pub(super) struct Lanes<T> {
    bounded: VecDeque<T>,
    /// With how many bounded items came before.
    kept: VecDeque<(u64, T)>,
    capacity: usize,
    overflow: Overflow,
    /// How many bounded items came; the index of the next one.
    pushed: u64,
    /// The index of the newest bounded item of a key.
    newest: HashMap<u32, u64>,
    /// Bounded items before this index are closed: something kept came after them.
    closed_before: u64,
    /// The index of the bounded item to be taken next, if none is lost.
    next_index: u64,
    next_seq: u64,
    counts: Counts,
}

impl<T> Lanes<T> {
    /// Empty lanes; they take memory as items come.
    pub(super) fn new(capacity: usize, overflow: Overflow) -> Lanes<T> {
        Lanes {
            bounded: VecDeque::new(),
            kept: VecDeque::new(),
            capacity: capacity.max(1),
            overflow,
            pushed: 0,
            newest: HashMap::new(),
            closed_before: 0,
            next_index: 0,
            next_seq: 1,
            counts: Counts::default(),
        }
    }

    pub(super) fn push(&mut self, item: T) {
        if self.overflow == Overflow::DropOldest && self.bounded.len() == self.capacity {
            self.bounded.pop_front();
            self.counts.dropped += 1;
        }
        self.bounded.push_back(item);
        self.pushed += 1;
        self.note_received();
    }

    /// Lets the newest waiting item of `key` take `item` in by `merge`, at its place. Without one, or when
    /// something kept came after it, the item is pushed.
    pub(super) fn push_merged(&mut self, key: u32, item: T, merge: impl FnOnce(&mut T, T)) {
        let first = self.first_index().max(self.closed_before);
        let index = self.newest.entry(key).or_insert(u64::MAX);
        if (first..self.pushed).contains(index) {
            let place = (*index - (self.pushed - self.bounded.len() as u64)) as usize;
            if let Some(waiting) = self.bounded.get_mut(place) {
                merge(waiting, item);
                self.counts.received += 1;
                self.counts.conflated += 1;
                return;
            }
        }
        *index = self.pushed;
        self.push(item);
    }

    pub(super) fn push_kept(&mut self, item: T) {
        self.kept.push_back((self.pushed, item));
        self.closed_before = self.pushed;
        self.note_received();
    }

    fn note_received(&mut self) {
        self.counts.received += 1;
        self.counts.high_water = self.counts.high_water.max(self.len());
    }

    /// Takes the next item, or what is missing before it. The sequence number rises by one per item; a gap
    /// takes as many numbers as items were lost.
    pub(super) fn take(&mut self) -> Option<Taken<T>> {
        let seq = self.next_seq;
        if self.is_kept_next() {
            let (_, item) = self.kept.pop_front()?;
            self.next_seq += 1;
            self.counts.delivered += 1;
            return Some((seq, Ok(item)));
        }
        let dropped = self.first_index() - self.next_index;
        if dropped > 0 && !self.bounded.is_empty() {
            self.next_index += dropped;
            self.next_seq += dropped;
            return Some((seq, Err(Lost { dropped, first_seq: seq })));
        }
        let item = self.bounded.pop_front()?;
        self.next_index += 1;
        self.next_seq += 1;
        self.counts.delivered += 1;
        Some((seq, Ok(item)))
    }

    /// The item that is taken next.
    pub(super) fn next(&self) -> Option<&T> {
        if self.is_kept_next() { self.kept.front().map(|(_, item)| item) } else { self.bounded.front() }
    }

    fn is_kept_next(&self) -> bool {
        let place = self.kept.front().map(|(place, _)| *place);
        place.is_some_and(|place| self.bounded.is_empty() || place <= self.first_index())
    }

    /// The index of the first bounded item that waits.
    fn first_index(&self) -> u64 {
        self.pushed - self.bounded.len() as u64
    }

    pub(super) fn len(&self) -> usize {
        self.bounded.len() + self.kept.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bounded.is_empty() && self.kept.is_empty()
    }

    /// Whether the bounded lane can take an item without anything giving way.
    pub(super) fn has_room(&self) -> bool {
        self.bounded.len() < self.capacity
    }

    /// Whether half of the bounded lane is free: enough for a producer that waited to begin again.
    pub(super) fn has_much_room(&self) -> bool {
        self.bounded.len() <= self.capacity / 2
    }

    pub(super) fn counts(&self) -> Counts {
        Counts { waiting: self.len(), ..self.counts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(lanes: &mut Lanes<u32>) -> Vec<Taken<u32>> {
        std::iter::from_fn(|| lanes.take()).collect()
    }

    fn add(waiting: &mut u32, item: u32) {
        *waiting += item;
    }

    #[test]
    fn overflow_shows_at_its_place() {
        let mut lanes = Lanes::new(2, Overflow::DropOldest);
        (0..5).for_each(|item| lanes.push(item));
        let gap = Lost { dropped: 3, first_seq: 1 };
        assert_eq!(lanes.take(), Some((1, Err(gap))), "one at a time");
        assert_eq!(all(&mut lanes), [(4, Ok(3)), (5, Ok(4))]);
        lanes.push(5);
        assert_eq!(all(&mut lanes), [(6, Ok(5))]);
        assert_eq!(lanes.counts().dropped, 3);
    }

    #[test]
    fn kept_items_stay_in_order_across_a_gap() {
        let mut lanes = Lanes::new(2, Overflow::DropOldest);
        lanes.push(0);
        lanes.push_kept(100);
        (1..4).for_each(|item| lanes.push(item));
        lanes.push_kept(101);
        lanes.push(4);
        // 0, 1 and 2 gave way. The news after 0 stands before the surviving items, the later news between.
        let gap = Lost { dropped: 3, first_seq: 2 };
        assert_eq!(all(&mut lanes), [(1, Ok(100)), (2, Err(gap)), (5, Ok(3)), (6, Ok(101)), (7, Ok(4))]);
    }

    #[test]
    fn a_lane_that_grows_loses_nothing_and_tells_when_it_is_full() {
        let mut lanes = Lanes::new(4, Overflow::Grow);
        (0..6).for_each(|item| lanes.push(item));
        assert!(!lanes.has_room());
        (0..3_u32).for_each(|item| assert_eq!(lanes.take(), Some((u64::from(item) + 1, Ok(item)))));
        assert!(lanes.has_room() && !lanes.has_much_room());
        lanes.take();
        assert!(lanes.has_much_room());
        assert_eq!(lanes.counts().dropped, 0);
    }

    #[test]
    fn items_of_a_key_merge_at_the_place_of_the_first() {
        let mut lanes = Lanes::new(8, Overflow::DropOldest);
        lanes.push_merged(7, 1, add);
        lanes.push(50);
        lanes.push_merged(8, 2, add);
        lanes.push_merged(7, 10, add);
        lanes.push_merged(7, 100, add);
        assert_eq!(all(&mut lanes), [(1, Ok(111)), (2, Ok(50)), (3, Ok(2))]);
        lanes.push_merged(7, 4, add);
        assert_eq!(all(&mut lanes), [(4, Ok(4))], "what was taken takes nothing in");
        assert_eq!(lanes.counts().conflated, 2);
    }

    #[test]
    fn nothing_merges_across_kept_items_nor_into_what_gave_way() {
        let mut lanes = Lanes::new(2, Overflow::DropOldest);
        lanes.push_merged(7, 1, add);
        lanes.push_kept(100);
        lanes.push_merged(7, 2, add);
        assert_eq!(all(&mut lanes), [(1, Ok(1)), (2, Ok(100)), (3, Ok(2))]);

        lanes.push_merged(7, 1, add);
        lanes.push(50);
        lanes.push(51);
        lanes.push_merged(7, 2, add);
        let gap = Lost { dropped: 2, first_seq: 4 };
        assert_eq!(all(&mut lanes), [(4, Err(gap)), (6, Ok(51)), (7, Ok(2))]);
    }

    #[test]
    fn the_counts_add_up() {
        let mut lanes = Lanes::new(3, Overflow::DropOldest);
        let mut random = 12_345_u64;
        for step in 0..10_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            match random >> 61 {
                0 | 1 => lanes.push(step),
                2 | 3 => lanes.push_merged((random >> 40) as u32 % 3, step, add),
                4 => lanes.push_kept(step),
                _ => drop(lanes.take()),
            }
            let counts = lanes.counts();
            let sum = counts.delivered + counts.dropped + counts.conflated + counts.waiting as u64;
            assert_eq!(counts.received, sum, "{counts:?}");
            assert!(counts.high_water >= counts.waiting);
        }
        let counts = lanes.counts();
        assert!(counts.dropped > 0 && counts.conflated > 0 && counts.delivered > 0, "{counts:?}");
    }
}
