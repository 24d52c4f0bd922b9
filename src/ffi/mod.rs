//! The C interface. The only part of the crate that holds unsafe code.
//!
//! `include/tradeforge.h` is generated from these files, in the order of their numbers; the first comment
//! of each is the introduction of its section. Functions and types carry their C names.
//!
//! What C hands over is checked before it is used: a handle is a number that is looked up and never a
//! pointer that is followed, an enum is an integer that is converted, a text must be UTF-8. What remains of
//! the contract is C's own: a pointer is either NULL or points to memory of the promised type and size that
//! nobody else uses during the call.
#![allow(unsafe_code, non_camel_case_types, reason = "the one place where C comes in")]
#![allow(clippy::missing_safety_doc, reason = "the contract stands above and in the header for its reader")]

mod account;
mod bar;
mod client;
mod config;
mod contract;
mod error;
mod event;
mod event_record;
mod fill;
mod guard;
mod handle;
mod list;
mod live;
mod log;
mod market;
#[cfg(not(feature = "sim"))]
mod no_sim;
mod order;
mod outcome;
mod position;
mod price;
mod query;
mod recorder;
mod sim;
mod sized;
mod status;
mod stream;
mod text;
mod version;

pub use self::log::*;
pub use account::*;
pub use bar::*;
pub use client::*;
pub use config::*;
pub use contract::*;
pub use error::*;
pub use event::*;
pub use fill::*;
pub use live::*;
pub use market::*;
pub use order::*;
pub use outcome::*;
pub use position::*;
pub use price::*;
pub use query::*;
pub use recorder::*;
pub use sim::*;
pub use status::*;
pub use stream::*;
pub use version::*;
