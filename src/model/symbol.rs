//! Texts as small numbers, so that an event carries no pointer.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::num::NonZeroU32;
use std::sync::Arc;

use parking_lot::RwLock;

/// The number of a text (a contract id, a client tag, a name) in the [`SymbolTable`] of its client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Symbol(NonZeroU32);

impl Symbol {
    /// The number, one at least.
    pub const fn get(self) -> u32 {
        self.0.get()
    }

    /// The symbol with this number, if the number can be one.
    pub fn from_number(number: u32) -> Option<Symbol> {
        NonZeroU32::new(number).map(Symbol)
    }
}

/// Numbers texts in the order of their first appearance. Never forgets one.
#[derive(Debug, Default)]
pub struct SymbolTable(RwLock<Texts>);

#[derive(Debug, Default)]
struct Texts {
    by_text: HashMap<Arc<str>, Symbol>,
    by_number: Vec<Arc<str>>,
}

impl SymbolTable {
    /// An empty table.
    pub fn new() -> SymbolTable {
        SymbolTable::default()
    }

    /// The symbol of `text`, a new one the first time.
    pub fn intern(&self, text: &str) -> Symbol {
        if let Some(symbol) = self.find(text) {
            return symbol;
        }
        let mut texts = self.0.write();
        if let Some(symbol) = texts.by_text.get(text) {
            return *symbol;
        }
        let shared: Arc<str> = text.into();
        texts.by_number.push(shared.clone());
        // Four thousand million texts do not fit in memory; past them the last number is shared.
        let number = u32::try_from(texts.by_number.len()).unwrap_or(u32::MAX);
        let symbol = Symbol(NonZeroU32::new(number).unwrap_or(NonZeroU32::MAX));
        texts.by_text.insert(shared, symbol);
        symbol
    }

    /// The symbol of `text` if it has appeared.
    pub fn find(&self, text: &str) -> Option<Symbol> {
        self.0.read().by_text.get(text).copied()
    }

    /// The text of a symbol; `None` when it comes from another table.
    pub fn text(&self, symbol: Symbol) -> Option<Arc<str>> {
        self.0.read().by_number.get(symbol.get() as usize - 1).cloned()
    }
}

/// A map that is asked for every event, by symbols or by the ids of contracts. Its hash is quick and not made to
/// withstand keys that were chosen to collide: they come from the gateway that one trades with.
pub(crate) type SymbolMap<K, V> = HashMap<K, V, BuildHasherDefault<QuickHasher>>;

/// Folds eight bytes at a time into one number.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct QuickHasher(u64);

impl Hasher for QuickHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        for byte in rest {
            self.write_u64(u64::from(*byte));
        }
    }

    #[inline]
    fn write_u32(&mut self, number: u32) {
        self.write_u64(u64::from(number));
    }

    #[inline]
    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    #[inline]
    fn write_u64(&mut self, word: u64) {
        // Both halves of the product, so that every bit of the word moves every bit of the hash. The factor is 2^64
        // by the golden ratio, an odd number without a pattern.
        let product = u128::from(self.0 ^ word) * 0x9e37_79b9_7f4a_7c15;
        self.0 = product as u64 ^ (product >> 64) as u64;
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quick_hash_tells_contracts_apart() {
        let mut hashes = std::collections::HashSet::new();
        let mut count = 0;
        for product in ["MES", "MNQ", "EP", "ENQ", "M2K", "CLE", "GCE"] {
            for (month, year) in
                "FGHJKMNQUVXZ".chars().flat_map(|month| (20..40).map(move |year| (month, year)))
            {
                let mut hasher = QuickHasher::default();
                hasher.write(format!("CON.F.US.{product}.{month}{year}").as_bytes());
                // What a table of 2^16 places looks at, and what it tells two in one place apart by.
                hashes.insert((hasher.finish() & 0xffff, 0));
                hashes.insert((hasher.finish() >> 48, 1));
                count += 2;
            }
        }
        assert!(hashes.len() > count * 95 / 100, "{} of {count}", hashes.len());
    }

    #[test]
    fn a_text_keeps_its_number() {
        let table = SymbolTable::new();
        let first = table.intern("CON.F.US.MES.Z26");
        assert_eq!(first.get(), 1);
        assert_eq!(table.intern("tag"), Symbol::from_number(2).unwrap());
        assert_eq!(table.intern("CON.F.US.MES.Z26"), first);
        assert_eq!(table.text(first).as_deref(), Some("CON.F.US.MES.Z26"));
        assert_eq!(table.text(Symbol::from_number(9).unwrap()), None);
        assert_eq!(Symbol::from_number(0), None);
    }
}
