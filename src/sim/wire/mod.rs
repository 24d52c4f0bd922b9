//! JSON: what requests are read from and what answers and events are written as.

pub(in crate::sim) mod body;
pub(in crate::sim) mod json;
