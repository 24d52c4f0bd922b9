//! What two connections of a hub bring at the same time, each thing once.
//!
//! While a successor is being put in the place of a connection, both bring the same events, and neither is ahead of
//! the other for sure. What the predecessor brings is handed on at once and noted; what the successor brings is
//! held until the predecessor has ended and the successor has brought as much. Then that part of it is handed on which the predecessor did not bring.
//! Records have no numbers, so they are told apart by their bytes.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use crate::clock::Timestamp;

/// The most that is held. A successor that is not ready by then is given up.
const MOST_BYTES: usize = 32 * 1024 * 1024;

/// How the records of a successor join those of its predecessor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seam<'a> {
    /// Each counts: what the predecessor did not bring is handed on.
    Each,
    /// The last of its group counts: what stands before a record that the predecessor brought too is outdated.
    Latest(&'a str),
    /// It begins anew by itself, so all of it is handed on.
    Anew,
}

/// A record that the successor brought.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) received: Timestamp,
    pub(super) record: Vec<u8>,
}

/// What both connections brought since the successor began to subscribe.
#[derive(Debug, Default)]
pub(super) struct Overlap {
    hasher: RandomState,
    /// What the predecessor brought and the successor did not yet, with how often.
    ahead: HashMap<u64, u32>,
    held: Vec<Held>,
    bytes: usize,
}

impl Overlap {
    /// Notes what the predecessor brought.
    pub(super) fn note(&mut self, record: &[u8]) {
        *self.ahead.entry(self.hasher.hash_one(record)).or_default() += 1;
    }

    /// Holds what the successor brought; false when it is too much.
    pub(super) fn hold(&mut self, received: Timestamp, record: &[u8]) -> bool {
        self.bytes += record.len() + size_of::<Held>();
        self.held.push(Held { received, record: record.to_vec() });
        self.bytes <= MOST_BYTES
    }

    /// Whether the predecessor brought this record too. Each time counts once.
    fn was_noted(&mut self, record: &[u8]) -> bool {
        let key = self.hasher.hash_one(record);
        let Some(count) = self.ahead.get_mut(&key) else { return false };
        *count -= 1;
        if *count == 0 {
            self.ahead.remove(&key);
        }
        true
    }

    /// What was held and is to be handed on, in its order.
    pub(super) fn release(&mut self, seam: impl for<'a> Fn(&'a [u8]) -> Seam<'a>) -> Vec<Held> {
        let mut held: Vec<Option<Held>> = std::mem::take(&mut self.held).into_iter().map(Some).collect();
        self.bytes = 0;
        let mut groups: HashMap<String, Vec<usize>> = HashMap::new();
        for index in 0..held.len() {
            let Some(record) = held[index].as_ref().map(|held| held.record.as_slice()) else { continue };
            let joins = seam(record);
            let was_noted = joins != Seam::Anew && self.was_noted(record);
            let outdated = match joins {
                Seam::Latest(group) => {
                    let earlier = groups.entry(group.to_owned()).or_default();
                    earlier.push(index);
                    if was_noted { std::mem::take(earlier) } else { Vec::new() }
                }
                Seam::Each if was_noted => vec![index],
                Seam::Each | Seam::Anew => Vec::new(),
            };
            for index in outdated {
                held[index] = None;
            }
        }
        held.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `e…` each, `l…` latest by its second letter, `a…` anew.
    fn seam(record: &[u8]) -> Seam<'_> {
        match record[0] {
            b'e' => Seam::Each,
            b'l' => Seam::Latest(std::str::from_utf8(&record[1..2]).unwrap()),
            _ => Seam::Anew,
        }
    }

    fn released(noted: &[&str], held: &[&str]) -> Vec<String> {
        let mut overlap = Overlap::default();
        noted.iter().for_each(|record| overlap.note(record.as_bytes()));
        held.iter().for_each(|record| {
            overlap.hold(Timestamp::from_nanos(0), record.as_bytes());
        });
        let released = overlap.release(seam);
        released.into_iter().map(|held| String::from_utf8(held.record).unwrap()).collect()
    }

    #[test]
    fn each_joins_by_kind() {
        assert_eq!(released(&["e1", "e2", "e2"], &["e2", "e2", "e2", "e3"]), ["e2", "e3"]);
        // A first, full quote is older than the part that the predecessor brought.
        assert_eq!(released(&["lx1", "lx2"], &["lxfull", "lx2", "lx3", "lyfull"]), ["lx3", "lyfull"]);
        assert_eq!(released(&["a1"], &["areset", "a1", "a2"]), ["areset", "a1", "a2"]);
        assert_eq!(released(&["e1"], &[]), [""; 0]);
    }

    #[test]
    fn it_does_not_grow_for_ever() {
        let mut overlap = Overlap::default();
        let record = vec![b'e'; 1024 * 1024];
        let most = (0..100).take_while(|_| overlap.hold(Timestamp::from_nanos(0), &record)).count();
        assert!((28..=32).contains(&most), "{most}");
    }

    proptest! {
        /// The predecessor ends anywhere, the successor begins anywhere before; some events come several times.
        #[test]
        fn nothing_is_lost_or_doubled(
            times in prop::collection::vec(1_usize..4, 0..40),
            marks in prop::array::uniform3(any::<prop::sample::Index>()),
        ) {
            let mut marks = marks.map(|mark| mark.index(times.len() + 1));
            marks.sort_unstable();
            let [asked, begun, ended] = marks;
            let names: Vec<String> = (0..times.len()).map(|event| format!("e{event}")).collect();
            let between = |from: usize, to: usize| -> Vec<&str> {
                (from..to).flat_map(|event| std::iter::repeat_n(names[event].as_str(), times[event])).collect()
            };
            let (noted, held) = (between(asked, ended), between(begun, times.len()));
            prop_assert_eq!(released(&noted, &held), between(ended, times.len()));
        }
    }
}
