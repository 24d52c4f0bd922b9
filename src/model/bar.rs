//! A bar, and the request for bars.

use super::id::ContractId;
use super::market::Volume;
use crate::clock::Timestamp;
use crate::price::Price;

/// What a bar's length is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BarUnit {
    /// Seconds.
    Second = 1,
    /// Minutes.
    Minute = 2,
    /// Hours.
    Hour = 3,
    /// Trading days, which start at 17:00 in Chicago.
    Day = 4,
    /// Weeks.
    Week = 5,
    /// Months.
    Month = 6,
}

/// Which bars are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarRequest {
    /// The contract.
    pub contract: ContractId,
    /// The start of the range.
    pub from: Timestamp,
    /// The end of the range.
    pub to: Timestamp,
    /// What the length is counted in.
    pub unit: BarUnit,
    /// Units a bar, one at least.
    pub unit_number: i32,
    /// How many bars at most, 1 to 20000; when the range has more, the latest are given.
    pub limit: i32,
    /// Whether the bar that is still forming is wanted too.
    pub include_partial: bool,
    /// Asks for the live data subscription; practice accounts have none.
    pub live: bool,
}

/// Prices and volume of a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// When it starts.
    pub start: Timestamp,
    /// The first price.
    pub open: Price,
    /// The highest price.
    pub high: Price,
    /// The lowest price.
    pub low: Price,
    /// The last price.
    pub close: Price,
    /// Contracts traded.
    pub volume: Volume,
}
