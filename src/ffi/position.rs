//! # 11. Positions

use std::ffi::c_char;

use super::client::tf_client;
use super::error::tf_error;
use super::guard::{Out, deadline, destroy, guard, new_handle, object, string};
use super::handle::handled;
use super::list::{self, List};
use super::status::tf_status;
use crate::clock::Timestamp;
use crate::model::{ContractId, Position};

/// The direction of a position. A number that is not listed is the gateway's own.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum tf_position_side {
    /// None: flat.
    Flat = 0,
    /// Bought.
    Long = 1,
    /// Sold.
    Short = 2,
}

/// The open position of an account in one contract.
#[repr(C)]
pub struct tf_position {
    /// The gateway's id.
    pub id: i64,
    /// The account that holds it.
    pub account: i64,
    /// The contract's id.
    pub contract: *const c_char,
    /// The name for people, such as "MNQU26"; NULL when the gateway does not tell.
    pub display_name: *const c_char,
    /// When it was opened; TF_TIME_NONE when the gateway does not tell.
    pub created_ns: i64,
    /// The average price of the entry in units of 1e-9, rounded half to even.
    pub average_price: i64,
    /// Contracts held, never negative.
    pub quantity: i32,
    /// A tf_position_side.
    pub side: i32,
}

/// A list of positions.
pub struct tf_positions(List<tf_position>);
handled!(tf_positions, Positions);

impl tf_positions {
    pub(super) fn new(positions: &[Position]) -> tf_positions {
        tf_positions(List::new(positions, |position, texts| tf_position {
            id: position.id.get(),
            account: position.account.get(),
            contract: texts.keep(position.contract.as_str()),
            display_name: texts.keep_optional(position.display_name.as_deref()),
            created_ns: position.created.map_or(i64::MAX, Timestamp::nanos),
            average_price: position.average_price.units(),
            quantity: position.size,
            side: position.side.code(),
        }))
    }
}

/// Lists the open positions of an account. The caller owns the list. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_positions(
    client: *mut tf_client,
    account: i64,
    timeout_ms: i32,
    out_positions: *mut *mut tf_positions,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_positions", out_positions)?;
        let client = object("client", client)?;
        let positions = client.client.positions(account.into(), deadline(timeout_ms)?)?;
        out.set(new_handle(tf_positions::new(&positions))?);
        Ok(tf_status::Ok)
    })
}

/// The positions of a list and how many they are. Borrowed until the list is destroyed. NULL and 0 for an
/// empty list. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_positions_data(
    positions: *const tf_positions,
    out_count: *mut usize,
) -> *const tf_position {
    list::data(positions, out_count, |positions: &tf_positions| &positions.0)
}

/// Frees a list. NULL is fine. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_positions_destroy(positions: *mut tf_positions) {
    destroy(positions);
}

/// Closes the position in a contract with a market order, sent once. Working orders stay. ERR_NOT_FOUND when
/// there is no position. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_close_position(
    client: *mut tf_client,
    account: i64,
    contract: *const c_char,
    timeout_ms: i32,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let client = object("client", client)?;
        let contract = ContractId::new(string("contract", contract)?);
        client.client.close_position(account.into(), &contract, deadline(timeout_ms)?)?;
        Ok(tf_status::Ok)
    })
}

/// Closes `quantity` contracts of a position with a market order, sent once. Working orders stay. ERR_REJECTED
/// when the quantity is below 1 or more than the position. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_reduce_position(
    client: *mut tf_client,
    account: i64,
    contract: *const c_char,
    quantity: i32,
    timeout_ms: i32,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let client = object("client", client)?;
        let contract = ContractId::new(string("contract", contract)?);
        client.client.reduce_position(account.into(), &contract, quantity, deadline(timeout_ms)?)?;
        Ok(tf_status::Ok)
    })
}

/// Closes every open position of an account, each as tf_client_close_position(). `out_closed` receives how
/// many and may be NULL. Fails with the first failure, one of unknown outcome
/// before all others; the others are closed all the same. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_flatten(
    client: *mut tf_client,
    account: i64,
    timeout_ms: i32,
    out_closed: *mut usize,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let client = object("client", client)?;
        let closed = client.client.flatten(account.into(), deadline(timeout_ms)?)?;
        if let Ok(out) = Out::new("out_closed", out_closed) {
            out.set(closed);
        }
        Ok(tf_status::Ok)
    })
}
