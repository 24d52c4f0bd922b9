//! The hubs: connections, calls, events and who listens to them.

pub(in crate::sim) mod connection;
pub(in crate::sim) mod invocation;
pub(in crate::sim) mod outbox;
pub(in crate::sim) mod records;
pub(in crate::sim) mod subscribers;
