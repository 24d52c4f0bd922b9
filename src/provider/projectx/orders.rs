//! Queries of orders by status, in pages.

use std::collections::HashSet;

use super::rest::{Rest, list, payload};
use super::{codes, dto, map};
use crate::clock::{Deadline, Timestamp};
use crate::error::{Error, Kind, Result};
use crate::model::{AccountId, Order, OrderPage, OrderQuery, OrderSort, OrderStatus};
use crate::secret::Secret;

/// Every state in which an order may still fill.
const LIVE: [OrderStatus; 4] =
    [OrderStatus::Open, OrderStatus::Pending, OrderStatus::PendingCancellation, OrderStatus::Suspended];

impl Rest {
    /// One page of orders.
    pub(super) fn one_order_page(
        &self,
        token: &Secret,
        query: &OrderQuery,
        deadline: Deadline,
    ) -> Result<OrderPage> {
        let operation = &codes::ORDER_QUERY;
        if !(1..=OrderQuery::LARGEST_PAGE).contains(&query.page_size) {
            let message = format!(
                "a page of {} orders was asked for, but it must be 1 to {}",
                query.page_size,
                OrderQuery::LARGEST_PAGE
            );
            return Err(Error::new(Kind::Argument, message).in_operation(operation.name));
        }
        let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
        let request = dto::OrderQuery {
            filter: dto::OrderFilter {
                account_id: query.account.get(),
                statuses: query.statuses.iter().map(|status| status.code()).collect(),
                contract_id: query.contract.as_ref().map(AsRef::as_ref),
                created_after: time(query.created_after),
                created_before: time(query.created_before),
            },
            page_size: query.page_size,
            page_offset: query.page_offset,
            sort_by: i32::from(query.sort_by == OrderSort::Id),
            sort_direction: i32::from(query.is_descending),
            include_total_count: query.with_total,
        };
        let body = self.call(operation, Some(token), &request, deadline)?;
        let answer: dto::OrderList<'_> = payload(operation, &body)?;
        let total = map::small("totalCount", answer.total_count);
        let total = total.map_err(|error| error.in_operation(operation.name))?;
        let mut orders = list(operation, "orders", answer.orders, map::order)?;
        // The gateway never gives more rows than it was asked for.
        let rows = u32::try_from(orders.len()).unwrap_or(u32::MAX);
        let next_offset = (rows >= query.page_size).then(|| query.page_offset.saturating_add(rows));
        // It is known to pass over this filter.
        orders.retain(|order| query.contract.as_ref().is_none_or(|contract| order.contract == *contract));
        Ok(OrderPage { orders, total, next_offset })
    }

    /// All orders that may still fill, page by page.
    pub(super) fn all_open_orders(
        &self,
        token: &Secret,
        account: AccountId,
        deadline: Deadline,
    ) -> Result<Vec<Order>> {
        let mut query = OrderQuery { statuses: LIVE.to_vec(), ..OrderQuery::new(account) };
        let mut orders: Vec<Order> = Vec::new();
        let mut seen = HashSet::new();
        loop {
            let page = self.one_order_page(token, &query, deadline)?;
            let known = seen.len();
            seen.extend(page.orders.iter().map(|order| order.id));
            if seen.len() == known && page.next_offset.is_some() {
                let message = "the gateway gives the same page of orders again and again";
                return Err(Error::new(Kind::Protocol, message).in_operation(codes::ORDER_QUERY.name));
            }
            orders.extend(page.orders.into_iter().filter(|order| !order.status.is_final()));
            let Some(next) = page.next_offset else {
                orders.sort_by_key(|order| order.id);
                // An order that ends between two pages moves the rows, so one may come twice.
                orders.dedup_by_key(|order| order.id);
                return Ok(orders);
            };
            // Rows of the last page again, so that an order that ended meanwhile does not hide its neighbour.
            query.page_offset = next - (next - query.page_offset) / 2;
        }
    }
}
