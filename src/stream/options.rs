//! What a stream is made with, and what it tells about itself.

use std::time::Duration;

use crate::error::{Error, Kind, Result};

/// The most market events that a stream may hold.
const MOST: usize = 1 << 22;

/// How a stream shall behave.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StreamOptions {
    /// How many market events wait at most, 1 to 4194304. What happens beyond it is the policy's choice. Orders,
    /// positions, fills and accounts never give way and are not counted. Memory is taken as events wait. Defaults
    /// to 8192, about a minute of one busy contract.
    pub capacity: usize,
    /// What happens to market events when the reader is slow.
    pub policy: QueuePolicy,
}

/// What happens to market events when the reader is slow. Whatever is lost is counted, and shows in the stream as
/// a [`Gap`](crate::model::Gap) at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum QueuePolicy {
    /// The oldest give way.
    #[default]
    DropOldest,
    /// A quote takes the place of the quote of its contract that still waits: the reader sees the newest state
    /// of each contract, everything that changed since it last read, and how many quotes that stands for. Trades
    /// and depth are never conflated; beyond the capacity the oldest give way.
    Conflate,
    /// Nothing gives way: the market connection is not read until there is room. It is kept alive meanwhile, but
    /// every stream of the client waits for its market data, and what the gateway does with a reader that is too
    /// slow is the gateway's choice. One message may go beyond the capacity. The user connection never waits.
    Block,
}

impl Default for StreamOptions {
    fn default() -> StreamOptions {
        StreamOptions { capacity: 8192, policy: QueuePolicy::default() }
    }
}

impl StreamOptions {
    pub(super) fn check(&self) -> Result<()> {
        if (1..=MOST).contains(&self.capacity) {
            return Ok(());
        }
        let message = format!("a stream's capacity is {} but must be 1 to {MOST}", self.capacity);
        Err(Error::new(Kind::Argument, message))
    }
}

/// What went through a stream so far, and what waits in it: the moment of the call. `received` is always the sum of
/// `delivered`, `dropped`, `conflated` and `depth`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct StreamStatistics {
    /// Events that came for this stream.
    pub received: u64,
    /// Events that were handed out, gaps not counted.
    pub delivered: u64,
    /// Market events that gave way because nobody read in time.
    pub dropped: u64,
    /// Quotes that a newer one took in.
    pub conflated: u64,
    /// Records of the stream's connections that could not be read.
    pub malformed: u64,
    /// Calls of the callback that panicked.
    pub panics: u64,
    /// Events that wait.
    pub depth: usize,
    /// The most that ever waited.
    pub high_water: usize,
    /// How long ago the event that is next was received, a conflated quote's newest part; `None` when none waits.
    pub oldest: Option<Duration>,
}
