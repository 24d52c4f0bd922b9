//! A cell that holds the last quote of a contract: one thread writes, any number read without a lock.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering, fence};

use crate::clock::Timestamp;
use crate::model::{Quote, QuoteFields, Volume};
use crate::price::Price;

/// How many numbers a quote is kept as.
const WORDS: usize = 14;
/// Stands for what is absent; no price, volume or time has it.
const ABSENT: i64 = i64::MAX;

/// A quote with what is known about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) quote: Quote,
    pub(super) received: Timestamp,
    pub(super) at: Option<Timestamp>,
    /// What told it: a connection and a subscription.
    pub(super) told_by: u64,
}

/// The cell. Its version is odd while a quote is written; a reader that sees two different versions around
/// its reading reads again. All of it is atomic, so a torn reading is thrown away and nothing else.
#[derive(Debug, Default)]
pub(super) struct QuoteCell {
    version: AtomicU64,
    words: [AtomicI64; WORDS],
}

impl QuoteCell {
    /// Writes a quote. Two writers at once take turns.
    pub(super) fn write(&self, told: &Told) {
        let mut version = self.version.load(Ordering::Relaxed);
        loop {
            let even = version & !1;
            match self.version.compare_exchange_weak(even, even + 1, Ordering::Acquire, Ordering::Relaxed) {
                Ok(even) => {
                    version = even;
                    break;
                }
                Err(other) => version = other,
            }
            std::hint::spin_loop();
        }
        // No word may be seen before the odd version.
        fence(Ordering::Release);
        for (slot, word) in self.words.iter().zip(words(told)) {
            slot.store(word, Ordering::Relaxed);
        }
        self.version.store(version + 2, Ordering::Release);
    }

    /// The quote; `None` before the first.
    pub(super) fn read(&self) -> Option<Told> {
        loop {
            let before = self.version.load(Ordering::Acquire);
            if before == 0 {
                return None;
            }
            if before.is_multiple_of(2) {
                let mut words = [0; WORDS];
                for (word, slot) in words.iter_mut().zip(&self.words) {
                    *word = slot.load(Ordering::Relaxed);
                }
                // No word may be read after the second look at the version.
                fence(Ordering::Acquire);
                if self.version.load(Ordering::Relaxed) == before {
                    return Some(told(&words));
                }
            }
            std::hint::spin_loop();
        }
    }
}

fn words(told: &Told) -> [i64; WORDS] {
    let price = |price: Option<Price>| price.map_or(ABSENT, Price::units);
    let time = |time: Option<Timestamp>| time.map_or(ABSENT, Timestamp::nanos);
    let quote = &told.quote;
    [
        price(quote.bid),
        price(quote.ask),
        price(quote.last),
        price(quote.open),
        price(quote.high),
        price(quote.low),
        price(quote.change),
        price(quote.change_percent),
        quote.volume.map_or(ABSENT, Volume::get),
        time(quote.last_updated),
        i64::from(quote.changed.0),
        told.received.nanos(),
        time(told.at),
        told.told_by as i64,
    ]
}

fn told(words: &[i64; WORDS]) -> Told {
    let present = |word: i64| (word != ABSENT).then_some(word);
    let price = |word: i64| present(word).map(Price::from_units);
    let time = |word: i64| present(word).map(Timestamp::from_nanos);
    let [bid, ask, last, open, high, low, change, percent, volume, updated, changed, received, at, told_by] =
        *words;
    Told {
        quote: Quote {
            bid: price(bid),
            ask: price(ask),
            last: price(last),
            open: price(open),
            high: price(high),
            low: price(low),
            change: price(change),
            change_percent: price(percent),
            volume: present(volume).map(Volume::new),
            last_updated: time(updated),
            changed: QuoteFields(changed as u32),
            // What the market tells is never conflated.
            conflated: 0,
        },
        received: Timestamp::from_nanos(received),
        at: time(at),
        told_by: told_by as u64,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn told_at(number: i64) -> Told {
        let price = Some(Price::from_units(number));
        Told {
            quote: Quote {
                bid: price,
                ask: price,
                last: price,
                open: None,
                high: price,
                low: None,
                change: price,
                change_percent: None,
                volume: Some(Volume::new(number)),
                last_updated: Some(Timestamp::from_nanos(number)),
                changed: QuoteFields(number as u32 & 511),
                conflated: 0,
            },
            received: Timestamp::from_nanos(number),
            at: (number % 2 == 0).then_some(Timestamp::from_nanos(number)),
            told_by: number as u64,
        }
    }

    #[test]
    fn gives_back_what_was_written() {
        let cell = QuoteCell::default();
        assert_eq!(cell.read(), None);
        for number in [0, 1, -7, 1 << 60] {
            cell.write(&told_at(number));
            assert_eq!(cell.read(), Some(told_at(number)));
        }
    }

    #[test]
    fn no_reader_sees_halves_of_two_quotes() {
        const QUOTES: i64 = 200_000;
        let cell = Arc::new(QuoteCell::default());
        let readers = [0, 1].map(|_| {
            let cell = cell.clone();
            crate::sync::spawn("tf-test", move || {
                let mut last = -1;
                while last < QUOTES {
                    if let Some(seen) = cell.read() {
                        let number = seen.received.nanos();
                        assert_eq!(seen, told_at(number), "torn");
                        assert!(number >= last, "an older quote came back");
                        last = number;
                    }
                }
            })
            .unwrap()
        });
        (0..=QUOTES).for_each(|number| cell.write(&told_at(number)));
        readers.into_iter().for_each(|reader| reader.join());
    }
}
