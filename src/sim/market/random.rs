//! Repeatable random numbers.

/// SplitMix64: small, fast, and the same on every machine.
#[derive(Debug, Clone)]
pub(in crate::sim) struct Random(u64);

impl Random {
    /// The sequence of `seed`.
    pub(in crate::sim) fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// The sequence of `seed` for one name, so that contracts move on their own.
    pub(in crate::sim) fn named(seed: u64, name: &str) -> Random {
        // FNV-1a, because the standard library's hashes may change between versions.
        let hash = name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        });
        Random::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ hash)
    }

    /// The next number.
    pub(in crate::sim) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` up to and including `high`; `low` when the range is empty.
    pub(in crate::sim) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.saturating_sub(low).max(0) as u64;
        // The bias of the remainder is far below anything a market shows.
        low + (self.draw() % (span + 1)) as i64
    }

    /// True `part` times in `whole`.
    pub(in crate::sim) fn chance(&mut self, part: i64, whole: i64) -> bool {
        self.between(1, whole) <= part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_their_own_sequence() {
        let draw = |mut random: Random| [0; 4].map(|_| random.between(0, 1 << 40));
        assert_eq!(draw(Random::named(1, "a")), draw(Random::named(1, "a")));
        assert_ne!(draw(Random::named(1, "a")), draw(Random::named(1, "b")));
        assert_ne!(draw(Random::named(1, "a")), draw(Random::named(2, "a")));
    }

    #[test]
    fn stays_in_range() {
        let mut random = Random::new(7);
        let drawn: Vec<i64> = (0..200).map(|_| random.between(-1, 1)).collect();
        assert!([-1, 0, 1].iter().all(|value| drawn.contains(value)));
        assert!(drawn.iter().all(|value| (-1..=1).contains(value)));
        assert_eq!(random.between(5, 4), 5);
        assert!(random.chance(3, 3) && !random.chance(0, 3));
    }
}
