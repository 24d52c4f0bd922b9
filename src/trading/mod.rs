//! Orders and positions: checked before they are sent, sent once, and never guessed about.

mod cancel;
mod check;
mod legs;
mod orders;
mod pace;
mod positions;
mod resolve;
mod tag;

pub(crate) use cancel::{cancel_all, cancel_confirmed};
pub(crate) use check::{check, check_change, look_up_by};
pub(crate) use orders::place;
pub(crate) use positions::flatten;
pub(crate) use resolve::{SKEW, Search, resolve, tagged};
