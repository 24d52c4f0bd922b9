//! The simulator: a gateway inside the process, for paper trading and for tests.
//!
//! [`Sim::start`] opens one port on 127.0.0.1 that speaks the wire of the real gateway: REST and both hubs.
//! The market is made up, repeatable by seed and always open; orders fill against it, and positions, fills
//! and the balance follow.
//!
//! What a user sees of the exchange:
//! - Market orders fill whole at the opposite best price some milliseconds after they were placed.
//! - Limit orders rest and fill whole as soon as the opposite best price touches them, at the better of
//!   that price and their limit.
//! - An account may hold 50 contracts of one future, working orders on the same side included.
//! - Brackets, stops and trailing stops are rejected.
//! - A contract's market moves only while somebody subscribes to it, or has a position or a working order
//!   in it. An idle simulator needs next to no processor time.

mod config;
mod exchange;
mod gateway;
mod hubs;
mod market;
mod rest;
mod server;
mod shape;
mod simulator;
mod state;
mod time;
mod wire;

pub use config::{AccountRules, BracketMode, PositionBrackets, SimClock, SimConfig, SimTls};
pub use shape::{Decimals, Shape, WaysIn};
pub use simulator::Sim;
pub use state::SimState;
