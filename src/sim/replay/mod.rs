//! Plays a recording to hub clients: the recorded frames, byte for byte, at the recorded pace or another one.

pub(in crate::sim) mod bars;
mod config;
mod frames;
pub(in crate::sim) mod player;
mod record;
pub(in crate::sim) mod subject;
pub(in crate::sim) mod survey;

pub use config::Replay;
