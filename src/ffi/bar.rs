//! # 16. Bars
//!
//! Bars of any range. The gateway gives 20,000 at once, so a long range takes several requests, which go
//! backwards in time; the result is one list, oldest first, without a gap and without a double.

use std::ffi::{c_char, c_void};
use std::ops::ControlFlow;

use super::client::tf_client;
use super::error::tf_error;
use super::guard::{Checked, Out, deadline, destroy, guard, new_handle, object, string};
use super::handle::handled;
use super::list::{self, List};
use super::sized::{self, Sized32};
use super::status::tf_status;
use crate::clock::Timestamp;
use crate::error::{Error, Kind};
use crate::model::{Bar, BarProgress, BarRequest, BarUnit, ContractId, Date};

/// What a bar's length is counted in. Other numbers are sent as they are, and the gateway may refuse them.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum tf_bar_unit {
    /// Seconds.
    Second = 1,
    /// Minutes.
    Minute = 2,
    /// Hours.
    Hour = 3,
    /// Trading days, which start at 17:00 in Chicago.
    Day = 4,
    /// Weeks.
    Week = 5,
    /// Months.
    Month = 6,
    /// Trades. The gateway lists it and does not document it; it may refuse.
    Tick = 7,
}

/// Which bars are wanted. Start from tf_bar_request_init().
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_bar_request {
    /// The size of this struct as the caller knows it.
    pub size: u32,
    /// A tf_bar_unit.
    pub unit: i32,
    /// The contract's id. Copied.
    pub contract: *const c_char,
    /// The start of the range: bars that start then or later.
    pub from_ns: i64,
    /// The end of the range: bars that start before.
    pub to_ns: i64,
    /// Units a bar, 1 at least.
    pub unit_number: i32,
    /// How many bars at most; when the range has more, the latest are given. 0 gives the whole range.
    pub limit: u32,
    /// 1 for the bar that is still forming too, else 0.
    pub include_partial: u32,
    /// 1 asks for the live data subscription; practice accounts have none. Else 0.
    pub live: u32,
}

// SAFETY: numbers and a pointer, the first of which is the size.
unsafe impl Sized32 for tf_bar_request {
    const FIRST: usize = 40 + size_of::<usize>();
}

impl tf_bar_request {
    fn new() -> tf_bar_request {
        tf_bar_request {
            size: size_of::<tf_bar_request>() as u32,
            unit: tf_bar_unit::Minute as i32,
            contract: std::ptr::null(),
            from_ns: i64::MAX,
            to_ns: i64::MAX,
            unit_number: 1,
            limit: 0,
            include_partial: 0,
            live: 0,
        }
    }

    fn read(request: *const tf_bar_request) -> Checked<BarRequest> {
        let request = sized::read("request", request, tf_bar_request::new())?;
        let refused = |reason: &str| Err(Error::new(Kind::Argument, reason).into());
        if request.from_ns == i64::MAX || request.to_ns == i64::MAX {
            return refused("`request->from_ns` and `request->to_ns` must be times");
        }
        if request.include_partial > 1 || request.live > 1 {
            return refused("`request` has a flag that is neither 0 nor 1: use tf_bar_request_init()");
        }
        Ok(BarRequest {
            contract: ContractId::new(string("request->contract", request.contract)?),
            from: Timestamp::from_nanos(request.from_ns),
            to: Timestamp::from_nanos(request.to_ns),
            unit: BarUnit::from(request.unit),
            unit_number: request.unit_number,
            limit: (request.limit != 0).then_some(request.limit),
            include_partial: request.include_partial == 1,
            live: request.live == 1,
        })
    }
}

/// Prices, in units of 1e-9, and volume of a span of time.
#[repr(C)]
pub struct tf_bar {
    /// When it starts.
    pub start_ns: i64,
    /// The first price.
    pub open: i64,
    /// The highest price.
    pub high: i64,
    /// The lowest price.
    pub low: i64,
    /// The last price.
    pub close: i64,
    /// Contracts traded.
    pub volume: i64,
    /// The member `k`, whose meaning the gateway does not publish, as it came; TF_ID_NONE when it did not.
    pub k: i64,
    /// The day that it belongs to, presumably the trading day, as one number such as 20261120; TF_INT_NONE
    /// when the gateway does not tell.
    pub day: i32,
    /// Zero.
    pub reserved: i32,
}

impl From<&Bar> for tf_bar {
    fn from(bar: &Bar) -> tf_bar {
        tf_bar {
            start_ns: bar.start.nanos(),
            open: bar.open.units(),
            high: bar.high.units(),
            low: bar.low.units(),
            close: bar.close.units(),
            volume: bar.volume.get(),
            k: bar.k.unwrap_or(i64::MAX),
            day: bar.day.map_or(i32::MIN, Date::number),
            reserved: 0,
        }
    }
}

/// How far a call for bars got.
#[repr(C)]
pub struct tf_bar_progress {
    /// The bars of the page that has just come, oldest first; none of them was in an earlier page. Borrowed
    /// until the callback returns.
    pub page: *const tf_bar,
    /// How many they are.
    pub page_count: usize,
    /// Bars so far, those of this page too.
    pub count: i64,
    /// Pages so far.
    pub pages: i64,
    /// The start of the oldest bar so far.
    pub oldest_ns: i64,
}

/// Told about every page, on the thread of the call, with the `user_data` of the call. `true` goes on,
/// `false` ends the call. It may use the library; it must neither throw nor jump out.
pub type tf_bar_progress_fn =
    Option<unsafe extern "C" fn(user_data: *mut c_void, progress: *const tf_bar_progress) -> bool>;

/// A list of bars.
pub struct tf_bars(List<tf_bar>);
handled!(tf_bars, Bars);

/// Sets every field to its default: no contract, no range, complete bars of one minute, no limit. NULL does
/// nothing. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_bar_request_init(request: *mut tf_bar_request) {
    if let Ok(out) = Out::new("request", request) {
        out.set(tf_bar_request::new());
    }
}

/// Gives the bars of a range, oldest first. The caller owns the list. `progress` may be NULL; when it ends
/// the call, the status is TF_STATUS_STOPPED and the list holds what had come: the latest bars of the range,
/// without a gap. `timeout_ms` holds for all pages together. ERR_ARGUMENT when the range is empty or has
/// more than ten million bars, ERR_NOT_FOUND for an unknown contract, ERR_REJECTED when the gateway has no
/// bars of this length. The message of a failure after the first page tells how far it got. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_client_bars(
    client: *mut tf_client,
    request: *const tf_bar_request,
    progress: tf_bar_progress_fn,
    user_data: *mut c_void,
    timeout_ms: i32,
    out_bars: *mut *mut tf_bars,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_bars", out_bars)?;
        let client = object("client", client)?;
        let request = tf_bar_request::read(request)?;
        let mut is_stopped = false;
        let mut tell = |told: &BarProgress<'_>| {
            let Some(progress) = progress else { return ControlFlow::Continue(()) };
            let page: Vec<tf_bar> = told.page.iter().map(tf_bar::from).collect();
            let told = tf_bar_progress {
                page: page.as_ptr(),
                page_count: page.len(),
                count: i64::try_from(told.bars).unwrap_or(i64::MAX),
                pages: i64::try_from(told.pages).unwrap_or(i64::MAX),
                oldest_ns: told.oldest.nanos(),
            };
            // SAFETY: by contract a function of this type, and `told` lives until it returns.
            is_stopped = !unsafe { progress(user_data, &raw const told) };
            if is_stopped { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let bars = client.client.bars_with(&request, deadline(timeout_ms)?, &mut tell)?;
        out.set(new_handle(tf_bars(List::new(&bars, |bar, _| bar.into())))?);
        Ok(if is_stopped { tf_status::Stopped } else { tf_status::Ok })
    })
}

/// The bars of a list and how many they are. Borrowed until the list is destroyed. NULL and 0 for an empty
/// list. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_bars_data(bars: *const tf_bars, out_count: *mut usize) -> *const tf_bar {
    list::data(bars, out_count, |bars: &tf_bars| &bars.0)
}

/// Frees a list. NULL is fine. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_bars_destroy(bars: *mut tf_bars) {
    destroy(bars);
}
