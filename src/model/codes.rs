//! Numbers with names. A number that has no name yet is kept as it came.

macro_rules! open_enum {
    ($(#[$docs:meta])* $name:ident { $($(#[$variant_docs:meta])* $variant:ident = $number:literal,)* }) => {
        $(#[$docs])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_docs])* $variant,)*
            /// A number without a published name.
            Other(i32),
        }

        impl $name {
            /// The name as published, `"Other"` for a number without one.
            pub const fn name(self) -> &'static str {
                match self {
                    $($name::$variant => stringify!($variant),)*
                    $name::Other(_) => "Other",
                }
            }

            /// The number on the wire.
            pub const fn code(self) -> i32 {
                match self {
                    $($name::$variant => $number,)*
                    $name::Other(code) => code,
                }
            }
        }

        impl From<i32> for $name {
            fn from(code: i32) -> $name {
                match code {
                    $($number => $name::$variant,)*
                    other => $name::Other(other),
                }
            }
        }
    };
}

open_enum! {
    /// The side of an order, a fill or the aggressor of a trade.
    Side {
        /// Buys; the gateway calls it bid.
        Buy = 0,
        /// Sells; the gateway calls it ask.
        Sell = 1,
    }
}

open_enum! {
    /// The type of an order.
    OrderType {
        /// Not told.
        Unknown = 0,
        /// At the limit price or better.
        Limit = 1,
        /// At once, at the market's price.
        Market = 2,
        /// A limit order once the stop price trades. The gateway does not take it.
        StopLimit = 3,
        /// A market order once the stop price trades.
        Stop = 4,
        /// A stop that follows the market at a fixed distance.
        TrailingStop = 5,
        /// A limit order at the best bid.
        JoinBid = 6,
        /// A limit order at the best ask.
        JoinAsk = 7,
    }
}

open_enum! {
    /// Where an order stands.
    OrderStatus {
        /// Not told.
        None = 0,
        /// Working in the market.
        Open = 1,
        /// Filled completely.
        Filled = 2,
        /// Cancelled.
        Cancelled = 3,
        /// Expired.
        Expired = 4,
        /// Refused.
        Rejected = 5,
        /// On its way into the market.
        Pending = 6,
        /// A cancel is on its way.
        PendingCancellation = 7,
        /// Waits for its parent, as the legs of a bracket do.
        Suspended = 8,
    }
}

impl OrderStatus {
    /// Whether the order can no longer be filled. A status without a name counts as working.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            OrderStatus::Filled | OrderStatus::Cancelled | OrderStatus::Expired | OrderStatus::Rejected
        )
    }
}

open_enum! {
    /// The direction of a position.
    PositionSide {
        /// None: the position is flat.
        Flat = 0,
        /// Bought.
        Long = 1,
        /// Sold.
        Short = 2,
    }
}

open_enum! {
    /// What a depth record says.
    DepthKind {
        /// Not told.
        Unknown = 0,
        /// The size at an ask level; zero removes the level.
        Ask = 1,
        /// The size at a bid level; zero removes the level.
        Bid = 2,
        /// The best ask.
        BestAsk = 3,
        /// The best bid.
        BestBid = 4,
        /// The volume of the session at a price. Not part of the book.
        Trade = 5,
        /// The book is void; levels follow.
        Reset = 6,
        /// The low of the session.
        Low = 7,
        /// The high of the session.
        High = 8,
        /// A new best bid level.
        NewBestBid = 9,
        /// A new best ask level.
        NewBestAsk = 10,
        /// A fill. Not part of the book.
        Fill = 11,
    }
}

open_enum! {
    /// What a bar's length is counted in.
    BarUnit {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive() {
        for code in -3..20 {
            assert_eq!(OrderStatus::from(code).code(), code);
            assert_eq!(OrderType::from(code).code(), code);
            assert_eq!(DepthKind::from(code).code(), code);
        }
        assert_eq!(OrderStatus::from(99), OrderStatus::Other(99));
        assert_eq!(OrderStatus::from(8).name(), "Suspended");
        assert!(!OrderStatus::Other(99).is_final());
    }
}
