//! The exchange: accounts, orders, and what becomes of them.
//!
//! An order is placed ([`place`]) after its prices were checked ([`prices`]), may be changed or cancelled
//! ([`change`]), meets the market ([`matching`]) from its place in the queue ([`queue`]) and fills
//! ([`execution`]). Brackets ([`brackets`]), trailing stops ([`trailing`]) and account rules ([`rules`],
//! [`day`]) act on what happens there. A restart goes on from a [`snapshot`].

pub(in crate::sim) mod account;
pub(in crate::sim) mod brackets;
pub(in crate::sim) mod change;
pub(in crate::sim) mod close;
mod day;
#[cfg(test)]
mod desk;
mod execution;
pub(in crate::sim) mod fill;
pub(in crate::sim) mod floor;
#[cfg(test)]
mod invariants;
mod matching;
pub(in crate::sim) mod order;
pub(in crate::sim) mod place;
mod platform;
pub(in crate::sim) mod position;
mod prices;
mod queue;
mod rules;
pub(in crate::sim) mod snapshot;
pub(in crate::sim) mod state;
pub(in crate::sim) mod status;
mod trailing;
