//! A trading SDK for the ProjectX Gateway.

mod client;
mod clock;
pub mod config;
mod error;
#[cfg(feature = "capi")]
#[doc(hidden)]
pub mod ffi;
pub mod model;
mod net;
mod niche;
mod price;
mod provider;
mod secret;
mod session;
mod signalr;
#[cfg(feature = "sim")]
pub mod sim;
mod stream;
mod sync;
mod trading;

pub use client::Client;
pub use clock::{Deadline, Timestamp};
pub use config::{Config, Environment};
pub use error::{Error, Fault, GatewayCode, Kind, Outcome, Result};
pub use model::{
    AccountId, ContractId, Event, EventBody, Kinds, OrderId, OrderRequest, OrderStatus, OrderType, Side,
};
pub use price::{DecimalError, Money, Price, Rounding};
pub use stream::{Polled, Stream, StreamOptions};
pub use sync::live_threads;
