//! # 10. Fills

use std::ffi::c_char;

use super::client::tf_client;
use super::error::tf_error;
use super::guard::{Out, deadline, destroy, guard, new_handle, object, time_range};
use super::handle::handled;
use super::list::{self, List};
use super::status::tf_status;
use crate::clock::Timestamp;
use crate::price::Money;

/// A fill of one of the account's orders.
#[repr(C)]
pub struct tf_fill {
    /// The gateway's id.
    pub id: i64,
    /// The order that was filled.
    pub order: i64,
    /// The account.
    pub account: i64,
    /// The contract's id.
    pub contract: *const c_char,
    /// When it happened; TF_TIME_NONE when the gateway does not tell.
    pub created_ns: i64,
    /// The price in units of 1e-9.
    pub price: i64,
    /// The result of the part that it closed in units of 1e-9, fees not deducted; TF_PRICE_NONE when it opened
    /// or added.
    pub profit_and_loss: i64,
    /// The fees for the whole fill in units of 1e-9.
    pub fees: i64,
    /// The commissions for the whole fill in units of 1e-9; TF_PRICE_NONE when the gateway does not tell.
    pub commissions: i64,
    /// Contracts.
    pub quantity: i32,
    /// A tf_side.
    pub side: i32,
    /// Whether it was undone.
    pub voided: bool,
    /// Zero.
    pub reserved: [u8; 7],
}

/// A list of fills.
pub struct tf_fills(List<tf_fill>);
handled!(tf_fills, Fills);

/// Lists the fills from `since_ns` on and before `until_ns`, oldest first; TF_TIME_NONE is no end. The caller
/// owns the list. ERR_ARGUMENT for an empty range. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_fills(
    client: *mut tf_client,
    account: i64,
    since_ns: i64,
    until_ns: i64,
    timeout_ms: i32,
    out_fills: *mut *mut tf_fills,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_fills", out_fills)?;
        let client = object("client", client)?;
        let range = time_range(since_ns, until_ns)?;
        let fills = client.client.fills(account.into(), range, deadline(timeout_ms)?)?;
        let list = List::new(&fills, |fill, texts| tf_fill {
            id: fill.id.get(),
            order: fill.order.get(),
            account: fill.account.get(),
            contract: texts.keep(fill.contract.as_str()),
            created_ns: fill.created.map_or(i64::MAX, Timestamp::nanos),
            price: fill.price.units(),
            profit_and_loss: fill.profit_and_loss.map_or(i64::MAX, Money::units),
            fees: fill.fees.units(),
            commissions: fill.commissions.map_or(i64::MAX, Money::units),
            quantity: fill.size,
            side: fill.side.code(),
            voided: fill.voided,
            reserved: [0; 7],
        });
        out.set(new_handle(tf_fills(list))?);
        Ok(tf_status::Ok)
    })
}

/// The fills of a list and how many they are. Borrowed until the list is destroyed. NULL and 0 for an empty
/// list. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_fills_data(fills: *const tf_fills, out_count: *mut usize) -> *const tf_fill {
    list::data(fills, out_count, |fills: &tf_fills| &fills.0)
}

/// Frees a list. NULL is fine. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_fills_destroy(fills: *mut tf_fills) {
    destroy(fills);
}
