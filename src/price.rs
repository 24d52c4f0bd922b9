//! Exact prices and money: an `i64` in units of 1e-9.
//!
//! Nothing in this crate carries a price through a float. A number is read from the digits of its JSON text
//! and written as the shortest decimal that means the same.

use std::fmt;
use std::str::FromStr;

use crate::niche::Scalar;

/// How many units make one: prices and money count billionths.
pub const SCALE: i64 = 1_000_000_000;

/// The largest magnitude. `i64::MAX` stays free to mean "absent" across the C border, and both signs reach
/// equally far.
const LIMIT: i64 = i64::MAX - 1;

/// Digits after the decimal point that a price or an amount can hold.
const DIGITS: i32 = 9;

/// Why a text is not an exact price or amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecimalError {
    /// The text is not a decimal number such as `-12.5` or `5e-7`.
    Syntax,
    /// The number has a digit below 1e-9, so it cannot be held exactly.
    TooFine,
    /// The number lies outside ±9 223 372 036.854775806.
    OutOfRange,
}

impl fmt::Display for DecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DecimalError::Syntax => "is not a decimal number",
            DecimalError::TooFine => "has digits below 0.000000001",
            DecimalError::OutOfRange => "is outside ±9223372036.854775806",
        })
    }
}

impl std::error::Error for DecimalError {}

/// Which multiple of the tick a price moves to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// The closest tick; exactly between two, the one further from zero.
    Nearest,
    /// The tick at or below the price.
    Down,
    /// The tick at or above the price.
    Up,
}

/// What happens to digits below 1e-9.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Excess {
    Refuse,
    HalfEven,
}

/// Reads a decimal number as billionths.
///
/// Every digit has a power of ten. Powers from 9 down to -9 fit the result; a digit other than zero above
/// them is out of range, below them it is refused or rounded.
fn parse(text: &str, excess: Excess) -> Result<i64, DecimalError> {
    let (negative, unsigned) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let (mantissa, exponent) = match unsigned.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => (&unsigned[..at], parse_exponent(&unsigned[at + 1..])?),
        None => (unsigned, 0),
    };
    let point = mantissa.iter().position(|&byte| byte == b'.');
    let whole_len = point.unwrap_or(mantissa.len());
    if whole_len == 0 || point == Some(mantissa.len() - 1) {
        return Err(DecimalError::Syntax);
    }

    // 20 digits at most are gathered (powers 10 to -9), which a u128 holds with room to spare.
    let mut units: u128 = 0;
    let mut power = exponent.saturating_add(whole_len as i64);
    let mut first_lost = 0u8;
    let mut lost_more = false;
    let mut too_large = false;
    for (index, &byte) in mantissa.iter().enumerate() {
        if Some(index) == point {
            continue;
        }
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Err(DecimalError::Syntax);
        }
        power -= 1;
        if power >= i64::from(-DIGITS) {
            if power > 9 {
                too_large |= digit != 0;
            } else {
                units = units * 10 + u128::from(digit);
            }
        } else if power == i64::from(-DIGITS - 1) {
            first_lost = digit;
        } else {
            lost_more |= digit != 0;
        }
    }
    if too_large {
        return Err(DecimalError::OutOfRange);
    }
    if units != 0 && power > i64::from(-DIGITS) {
        // The digits ended early: the missing places are zeros. A non-zero digit at power 9 or less leaves
        // at most 18 places to fill.
        units *= 10u128.pow((power + i64::from(DIGITS)) as u32);
    }
    if first_lost != 0 || lost_more {
        if excess == Excess::Refuse {
            return Err(DecimalError::TooFine);
        }
        let above_half = first_lost > 5 || (first_lost == 5 && lost_more);
        let tie_to_even = first_lost == 5 && !lost_more && units % 2 == 1;
        units += u128::from(above_half || tie_to_even);
    }
    match i64::try_from(units) {
        Ok(value) if value <= LIMIT => Ok(if negative { -value } else { value }),
        _ => Err(DecimalError::OutOfRange),
    }
}

fn parse_exponent(text: &[u8]) -> Result<i64, DecimalError> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if digits.is_empty() {
        return Err(DecimalError::Syntax);
    }
    let mut value: i64 = 0;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Err(DecimalError::Syntax);
        }
        // Far beyond any power that matters; the cap keeps long exponents from overflowing.
        value = (value * 10 + i64::from(digit)).min(1 << 40);
    }
    Ok(if negative { -value } else { value })
}

fn write(units: i64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let magnitude = units.unsigned_abs();
    let whole = magnitude / SCALE as u64;
    let mut fraction = magnitude % SCALE as u64;
    let sign = if units < 0 { "-" } else { "" };
    if fraction == 0 {
        return f.pad(&format!("{sign}{whole}"));
    }
    let mut width = DIGITS as usize;
    while fraction.is_multiple_of(10) {
        fraction /= 10;
        width -= 1;
    }
    f.pad(&format!("{sign}{whole}.{fraction:0width$}"))
}

fn from_f64(value: f64) -> Result<i64, DecimalError> {
    if !value.is_finite() {
        return Err(DecimalError::Syntax);
    }
    // The shortest text that means this double, so that 0.1 becomes one tenth and not its binary neighbour.
    parse(&format!("{value}"), Excess::HalfEven)
}

macro_rules! exact_decimal {
    ($(#[$docs:meta])* $name:ident) => {
        $(#[$docs])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        #[repr(transparent)]
        pub struct $name(Scalar);

        impl $name {
            /// Zero.
            pub const ZERO: $name = $name(Scalar::new(0));

            /// The value of `units` billionths, held within ±(2^63 - 2).
            pub const fn from_units(units: i64) -> $name {
                $name(Scalar::new(if units < -LIMIT { -LIMIT } else { units }))
            }

            /// The value in billionths: 1.5 is 1 500 000 000.
            pub const fn units(self) -> i64 {
                self.0.get()
            }

            /// Reads a decimal number, exponents included, exactly.
            ///
            /// # Errors
            /// [`DecimalError`] when the text is no number, is finer than 1e-9 or out of range.
            pub fn parse(text: &str) -> Result<$name, DecimalError> {
                parse(text, Excess::Refuse).map($name::from_units)
            }

            /// Reads a decimal number and rounds digits below 1e-9 half to even. For averages and results,
            /// which may repeat (`29398.333…`).
            ///
            /// # Errors
            /// [`DecimalError`] when the text is no number or out of range.
            pub fn parse_rounded(text: &str) -> Result<$name, DecimalError> {
                parse(text, Excess::HalfEven).map($name::from_units)
            }

            /// The closest double. Not exact in general.
            pub fn to_f64(self) -> f64 {
                // Whole and fraction apart: dividing one large integer would round twice.
                let whole = self.units() / SCALE;
                let fraction = self.units() % SCALE;
                whole as f64 + fraction as f64 / SCALE as f64
            }

            /// Takes the shortest decimal text of a double; digits below 1e-9 are rounded half to even.
            ///
            /// # Errors
            /// [`DecimalError::Syntax`] for infinities and NaN, [`DecimalError::OutOfRange`].
            pub fn from_f64(value: f64) -> Result<$name, DecimalError> {
                from_f64(value).map($name::from_units)
            }

            fn checked(units: i64) -> Option<$name> {
                (-LIMIT..=LIMIT).contains(&units).then(|| $name::from_units(units))
            }

            /// The sum, or `None` when it is out of range.
            pub fn checked_add(self, other: $name) -> Option<$name> {
                self.units().checked_add(other.units()).and_then($name::checked)
            }

            /// The difference, or `None` when it is out of range.
            pub fn checked_sub(self, other: $name) -> Option<$name> {
                self.units().checked_sub(other.units()).and_then($name::checked)
            }

            /// The value taken `count` times, or `None` when that is out of range.
            pub fn checked_mul(self, count: i64) -> Option<$name> {
                self.units().checked_mul(count).and_then($name::checked)
            }
        }

        /// The shortest decimal text: `30199.25`, `-0.5`, `0`.
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write(self.units(), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write(self.units(), f)
            }
        }

        /// As its shortest decimal in a text, which no reader turns into a float.
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
                $name::parse(&text).map_err(serde::de::Error::custom)
            }
        }

        impl FromStr for $name {
            type Err = DecimalError;

            fn from_str(text: &str) -> Result<$name, DecimalError> {
                $name::parse(text)
            }
        }
    };
}

exact_decimal! {
    /// A price or a distance between prices, exact, in units of 1e-9.
    Price
}

exact_decimal! {
    /// An amount of the account's currency, exact, in units of 1e-9.
    Money
}

impl Price {
    /// Whether the price is a whole number of ticks. False when `tick` is not positive.
    pub fn is_on_tick(self, tick: Price) -> bool {
        tick.units() > 0 && self.units() % tick.units() == 0
    }

    /// The price moved to a multiple of `tick`, or `None` when `tick` is not positive or the result is out
    /// of range.
    pub fn round_to_tick(self, tick: Price, rounding: Rounding) -> Option<Price> {
        let step = tick.units();
        if step <= 0 {
            return None;
        }
        let below = self.units().div_euclid(step);
        let rest = self.units().rem_euclid(step);
        let up = match rounding {
            Rounding::Down => false,
            Rounding::Up => rest != 0,
            Rounding::Nearest => match rest.cmp(&(step - rest)) {
                std::cmp::Ordering::Less => false,
                std::cmp::Ordering::Greater => true,
                std::cmp::Ordering::Equal => self.units() > 0,
            },
        };
        below.checked_add(i64::from(up))?.checked_mul(step).and_then(Price::checked)
    }

    /// How many whole ticks fit the price, or `None` when it is off the grid or `tick` is not positive.
    pub fn ticks(self, tick: Price) -> Option<i64> {
        self.is_on_tick(tick).then(|| self.units() / tick.units())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(text: &str) -> Price {
        Price::parse(text).unwrap()
    }

    #[test]
    fn reads_every_spelling_of_the_wire() {
        for (text, units) in [
            ("0", 0),
            ("-0.0", 0),
            ("29547", 29_547 * SCALE),
            ("30199.25", 30_199_250_000_000),
            ("6335.250000000", 6_335_250_000_000),
            ("5e-7", 500),
            ("0.0000005", 500),
            ("1.5E+3", 1_500 * SCALE),
            ("-12.000000001", -12_000_000_001),
            ("0.00390625", 3_906_250),
            ("9223372036.854775806", i64::MAX - 1),
            ("-9223372036.854775806", 1 - i64::MAX),
            ("0e99999999999999999999", 0),
            ("1000000000000e-12", SCALE),
            ("0.000000000000000000000", 0),
        ] {
            assert_eq!(Price::parse(text), Ok(Price::from_units(units)), "{text}");
        }
    }

    #[test]
    fn refuses_what_it_cannot_hold() {
        use DecimalError::*;
        for (text, error) in [
            ("", Syntax),
            ("-", Syntax),
            (".5", Syntax),
            ("5.", Syntax),
            ("1.2.3", Syntax),
            ("1e", Syntax),
            ("1e+", Syntax),
            ("0x10", Syntax),
            ("1,5", Syntax),
            (" 1", Syntax),
            ("NaN", Syntax),
            ("1e5e5", Syntax),
            ("0.0000000001", TooFine),
            ("5e-10", TooFine),
            ("9223372036.854775807", OutOfRange),
            ("10000000000", OutOfRange),
            ("1e10", OutOfRange),
            ("1e999999999999999999999", OutOfRange),
            ("-9223372036.854775807", OutOfRange),
        ] {
            assert_eq!(Price::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn rounds_averages_half_to_even() {
        for (text, units) in [
            ("29398.333333333333333", 29_398_333_333_333),
            ("0.0000000005", 0),
            ("0.0000000015", 2),
            ("0.00000000050001", 1),
            ("-0.0000000025", -2),
        ] {
            assert_eq!(Money::parse_rounded(text), Ok(Money::from_units(units)), "{text}");
        }
    }

    #[test]
    fn writes_the_shortest_decimal() {
        for text in ["0", "1", "-1", "30199.25", "0.000000001", "-0.5", "9223372036.854775806"] {
            assert_eq!(price(text).to_string(), text);
        }
        assert_eq!(format!("{:>8}|", price("1.5")), "     1.5|");
        for units in [i64::MIN, i64::MAX] {
            let held = Price::from_units(units);
            assert_eq!(price(&held.to_string()), held, "whatever can be held can be read back");
        }
        assert_eq!(Price::from_units(-i64::MAX + 1).checked_sub(Price::from_units(1)), None);
    }

    #[test]
    fn rounds_to_ticks() {
        let tick = price("0.25");
        for (text, nearest, down, up) in [
            ("10.1", "10", "10", "10.25"),
            ("10.125", "10.25", "10", "10.25"),
            ("-10.125", "-10.25", "-10.25", "-10"),
            ("-10.1", "-10", "-10.25", "-10"),
            ("10.25", "10.25", "10.25", "10.25"),
        ] {
            let moved = |rounding| price(text).round_to_tick(tick, rounding).unwrap().to_string();
            assert_eq!(moved(Rounding::Nearest), nearest, "{text}");
            assert_eq!(moved(Rounding::Down), down, "{text}");
            assert_eq!(moved(Rounding::Up), up, "{text}");
        }
        assert_eq!(price("1").round_to_tick(Price::ZERO, Rounding::Up), None);
        assert_eq!(price("10.5").ticks(tick), Some(42));
        assert_eq!(price("10.6").ticks(tick), None);
    }

    #[test]
    fn doubles_come_and_go() {
        assert_eq!(Price::from_f64(0.1), Ok(price("0.1")));
        assert_eq!(Price::from_f64(0.1 + 0.2), Ok(price("0.3")));
        assert_eq!(Price::from_f64(f64::NAN), Err(DecimalError::Syntax));
        assert_eq!(Price::from_f64(1e300), Err(DecimalError::OutOfRange));
        assert_eq!(price("30199.25").to_f64(), 30199.25);
    }
}
