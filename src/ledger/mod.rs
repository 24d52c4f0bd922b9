//! What is known of the user's side: orders, fills, positions and accounts, told once and in legal order.

mod accounts;
mod fills;
mod known;
mod orders;
mod positions;
mod tracker;
#[cfg(test)]
mod tracker_properties;
#[cfg(test)]
mod tracker_tests;
