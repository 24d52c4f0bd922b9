//! Decimal digits at the beginning of a text, eight at a time.

const ONES: u64 = u64::from_le_bytes([1; 8]);
const HIGH_BITS: u64 = u64::from_le_bytes([0x80; 8]);

/// The digits that the text begins with as a number, and how many they are. The number is right up to 18 of them.
#[inline]
pub(crate) fn leading(text: &[u8]) -> (i64, usize) {
    if let Some(word) = text.first_chunk() {
        let word = u64::from_le_bytes(*word);
        let count = count_in(word);
        if count < 8 {
            return (value_of(word, count), count);
        }
    }
    one_by_one(text)
}

/// For the end of a text, and for numbers of many digits.
#[cold]
fn one_by_one(text: &[u8]) -> (i64, usize) {
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

/// How many of the eight bytes are digits, before the first other one.
#[inline]
fn count_in(word: u64) -> usize {
    // A digit becomes 0 to 9. Adding 0x76 lifts what is more than 9 to the highest bit, which larger bytes have
    // already. Only such a byte can carry into the one behind it.
    let digits = word ^ (ONES * u64::from(b'0'));
    let others = (digits.wrapping_add(ONES * 0x76) | digits) & HIGH_BITS;
    (others.trailing_zeros() / 8) as usize
}

/// The number that the first `count` bytes, less than eight, are the digits of.
#[inline]
fn value_of(word: u64, count: usize) -> i64 {
    if count == 0 {
        return 0;
    }
    // Zeros come in at the front, so that there are eight digits. They are added up by twos, then all at once.
    let digits = (word ^ (ONES * u64::from(b'0'))) << (64 - 8 * count);
    let pairs = digits * 10 + (digits >> 8);
    let odd = (pairs & 0x0000_00ff_0000_00ff).wrapping_mul(100 + (1_000_000 << 32));
    let even = ((pairs >> 16) & 0x0000_00ff_0000_00ff).wrapping_mul(1 + (10_000 << 32));
    (odd.wrapping_add(even) >> 32) as i64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn digits_end_anywhere() {
        for (text, value, count) in [
            ("", 0, 0),
            ("7", 7, 1),
            ("x1234567", 0, 0),
            ("29547.25,", 29_547, 5),
            ("0000000:", 0, 7),
            ("1234567/", 1_234_567, 7),
            ("12345678", 12_345_678, 8),
            ("123456789012345678}", 123_456_789_012_345_678, 18),
        ] {
            assert_eq!(leading(text.as_bytes()), (value, count), "{text}");
        }
    }

    proptest! {
        #[test]
        fn eight_at_a_time_are_the_same(text in prop::collection::vec(prop_oneof![3 => b'0'..=b'9', 1 => any::<u8>()], 0..24)) {
            prop_assert_eq!(leading(&text), one_by_one(&text));
        }
    }
}
