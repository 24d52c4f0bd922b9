//! The exchange: accounts, orders, and what becomes of them.

pub(in crate::sim) mod account;
pub(in crate::sim) mod execution;
pub(in crate::sim) mod order;
pub(in crate::sim) mod state;
pub(in crate::sim) mod trading;
