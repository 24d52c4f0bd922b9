//! The port: connections, TLS, HTTP, tokens, limits, and the way into a hub.

pub(in crate::sim) mod accept;
pub(in crate::sim) mod ca_file;
pub(in crate::sim) mod date;
pub(in crate::sim) mod door;
pub(in crate::sim) mod http;
pub(in crate::sim) mod identity;
pub(in crate::sim) mod keys;
pub(in crate::sim) mod limits;
pub(in crate::sim) mod negotiate;
pub(in crate::sim) mod peer;
