//! A number of JSON text, by its digits.

use crate::digits;
use crate::price::{DecimalError, Price};

/// A number as JSON writes it.
pub(super) enum Number<'a> {
    /// Nine digits at most on each side of the point, as billionths.
    Short(i64),
    /// More digits, or an exponent.
    Long(&'a [u8]),
}

const SHORT: usize = 9;
const BILLION: i64 = 1_000_000_000;

/// By the number of digits after the point: how many billionths one of the last of them is.
const UNITS_OF_LAST: [i64; SHORT + 1] =
    [BILLION, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

impl<'a> Number<'a> {
    /// The number that the text begins with, and what follows it; `None` when there is none.
    #[inline(always)]
    pub(super) fn read(text: &'a [u8]) -> Option<(Number<'a>, &'a [u8])> {
        let (is_negative, unsigned) = match text {
            [b'-', rest @ ..] => (true, rest),
            _ => (false, text),
        };
        let (whole, whole_len) = digits::leading(unsigned);
        let (first, mut rest) = (*unsigned.first()?, unsigned.get(whole_len..)?);
        if whole_len == 0 || (first == b'0' && whole_len > 1) {
            return None;
        }
        let (mut fraction, mut fraction_len) = (0, 0);
        if let [b'.', after @ ..] = rest {
            (fraction, fraction_len) = digits::leading(after);
            rest = after.get(fraction_len..)?;
            if fraction_len == 0 {
                return None;
            }
        }
        let has_exponent = matches!(rest, [b'e' | b'E', ..]);
        if has_exponent || whole_len > SHORT || fraction_len > SHORT {
            return Number::read_long(text, rest);
        }
        let units = whole * BILLION + fraction * UNITS_OF_LAST[fraction_len];
        Some((Number::Short(if is_negative { -units } else { units }), rest))
    }

    /// What goes on after the digits, and all of it.
    #[cold]
    fn read_long(text: &'a [u8], mut rest: &'a [u8]) -> Option<(Number<'a>, &'a [u8])> {
        if let [b'e' | b'E', b'+' | b'-', after @ ..] | [b'e' | b'E', after @ ..] = rest {
            let (_, exponent_len) = digits::leading(after);
            rest = &after[exponent_len..];
            if exponent_len == 0 {
                return None;
            }
        }
        Some((Number::Long(&text[..text.len() - rest.len()]), rest))
    }

    /// As a price; `parse` decides what becomes of more digits than a price holds.
    #[inline]
    pub(super) fn price(self, parse: fn(&str) -> Result<Price, DecimalError>) -> Option<Price> {
        match self {
            Number::Short(units) => Some(Price::from_units(units)),
            Number::Long(text) => parse(str::from_utf8(text).ok()?).ok(),
        }
    }

    /// As a whole number, which may have zeros after the point.
    #[inline]
    pub(super) fn whole(self) -> Option<i64> {
        match self {
            Number::Short(units) => (units % BILLION == 0).then_some(units / BILLION),
            // The largest is none: it stands for what is absent.
            Number::Long(text) => str::from_utf8(text).ok()?.parse().ok().filter(|whole| *whole != i64::MAX),
        }
    }
}
