//! How many requests a client may make.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// Requests that fit into a window.
const REQUESTS: usize = 200;
/// Length of the window, which rolls.
const WINDOW: Duration = Duration::from_secs(60);

/// Counts the requests of each token in a rolling window.
#[derive(Debug, Default)]
pub(super) struct Limits(HashMap<String, VecDeque<Instant>>);

impl Limits {
    /// Counts a request at `now`; when it is one too many, how long to wait.
    pub(super) fn admit(&mut self, key: &str, now: Instant) -> Result<(), Duration> {
        self.0.retain(|_, made| made.back().is_some_and(|last| now.duration_since(*last) < WINDOW));
        let made = self.0.entry(key.to_owned()).or_default();
        while made.front().is_some_and(|first| now.duration_since(*first) >= WINDOW) {
            made.pop_front();
        }
        match made.front() {
            Some(first) if made.len() >= REQUESTS => Err(WINDOW - now.duration_since(*first)),
            _ => {
                made.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_rolls() {
        let mut limits = Limits::default();
        let start = Instant::now();
        for second in 0..REQUESTS as u64 {
            assert_eq!(limits.admit("a", start + Duration::from_millis(second * 100)), Ok(()));
        }
        let later = start + Duration::from_secs(20);
        assert_eq!(limits.admit("a", later), Err(Duration::from_secs(40)));
        assert_eq!(limits.admit("b", later), Ok(()));
        assert_eq!(limits.admit("a", start + WINDOW), Ok(()));
        assert!(limits.admit("a", start + WINDOW).is_err());
    }
}
