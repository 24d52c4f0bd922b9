//! # 19. Orders by status, contract and time
//!
//! Orders in pages of 100 at most. tf_client_open_orders() needs no pages, and so do the orders of a range of time.

use std::ffi::c_char;

use super::client::tf_client;
use super::error::tf_error;
use super::guard::{Checked, Out, Refusal, deadline, guard, new_handle, object, optional_string};
use super::order::tf_orders;
use super::sized::{self, Sized32};
use super::status::tf_status;
use crate::clock::Timestamp;
use crate::error::{Error, Kind};
use crate::model::{AccountId, ContractId, OrderQuery, OrderSort, OrderStatus};

/// What the pages of a query follow.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum tf_order_sort {
    /// When the orders were made.
    CreatedAt = 0,
    /// Their id.
    Id = 1,
}

/// Which orders are wanted, and which page of them. Start from tf_order_query_init().
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_order_query {
    /// The size of this struct as the caller knows it.
    pub size: u32,
    /// Orders a page, 1 to 100.
    pub page_size: u32,
    /// The account.
    pub account: i64,
    /// tf_order_status numbers: orders in one of these states; NULL for any. Copied.
    pub statuses: *const i32,
    /// How many they are, 64 at most; 0 for any state.
    pub status_count: usize,
    /// Orders in this contract only; NULL for any. Copied.
    pub contract: *const c_char,
    /// Orders made after this time, or TF_TIME_NONE. Whether one made exactly then belongs to them is the
    /// gateway's to say.
    pub created_after_ns: i64,
    /// Orders made before this time, or TF_TIME_NONE; as above.
    pub created_before_ns: i64,
    /// A tf_order_sort.
    pub sort_by: i32,
    /// Orders to pass over: what the page before gave as the next offset.
    pub page_offset: u32,
    /// 1 for the highest first, else 0.
    pub is_descending: u32,
    /// 1 to count all orders of the query, else 0.
    pub with_total: u32,
}

// SAFETY: numbers and pointers, the first of which is the size.
unsafe impl Sized32 for tf_order_query {
    const FIRST: usize = 48 + 3 * size_of::<usize>();
}

impl tf_order_query {
    fn new() -> tf_order_query {
        tf_order_query {
            size: size_of::<tf_order_query>() as u32,
            page_size: OrderQuery::LARGEST_PAGE,
            account: 0,
            statuses: std::ptr::null(),
            status_count: 0,
            contract: std::ptr::null(),
            created_after_ns: i64::MAX,
            created_before_ns: i64::MAX,
            sort_by: tf_order_sort::Id as i32,
            page_offset: 0,
            is_descending: 0,
            with_total: 0,
        }
    }

    fn read(query: *const tf_order_query) -> Checked<OrderQuery> {
        const CREATED_AT: i32 = tf_order_sort::CreatedAt as i32;
        const ID: i32 = tf_order_sort::Id as i32;
        let query = sized::read("query", query, tf_order_query::new())?;
        if query.is_descending > 1 || query.with_total > 1 {
            return refused("`query` has a flag that is neither 0 nor 1: use tf_order_query_init()".into());
        }
        let time = |nanos: i64| (nanos != i64::MAX).then(|| Timestamp::from_nanos(nanos));
        Ok(OrderQuery {
            account: AccountId::new(query.account),
            statuses: query.read_statuses()?,
            contract: optional_string("query->contract", query.contract)?.map(ContractId::new),
            created_after: time(query.created_after_ns),
            created_before: time(query.created_before_ns),
            sort_by: match query.sort_by {
                CREATED_AT => OrderSort::CreatedAt,
                ID => OrderSort::Id,
                other => return refused(format!("`query->sort_by` is {other}, which is no tf_order_sort")),
            },
            is_descending: query.is_descending == 1,
            page_size: query.page_size,
            page_offset: query.page_offset,
            with_total: query.with_total == 1,
        })
    }

    fn read_statuses(&self) -> Checked<Vec<OrderStatus>> {
        /// There are nine; a count far beyond is memory that was not initialised.
        const MOST: usize = 64;
        match self.status_count {
            0 => Ok(Vec::new()),
            1..=MOST if self.statuses.is_null() => Err(Refusal::Null("query->statuses")),
            1..=MOST => {
                // SAFETY: not NULL, and by contract so many numbers can be read there.
                let numbers = unsafe { std::slice::from_raw_parts(self.statuses, self.status_count) };
                Ok(numbers.iter().copied().map(OrderStatus::from).collect())
            }
            count => refused(format!("`query->status_count` is {count} but {MOST} is the most")),
        }
    }
}

fn refused<T>(message: String) -> Checked<T> {
    Err(Error::new(Kind::Argument, message).into())
}

/// Sets every field to its default: no account, the first 100 orders by their id, in any state. NULL does
/// nothing. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_order_query_init(query: *mut tf_order_query) {
    if let Ok(out) = Out::new("query", query) {
        out.set(tf_order_query::new());
    }
}

/// Gives a page of orders. The caller owns the list. `out_next_offset` gets where the next page begins, and
/// TF_ID_NONE when this one was not full, which makes it the last; orders that are made or change their state
/// between two pages move the rows, so compare by id. `out_total` gets how many there are on all pages, and
/// TF_INT_NONE when that was not asked for; the gateway may count the orders in other contracts too. Both may
/// be NULL. ERR_ARGUMENT for a page size that is not 1 to 100. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_order_page(
    client: *mut tf_client,
    query: *const tf_order_query,
    timeout_ms: i32,
    out_orders: *mut *mut tf_orders,
    out_next_offset: *mut i64,
    out_total: *mut i32,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_orders", out_orders)?;
        let client = object("client", client)?;
        let query = tf_order_query::read(query)?;
        let page = client.client.order_page(&query, deadline(timeout_ms)?)?;
        out.set(new_handle(tf_orders::new(&page.orders))?);
        if let Ok(out_next_offset) = Out::new("out_next_offset", out_next_offset) {
            out_next_offset.set(page.next_offset.map_or(i64::MAX, i64::from));
        }
        if let Ok(out_total) = Out::new("out_total", out_total) {
            out_total.set(page.total.unwrap_or(i32::MIN));
        }
        Ok(tf_status::Ok)
    })
}
