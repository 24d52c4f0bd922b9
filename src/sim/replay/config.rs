//! What to replay, and how fast.

use std::path::{Path, PathBuf};

/// A recording that a simulator plays: see [`Sim::replay`](crate::sim::Sim::replay).
#[derive(Debug, Clone)]
pub struct Replay {
    /// The file, as `tradeforge record` and [`Client::record_to`](crate::client::Client::record_to) make it.
    pub path: PathBuf,
    /// How many times faster than it was recorded: 1.0 is the recorded pace, 0.0 as fast as the clients take
    /// it. From 0 to 1000000. Defaults to 1.0.
    pub speed: f64,
    /// Whether it begins again at its end. Defaults to false.
    pub is_repeated: bool,
}

impl Replay {
    /// The recording in this file, once, at its own pace.
    pub fn of(path: impl AsRef<Path>) -> Replay {
        Replay { path: path.as_ref().to_owned(), speed: 1.0, is_repeated: false }
    }
}
