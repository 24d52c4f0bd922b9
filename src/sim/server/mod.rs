//! The port: connections, HTTP, tokens, limits, and the way into a hub.

pub(in crate::sim) mod accept;
pub(in crate::sim) mod http;
pub(in crate::sim) mod keys;
pub(in crate::sim) mod limits;
pub(in crate::sim) mod negotiate;
pub(in crate::sim) mod peer;
