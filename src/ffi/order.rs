//! # 9. Orders
//!
//! A request that changes something is sent once and never again by itself. When a call fails,
//! tf_error_outcome() tells whether there may be an order; if so, tf_order_resolve() finds out.

use std::ffi::c_char;
use std::time::Duration;

use super::client::tf_client;
use super::error::tf_error;
use super::guard::{
    Checked, Out, Refusal, deadline, destroy, guard, new_handle, object, optional_string, string, time_range,
};
use super::handle::handled;
use super::list::{self, List};
use super::sized::{self, Sized32};
use super::status::tf_status;
use crate::clock::Timestamp;
use crate::error::{Error, Kind, Outcome};
use crate::model::{
    AccountId, BracketPrice, ContractId, Order, OrderChange, OrderId, OrderRequest, OrderType, Side, StopLoss,
};
use crate::price::Price;

/// The side of an order, a fill or the aggressor of a trade. A number that is not listed is the gateway's own.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum tf_side {
    /// Not told.
    None = -1,
    /// Buys.
    Buy = 0,
    /// Sells.
    Sell = 1,
}

/// The type of an order. A number that is not listed is the gateway's own.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum tf_order_type {
    /// Not told.
    Unknown = 0,
    /// At the limit price or better.
    Limit = 1,
    /// At once, at the market's price.
    Market = 2,
    /// A limit order once the stop price trades. The gateway does not take it; it is refused before sending.
    StopLimit = 3,
    /// A market order once the stop price trades.
    Stop = 4,
    /// A stop that follows the market.
    TrailingStop = 5,
    /// A limit order at the best bid.
    JoinBid = 6,
    /// A limit order at the best ask.
    JoinAsk = 7,
}

/// Where an order stands. Filled, cancelled, expired and rejected are final. A number that is not listed is
/// the gateway's own.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum tf_order_status {
    /// Not told.
    None = 0,
    /// Working in the market.
    Open = 1,
    /// Filled completely.
    Filled = 2,
    /// Cancelled.
    Cancelled = 3,
    /// Expired.
    Expired = 4,
    /// Refused.
    Rejected = 5,
    /// On its way into the market.
    Pending = 6,
    /// A cancel is on its way.
    PendingCancellation = 7,
    /// Waits for its parent, as the legs of a bracket do.
    Suspended = 8,
}

/// How the place of a bracket's leg is given. Never with a sign: the side of the order gives it.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum tf_bracket_unit {
    /// There is no such leg.
    None = 0,
    /// Ticks from the price at which the order fills, 4 at least.
    Ticks = 1,
    /// The same as a distance in units of 1e-9, a multiple of the tick. The client must know the contract.
    Distance = 2,
    /// A level in units of 1e-9, on the tick grid. It goes out as the ticks from the order's limit or stop
    /// price. The client must know the contract.
    Level = 3,
}

/// An order to be placed. Start from tf_order_request_init().
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_order_request {
    /// The size of this struct as the caller knows it.
    pub size: u32,
    /// Contracts, 1 at least.
    pub quantity: i32,
    /// The account that trades.
    pub account: i64,
    /// The contract's id. Copied.
    pub contract: *const c_char,
    /// The key to find the order by, unique in the account for ever; NULL lets the library make one. Copied.
    pub client_tag: *const c_char,
    /// The worst price to trade at, in units of 1e-9; limit orders need it. Else TF_PRICE_NONE.
    pub limit_price: i64,
    /// A tf_side: buy or sell.
    pub side: i32,
    /// A tf_order_type: any but stop limit.
    pub order_type: i32,
    /// The price that turns it into a market order; stop orders need it. Else TF_PRICE_NONE.
    pub stop_price: i64,
    /// Where a trailing stop begins: a level, not a distance. Else TF_PRICE_NONE.
    pub trail_price: i64,
    /// Where the leg stands that ends a loss, in stop_loss_unit.
    pub stop_loss: i64,
    /// Where the leg stands that takes a profit, in take_profit_unit.
    pub take_profit: i64,
    /// A tf_bracket_unit. Brackets need an account in the mode Auto OCO Brackets.
    pub stop_loss_unit: i32,
    /// A tf_bracket_unit.
    pub take_profit_unit: i32,
    /// TF_ORDER_TYPE_STOP, or TF_ORDER_TYPE_TRAILING_STOP for one that follows the market.
    pub stop_loss_type: i32,
    /// Zero.
    pub reserved: i32,
}

/// A change of a working order. Start from tf_order_change_init().
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_order_change {
    /// The size of this struct as the caller knows it.
    pub size: u32,
    /// Contracts ordered; TF_INT_NONE leaves them as they are.
    pub quantity: i32,
    /// The account that trades.
    pub account: i64,
    /// The order's id.
    pub order_id: i64,
    /// The limit price in units of 1e-9; TF_PRICE_NONE leaves it as it is.
    pub limit_price: i64,
    /// The stop price in units of 1e-9; TF_PRICE_NONE leaves it as it is.
    pub stop_price: i64,
    /// The new level of a trailing stop in units of 1e-9; TF_PRICE_NONE leaves it as it is.
    pub trail_price: i64,
}

// SAFETY: numbers, the first of which is the size.
unsafe impl Sized32 for tf_order_change {
    const FIRST: usize = 40;
}

impl tf_order_change {
    fn new() -> tf_order_change {
        tf_order_change {
            size: size_of::<tf_order_change>() as u32,
            quantity: i32::MIN,
            account: 0,
            order_id: 0,
            limit_price: i64::MAX,
            stop_price: i64::MAX,
            trail_price: i64::MAX,
        }
    }
}

/// An order that the gateway took.
#[repr(C)]
pub struct tf_placed {
    /// The gateway's id of the order.
    pub order_id: i64,
    /// The client tag, for tf_client_symbol(). Equals client_tag in the events of the order.
    pub client_tag: u32,
    /// Zero.
    pub reserved: u32,
}

/// An order as the gateway keeps it. Absent prices are TF_PRICE_NONE, absent ids TF_ID_NONE, absent numbers
/// TF_INT_NONE, absent times TF_TIME_NONE, absent texts NULL.
#[repr(C)]
pub struct tf_order {
    /// The gateway's id.
    pub id: i64,
    /// The account that trades.
    pub account: i64,
    /// The contract's id.
    pub contract: *const c_char,
    /// The client tag.
    pub client_tag: *const c_char,
    /// When it was made.
    pub created_ns: i64,
    /// When it last changed. A fill does not count as a change at this gateway.
    pub updated_ns: i64,
    /// The limit price.
    pub limit_price: i64,
    /// The stop price.
    pub stop_price: i64,
    /// The average price of the fills, rounded half to even at 1e-9.
    pub filled_price: i64,
    /// The distance of a trailing stop or a bracket leg, as a price.
    pub trail_price: i64,
    /// The entry that a bracket leg belongs to.
    pub parent: i64,
    /// The other leg of the bracket.
    pub linked: i64,
    /// Contracts ordered.
    pub quantity: i32,
    /// Contracts filled.
    pub fill_volume: i32,
    /// The distance of a trailing stop or a bracket leg, in ticks.
    pub trail_distance: i32,
    /// A tf_order_status.
    pub status: i32,
    /// A tf_order_type.
    pub order_type: i32,
    /// A tf_side.
    pub side: i32,
    /// The id of the product, such as "F.US.MNQ"; NULL when the gateway does not tell.
    pub symbol_id: *const c_char,
}

/// A list of orders.
pub struct tf_orders(List<tf_order>);
handled!(tf_orders, Orders);

impl tf_orders {
    pub(super) fn new(orders: &[Order]) -> tf_orders {
        let price = |price: Option<Price>| price.map_or(i64::MAX, Price::units);
        let time = |time: Option<Timestamp>| time.map_or(i64::MAX, Timestamp::nanos);
        let id = |id: Option<OrderId>| id.map_or(i64::MAX, OrderId::get);
        tf_orders(List::new(orders, |order, texts| tf_order {
            id: order.id.get(),
            account: order.account.get(),
            contract: texts.keep(order.contract.as_str()),
            client_tag: texts.keep_optional(order.client_tag.as_deref()),
            created_ns: time(order.created),
            updated_ns: time(order.updated),
            limit_price: price(order.limit_price),
            stop_price: price(order.stop_price),
            filled_price: price(order.filled_price),
            trail_price: price(order.trail_price),
            parent: id(order.parent),
            linked: id(order.linked),
            quantity: order.size,
            fill_volume: order.fill_volume.unwrap_or(i32::MIN),
            trail_distance: order.trail_distance.unwrap_or(i32::MIN),
            status: order.status.code(),
            order_type: order.order_type.code(),
            side: order.side.code(),
            symbol_id: texts.keep_optional(order.symbol_id.as_deref()),
        }))
    }
}

/// Sets every field to its default: no account, no contract, no prices, no brackets, side TF_SIDE_NONE, a
/// market order of size 0. NULL does nothing. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_order_request_init(request: *mut tf_order_request) {
    if let Ok(out) = Out::new("request", request) {
        out.set(tf_order_request::new());
    }
}

// SAFETY: numbers and pointers, the first of which is the size.
unsafe impl Sized32 for tf_order_request {
    const FIRST: usize = 32 + 2 * size_of::<usize>();
}

impl tf_order_request {
    fn new() -> tf_order_request {
        tf_order_request {
            size: size_of::<tf_order_request>() as u32,
            quantity: 0,
            account: 0,
            contract: std::ptr::null(),
            client_tag: std::ptr::null(),
            limit_price: i64::MAX,
            side: tf_side::None as i32,
            order_type: tf_order_type::Market as i32,
            stop_price: i64::MAX,
            trail_price: i64::MAX,
            stop_loss: 0,
            take_profit: 0,
            stop_loss_unit: tf_bracket_unit::None as i32,
            take_profit_unit: tf_bracket_unit::None as i32,
            stop_loss_type: tf_order_type::Stop as i32,
            reserved: 0,
        }
    }
}

fn read_request(request: *const tf_order_request) -> Checked<OrderRequest> {
    let request = sized::read("request", request, tf_order_request::new())?;
    let stop_loss = bracket("stop_loss", request.stop_loss_unit, request.stop_loss)?;
    let is_trailing = match OrderType::from(request.stop_loss_type) {
        OrderType::TrailingStop => true,
        OrderType::Stop => false,
        _ if stop_loss.is_none() => false,
        other => {
            return Err(refused(format!(
                "`request->stop_loss_type` is {}, neither TF_ORDER_TYPE_STOP nor TF_ORDER_TYPE_TRAILING_STOP",
                other.code()
            )));
        }
    };
    Ok(OrderRequest {
        account: AccountId::new(request.account),
        contract: ContractId::new(string("request->contract", request.contract)?),
        side: Side::from(request.side),
        order_type: OrderType::from(request.order_type),
        size: request.quantity,
        limit_price: price(request.limit_price),
        stop_price: price(request.stop_price),
        trail_price: price(request.trail_price),
        stop_loss: stop_loss.map(|at| StopLoss { at, is_trailing }),
        take_profit: bracket("take_profit", request.take_profit_unit, request.take_profit)?,
        client_tag: optional_string("request->client_tag", request.client_tag)?,
    })
}

fn price(units: i64) -> Option<Price> {
    (units != i64::MAX).then(|| Price::from_units(units))
}

fn bracket(name: &str, unit: i32, value: i64) -> Checked<Option<BracketPrice>> {
    const NONE: i32 = tf_bracket_unit::None as i32;
    const TICKS: i32 = tf_bracket_unit::Ticks as i32;
    const DISTANCE: i32 = tf_bracket_unit::Distance as i32;
    const LEVEL: i32 = tf_bracket_unit::Level as i32;
    let absent =
        || refused(format!("`request->{name}` is TF_PRICE_NONE, but its unit is not TF_BRACKET_UNIT_NONE"));
    match unit {
        NONE => Ok(None),
        TICKS => {
            let ticks = i32::try_from(value);
            let far = |_| refused(format!("`request->{name}` is too far away: {value} ticks"));
            ticks.map(|ticks| Some(BracketPrice::Ticks(ticks))).map_err(far)
        }
        DISTANCE => price(value).map(|distance| Some(BracketPrice::Distance(distance))).ok_or_else(absent),
        LEVEL => price(value).map(|level| Some(BracketPrice::Level(level))).ok_or_else(absent),
        _ => Err(refused(format!("`request->{name}_unit` is {unit}, which is no tf_bracket_unit"))),
    }
}

fn refused(message: String) -> Refusal {
    Refusal::Error(Error::new(Kind::Argument, message).with_outcome(Outcome::NotSent))
}

/// Places an order, once. Size, side, type, tag and brackets are checked before sending, and prices against
/// the tick grid when this client has seen the contract: one off the grid is refused, never rounded. On failure tf_error_outcome() tells what became of it, and
/// tf_error_client_tag() what to find it by. `out_placed` may be NULL. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_order_place(
    client: *mut tf_client,
    request: *const tf_order_request,
    timeout_ms: i32,
    out_placed: *mut tf_placed,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let client = object("client", client)?;
        let request = read_request(request)?;
        let placed = client.client.place(&request, deadline(timeout_ms)?)?;
        if let Ok(out) = Out::new("out_placed", out_placed) {
            out.set(tf_placed {
                order_id: placed.order_id.get(),
                client_tag: client.client.symbol_of(&placed.client_tag).get(),
                reserved: 0,
            });
        }
        Ok(tf_status::Ok)
    })
}

/// Asks for the cancellation of an order, once. TF_STATUS_OK means that the gateway took the request; whether
/// the order is cancelled or was filled first, tf_order_cancel_confirmed(), its events or tf_client_order() tell. ERR_NOT_FOUND or
/// ERR_REJECTED for an order that is final already. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_order_cancel(
    client: *mut tf_client,
    account: i64,
    order_id: i64,
    timeout_ms: i32,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let client = object("client", client)?;
        client.client.cancel(account.into(), order_id.into(), deadline(timeout_ms)?)?;
        Ok(tf_status::Ok)
    })
}

/// Sets every field to "leave it as it is", without account and order. NULL does nothing. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_order_change_init(change: *mut tf_order_change) {
    if let Ok(out) = Out::new("change", change) {
        out.set(tf_order_change::new());
    }
}

/// Changes a working order, once. A price off the tick grid is refused as in tf_order_place(); if the client
/// does not know the order's contract, it asks for it first, 2 s and half of the time at most, and leaves what
/// it cannot find out by then to the gateway. ERR_ARGUMENT when nothing would change, the quantity is below 1
/// or a price is off the grid; else as tf_order_cancel(). Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_order_modify(
    client: *mut tf_client,
    change: *const tf_order_change,
    timeout_ms: i32,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let client = object("client", client)?;
        let change = sized::read("change", change, tf_order_change::new())?;
        let change = OrderChange {
            size: (change.quantity != i32::MIN).then_some(change.quantity),
            limit_price: price(change.limit_price),
            stop_price: price(change.stop_price),
            trail_price: price(change.trail_price),
            ..OrderChange::new(change.account.into(), change.order_id.into())
        };
        client.client.modify(&change, deadline(timeout_ms)?)?;
        Ok(tf_status::Ok)
    })
}

/// Lists the orders that are not final, oldest first, the suspended legs of brackets included. The caller
/// owns the list. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_open_orders(
    client: *mut tf_client,
    account: i64,
    timeout_ms: i32,
    out_orders: *mut *mut tf_orders,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_orders", out_orders)?;
        let client = object("client", client)?;
        let orders = client.client.open_orders(account.into(), deadline(timeout_ms)?)?;
        out.set(new_handle(tf_orders::new(&orders))?);
        Ok(tf_status::Ok)
    })
}

/// Lists the orders that work in the market, in one request. Those that are pending, and the suspended legs of
/// brackets, are left out. The caller owns the list. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_resting_orders(
    client: *mut tf_client,
    account: i64,
    timeout_ms: i32,
    out_orders: *mut *mut tf_orders,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_orders", out_orders)?;
        let client = object("client", client)?;
        let orders = client.client.resting_orders(account.into(), deadline(timeout_ms)?)?;
        out.set(new_handle(tf_orders::new(&orders))?);
        Ok(tf_status::Ok)
    })
}

/// Gives one order by its id, as a list of one that the caller owns. ERR_NOT_FOUND for an id that the
/// account does not have. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_order(
    client: *mut tf_client,
    account: i64,
    order_id: i64,
    timeout_ms: i32,
    out_orders: *mut *mut tf_orders,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_orders", out_orders)?;
        let client = object("client", client)?;
        let order = client.client.order(account.into(), order_id.into(), deadline(timeout_ms)?)?;
        out.set(new_handle(tf_orders::new(&[order]))?);
        Ok(tf_status::Ok)
    })
}

/// Lists the orders made from `since_ns` on and before `until_ns`, oldest first; TF_TIME_NONE is no end. The
/// gateway leaves out those that are pending or suspended. The caller owns the list. ERR_ARGUMENT for an empty
/// range. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_orders(
    client: *mut tf_client,
    account: i64,
    since_ns: i64,
    until_ns: i64,
    timeout_ms: i32,
    out_orders: *mut *mut tf_orders,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_orders", out_orders)?;
        let client = object("client", client)?;
        let range = time_range(since_ns, until_ns)?;
        let orders = client.client.orders(account.into(), range, deadline(timeout_ms)?)?;
        out.set(new_handle(tf_orders::new(&orders))?);
        Ok(tf_status::Ok)
    })
}

/// Finds the order with this client tag among those of the last `window_ms` milliseconds, as a list of one
/// or none that the caller owns. A request that is still on its way may arrive later: ask again before
/// counting on none. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_order_by_tag(
    client: *mut tf_client,
    account: i64,
    client_tag: *const c_char,
    window_ms: u64,
    timeout_ms: i32,
    out_orders: *mut *mut tf_orders,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_orders", out_orders)?;
        let client = object("client", client)?;
        let tag = string("client_tag", client_tag)?;
        let window = Duration::from_millis(window_ms);
        let found = client.client.order_by_tag(account.into(), &tag, window, deadline(timeout_ms)?)?;
        out.set(new_handle(tf_orders::new(found.as_slice()))?);
        Ok(tf_status::Ok)
    })
}

/// The orders of a list and how many they are. Borrowed until the list is destroyed. NULL and 0 for an
/// empty list. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_orders_data(orders: *const tf_orders, out_count: *mut usize) -> *const tf_order {
    list::data(orders, out_count, |orders: &tf_orders| &orders.0)
}

/// Frees a list. NULL is fine. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_orders_destroy(orders: *mut tf_orders) {
    destroy(orders);
}
