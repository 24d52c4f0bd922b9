//! Trading futures through the ProjectX Gateway (TopstepX and the other firms on it), with blocking calls and without
//! an async runtime.
//!
//! A [`Client`] logs in and makes requests; a [`Stream`] is a queue of live events that background threads fill and the
//! program polls. Prices and money are exact ([`Price`], [`Money`]); every call takes a [`Deadline`], for which a
//! [`Duration`](std::time::Duration) will do; every failure is an [`Error`] that says whose fault it is and, for an
//! order, what became of it ([`Outcome`]).
//!
//! With `TS_ENVIRONMENT=SIM` or the setting `environment = SIM` the gateway runs inside the process:
//!
//! ```
//! # #[cfg(feature = "sim")] {
//! use std::time::Duration;
//! use tradeforge::{Client, Config};
//!
//! let call = Duration::from_secs(30);
//! let mut config = Config::new();
//! config.set("environment", "SIM")?;
//! let client = Client::new(&config)?;
//! client.login(call)?;
//! for contract in client.search_contracts("NQ", false, call)? {
//!     println!("{} moves in steps of {}", contract.name, contract.tick_size);
//! }
//! # }
//! # Ok::<(), tradeforge::Error>(())
//! ```
//!
//! # Logging
//!
//! Through the crate `log`, under targets that begin with `tradeforge`; keys and tokens are never in it. The libraries
//! below show whole requests and answers at the level trace, keys and tokens included: leave the targets `ureq_proto` and
//! `tungstenite` out there, as in `RUST_LOG=trace,ureq_proto=debug,tungstenite=debug`.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `sim` | yes | the embedded gateway |
//! | `capi` | no | the C interface, `include/tradeforge.h` |
//! | `cli` | no | the program `tradeforge` |

#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod bench;
mod client;
mod clock;
pub mod config;
mod contracts;
mod digits;
mod error;
#[cfg(feature = "capi")]
#[doc(hidden)]
pub mod ffi;
mod history;
mod ledger;
mod market;
pub mod model;
mod net;
mod niche;
mod price;
mod provider;
pub mod recording;
mod secret;
mod session;
mod signalr;
#[cfg(feature = "sim")]
pub mod sim;
mod stream;
mod sync;
mod trading;

pub use client::Client;
pub use clock::{Clock, Deadline, Timestamp};
pub use config::{Config, Environment};
pub use error::{Error, Fault, GatewayCode, Kind, Outcome, Result};
pub use model::{
    AccountId, AppLogin, BracketPrice, CancelOutcome, ContractId, Event, EventBody, Kinds, OrderChange,
    OrderId, OrderPage, OrderQuery, OrderRequest, OrderStatus, OrderType, Resolution, Side, StopLoss,
    TimeRange,
};
pub use price::{DecimalError, Money, Price, Rounding};
pub use stream::{Polled, QueuePolicy, Stream, StreamOptions, StreamStatistics};
pub use sync::live_threads;

#[cfg(all(doctest, feature = "sim"))]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;

#[cfg(all(doctest, feature = "sim"))]
#[doc = include_str!("../docs/SIMULATOR.md")]
struct SimulatorExamples;
