//! What threads share: the stop token, counted threads, the event queue, single answers, the reconnect delay.

mod answer;
mod backoff;
mod queue;
mod shutdown;
mod threads;

pub use answer::{Answer, Awaited, NoAnswer, answer};
pub use backoff::Backoff;
pub use queue::{Pop, Queue};
pub use shutdown::{OnStop, StopToken};
pub use threads::{Thread, live_threads, spawn};
