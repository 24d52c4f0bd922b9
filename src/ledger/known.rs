//! One thing as it was told last.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::model::{Event, Symbol};

/// Where a state comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The hub told it.
    Hub,
    /// It was fetched after a loss: what differs from what is known was missed, so it is told.
    Resync,
    /// It was fetched when the thing was first followed: it is the state from which on changes are told.
    Seed,
}

/// One thing as it was told last, by the hub or by an answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<T> {
    pub(super) body: T,
    pub(super) instrument: Option<Symbol>,
    pub(super) at: Option<Timestamp>,
    /// Whether streams have seen it so.
    pub(super) is_told: bool,
}

impl<T> Known<T> {
    pub(super) fn new(event: &Event, body: T, source: Source) -> Known<T> {
        Known { body, instrument: event.instrument, at: event.at, is_told: source != Source::Seed }
    }
}

/// The hub's times have seven digits and those of answers six, so they may differ by so much.
const ROUNDING: Duration = Duration::from_micros(1);

/// Whether a time is surely before another. Times that are not told are not.
pub(super) fn is_before(at: Option<Timestamp>, other: Option<Timestamp>) -> bool {
    matches!((at, other), (Some(at), Some(other)) if at.saturating_add(ROUNDING) < other)
}
