//! The simulator: a gateway inside the process, for paper trading and for tests.
//!
//! [`Sim::start`] opens one port on 127.0.0.1 that speaks the wire of the real gateway: REST and both hubs.
//! The market is made up and repeatable by seed, and has a past that bars tell; orders fill against it, and
//! positions, fills and the balance follow. It is always open unless [`Calendar::Cme`] is asked for.
//!
//! What a user sees of the exchange:
//! - Market orders reach the market some milliseconds after they were placed and walk the book: what the best
//!   level does not hold is filled at the next.
//! - Limit orders take what their price allows; the rest waits behind what rests at its price, and trades
//!   there fill it bit by bit. Join orders are limits at the best price of the moment.
//! - Stops become market orders when a trade touches them; trailing stops follow the market until then.
//! - Orders may have brackets with [`BracketMode::AutoOco`]; by default they are rejected, as at the gateway.
//! - An account may hold 50 contracts of one future, working orders on the same side included; see
//!   [`AccountRules`].
//! - Orders of simulated accounts do not show in the published book and do not trade with each other.
//! - Calm, normal and wild times take turns. A wild market may halt for some seconds ([`SimConfig::halts`]).
//! - Front months are those of the day on which the simulator starts, and stay while it runs.
//! - A contract's market moves only while somebody subscribes to it, or has a position or a working order
//!   in it. An idle simulator needs next to no processor time.

mod config;
mod exchange;
pub mod faults;
mod gateway;
mod hubs;
mod market;
mod replay;
mod rest;
mod server;
mod shape;
mod simulator;
mod state;
mod store;
mod time;
mod wire;

pub use config::{AccountRules, BracketMode, Calendar, PositionBrackets, SimClock, SimConfig, SimTls};
pub use faults::{Fault, FaultKind, FaultStrike, Garbage};
pub use gateway::Hub;
pub use replay::Replay;
pub use shape::{Decimals, Shape, WaysIn};
pub use simulator::Sim;
pub use state::SimState;
