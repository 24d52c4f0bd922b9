//! Streams: subscriptions, the way of an event to every queue that wants it, and polling.

mod reader;
mod registry;

pub(crate) use reader::StreamContext;
pub use reader::{Polled, Stream, StreamOptions};
pub(crate) use registry::{Feeds, Registry};
