//! A table by symbol that grows without moving anything, so that reading it takes no lock.

use std::sync::OnceLock;

use crate::model::Symbol;

/// The size of the first block; each further one is twice as large.
const FIRST: usize = 64;
/// Blocks enough for every symbol.
const BLOCKS: usize = 27;

type Block<T> = Box<[OnceLock<Box<T>>]>;

/// One value for each symbol that was asked for by [`Slots::get_or_default`]. Symbols are small numbers, so
/// the blocks stay small too.
#[derive(Debug)]
pub(super) struct Slots<T> {
    blocks: [OnceLock<Block<T>>; BLOCKS],
}

impl<T> Default for Slots<T> {
    fn default() -> Slots<T> {
        Slots { blocks: [const { OnceLock::new() }; BLOCKS] }
    }
}

impl<T: Default> Slots<T> {
    /// The value of a symbol, if it has one.
    pub(super) fn get(&self, symbol: Symbol) -> Option<&T> {
        let (block, place) = locate(symbol);
        self.blocks[block].get()?[place].get().map(|value| &**value)
    }

    /// Every value.
    pub(super) fn all(&self) -> impl Iterator<Item = &T> {
        let cells = self.blocks.iter().filter_map(|block| block.get()).flatten();
        cells.filter_map(|cell| cell.get().map(|value| &**value))
    }

    /// The value of a symbol, made now if it has none.
    pub(super) fn get_or_default(&self, symbol: Symbol) -> &T {
        let (block, place) = locate(symbol);
        let cells = || (0..FIRST << block).map(|_| OnceLock::new()).collect();
        self.blocks[block].get_or_init(cells)[place].get_or_init(Box::default)
    }
}

/// The block of a symbol and its place there.
fn locate(symbol: Symbol) -> (usize, usize) {
    let index = symbol.get() as usize - 1;
    let block = (index / FIRST + 1).ilog2() as usize;
    (block, index - FIRST * ((1 << block) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_has_a_place_of_its_own() {
        let mut expected = (0..5).flat_map(|block| (0..FIRST << block).map(move |place| (block, place)));
        for number in 1..=FIRST as u32 * 31 {
            assert_eq!(Some(locate(Symbol::from_number(number).unwrap())), expected.next());
        }
        let (block, place) = locate(Symbol::from_number(u32::MAX).unwrap());
        assert!(block < BLOCKS && place < FIRST << block);
    }

    #[test]
    fn holds_what_was_made() {
        let slots = Slots::<std::sync::Mutex<i32>>::default();
        let symbol = Symbol::from_number(200).unwrap();
        assert!(slots.get(symbol).is_none());
        *slots.get_or_default(symbol).lock().unwrap() = 5;
        assert_eq!(*slots.get(symbol).unwrap().lock().unwrap(), 5);
        assert!(slots.get(Symbol::from_number(201).unwrap()).is_none());
        assert_eq!(slots.all().map(|value| *value.lock().unwrap()).collect::<Vec<_>>(), [5]);
    }
}
