//! Market data: quotes, trades, depth.

use std::fmt;
use std::ops::{BitOr, BitOrAssign};

use super::codes::{DepthKind, Side};
use crate::clock::Timestamp;
use crate::niche::Scalar;
use crate::price::Price;

/// A number of contracts traded. Volumes above 2^53 occur.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct Volume(Scalar);

impl Volume {
    /// This many contracts.
    pub const fn new(contracts: i64) -> Volume {
        Volume(Scalar::new(contracts))
    }

    /// The number of contracts.
    pub const fn get(self) -> i64 {
        self.0.get()
    }
}

impl fmt::Display for Volume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.get(), f)
    }
}

impl fmt::Debug for Volume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.get(), f)
    }
}

/// Which members of a quote one message carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct QuoteFields(pub u32);

impl QuoteFields {
    /// The best bid.
    pub const BID: QuoteFields = QuoteFields(1);
    /// The best ask.
    pub const ASK: QuoteFields = QuoteFields(1 << 1);
    /// The last price.
    pub const LAST: QuoteFields = QuoteFields(1 << 2);
    /// The opening price.
    pub const OPEN: QuoteFields = QuoteFields(1 << 3);
    /// The high.
    pub const HIGH: QuoteFields = QuoteFields(1 << 4);
    /// The low.
    pub const LOW: QuoteFields = QuoteFields(1 << 5);
    /// The change.
    pub const CHANGE: QuoteFields = QuoteFields(1 << 6);
    /// The change in percent.
    pub const CHANGE_PERCENT: QuoteFields = QuoteFields(1 << 7);
    /// The volume.
    pub const VOLUME: QuoteFields = QuoteFields(1 << 8);
    /// All of them.
    pub(crate) const ALL: QuoteFields = QuoteFields((1 << 9) - 1);

    /// Whether all of `fields` are in.
    pub const fn contains(self, fields: QuoteFields) -> bool {
        self.0 & fields.0 == fields.0
    }
}

impl BitOr for QuoteFields {
    type Output = QuoteFields;

    fn bitor(self, other: QuoteFields) -> QuoteFields {
        QuoteFields(self.0 | other.0)
    }
}

impl BitOrAssign for QuoteFields {
    fn bitor_assign(&mut self, other: QuoteFields) {
        self.0 |= other.0;
    }
}

/// The state of a contract's quote after a message. The gateway sends what changed; this is the merged whole.
///
/// A member is `None` until the gateway has told it on this connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quote {
    /// The best bid.
    pub bid: Option<Price>,
    /// The best ask.
    pub ask: Option<Price>,
    /// The price of the last trade.
    pub last: Option<Price>,
    /// The first price of the session.
    pub open: Option<Price>,
    /// The highest price of the session.
    pub high: Option<Price>,
    /// The lowest price of the session.
    pub low: Option<Price>,
    /// The last price less the previous close.
    pub change: Option<Price>,
    /// The change in percent, as the gateway reckons it; its unit is not established. Rounded half to even
    /// at 1e-9.
    pub change_percent: Option<Price>,
    /// Contracts traded in the session.
    pub volume: Option<Volume>,
    /// When the gateway last updated the quote.
    pub last_updated: Option<Timestamp>,
    /// What the message carried; for a conflated quote, what any of its messages carried.
    pub changed: QuoteFields,
    /// How many older quotes of the contract this one stands for besides itself: those that waited in a stream
    /// that conflates. Else 0.
    pub conflated: u32,
}

impl Quote {
    /// This quote, which comes after `older`, in the place of both.
    pub(crate) fn conflate(self, older: &Quote) -> Quote {
        Quote {
            changed: self.changed | older.changed,
            conflated: self.conflated.saturating_add(older.conflated).saturating_add(1),
            ..self
        }
    }
}

/// A trade in the market.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trade {
    /// The price.
    pub price: Price,
    /// Contracts.
    pub volume: Volume,
    /// The side of the aggressor; `None` when the gateway does not tell.
    pub aggressor: Option<Side>,
}

/// One record of the depth of market.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    /// What the record says.
    pub kind: DepthKind,
    /// The price of the level.
    pub price: Price,
    /// The size at the level; for [`DepthKind::Trade`] the volume of the session at this price.
    pub volume: Volume,
    /// The gateway's `currentVolume`; its meaning is not established. `None` when it does not tell.
    pub current_volume: Option<Volume>,
}
