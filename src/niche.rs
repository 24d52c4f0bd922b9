//! A 64-bit number without `i64::MAX`, so that an `Option` of it takes no more room.

use std::num::NonZeroI64;

/// An `i64` other than `i64::MAX`, which stands for "absent" across the C border.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub(crate) struct Scalar(NonZeroI64);

impl Scalar {
    /// The number, held at `i64::MAX - 1`.
    #[allow(clippy::expect_used, reason = "one is not zero")]
    pub(crate) const fn new(value: i64) -> Scalar {
        match NonZeroI64::new(value ^ i64::MAX) {
            Some(bits) => Scalar(bits),
            // The bits of `i64::MAX - 1` under the same mask.
            None => Scalar(NonZeroI64::new(1).expect("one is not zero")),
        }
    }

    /// The number.
    pub(crate) const fn get(self) -> i64 {
        self.0.get() ^ i64::MAX
    }
}

impl PartialOrd for Scalar {
    fn partial_cmp(&self, other: &Scalar) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Scalar {
    fn cmp(&self, other: &Scalar) -> std::cmp::Ordering {
        self.get().cmp(&other.get())
    }
}

impl Default for Scalar {
    fn default() -> Scalar {
        Scalar::new(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_every_number_but_the_largest() {
        for value in [0, 1, -1, i64::MIN, i64::MAX - 1] {
            assert_eq!(Scalar::new(value).get(), value);
        }
        assert_eq!(Scalar::new(i64::MAX).get(), i64::MAX - 1);
        assert!(Scalar::new(-5) < Scalar::new(3));
        assert_eq!(size_of::<Option<Scalar>>(), 8);
    }
}
