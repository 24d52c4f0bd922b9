//! The ledger: what is known of the user's orders, fills, positions and accounts. Streams see of it each thing
//! once and in legal order, and after a loss what was missed.

mod accounts;
mod bookkeeper;
mod feed;
mod fetch;
mod fills;
mod known;
mod orders;
mod pages;
mod positions;
mod tracker;
#[cfg(test)]
mod tracker_properties;
#[cfg(test)]
mod tracker_tests;

pub(crate) use bookkeeper::Bookkeeper;
pub(crate) use feed::FollowedFeed;
