//! Streams: subscriptions, the way of an event to every queue that wants it, and its delivery to the program.

mod callback;
mod options;
mod reader;
mod registry;
mod turn;

#[cfg(feature = "capi")]
pub(crate) use callback::{Inside, is_inside};
pub use options::{QueuePolicy, StreamOptions, StreamStatistics};
pub(crate) use reader::StreamContext;
pub use reader::{Polled, Stream};
pub(crate) use registry::{Feeds, Registry};
