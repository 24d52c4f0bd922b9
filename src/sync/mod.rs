//! What threads share: the stop token, counted threads, the event queue, the reconnect delay.

mod backoff;
mod queue;
mod shutdown;
mod threads;

pub use backoff::Backoff;
pub use queue::{Lost, Pop, Queue};
pub use shutdown::{OnStop, StopToken};
pub use threads::{Thread, live_threads, spawn};
