//! Orders and positions: checked before they are sent, sent once, and never guessed about.

mod orders;
mod positions;
mod tag;

pub(crate) use orders::{check, check_change, place};
pub(crate) use positions::flatten;
