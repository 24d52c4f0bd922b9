//! # 17. What became of orders
//!
//! Reading back what a cancel came to, and what an order of unknown outcome came to. Nothing here is sent
//! twice.

use std::ffi::c_char;
use std::time::Duration;

use super::client::tf_client;
use super::error::tf_error;
use super::guard::{Out, deadline, destroy, guard, new_handle, object, optional_string, string};
use super::handle::handled;
use super::list::{self, List};
use super::order::tf_orders;
use super::status::tf_status;
use crate::model::{CancelOutcome, CancelReport, ContractId, Resolution};

/// What became of a cancel.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum tf_cancel_outcome {
    /// The order can no longer fill: it is cancelled, or ended in another way that its status tells. A part
    /// of it may have filled before.
    Confirmed = 0,
    /// The order filled completely before the cancel came.
    FilledFirst = 1,
    /// The time passed, or reading back failed, before the order's end was seen. It may still fill.
    Unconfirmed = 2,
    /// The cancel was not sent or was refused; the order works on as far as is known.
    Failed = 3,
}

/// What a client tag leads to.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum tf_resolution {
    /// The gateway took the order; its status tells how far it is.
    Accepted = 0,
    /// The gateway refused it. The reason is not kept anywhere.
    Rejected = 1,
    /// No order with this tag has shown for as long as resolve_seconds says.
    NotThere = 2,
}

/// One order of tf_order_cancel_all().
#[repr(C)]
pub struct tf_cancel {
    /// The gateway's id of the order.
    pub order_id: i64,
    /// The contract's id.
    pub contract: *const c_char,
    /// The client tag; NULL when it has none.
    pub client_tag: *const c_char,
    /// Why it is unconfirmed or failed, in one line; NULL when it is neither.
    pub message: *const c_char,
    /// A tf_cancel_outcome.
    pub outcome: i32,
    /// The tf_order_status: at the end when that was seen, else as it was before.
    pub status: i32,
    /// Contracts filled by then; TF_INT_NONE when the gateway does not tell.
    pub fill_volume: i32,
    /// Zero.
    pub reserved: i32,
}

/// A list of cancels.
pub struct tf_cancels(List<tf_cancel>);
handled!(tf_cancels, Cancels);

impl tf_cancels {
    fn new(reports: &[CancelReport]) -> tf_cancels {
        tf_cancels(List::new(reports, |report, texts| {
            let (outcome, end, error) = match &report.outcome {
                CancelOutcome::Confirmed(order) => (tf_cancel_outcome::Confirmed, Some(order), None),
                CancelOutcome::FilledFirst(order) => (tf_cancel_outcome::FilledFirst, Some(order), None),
                CancelOutcome::Unconfirmed(error) => (tf_cancel_outcome::Unconfirmed, None, Some(error)),
                CancelOutcome::Failed(error) => (tf_cancel_outcome::Failed, None, Some(error)),
            };
            let order = end.unwrap_or(&report.order);
            tf_cancel {
                order_id: order.id.get(),
                contract: texts.keep(order.contract.as_str()),
                client_tag: texts.keep_optional(order.client_tag.as_deref()),
                message: texts.keep_optional(error.map(ToString::to_string).as_deref()),
                outcome: outcome as i32,
                status: order.status.code(),
                fill_volume: order.fill_volume.unwrap_or(i32::MIN),
                reserved: 0,
            }
        }))
    }
}

/// Asks for the cancellation of an order, once, and reads the order back until its end is seen or the time
/// passes; half of the time is kept for reading back. On success `out_outcome` is confirmed or filled first and
/// `out_orders`, which may be NULL, gets the order at its end as a list of one that the caller owns. On failure
/// tf_error_outcome() is TF_OUTCOME_UNKNOWN for an unconfirmed cancel, and anything else for a failed one.
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_order_cancel_confirmed(
    client: *mut tf_client,
    account: i64,
    order_id: i64,
    timeout_ms: i32,
    out_outcome: *mut i32,
    out_orders: *mut *mut tf_orders,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_outcome", out_outcome)?;
        let client = object("client", client)?;
        let outcome = client.client.cancel_confirmed(account.into(), order_id.into(), deadline(timeout_ms)?);
        let (outcome, order) = match outcome {
            CancelOutcome::Confirmed(order) => (tf_cancel_outcome::Confirmed, order),
            CancelOutcome::FilledFirst(order) => (tf_cancel_outcome::FilledFirst, order),
            CancelOutcome::Unconfirmed(error) | CancelOutcome::Failed(error) => return Err(error.into()),
        };
        if let Ok(out_orders) = Out::new("out_orders", out_orders) {
            out_orders.set(new_handle(tf_orders::new(&[order]))?);
        }
        out.set(outcome as i32);
        Ok(tf_status::Ok)
    })
}

/// Cancels every order of an account that is not final, those of one contract only unless `contract` is NULL,
/// legs that protect a position included. Each cancel is sent once and confirmed by reading back; the caller
/// owns the list of what each came to. On failure nothing was cancelled. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_order_cancel_all(
    client: *mut tf_client,
    account: i64,
    contract: *const c_char,
    timeout_ms: i32,
    out_cancels: *mut *mut tf_cancels,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_cancels", out_cancels)?;
        let client = object("client", client)?;
        let contract = optional_string("contract", contract)?.map(ContractId::new);
        let reports = client.client.cancel_all(account.into(), contract.as_ref(), deadline(timeout_ms)?)?;
        out.set(new_handle(tf_cancels::new(&reports))?);
        Ok(tf_status::Ok)
    })
}

/// The cancels of a list and how many they are. Borrowed until the list is destroyed. NULL and 0 for an empty
/// list. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_cancels_data(
    cancels: *const tf_cancels,
    out_count: *mut usize,
) -> *const tf_cancel {
    list::data(cancels, out_count, |cancels: &tf_cancels| &cancels.0)
}

/// Frees a list. NULL is fine. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_cancels_destroy(cancels: *mut tf_cancels) {
    destroy(cancels);
}

/// Finds out what became of an order by its client tag, placed within the last `window_ms` milliseconds. Reads
/// back only; nothing is sent again. `out_resolution` gets a tf_resolution; `out_orders`, which may be NULL, a
/// list of one or none that the caller owns. An order is not there when it stays out of
/// sight for 10 s, or as long as resolve_seconds says: give the call more time than that. On failure the outcome is
/// still unknown: ask again. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_order_resolve(
    client: *mut tf_client,
    account: i64,
    client_tag: *const c_char,
    window_ms: u64,
    timeout_ms: i32,
    out_resolution: *mut i32,
    out_orders: *mut *mut tf_orders,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_resolution", out_resolution)?;
        let client = object("client", client)?;
        let tag = string("client_tag", client_tag)?;
        let window = Duration::from_millis(window_ms);
        let (resolution, order) =
            match client.client.resolve(account.into(), &tag, window, deadline(timeout_ms)?)? {
                Resolution::Accepted(order) => (tf_resolution::Accepted, Some(order)),
                Resolution::Rejected(order) => (tf_resolution::Rejected, Some(order)),
                Resolution::NotThere => (tf_resolution::NotThere, None),
            };
        if let Ok(out_orders) = Out::new("out_orders", out_orders) {
            out_orders.set(new_handle(tf_orders::new(order.as_slice()))?);
        }
        out.set(resolution as i32);
        Ok(tf_status::Ok)
    })
}
