//! The delay before the next attempt: exponential with full jitter.

use std::time::Duration;

/// Grows a delay with every failed attempt.
///
/// Attempt `n` waits a random time between zero and `base × 2ⁿ`, at most `cap`: full jitter keeps many
/// clients from coming back in step.
#[derive(Debug, Clone)]
pub struct Backoff {
    base: Duration,
    cap: Duration,
    attempt: u32,
    random: u64,
}

impl Backoff {
    /// A delay that starts below `base` and never exceeds `cap`. The same seed gives the same delays.
    pub fn new(base: Duration, cap: Duration, seed: u64) -> Backoff {
        Backoff { base, cap, attempt: 0, random: seed }
    }

    /// Attempts since the last reset.
    #[cfg(test)]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Counts one more attempt and says how long to wait before it.
    pub fn next_delay(&mut self) -> Duration {
        let limit =
            self.base.saturating_mul(1u32.checked_shl(self.attempt).unwrap_or(u32::MAX)).min(self.cap);
        self.attempt = self.attempt.saturating_add(1);
        // The top 53 bits make a fraction of [0, 1).
        let fraction = (self.next_random() >> 11) as f64 / (1u64 << 53) as f64;
        limit.mul_f64(fraction)
    }

    /// Starts over, after a connection has proven good.
    pub fn reset(&mut self) {
        self.attempt = 0;
    }

    /// SplitMix64: enough for jitter, and repeatable.
    fn next_random(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_within_the_growing_limit() {
        let (base, cap) = (Duration::from_millis(500), Duration::from_secs(30));
        let mut backoff = Backoff::new(base, cap, 7);
        let mut longest = Duration::ZERO;
        for attempt in 0..100 {
            let limit = base.saturating_mul(1u32.checked_shl(attempt).unwrap_or(u32::MAX)).min(cap);
            assert_eq!(backoff.attempt(), attempt);
            let delay = backoff.next_delay();
            assert!(delay <= limit, "attempt {attempt}: {delay:?} > {limit:?}");
            longest = longest.max(delay);
        }
        assert!(longest > Duration::from_secs(20), "the delay grows: {longest:?}");
        backoff.reset();
        assert!(backoff.next_delay() <= base);
    }

    #[test]
    fn the_seed_decides() {
        let delays = |seed| {
            let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30), seed);
            (0..5).map(|_| backoff.next_delay()).collect::<Vec<_>>()
        };
        assert_eq!(delays(1), delays(1));
        assert_ne!(delays(1), delays(2));
    }
}
