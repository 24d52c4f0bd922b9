//! Orders and positions: checked before they are sent, sent once, and never guessed about.

mod orders;
mod positions;
mod tag;

pub(crate) use orders::{check, place};
pub(crate) use positions::flatten;
