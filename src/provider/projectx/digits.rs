//! A number of JSON text, by its digits.

use crate::price::Price;

/// A number in parts.
pub(super) struct Number<'a> {
    text: &'a [u8],
    is_negative: bool,
    whole: i64,
    fraction: i64,
    fraction_len: usize,
    /// No exponent and [`SHORT`] digits at most on each side of the point, so that the parts tell its value and
    /// billionths of it fit 64 bits.
    is_short: bool,
}

const SHORT: usize = 9;

/// By the number of digits after the point: how many billionths one of the last of them is.
const UNITS_OF_LAST: [i64; SHORT + 1] =
    [1_000_000_000, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

impl<'a> Number<'a> {
    /// The number that the text begins with, and what follows it; `None` unless it is as JSON writes numbers.
    #[inline]
    pub(super) fn read(text: &'a [u8]) -> Option<(Number<'a>, &'a [u8])> {
        let (is_negative, unsigned) = match text {
            [b'-', rest @ ..] => (true, rest),
            _ => (false, text),
        };
        let (whole, whole_len) = digits(unsigned);
        if whole_len == 0 || (whole_len > 1 && unsigned[0] == b'0') {
            return None;
        }
        let mut rest = &unsigned[whole_len..];
        let (mut fraction, mut fraction_len) = (0, 0);
        if let [b'.', after @ ..] = rest {
            (fraction, fraction_len) = digits(after);
            if fraction_len == 0 {
                return None;
            }
            rest = &after[fraction_len..];
        }
        let mut is_short = whole_len <= SHORT && fraction_len <= SHORT;
        if let [b'e' | b'E', after @ ..] = rest {
            is_short = false;
            rest = after_exponent(after)?;
        }
        let text = &text[..text.len() - rest.len()];
        Some((Number { text, is_negative, whole, fraction, fraction_len, is_short }, rest))
    }

    /// The price; `parse` decides about numbers that are not short.
    #[inline]
    pub(super) fn price<E>(&self, parse: fn(&str) -> Result<Price, E>) -> Option<Price> {
        if !self.is_short {
            return parse(str::from_utf8(self.text).ok()?).ok();
        }
        let units = self.whole * UNITS_OF_LAST[0] + self.fraction * UNITS_OF_LAST[self.fraction_len];
        Some(Price::from_units(self.signed(units)))
    }

    /// The whole number, which may have zeros after the point.
    #[inline]
    pub(super) fn whole(&self) -> Option<i64> {
        if !self.is_short {
            return str::from_utf8(self.text).ok()?.parse().ok();
        }
        (self.fraction == 0).then_some(self.signed(self.whole))
    }

    #[inline]
    fn signed(&self, magnitude: i64) -> i64 {
        if self.is_negative { -magnitude } else { magnitude }
    }
}

/// The digits that the text begins with as a number, which is right up to 18 of them, and how many they are.
#[inline]
fn digits(text: &[u8]) -> (i64, usize) {
    let mut value = 0i64;
    for (count, byte) in text.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return (value, count);
        }
        value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
    }
    (value, text.len())
}

#[cold]
fn after_exponent(text: &[u8]) -> Option<&[u8]> {
    let unsigned = match text {
        [b'+' | b'-', rest @ ..] => rest,
        _ => text,
    };
    match digits(unsigned) {
        (_, 0) => None,
        (_, len) => Some(&unsigned[len..]),
    }
}
