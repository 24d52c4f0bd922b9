//! What is read back: a range of time, and the orders of a page.

use std::ops::{Range, RangeFrom};

use super::codes::OrderStatus;
use super::id::{AccountId, ContractId};
use super::order::Order;
use crate::clock::Timestamp;

/// A range of time: from a time on, and before another if there is one. A [`Timestamp`] alone means from then
/// on; `a..` and `a..b` are ranges too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeRange {
    /// What happened then or later.
    pub from: Timestamp,
    /// What happened before; `None` for no end.
    pub until: Option<Timestamp>,
}

impl TimeRange {
    /// Whether the range ends after this time. What has no time is kept, as nobody knows.
    pub(crate) fn is_before_end(&self, time: Option<Timestamp>) -> bool {
        self.until.zip(time).is_none_or(|(until, time)| time < until)
    }
}

impl From<Timestamp> for TimeRange {
    fn from(from: Timestamp) -> TimeRange {
        TimeRange { from, until: None }
    }
}

impl From<RangeFrom<Timestamp>> for TimeRange {
    fn from(range: RangeFrom<Timestamp>) -> TimeRange {
        range.start.into()
    }
}

impl From<Range<Timestamp>> for TimeRange {
    fn from(range: Range<Timestamp>) -> TimeRange {
        TimeRange { from: range.start, until: Some(range.end) }
    }
}

/// What the orders of a query are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderSort {
    /// When they were made.
    CreatedAt,
    /// Their id.
    Id,
}

/// Which orders are wanted, and which page of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderQuery {
    /// The account.
    pub account: AccountId,
    /// Orders in one of these states; empty means in any.
    pub statuses: Vec<OrderStatus>,
    /// Orders in this contract only.
    pub contract: Option<ContractId>,
    /// Orders made after this time. Whether one made exactly then belongs to them is the gateway's to say.
    pub created_after: Option<Timestamp>,
    /// Orders made before this time, as for `created_after`.
    pub created_before: Option<Timestamp>,
    /// What the pages follow.
    pub sort_by: OrderSort,
    /// Whether the highest comes first.
    pub is_descending: bool,
    /// Orders a page, 1 to 100.
    pub page_size: u32,
    /// Orders to pass over: [`OrderPage::next_offset`] of the page before.
    pub page_offset: u32,
    /// Whether to count all orders of the query.
    pub with_total: bool,
}

impl OrderQuery {
    /// The most orders that the gateway gives at once.
    pub const LARGEST_PAGE: u32 = 100;

    /// The first 100 orders of an account by their id, in any state.
    pub fn new(account: AccountId) -> OrderQuery {
        OrderQuery {
            account,
            statuses: Vec::new(),
            contract: None,
            created_after: None,
            created_before: None,
            sort_by: OrderSort::Id,
            is_descending: false,
            page_size: OrderQuery::LARGEST_PAGE,
            page_offset: 0,
            with_total: false,
        }
    }
}

/// A page of orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderPage {
    /// The orders.
    pub orders: Vec<Order>,
    /// How many the query has on all pages, if that was asked for. The gateway may count the orders in other
    /// contracts too.
    pub total: Option<i32>,
    /// Where the next page begins; `None` when this one was not full, which makes it the last. Orders that are
    /// made or change their state between two pages move the rows: compare by id.
    pub next_offset: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_ends_before_its_end() {
        let at = Timestamp::from_seconds;
        let range = TimeRange::from(at(1)..at(3));
        assert_eq!((range.from, range.until), (at(1), Some(at(3))));
        assert!(range.is_before_end(Some(at(2))) && range.is_before_end(None));
        assert!(!range.is_before_end(Some(at(3))));
        assert_eq!(TimeRange::from(at(1)..), TimeRange::from(at(1)));
        assert!(TimeRange::from(at(1)).is_before_end(Some(at(9))));
    }
}
