//! A state that is followed live.

use crate::clock::Timestamp;

/// A part of the user's state as it is known now, and how good that knowledge is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live<T> {
    /// The state.
    pub state: T,
    /// Since when every change has been seen: when it was fetched first, or after the latest loss.
    pub since: Timestamp,
    /// When the connection was lost that tells the changes; until it is whole again, the state is what was known
    /// then. `None` while it is current.
    pub stale_since: Option<Timestamp>,
}

impl<T> Live<T> {
    /// Whether changes are being told now.
    pub fn is_current(&self) -> bool {
        self.stale_since.is_none()
    }
}
