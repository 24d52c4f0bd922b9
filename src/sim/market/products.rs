//! The futures that the simulator trades.

use crate::price::{Money, Price};

/// A future without its expiry.
#[derive(Debug)]
pub(in crate::sim) struct Product {
    /// The gateway's code: `EP`.
    pub(in crate::sim) code: &'static str,
    /// The exchange's root: `ES`.
    pub(in crate::sim) root: &'static str,
    /// What stands before the colon of a description.
    pub(in crate::sim) title: &'static str,
    /// Smallest change of the price.
    pub(in crate::sim) tick_size: Price,
    /// What one tick is worth for one contract.
    pub(in crate::sim) tick_value: Money,
    /// Which months are listed, and when trading moves on.
    pub(in crate::sim) cycle: Cycle,
    /// Previous close, around which the market moves.
    pub(in crate::sim) reference: Price,
    /// Exchange and clearing fees for one contract and side.
    pub(in crate::sim) fees: Money,
    /// Broker's commission for one contract and side.
    pub(in crate::sim) commissions: Money,
}

/// The listed months of a product and the day on which the next one becomes the front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum Cycle {
    /// March, June, September, December; moves on in the Monday of the expiry week.
    Quarterly,
    /// March, June, September, December; moves on at the 25th of the month before.
    Treasury,
    /// Every month; moves on at the 17th of the month before.
    Monthly,
    /// February, April and so on; moves on at the 26th of the month before.
    EvenMonths,
}

/// Units of 1e-9 as a price, to keep the table readable: `tick(0, 250_000_000)` is 0.25.
const fn price(whole: i64, billionths: i64) -> Price {
    Price::from_units(whole * 1_000_000_000 + billionths)
}

const fn cents(cents: i64) -> Money {
    Money::from_units(cents * 10_000_000)
}

/// All products, in the order of their codes.
pub(in crate::sim) const PRODUCTS: &[Product] = &[
    Product {
        code: "CLE",
        root: "CL",
        title: "Crude Light (Globex)",
        tick_size: price(0, 10_000_000),
        tick_value: cents(1_000),
        cycle: Cycle::Monthly,
        reference: price(61, 840_000_000),
        fees: cents(152),
        commissions: cents(50),
    },
    Product {
        code: "ENQ",
        root: "NQ",
        title: "E-mini NASDAQ-100",
        tick_size: price(0, 250_000_000),
        tick_value: cents(500),
        cycle: Cycle::Quarterly,
        reference: price(30_199, 250_000_000),
        fees: cents(140),
        commissions: cents(50),
    },
    Product {
        code: "EP",
        root: "ES",
        title: "E-Mini S&P 500",
        tick_size: price(0, 250_000_000),
        tick_value: cents(1_250),
        cycle: Cycle::Quarterly,
        reference: price(7_730, 500_000_000),
        fees: cents(140),
        commissions: cents(50),
    },
    Product {
        code: "EU6",
        root: "6E",
        title: "Euro FX (Globex)",
        tick_size: price(0, 50_000),
        tick_value: cents(625),
        cycle: Cycle::Quarterly,
        reference: price(1, 162_350_000),
        fees: cents(162),
        commissions: cents(50),
    },
    Product {
        code: "GCE",
        root: "GC",
        title: "Gold (Globex)",
        tick_size: price(0, 100_000_000),
        tick_value: cents(1_000),
        cycle: Cycle::EvenMonths,
        reference: price(4_112, 700_000_000),
        fees: cents(162),
        commissions: cents(50),
    },
    Product {
        code: "JY6",
        root: "6J",
        title: "Japanese Yen (Globex)",
        tick_size: price(0, 500),
        tick_value: cents(625),
        cycle: Cycle::Quarterly,
        reference: price(0, 6_512_500),
        fees: cents(162),
        commissions: cents(50),
    },
    Product {
        code: "MCLE",
        root: "MCL",
        title: "Micro WTI Crude Oil",
        tick_size: price(0, 10_000_000),
        tick_value: cents(100),
        cycle: Cycle::Monthly,
        reference: price(61, 840_000_000),
        fees: cents(51),
        commissions: cents(25),
    },
    Product {
        code: "MES",
        root: "MES",
        title: "Micro E-mini S&P 500",
        tick_size: price(0, 250_000_000),
        tick_value: cents(125),
        cycle: Cycle::Quarterly,
        reference: price(7_730, 500_000_000),
        fees: cents(36),
        commissions: cents(25),
    },
    Product {
        code: "MNQ",
        root: "MNQ",
        title: "Micro E-mini Nasdaq-100",
        tick_size: price(0, 250_000_000),
        tick_value: cents(50),
        cycle: Cycle::Quarterly,
        reference: price(30_199, 250_000_000),
        fees: cents(36),
        commissions: cents(25),
    },
    Product {
        code: "MYM",
        root: "MYM",
        title: "Micro E-mini Dow $0.50",
        tick_size: price(1, 0),
        tick_value: cents(50),
        cycle: Cycle::Quarterly,
        reference: price(49_909, 0),
        fees: cents(37),
        commissions: cents(25),
    },
    Product {
        code: "RTY",
        root: "RTY",
        title: "E-mini Russell 2000",
        tick_size: price(0, 100_000_000),
        tick_value: cents(500),
        cycle: Cycle::Quarterly,
        reference: price(2_684, 300_000_000),
        fees: cents(140),
        commissions: cents(50),
    },
    Product {
        code: "USA",
        root: "ZB",
        title: "30yr US Treasury Bonds (Globex)",
        tick_size: price(0, 31_250_000),
        tick_value: cents(3_125),
        cycle: Cycle::Treasury,
        reference: price(113, 468_750_000),
        fees: cents(89),
        commissions: cents(50),
    },
    Product {
        code: "YM",
        root: "YM",
        title: "E-mini Dow ($5)",
        tick_size: price(1, 0),
        tick_value: cents(500),
        cycle: Cycle::Quarterly,
        reference: price(49_909, 0),
        fees: cents(140),
        commissions: cents(50),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_lie_on_the_grid_and_codes_are_in_order() {
        for product in PRODUCTS {
            assert!(product.reference.is_on_tick(product.tick_size), "{}", product.code);
        }
        assert!(PRODUCTS.is_sorted_by_key(|product| product.code));
    }
}
