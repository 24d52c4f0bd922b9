//! `Order/…`.

use super::routes::{Answer, Call, failure, nothing, success};
use crate::clock::Timestamp;
use crate::sim::exchange::brackets::{Bracket, Brackets};
use crate::sim::exchange::change::{ChangeError, OrderChange};
use crate::sim::exchange::order::{Order, OrderStatus};
use crate::sim::exchange::place::{NewOrder, PlaceError};
use crate::sim::wire::body::{BindError, Body};
use crate::sim::wire::json::Null;

/// SearchOrderErrorCode.
const ACCOUNT_NOT_FOUND: i32 = 1;
/// SearchOrderByIdErrorCode.
const ORDER_NOT_FOUND: i32 = 1;
/// What an order to a market is told that does not trade.
const NOT_TRADING: &str =
    "Trading is currently unavailable. The instrument is not in an active trading status.";
/// A recording cannot react to an order.
const REPLAYED: &str = "Trading is currently unavailable. This simulator replays a recording.";
const OUTSIDE_HOURS: &str = "Outside of trading hours.";
/// Most orders that one query gives, and how many it gives unasked.
const MAX_ROWS: usize = 100;

/// `Order/place`.
pub(super) fn place(call: &Call<'_>) -> Answer {
    let body = &call.body;
    let new = NewOrder {
        account_id: body.int32("accountId")?,
        contract_id: body.text("contractId")?,
        order_type: body.int32("type")?,
        side: body.int32("side")?,
        size: body.int32("size")?,
        limit_price: body.optional_price("limitPrice")?,
        stop_price: body.optional_price("stopPrice")?,
        trail_price: body.optional_price("trailPrice")?,
        custom_tag: body.optional_text("customTag")?,
        brackets: Brackets {
            stop_loss: bracket(body, "stopLossBracket")?,
            take_profit: bracket(body, "takeProfitBracket")?,
        },
    };

    let style = call.gateway.style();
    let refused = |code, message, order_id: Option<i64>| {
        failure(style, code, message, |answer| {
            answer.member("orderId", order_id);
        })
    };
    if call.gateway.player.is_some() {
        return Ok(refused(2, Some(REPLAYED), None));
    }
    Ok(match call.gateway.change(|exchange| exchange.place(new)) {
        Ok(order_id) => success(style, |answer| {
            answer.member("orderId", order_id);
        }),
        Err(PlaceError::AccountNotFound) => refused(1, None, None),
        Err(PlaceError::Rejected { order_id, message }) => refused(2, Some(&message), order_id),
        Err(PlaceError::NotTrading { order_id }) => match call.gateway.config.shape.closed_market_code {
            5 => refused(5, Some(OUTSIDE_HOURS), Some(order_id)),
            _ => refused(2, Some(NOT_TRADING), Some(order_id)),
        },
        Err(PlaceError::DayOver { order_id }) => refused(5, Some(OUTSIDE_HOURS), Some(order_id)),
        Err(PlaceError::AccountViolation) => refused(4, None, None),
        Err(PlaceError::ContractNotFound) => refused(8, None, None),
        Err(PlaceError::ContractNotActive) => refused(9, None, None),
        Err(PlaceError::AccountRejected) => refused(10, None, None),
    })
}

fn bracket(body: &Body<'_>, name: &str) -> Result<Option<Bracket>, BindError> {
    if !body.has(name) {
        return Ok(None);
    }
    let bracket = body.object(name)?;
    Ok(Some(Bracket { ticks: bracket.int32("ticks")?, order_type: bracket.int32("type")? }))
}

/// `Order/modify`.
pub(super) fn modify(call: &Call<'_>) -> Answer {
    let body = &call.body;
    let change = OrderChange {
        account_id: body.int32("accountId")?,
        order_id: body.int64("orderId")?,
        size: body.optional_int32("size")?,
        limit_price: body.optional_price("limitPrice")?,
        stop_price: body.optional_price("stopPrice")?,
        trail_price: body.optional_price("trailPrice")?,
    };
    Ok(changed(call, call.gateway.change(|exchange| exchange.modify(&change))))
}

/// `Order/cancel`.
pub(super) fn cancel(call: &Call<'_>) -> Answer {
    let (account_id, order_id) = (call.body.int32("accountId")?, call.body.int64("orderId")?);
    Ok(changed(call, call.gateway.change(|exchange| exchange.cancel(account_id, order_id))))
}

/// ModifyOrderErrorCode and CancelOrderErrorCode agree on these numbers.
fn changed(call: &Call<'_>, result: Result<(), ChangeError>) -> String {
    let style = call.gateway.style();
    match result {
        Ok(()) => success(style, nothing),
        Err(ChangeError::AccountNotFound) => failure(style, 1, None, nothing),
        Err(ChangeError::OrderNotFound) => failure(style, 2, None, nothing),
        Err(ChangeError::OrderFinished) => {
            failure(style, call.gateway.config.shape.finished_order_code, None, nothing)
        }
        Err(ChangeError::Rejected(message)) => failure(style, 3, Some(&message), nothing),
        Err(ChangeError::Pending) => failure(style, 4, None, nothing),
        Err(ChangeError::AccountRejected) => failure(style, 6, None, nothing),
    }
}

/// `Order/search`: the orders made in a window, oldest first, without those that wait for something.
pub(super) fn search(call: &Call<'_>) -> Answer {
    let account_id = call.body.int32("accountId")?;
    let window = (call.body.time("startTimestamp")?, call.body.optional_time("endTimestamp")?);
    Ok(list(call, account_id, |order| {
        !matches!(order.status, OrderStatus::Pending | OrderStatus::Suspended)
            && is_within(order.created, Some(window.0), window.1)
    }))
}

/// `Order/searchOpen`: the orders that rest, oldest first.
pub(super) fn search_open(call: &Call<'_>) -> Answer {
    let account_id = call.body.int32("accountId")?;
    Ok(list(call, account_id, |order| order.status == OrderStatus::Open))
}

fn list(call: &Call<'_>, account_id: i32, is_wanted: impl Fn(&Order) -> bool) -> String {
    let style = call.gateway.style();
    call.gateway.read(|exchange| {
        if exchange.account(account_id).is_none() {
            return failure(style, ACCOUNT_NOT_FOUND, None, |answer| {
                answer.member("orders", Null);
            });
        }
        let orders = exchange.orders.values();
        let orders = orders.filter(|order| order.account_id == account_id && is_wanted(order));
        success(style, |answer| {
            answer.array("orders", orders);
        })
    })
}

/// `Order/searchById`.
pub(super) fn search_by_id(call: &Call<'_>) -> Answer {
    let (account_id, order_id) = (call.body.int32("accountId")?, call.body.int64("orderId")?);
    let style = call.gateway.style();
    Ok(call.gateway.read(|exchange| {
        match exchange.orders.get(&order_id).filter(|order| order.account_id == account_id) {
            Some(order) => success(style, |answer| {
                answer.member("order", order);
            }),
            None => failure(style, ORDER_NOT_FOUND, None, |answer| {
                answer.member("order", Null);
            }),
        }
    }))
}

/// `Order/v2/query`: orders by status, contract and time, in pages of rows.
pub(super) fn query(call: &Call<'_>) -> Answer {
    let body = &call.body;
    let filter = body.object("filter")?;
    let account_id = filter.int32("accountId")?;
    let statuses = filter.optional_list("statuses")?.unwrap_or_default();
    let contract_id = filter.optional_text("contractId")?;
    let contract_id = contract_id.filter(|_| call.gateway.config.shape.contract_filter);
    let (after, before) = (filter.optional_time("createdAfter")?, filter.optional_time("createdBefore")?);
    let page_size = rows(call, "pageSize", 1)?.unwrap_or(MAX_ROWS).min(MAX_ROWS);
    let offset = rows(call, "pageOffset", 0)?.unwrap_or(0);
    let by_id = choice(call, "sortBy")?;
    let descending = choice(call, "sortDirection")?;
    let counted = body.optional_boolean("includeTotalCount")?.unwrap_or(false);

    let style = call.gateway.style();
    Ok(call.gateway.read(|exchange| {
        if exchange.account(account_id).is_none() {
            return failure(style, ACCOUNT_NOT_FOUND, None, |answer| {
                answer.member("orders", Null).member("totalCount", Null);
            });
        }
        let mut found: Vec<&Order> = exchange
            .orders
            .values()
            .filter(|order| {
                order.account_id == account_id
                    && (statuses.is_empty() || statuses.contains(&(order.status as i32)))
                    && contract_id.as_ref().is_none_or(|id| order.contract.id == *id)
                    && is_within(order.created, after, before)
            })
            .collect();
        if by_id {
            found.sort_by_key(|order| order.id);
        } else {
            found.sort_by_key(|order| (order.created, order.id));
        }
        if descending {
            found.reverse();
        }
        let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
        success(style, |answer| {
            answer
                .array("orders", found.iter().skip(offset).take(page_size))
                .member("totalCount", counted.then_some(total));
        })
    }))
}

/// A number of rows, `least` at least.
fn rows(call: &Call<'_>, name: &str, least: i32) -> Result<Option<usize>, BindError> {
    match call.body.optional_int32(name)? {
        Some(number) if number < least => Err(BindError {
            path: name.to_owned(),
            message: format!("The field {name} must be at least {least}."),
        }),
        number => Ok(number.and_then(|number| usize::try_from(number).ok())),
    }
}

/// An enum of two values, 0 and 1; true for 1.
fn choice(call: &Call<'_>, name: &str) -> Result<bool, BindError> {
    match call.body.optional_int32(name)? {
        None | Some(0) => Ok(false),
        Some(1) => Ok(true),
        Some(_) => {
            Err(BindError { path: name.to_owned(), message: format!("The field {name} must be 0 or 1.") })
        }
    }
}

/// Whether a time lies in a window that is open where an end is missing. As in what clients read, the time
/// counts in whole microseconds.
pub(super) fn is_within(time: Timestamp, start: Option<Timestamp>, end: Option<Timestamp>) -> bool {
    let time = Timestamp::from_nanos(time.nanos() - time.nanos().rem_euclid(1_000));
    start.is_none_or(|start| time >= start) && end.is_none_or(|end| time <= end)
}
