//! Texts as small numbers, so that an event carries no pointer.

use std::collections::HashMap;
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

#[cfg(test)]
mod tests {
    use super::*;

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
