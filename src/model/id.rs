//! Ids, each with a type of its own so that an account is never taken for an order.

use std::fmt;

use crate::niche::Scalar;

macro_rules! numeric_id {
    ($(#[$docs:meta])* $name:ident) => {
        $(#[$docs])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(transparent)]
        pub struct $name(Scalar);

        impl $name {
            /// The id with this number. `i64::MAX`, which no gateway uses, is held at its lower neighbour.
            pub const fn new(number: i64) -> $name {
                $name(Scalar::new(number))
            }

            /// The number.
            pub const fn get(self) -> i64 {
                self.0.get()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.get(), f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.get(), f)
            }
        }

        impl From<i64> for $name {
            fn from(number: i64) -> $name {
                $name::new(number)
            }
        }
    };
}

numeric_id! {
    /// The id of an account.
    AccountId
}

numeric_id! {
    /// The id of an order. Exceeds 32 bits.
    OrderId
}

numeric_id! {
    /// The id of a fill. Exceeds 32 bits.
    FillId
}

numeric_id! {
    /// The id of a position.
    PositionId
}

/// The id of a contract, such as `CON.F.US.MNQ.U26`. Opaque: find it by search and never build it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContractId(Box<str>);

impl ContractId {
    /// The id with this text.
    pub fn new(text: impl Into<Box<str>>) -> ContractId {
        ContractId(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContractId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for ContractId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl From<&str> for ContractId {
    fn from(text: &str) -> ContractId {
        ContractId::new(text)
    }
}

impl From<String> for ContractId {
    fn from(text: String) -> ContractId {
        ContractId::new(text)
    }
}

impl AsRef<str> for ContractId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}
