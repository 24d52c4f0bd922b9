//! How many requests a gateway takes.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// So many requests within any span of this length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// The most requests, 1 at least.
    pub requests: u32,
    /// The span that they are counted over.
    pub window: Duration,
}

impl RateLimit {
    /// So many requests in so many seconds.
    pub const fn new(requests: u32, seconds: u64) -> RateLimit {
        RateLimit { requests, window: Duration::from_secs(seconds) }
    }
}

/// `200/60`: the requests and the seconds.
impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.requests, self.window.as_secs())
    }
}

/// Reads `200/60`, with 1 to 1,000,000 requests and 1 to 86,400 seconds.
impl FromStr for RateLimit {
    type Err = ();

    fn from_str(text: &str) -> Result<RateLimit, ()> {
        let (requests, seconds) = text.split_once('/').ok_or(())?;
        let limit = RateLimit::new(requests.parse().map_err(drop)?, seconds.parse().map_err(drop)?);
        let fits =
            (1..=1_000_000).contains(&limit.requests) && (1..=86_400).contains(&limit.window.as_secs());
        if fits { Ok(limit) } else { Err(()) }
    }
}

/// The limits that a client keeps to. `None`: none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// Requests for bars.
    pub bars: Option<RateLimit>,
    /// All other requests.
    pub rest: Option<RateLimit>,
    /// How many of `rest` are kept for cancels, closes and what flattening must read.
    pub reserve: u32,
}
