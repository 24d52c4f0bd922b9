//! # 13. Streams
//!
//! A stream is a queue of events that threads of the library fill. Its events are taken in one of
//! three ways: tf_stream_poll() copies them, tf_stream_dispatch() calls a function on the caller's thread,
//! tf_stream_set_callback() lets a thread of the library call one. One thread at a time takes events, a
//! second one gets ERR_STATE; any thread may do everything else. When market events wait too long, the stream's
//! policy decides; events of orders, positions, fills and accounts never give way.
//!
//! A function that is called with events may do everything, also close or destroy its stream and its client.
//! Inside it no call waits for a callback.

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
use crate::model::{ContractId, Event, Kinds};
use crate::stream::{Inside, Polled, QueuePolicy, Stream, StreamOptions, is_inside};
use crate::sync::Hold;
use parking_lot::Mutex;
use std::ffi::{c_char, c_void};

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

/// What happens to market events when the reader is slow. Whatever is lost is counted, and shows as a gap at
/// its place.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum tf_queue_policy {
    /// The oldest give way.
    DropOldest = 0,
    /// A quote takes the place of the quote of its contract that still waits: tf_quote.changed has the changes
    /// of both, tf_quote.conflated how many it stands for. Trades and depth are never conflated.
    Conflate = 1,
    /// The market connection is not read until there is room, and kept alive meanwhile. All streams of the
    /// client wait for their market data then. The user connection never waits.
    Block = 2,
}

/// How a stream shall behave. Set every field to zero and `size` to sizeof(tf_stream_options).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_stream_options {
    /// The size of this struct as the caller knows it.
    pub size: u32,
    /// How many market events wait at most, up to 4194304; 0 means 8192, about a minute of one busy contract.
    pub capacity: u32,
    /// A tf_queue_policy.
    pub policy: u32,
}

// SAFETY: three numbers, the first of which is the size.
unsafe impl Sized32 for tf_stream_options {
    const FIRST: usize = 8;
}

impl tf_stream_options {
    fn read(options: *const tf_stream_options) -> Checked<StreamOptions> {
        let mut chosen = StreamOptions::default();
        if options.is_null() {
            return Ok(chosen);
        }
        let defaults = tf_stream_options { size: 0, capacity: 0, policy: 0 };
        let given = sized::read("options", options, defaults)?;
        if given.capacity > 0 {
            chosen.capacity = given.capacity as usize;
        }
        chosen.policy = match given.policy {
            0 => QueuePolicy::DropOldest,
            1 => QueuePolicy::Conflate,
            2 => QueuePolicy::Block,
            other => {
                let message = format!("`options->policy` is {other} but must be one of tf_queue_policy");
                return Err(Error::new(Kind::Argument, message).into());
            }
        };
        Ok(chosen)
    }
}

/// What went through a stream so far, and what waits. `received` is always the sum of `delivered`, `dropped`,
/// `conflated` and `depth`. Set `size` to sizeof(tf_statistics).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_statistics {
    /// The size of this struct as the caller knows it.
    pub size: u32,
    /// Zero.
    pub reserved: u32,
    /// Events that came for this stream.
    pub received: u64,
    /// Events that were handed out, gaps not counted.
    pub delivered: u64,
    /// Market events that gave way because nobody read in time.
    pub dropped: u64,
    /// Quotes that a newer one took in.
    pub conflated: u64,
    /// Records of the stream's connections that could not be read.
    pub malformed: u64,
    /// Events that wait.
    pub depth: u64,
    /// The most that ever waited.
    pub high_water: u64,
    /// How many nanoseconds ago the event that is next was received; TF_TIME_NONE when none waits.
    pub oldest_age_ns: i64,
}

// SAFETY: numbers, the first of which is the size.
unsafe impl Sized32 for tf_statistics {
    const FIRST: usize = 72;
}

/// Called with the `user_data` of the call and one event, which is borrowed until it returns.
pub type tf_event_fn = Option<unsafe extern "C-unwind" fn(user_data: *mut c_void, event: *const tf_event)>;

/// A queue of events.
pub struct tf_stream {
    stream: Stream,
    /// Held by the thread in tf_stream_poll() until its results are written.
    polling: Mutex<Alive>,
    /// Held by the thread in tf_stream_dispatch() until its last call is over.
    dispatching: Mutex<Alive>,
}
handled!(tf_stream, Stream);

/// A stream of Rust as C holds it.
#[cfg(feature = "bench")]
pub(crate) fn handle_of(stream: Stream) -> crate::error::Result<*mut tf_stream> {
    let (polling, dispatching) = (Mutex::new(Alive(true)), Mutex::new(Alive(true)));
    new_handle(tf_stream { stream, polling, dispatching })
        .map_err(|_| Error::new(Kind::State, "there are too many handles"))
}

/// Whether what the caller lent may still be used: until the stream is destroyed.
struct Alive(bool);

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
        let stream = client.client.stream(&tf_stream_options::read(options)?)?;
        let (polling, dispatching) = (Mutex::new(Alive(true)), Mutex::new(Alive(true)));
        out.set(new_handle(tf_stream { stream, polling, dispatching })?);
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
        let limit = at_least_one("capacity", capacity)?;
        let stream = object("stream", stream)?;
        let turn = stream.stream.turn(Hold::ForACall)?;
        let alive = stream.polling.lock();
        if !alive.0 {
            return Err(Refusal::Handle("stream"));
        }
        let mut written = 0;
        let pop = turn.poll(limit, deadline(timeout_ms)?, |event| {
            // SAFETY: not NULL, by contract an array of `capacity` events, and no more than `capacity` come.
            unsafe { events.add(written).write(tf_event::from(&event)) };
            written += 1;
        });
        out.set(written);
        Ok(Polled::from(pop).into())
    })
}

fn at_least_one(name: &str, count: usize) -> Checked<usize> {
    match count {
        0 => Err(Error::new(Kind::Argument, format!("`{name}` must be 1 at least")).into()),
        count => Ok(count),
    }
}

impl From<Polled> for tf_status {
    fn from(polled: Polled) -> tf_status {
        match polled {
            Polled::Events(_) => tf_status::Ok,
            Polled::TimedOut => tf_status::Timeout,
            Polled::Woken => tf_status::Woken,
            Polled::Closed => tf_status::Closed,
        }
    }
}

/// Calls `function` with up to `limit` events, one by one, on this thread: those that wait, or those that wait when
/// the first comes, for which it waits up to `timeout_ms`. Their number goes to `out_count`, which may be
/// NULL. Statuses as of tf_stream_poll(). tf_stream_wake() ends it after the present event, tf_stream_destroy()
/// too. An exception of C++ leaves through this call, and later events stay. Threads: one at a time, else
/// ERR_STATE.
#[unsafe(no_mangle)]
pub unsafe extern "C-unwind" fn tf_stream_dispatch(
    stream: *mut tf_stream,
    function: tf_event_fn,
    user_data: *mut c_void,
    limit: usize,
    timeout_ms: i32,
    out_count: *mut usize,
    err: *mut *mut tf_error,
) -> tf_status {
    let mut begun = None;
    let status = guard(err, || {
        let function = function.ok_or(Refusal::Null("function"))?;
        let limit = at_least_one("limit", limit)?;
        let stream = object("stream", stream)?;
        let turn = stream.stream.turn(Hold::UntilRecalled)?;
        let mut first = None;
        let pop = turn.poll(1, deadline(timeout_ms)?, |event| first = Some(event));
        // What comes meanwhile is left for the next call, so that this one ends.
        let limit = limit.min(turn.depth().saturating_add(1));
        begun = first.map(|first| (function, limit, stream, turn, first));
        Ok(Polled::from(pop).into())
    });
    let mut count = 0;
    if let Some((function, limit, stream, turn, first)) = begun {
        let alive = stream.dispatching.lock();
        let _inside = Inside::enter();
        let mut next = alive.0.then_some(first);
        while let Some(event) = next.take() {
            count += 1;
            let event = tf_event::from(&event);
            // Outside of the guard: what the function throws cannot be caught here and goes on to the caller.
            // SAFETY: by contract a function of this type, and `event` lives until it returns.
            unsafe { function(user_data, &raw const event) };
            if count < limit {
                next = guard_value(None, || turn.next());
            }
        }
    }
    if let Ok(out) = Out::new("out_count", out_count)
        && status as i32 >= 0
    {
        out.set(count);
    }
    status
}

/// Lets a thread of the library, tf-callback, call `function` with every event, one by one, until the callback is
/// cleared or the stream or the client is closed; what is queued then can be polled. NULL clears it: that waits
/// for the call that is under way, as closing does, and after it none follows. While the function
/// runs, the events of this stream wait, and nothing else does. It must not throw: an exception of C++ closes the
/// stream and stops the thread for ever, for it cannot be caught there; everything else goes on. ERR_STATE when a callback is set or somebody polls. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_stream_set_callback(
    stream: *mut tf_stream,
    function: tf_event_fn,
    user_data: *mut c_void,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let stream = object("stream", stream)?;
        let Some(function) = function else {
            stream.stream.clear_callback();
            return Ok(tf_status::Ok);
        };
        let call = Call { function, user_data };
        stream.stream.set_callback(move |event| call.with(&event))?;
        Ok(tf_status::Ok)
    })
}

/// A function of the program and what it is called with.
struct Call {
    function: unsafe extern "C-unwind" fn(*mut c_void, *const tf_event),
    user_data: *mut c_void,
}

// SAFETY: by contract the function may be called on the callback's thread with the pointer, which is not looked at.
unsafe impl Send for Call {}

impl Call {
    fn with(&self, event: &Event) {
        let event = tf_event::from(event);
        // SAFETY: by contract a function of this type, and `event` lives until it returns.
        unsafe { (self.function)(self.user_data, &raw const event) };
    }
}

/// A descriptor that is readable while events wait, after tf_stream_wake() until a poll told it, and once the stream
/// is closed: for poll, select, epoll and kqueue, level-triggered (an edge is told once for all that
/// waits). Wait for it, then poll. It belongs to the stream and lives until tf_stream_destroy(): never read from
/// it nor close it. Every call gives the same one. ERR_STATE where the system has none. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_stream_fd(
    stream: *mut tf_stream,
    out_fd: *mut i32,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_fd", out_fd)?;
        let stream = object("stream", stream)?;
        out.set(descriptor(&stream.stream)?);
        Ok(tf_status::Ok)
    })
}

#[cfg(unix)]
fn descriptor(stream: &Stream) -> Checked<i32> {
    use std::os::fd::AsRawFd;
    Ok(stream.descriptor()?.as_raw_fd())
}

#[cfg(not(unix))]
fn descriptor(_: &Stream) -> Checked<i32> {
    let message = "this system has no descriptors to wait for: poll, or set a callback";
    Err(Error::new(Kind::State, message).into())
}

/// Writes what went through the stream so far, and what waits. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_stream_statistics(
    stream: *const tf_stream,
    out_statistics: *mut tf_statistics,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let statistics = object("stream", stream)?.stream.statistics();
        let age = |age: std::time::Duration| i64::try_from(age.as_nanos()).unwrap_or(i64::MAX - 1);
        let told = tf_statistics {
            size: 0,
            reserved: 0,
            received: statistics.received,
            delivered: statistics.delivered,
            dropped: statistics.dropped,
            conflated: statistics.conflated,
            malformed: statistics.malformed,
            depth: statistics.depth as u64,
            high_water: statistics.high_water as u64,
            oldest_age_ns: statistics.oldest.map_or(i64::MAX, age),
        };
        sized::write("out_statistics", out_statistics, &told)?;
        Ok(tf_status::Ok)
    })
}

/// Makes the thread in tf_stream_poll() come back at once with WOKEN, or the next call when there is none.
/// Nothing is lost. A callback is not woken. Threads: any.
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
/// CLOSED. Waits for nothing but the call of a callback that is under way. Closing again does nothing.
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_stream_close(stream: *mut tf_stream, err: *mut *mut tf_error) -> tf_status {
    guard(err, || {
        object("stream", stream)?.stream.close();
        Ok(tf_status::Ok)
    })
}

/// Closes if needed and frees. A thread in tf_stream_poll() drains what is queued and then gets CLOSED. Once it is
/// over, no function is called for this stream any more; inside a function that is, once that returns. NULL is
/// fine. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_stream_destroy(stream: *mut tf_stream) {
    guard_value((), || {
        if let Some(stream) = tf_stream::table().get(stream) {
            stream.stream.close();
            // The array of the thread in tf_stream_poll() may go once this call is over.
            *stream.polling.lock() = Alive(false);
            // So may what the function of tf_stream_dispatch() uses.
            stream.stream.clear_callback();
            if !is_inside() {
                *stream.dispatching.lock() = Alive(false);
            }
        }
    });
    destroy(stream);
}
