//! # 4. Numbers
//!
//! Prices and money are int64_t in units of 1e-9: 30199.25 is 30199250000000. Times are int64_t
//! nanoseconds since 1970-01-01T00:00:00Z. Nothing is carried through a double on the way. Threads: any.

use std::ffi::c_char;

use super::error::tf_error;
use super::guard::{Out, guard, guard_value, string};
use super::status::tf_status;
use super::text;
use crate::clock::Timestamp;
use crate::error::{Error, Kind};
use crate::price::{DecimalError, Price, Rounding};

/// One, in units of a price or an amount.
pub const TF_PRICE_SCALE: i64 = 1000000000;
/// A price or an amount that is absent.
pub const TF_PRICE_NONE: i64 = 9223372036854775807;
/// A time that is absent.
pub const TF_TIME_NONE: i64 = 9223372036854775807;
/// An id or a volume that is absent.
pub const TF_ID_NONE: i64 = 9223372036854775807;
/// A 32-bit number that is absent.
pub const TF_INT_NONE: i32 = -2147483647 - 1;

/// Which multiple of the tick a price moves to.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum tf_rounding {
    /// The closest; exactly between two, the one further from zero.
    Nearest = 0,
    /// At or below: away from the market for a buy limit.
    Down = 1,
    /// At or above: away from the market for a sell limit.
    Up = 2,
}

fn refused(what: &str, error: DecimalError) -> Error {
    Error::new(Kind::Argument, format!("{what} {error}"))
}

/// Reads a decimal text such as "30199.25" or "5e-7", exactly. ERR_ARGUMENT when it is no number, finer than
/// 1e-9 or out of range.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_price_parse(
    text: *const c_char,
    out_price: *mut i64,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_price", out_price)?;
        let text = string("text", text)?;
        let shown = format!("\"{}\"", text.escape_debug());
        out.set(Price::parse(&text).map_err(|error| refused(&shown, error))?.units());
        Ok(tf_status::Ok)
    })
}

/// Writes a price or an amount as its shortest decimal text into `buffer`, NUL-terminated and cut to
/// `capacity`, and returns the length of the whole text, as snprintf does. 24 bytes hold every price; an
/// absent one is "".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_price_format(price: i64, buffer: *mut c_char, capacity: usize) -> usize {
    guard_value(0, || {
        let shown = if price == i64::MAX { String::new() } else { Price::from_units(price).to_string() };
        text::write(&shown, buffer, capacity)
    })
}

/// The closest double; NaN for an absent price.
#[unsafe(no_mangle)]
pub extern "C" fn tf_price_to_double(price: i64) -> f64 {
    if price == i64::MAX { f64::NAN } else { Price::from_units(price).to_f64() }
}

/// Takes the shortest decimal text of a double, so that 0.1 is one tenth. ERR_ARGUMENT for NaN, infinities
/// and what is out of range.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_price_from_double(
    value: f64,
    out_price: *mut i64,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_price", out_price)?;
        let price = Price::from_f64(value).map_err(|error| refused(&value.to_string(), error))?;
        out.set(price.units());
        Ok(tf_status::Ok)
    })
}

/// Moves a price to a multiple of `tick` by a tf_rounding. ERR_ARGUMENT when the tick is not above 0, the
/// rounding is none, or the result is out of range.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_price_round(
    price: i64,
    tick: i64,
    rounding: i32,
    out_price: *mut i64,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_price", out_price)?;
        let rounding = match rounding {
            0 => Rounding::Nearest,
            1 => Rounding::Down,
            2 => Rounding::Up,
            other => return Err(Error::new(Kind::Argument, format!("{other} is no rounding")).into()),
        };
        if price == i64::MAX {
            return Err(Error::new(Kind::Argument, "the price is absent").into());
        }
        let moved = Price::from_units(price).round_to_tick(Price::from_units(tick), rounding);
        let refused = || Error::new(Kind::Argument, "the tick is not above 0, or the result is out of range");
        out.set(moved.ok_or_else(refused)?.units());
        Ok(tf_status::Ok)
    })
}

/// Writes a time as RFC 3339 in UTC, such as "2026-08-16T23:26:02.15673Z", as tf_price_format() does. 31
/// bytes hold every time; an absent one is "".
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_time_format(time_ns: i64, buffer: *mut c_char, capacity: usize) -> usize {
    guard_value(0, || {
        let shown =
            if time_ns == i64::MAX { String::new() } else { Timestamp::from_nanos(time_ns).to_string() };
        text::write(&shown, buffer, capacity)
    })
}
