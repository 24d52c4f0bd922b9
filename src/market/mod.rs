//! The market's state, which can be read without the queue: last quotes and order books.
//!
//! The hub's thread writes here before it hands an event to the streams, so the state is never older than an
//! event that was polled.

mod book;
mod quote;
mod slots;
mod state;

pub(crate) use state::{MarketState, Part};
