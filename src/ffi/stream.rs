//! # 13. Streams
//!
//! A stream is a queue of events that threads of the library fill. Any thread may subscribe,
//! wake and close; one at a time polls, a second one gets ERR_STATE. When market events wait too long, the
//! oldest give way and a gap tells how many; events of orders, positions, fills and accounts never give way.

use super::client::tf_client;
use super::error::tf_error;
use super::event::tf_event;
use super::guard::{
    Checked, Out, Refusal, deadline, destroy, guard, guard_value, new_handle, object, string,
};
use super::handle::{Handled, handled};
use super::sized::{self, Sized32};
use super::status::tf_status;
use crate::error::{Error, Kind};
use crate::model::{ContractId, Kinds};
use crate::stream::{Polled, Stream, StreamOptions};
use parking_lot::Mutex;
use std::ffi::c_char;

/// What can be subscribed; combine with |.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum tf_kinds {
    /// Quotes of a contract.
    Quotes = 1,
    /// Trades of a contract.
    Trades = 2,
    /// Depth of a contract.
    Depth = 4,
    /// Orders of an account.
    Orders = 8,
    /// Positions of an account.
    Positions = 16,
    /// Fills of an account.
    Fills = 32,
    /// Balance and permissions of all accounts.
    Accounts = 64,
    /// Everything about a contract.
    Market = 7,
    /// Everything about an account.
    User = 120,
}

/// How a stream shall behave. Set every field to zero and `size` to sizeof(tf_stream_options).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_stream_options {
    /// The size of this struct as the caller knows it.
    pub size: u32,
    /// How many market events wait at most; 0 means 8192, about a minute of one busy contract.
    pub capacity: u32,
}

// SAFETY: two numbers, the first of which is the size.
unsafe impl Sized32 for tf_stream_options {
    const FIRST: usize = 8;
}

/// A queue of events.
pub struct tf_stream {
    stream: Stream,
    /// Held by the thread in tf_stream_poll() until its results are written.
    polling: Mutex<()>,
}
handled!(tf_stream, Stream);

/// Makes a stream without subscriptions. `options` may be NULL. The caller owns it. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_stream_new(
    client: *mut tf_client,
    options: *const tf_stream_options,
    out_stream: *mut *mut tf_stream,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_stream", out_stream)?;
        let client = object("client", client)?;
        let mut chosen = StreamOptions::default();
        if !options.is_null() {
            let defaults = tf_stream_options { size: 0, capacity: 0 };
            let given = sized::read("options", options, defaults)?;
            if given.capacity > 0 {
                chosen.capacity = given.capacity as usize;
            }
        }
        out.set(new_handle(tf_stream { stream: client.client.stream(&chosen)?, polling: Mutex::default() })?);
        Ok(tf_status::Ok)
    })
}

fn kinds_of(kinds: u32) -> Checked<Kinds> {
    let unknown =
        || Error::new(Kind::Argument, format!("`kinds` is {kinds}, which has bits that mean nothing"));
    Ok(Kinds::from_bits(kinds).ok_or_else(unknown)?)
}

/// Subscribes kinds (tf_kinds) of a contract and waits until the gateway confirmed each. With `timeout_ms` 0
/// it does not wait, and subscription events tell how it went. The connection opens at the first use and comes
/// back by itself, with its subscriptions. After an error nothing of the call is subscribed. ERR_REJECTED when
/// the gateway refuses. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_stream_subscribe(
    stream: *mut tf_stream,
    contract: *const c_char,
    kinds: u32,
    timeout_ms: i32,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let stream = object("stream", stream)?;
        let contract = ContractId::new(string("contract", contract)?);
        stream.stream.subscribe(&contract, kinds_of(kinds)?, deadline(timeout_ms)?)?;
        Ok(tf_status::Ok)
    })
}

/// Subscribes kinds (tf_kinds) of an account, as tf_stream_subscribe(). TF_KINDS_ACCOUNTS brings every
/// account of the user. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_stream_subscribe_account(
    stream: *mut tf_stream,
    account: i64,
    kinds: u32,
    timeout_ms: i32,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let stream = object("stream", stream)?;
        stream.stream.subscribe_account(account.into(), kinds_of(kinds)?, deadline(timeout_ms)?)?;
        Ok(tf_status::Ok)
    })
}

/// Ends subscriptions of a contract. What is queued stays. Does not wait. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_stream_unsubscribe(
    stream: *mut tf_stream,
    contract: *const c_char,
    kinds: u32,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let stream = object("stream", stream)?;
        let contract = ContractId::new(string("contract", contract)?);
        stream.stream.unsubscribe(&contract, kinds_of(kinds)?);
        Ok(tf_status::Ok)
    })
}

/// Ends subscriptions of an account. What is queued stays. Does not wait. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_stream_unsubscribe_account(
    stream: *mut tf_stream,
    account: i64,
    kinds: u32,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let stream = object("stream", stream)?;
        stream.stream.unsubscribe_account(account.into(), kinds_of(kinds)?);
        Ok(tf_status::Ok)
    })
}

/// Writes up to `capacity` waiting events into `events` and their number into `out_count`. Waits up to
/// `timeout_ms` for the first (0: not at all, -1: without limit), never for more. OK with one event at least;
/// TIMEOUT, WOKEN or CLOSED with none. Threads: one at a time, else ERR_STATE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_stream_poll(
    stream: *mut tf_stream,
    events: *mut tf_event,
    capacity: usize,
    timeout_ms: i32,
    out_count: *mut usize,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_count", out_count)?;
        if events.is_null() {
            return Err(Refusal::Null("events"));
        }
        if capacity == 0 {
            return Err(Error::new(Kind::Argument, "`capacity` must be 1 at least").into());
        }
        let stream = object("stream", stream)?;
        let Some(_polling) = stream.polling.try_lock() else {
            let message = "another thread is polling this stream: one at a time, or a stream for each";
            return Err(Error::new(Kind::State, message).into());
        };
        let mut written = 0;
        let polled = stream.stream.poll_each(capacity, deadline(timeout_ms)?, |event| {
            // SAFETY: not NULL, by contract an array of `capacity` events, and no more than `capacity` come.
            unsafe { events.add(written).write(tf_event::from(&event)) };
            written += 1;
        })?;
        out.set(written);
        Ok(match polled {
            Polled::Events(_) => tf_status::Ok,
            Polled::TimedOut => tf_status::Timeout,
            Polled::Woken => tf_status::Woken,
            Polled::Closed => tf_status::Closed,
        })
    })
}

/// Makes the thread in tf_stream_poll() come back at once with WOKEN, or the next call when there is none.
/// Nothing is lost. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_stream_wake(stream: *mut tf_stream) {
    guard_value((), || {
        if let Some(stream) = tf_stream::table().get(stream) {
            stream.stream.wake();
        }
    });
}

/// How many events wait. A moment's view; 0 for a dead handle. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_stream_depth(stream: *const tf_stream) -> usize {
    guard_value(0, || tf_stream::table().get(stream).map_or(0, |stream| stream.stream.depth()))
}

/// How many market events gave way so far because nobody polled in time. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_stream_dropped(stream: *const tf_stream) -> u64 {
    guard_value(0, || tf_stream::table().get(stream).map_or(0, |stream| stream.stream.dropped()))
}

/// Ends the subscriptions and the stream. A thread in tf_stream_poll() drains what is queued and then gets
/// CLOSED. Does not wait. Closing again does nothing. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_stream_close(stream: *mut tf_stream, err: *mut *mut tf_error) -> tf_status {
    guard(err, || {
        object("stream", stream)?.stream.close();
        Ok(tf_status::Ok)
    })
}

/// Closes if needed and frees. A thread in tf_stream_poll() drains what is queued and then gets CLOSED. NULL
/// is fine. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_stream_destroy(stream: *mut tf_stream) {
    guard_value((), || {
        if let Some(stream) = tf_stream::table().get(stream) {
            stream.stream.close();
            // The array of the thread in tf_stream_poll() may go once this call is over.
            drop(stream.polling.lock());
        }
    });
    destroy(stream);
}
