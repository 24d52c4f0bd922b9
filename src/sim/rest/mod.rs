//! The REST side of the gateway: a table of paths, and one file for each group of them.

mod accounts;
mod contracts;
mod history;
mod orders;
mod positions;
mod routes;
mod sessions;

pub(super) use routes::{answer, unauthorized};
