//! A bar, and the request for bars.

use super::codes::BarUnit;
use super::date::Date;
use super::id::ContractId;
use super::market::Volume;
use crate::clock::Timestamp;
use crate::price::Price;

/// Which bars are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarRequest {
    /// The contract.
    pub contract: ContractId,
    /// The start of the range: bars that start then or later.
    pub from: Timestamp,
    /// The end of the range: bars that start before.
    pub to: Timestamp,
    /// What the length is counted in.
    pub unit: BarUnit,
    /// Units a bar, one at least.
    pub unit_number: i32,
    /// How many bars at most, one at least; when the range has more, the latest are given. `None` gives the
    /// whole range.
    pub limit: Option<u32>,
    /// Whether the bar that is still forming is wanted too.
    pub include_partial: bool,
    /// Asks for the live data subscription; practice accounts have none.
    pub live: bool,
}

impl BarRequest {
    /// All complete bars of one `unit` that start in a range.
    pub fn new(contract: ContractId, unit: BarUnit, from: Timestamp, to: Timestamp) -> BarRequest {
        BarRequest {
            contract,
            from,
            to,
            unit,
            unit_number: 1,
            limit: None,
            include_partial: false,
            live: false,
        }
    }
}

/// The part of a range that one request asks for: what ends before `to`, the latest `limit` bars of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BarPage {
    /// Its end. Whether a bar that starts then belongs to it is the provider's to say.
    pub to: Timestamp,
    /// How many bars at most. A provider may give fewer although there are more.
    pub limit: u32,
}

/// How far a call for bars got. It goes backwards in time, page by page.
#[derive(Debug, Clone, Copy)]
pub struct BarProgress<'a> {
    /// The bars of the page that has just come, oldest first. None of them was in an earlier page.
    pub page: &'a [Bar],
    /// Bars so far, those of this page too.
    pub bars: usize,
    /// Pages so far.
    pub pages: usize,
    /// The start of the oldest bar so far.
    pub oldest: Timestamp,
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
    /// The day that it belongs to, presumably the trading day; `None` when the gateway does not tell.
    pub day: Option<Date>,
    /// The member `k`, whose meaning the gateway does not publish, as it came.
    pub k: Option<i64>,
}
