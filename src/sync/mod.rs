//! What threads share: the stop token, counted threads, the event queue, single answers, the reconnect delay.

mod answer;
mod backoff;
mod descriptor;
mod lanes;
mod queue;
#[cfg(test)]
mod queue_tests;
mod shutdown;
#[cfg(test)]
mod shutdown_tests;
mod threads;

pub use answer::{Answer, Awaited, NoAnswer, answer};
pub use backoff::Backoff;
pub use lanes::{Lost, Overflow};
pub use queue::{Consumer, Hold, Pop, Queue};
pub use shutdown::{OnStop, StopToken};
pub use threads::{Thread, live_threads, spawn};
