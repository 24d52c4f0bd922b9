//! # 3. Errors
//!
//! The last parameter `err` of a call may be NULL. When the call fails it receives an error that
//! the caller owns; when it succeeds it is not touched. All texts are borrowed from the error and live as
//! long as it does. The accessors take NULL, and then answer as for no error. Threads: any.

use std::ffi::{CString, c_char};

use super::guard::{destroy, guard_value};
use super::handle::{Handled, handled};
use super::status::tf_status;
use super::text::to_c;
use crate::error::{Error, Fault, Outcome};

/// What became of a request that changes something.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum tf_outcome {
    /// The call only asks.
    Query = 0,
    /// The request never left this machine; nothing happened.
    NotSent = 1,
    /// The gateway refused it; nothing happened.
    Rejected = 2,
    /// It may have been carried out. Read back by the client tag; never send it again blindly.
    Unknown = 3,
}

/// Who can mend an error.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum tf_fault {
    /// There is no error.
    None = 0,
    /// The program or its settings.
    Caller = 1,
    /// The network between here and the gateway.
    Network = 2,
    /// The gateway.
    Gateway = 3,
    /// This library.
    Library = 4,
}

/// Why a call failed.
pub struct tf_error {
    status: tf_status,
    error: Error,
    message: CString,
    operation: CString,
    gateway_text: CString,
    gateway_name: CString,
    client_tag: CString,
}
handled!(tf_error, Error);

impl tf_error {
    pub(super) fn new(status: tf_status, error: Error) -> tf_error {
        tf_error {
            status,
            message: to_c(&error.to_string()),
            operation: to_c(error.operation().unwrap_or_default()),
            gateway_text: to_c(error.gateway_text().unwrap_or_default()),
            gateway_name: to_c(error.gateway_code().map_or("", |code| code.name)),
            client_tag: to_c(error.client_tag().unwrap_or_default()),
            error,
        }
    }
}

fn read<T>(error: *const tf_error, default: T, read: impl FnOnce(&tf_error) -> T) -> T {
    guard_value(None, || tf_error::table().get(error).map(|error| read(&error))).unwrap_or(default)
}

/// A pointer that lives as long as the error: its texts are never changed or moved.
fn text(error: *const tf_error, field: impl FnOnce(&tf_error) -> &CString) -> *const c_char {
    read(error, c"".as_ptr(), |error| field(error).as_ptr())
}

/// The status that the call returned; TF_STATUS_OK for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_error_status(error: *const tf_error) -> tf_status {
    read(error, tf_status::Ok, |error| error.status)
}

/// Who can mend it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_error_fault(error: *const tf_error) -> tf_fault {
    read(error, tf_fault::None, |error| match error.error.fault() {
        Fault::Caller => tf_fault::Caller,
        Fault::Network => tf_fault::Network,
        Fault::Gateway => tf_fault::Gateway,
        Fault::Library => tf_fault::Library,
    })
}

/// One line for people: what failed, on what, and what to do. "" for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_error_message(error: *const tf_error) -> *const c_char {
    text(error, |error| &error.message)
}

/// The gateway's operation that failed, such as "Order/place"; "" when it did not get that far.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_error_operation(error: *const tf_error) -> *const c_char {
    text(error, |error| &error.operation)
}

/// The gateway's own number, which means something else for every operation; 0 when it gave none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_error_gateway_code(error: *const tf_error) -> i32 {
    read(error, 0, |error| error.error.gateway_code().map_or(0, |code| code.number))
}

/// The published name of that number, such as "OrderRejected"; "" when the gateway gave none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_error_gateway_name(error: *const tf_error) -> *const c_char {
    text(error, |error| &error.gateway_name)
}

/// The gateway's own words, untrusted, at most 2,000 bytes; "" when it gave none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_error_gateway_text(error: *const tf_error) -> *const c_char {
    text(error, |error| &error.gateway_text)
}

/// The HTTP status; 0 when there was no answer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_error_http_status(error: *const tf_error) -> i32 {
    read(error, 0, |error| error.error.http_status().map_or(0, i32::from))
}

/// Milliseconds that the gateway asks to wait; -1 when it does not say.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_error_retry_after_ms(error: *const tf_error) -> i64 {
    read(error, -1, |error| {
        error.error.retry_after().map_or(-1, |wait| i64::try_from(wait.as_millis()).unwrap_or(i64::MAX))
    })
}

/// Whether the same call may simply be made again later. Never true for an unknown outcome.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_error_retriable(error: *const tf_error) -> bool {
    read(error, false, |error| error.error.is_retriable())
}

/// What became of the request.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_error_outcome(error: *const tf_error) -> tf_outcome {
    read(error, tf_outcome::Query, |error| match error.error.outcome() {
        Outcome::Query => tf_outcome::Query,
        Outcome::NotSent => tf_outcome::NotSent,
        Outcome::Rejected => tf_outcome::Rejected,
        Outcome::Unknown => tf_outcome::Unknown,
    })
}

/// Whether an order may live although the call failed: read back by its client tag.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_error_outcome_unknown(error: *const tf_error) -> bool {
    read(error, false, |error| error.error.is_outcome_unknown())
}

/// The order that the error is about, rejected ones included; INT64_MAX when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_error_order_id(error: *const tf_error) -> i64 {
    read(error, i64::MAX, |error| error.error.order_id().unwrap_or(i64::MAX))
}

/// The client tag of that order; "" when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_error_client_tag(error: *const tf_error) -> *const c_char {
    text(error, |error| &error.client_tag)
}

/// Frees an error. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_error_destroy(error: *mut tf_error) {
    destroy(error);
}
