//! How many requests a client may make.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::clock::Timestamp;

/// A group of requests that are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::sim) enum Window {
    /// Bars: 50 in 30 seconds.
    Bars,
    /// Everything else, logins included: 200 in 60 seconds.
    Rest,
}

impl Window {
    fn requests(self) -> usize {
        match self {
            Window::Bars => 50,
            Window::Rest => 200,
        }
    }

    fn length(self) -> Duration {
        match self {
            Window::Bars => Duration::from_secs(30),
            Window::Rest => Duration::from_secs(60),
        }
    }
}

/// Counts the requests of each token in rolling windows.
#[derive(Debug, Default)]
pub(in crate::sim) struct Limits(HashMap<(Window, String), VecDeque<Timestamp>>);

impl Limits {
    /// Counts a request at `now`; when it is one too many, how long to wait.
    pub(in crate::sim) fn admit(
        &mut self,
        window: Window,
        key: &str,
        now: Timestamp,
    ) -> Result<(), Duration> {
        let passed = |since: &Timestamp| {
            Duration::from_nanos(now.nanos().saturating_sub(since.nanos()).max(0).unsigned_abs())
        };
        self.0.retain(|(window, _), made| made.back().is_some_and(|last| passed(last) < window.length()));
        let made = self.0.entry((window, key.to_owned())).or_default();
        while made.front().is_some_and(|first| passed(first) >= window.length()) {
            made.pop_front();
        }
        match made.front() {
            Some(first) if made.len() >= window.requests() => Err(window.length() - passed(first)),
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
        let after = |millis| Timestamp::from_nanos(0).saturating_add(Duration::from_millis(millis));
        for count in 0..200 {
            assert_eq!(limits.admit(Window::Rest, "a", after(count * 100)), Ok(()));
        }
        let later = after(20_000);
        assert_eq!(limits.admit(Window::Rest, "a", later), Err(Duration::from_secs(40)));
        assert_eq!(limits.admit(Window::Rest, "b", later), Ok(()));
        assert_eq!(limits.admit(Window::Rest, "a", after(60_000)), Ok(()));
        assert!(limits.admit(Window::Rest, "a", after(60_000)).is_err());
    }

    #[test]
    fn bars_have_a_window_of_their_own() {
        let mut limits = Limits::default();
        let now = Timestamp::from_nanos(0);
        for _ in 0..50 {
            assert_eq!(limits.admit(Window::Bars, "a", now), Ok(()));
        }
        assert_eq!(limits.admit(Window::Bars, "a", now), Err(Duration::from_secs(30)));
        assert_eq!(limits.admit(Window::Rest, "a", now), Ok(()));
    }
}
