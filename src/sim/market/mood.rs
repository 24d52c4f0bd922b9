//! How lively a market is: calm, normal or wild, by turns.

use crate::sim::market::random::Random;

const SECOND: i64 = 1_000_000_000;

/// A stretch of the market's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum Mood {
    Calm,
    Normal,
    Wild,
}

/// What a mood does to a market.
#[derive(Debug)]
pub(in crate::sim) struct Traits {
    /// Steps of a usual time, in percent.
    pub(in crate::sim) rate: i64,
    /// Moves of ten that take back the one before. Without them an hour would see the range of a wild day.
    pub(in crate::sim) bounces: i64,
    /// Ticks between bid and ask at most.
    pub(in crate::sim) widest: i64,
    /// Moves of ten that open a spread of one tick.
    pub(in crate::sim) opens: i64,
    /// Moves of ten that change a wider spread.
    pub(in crate::sim) closes: i64,
    /// Contracts of a large trade, at most.
    pub(in crate::sim) large_trade: i64,
    /// Trades of 24 that are large.
    pub(in crate::sim) large_trades: i64,
    /// Contracts at the best price, at most.
    pub(in crate::sim) depth: i64,
}

impl Mood {
    pub(in crate::sim) fn traits(self) -> &'static Traits {
        match self {
            Mood::Calm => &Traits {
                rate: 86,
                bounces: 8,
                widest: 2,
                opens: 1,
                closes: 8,
                large_trade: 8,
                large_trades: 2,
                depth: 30,
            },
            Mood::Normal => &Traits {
                rate: 100,
                bounces: 7,
                widest: 2,
                opens: 1,
                closes: 6,
                large_trade: 12,
                large_trades: 3,
                depth: 20,
            },
            // The busiest minute that was measured had 15 percent more than the mean.
            Mood::Wild => &Traits {
                rate: 118,
                bounces: 6,
                widest: 4,
                opens: 3,
                closes: 5,
                large_trade: 40,
                large_trades: 5,
                depth: 12,
            },
        }
    }
}

/// The mood of a market and how long it lasts, in the market's own time at speed 1.
#[derive(Debug)]
pub(in crate::sim) struct Moods {
    now: Mood,
    left: i64,
}

impl Moods {
    /// Begins with some normal minutes.
    pub(in crate::sim) fn new(random: &mut Random) -> Moods {
        Moods { now: Mood::Normal, left: random.between(120 * SECOND, 300 * SECOND) }
    }

    pub(in crate::sim) fn now(&self) -> Mood {
        self.now
    }

    /// Lets time pass. Calm and wild times come with normal ones between them.
    pub(in crate::sim) fn pass(&mut self, nanos: i64, random: &mut Random) {
        self.left -= nanos;
        if self.left > 0 {
            return;
        }
        (self.now, self.left) = match (self.now, random.between(1, 5)) {
            (Mood::Normal, 1..=3) => (Mood::Calm, random.between(30 * SECOND, 90 * SECOND)),
            (Mood::Normal, _) => (Mood::Wild, random.between(20 * SECOND, 90 * SECOND)),
            _ => (Mood::Normal, random.between(30 * SECOND, 120 * SECOND)),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mood_has_its_share() {
        let mut random = Random::new(3);
        let mut moods = Moods::new(&mut random);
        let mut seconds = [0; 3];
        for _ in 0..100_000 {
            seconds[moods.now() as usize] += 1;
            moods.pass(SECOND, &mut random);
        }
        let [calm, normal, wild] = seconds;
        assert!(normal > 45_000 && calm > 15_000 && wild > 10_000, "{seconds:?}");
    }
}
