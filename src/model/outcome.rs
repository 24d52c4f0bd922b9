//! What became of a cancel, and of an order whose answer was lost.

use super::order::Order;
use crate::error::Error;

/// What became of a cancel that was confirmed by reading the order back.
#[derive(Debug, Clone)]
pub enum CancelOutcome {
    /// The order can no longer fill: it is cancelled, or ended in another way that its status tells. A part
    /// of it may have filled before.
    Confirmed(Order),
    /// The order filled completely before the cancel came.
    FilledFirst(Order),
    /// The time passed, or reading back failed, before the order's end was seen. It may still fill. The error
    /// tells why; its outcome is `Unknown`.
    Unconfirmed(Error),
    /// The cancel was not sent or was refused, and the order works on as far as is known. The error tells why.
    Failed(Error),
}

/// One order of a cancel of all.
#[derive(Debug, Clone)]
pub struct CancelReport {
    /// The order as it was before.
    pub order: Order,
    /// What became of its cancel.
    pub outcome: CancelOutcome,
}

/// What a client tag leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution {
    /// The gateway took the order; its status tells how far it is.
    Accepted(Order),
    /// The gateway refused it. The reason is not kept anywhere.
    Rejected(Order),
    /// No order with this tag has shown for as long as `resolve_seconds` says.
    NotThere,
}
