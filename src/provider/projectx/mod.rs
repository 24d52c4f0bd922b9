//! The ProjectX Gateway: TopstepX and the other firms on it.
//!
//! `dto` is the wire as it is written, `map` turns it into the model, `codes` gives its numbers names.

mod codes;
mod cursor;
mod decode;
mod dto;
mod hosts;
mod hubs;
mod map;
mod number;
mod orders;
mod rest;
mod scan;

#[cfg(feature = "bench")]
pub(crate) use decode::MarketDecoder;
pub use hosts::{Hosts, hosts};
pub(crate) use hubs::{HubFeed, HubFeedSettings};
pub use rest::Rest;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod scan_tests;
