//! The market: products, contracts, and the walk that prices take.

pub(in crate::sim) mod bars;
pub(in crate::sim) mod book;
pub(in crate::sim) mod calendar;
pub(in crate::sim) mod contract;
pub(in crate::sim) mod history;
pub(in crate::sim) mod mood;
pub(in crate::sim) mod products;
pub(in crate::sim) mod random;
pub(in crate::sim) mod tape;
pub(in crate::sim) mod walk;
