//! The products of the gateway: what exchange and gateway call them, and when their front month rolls.

use time::{Date, Duration};

use super::expiry::{Expiry, LastDay, back};

/// A future without its expiry.
#[derive(Debug)]
pub(super) struct Product {
    /// What the exchange calls it: `ES`.
    pub(super) root: &'static str,
    /// What the gateway calls it: `EP`.
    pub(super) code: &'static str,
    pub(super) cycle: Cycle,
}

/// The months of a product and when it rolls.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cycle {
    /// What the documentation calls the group.
    #[cfg_attr(not(test), expect(dead_code, reason = "the documentation is checked against it"))]
    pub(super) group: &'static str,
    /// The letters of the months that are traded, first of the year first.
    pub(super) months: &'static str,
    pub(super) last_day: LastDay,
    /// So many days before the last day the next month becomes the front.
    pub(super) days_before: u8,
}

impl Cycle {
    /// The first day on which the next month is the front.
    pub(super) fn roll_day(&self, expiry: Expiry) -> Date {
        back(expiry.last_day(self.last_day), Duration::days(self.days_before.into()))
    }
}

const fn cycle(group: &'static str, months: &'static str, last_day: LastDay, days_before: u8) -> Cycle {
    Cycle { group, months, last_day, days_before }
}

const EVERY_MONTH: &str = "FGHJKMNQUVXZ";
const QUARTERS: &str = "HMUZ";

const EQUITIES: Cycle = cycle("equity indices", QUARTERS, LastDay::ThirdFriday, 4);
const CURRENCIES: Cycle = cycle("currencies", QUARTERS, LastDay::MondayBeforeThirdWednesday, 4);
const TREASURIES: Cycle = cycle("Treasuries", QUARTERS, LastDay::EndOfMonthBefore, 5);
const CRYPTO: Cycle = cycle("crypto", EVERY_MONTH, LastDay::LastFriday, 4);
const CRUDE: Cycle = cycle("crude oil", EVERY_MONTH, LastDay::TwentiethOfMonthBefore, 3);
const FUELS: Cycle = cycle("fuels", EVERY_MONTH, LastDay::EndOfMonthBefore, 14);
const GAS: Cycle = cycle("natural gas", EVERY_MONTH, LastDay::EndOfMonthBefore, 6);
const GOLD: Cycle = metal("GJMQZ");
const SILVER: Cycle = metal("HKNUZ");
const PLATINUM: Cycle = metal("FJNV");
const GRAINS: Cycle = farm("HKNUZ");
const SOYBEANS: Cycle = farm("FHKNX");
const SOY_PRODUCTS: Cycle = farm("FHKNZ");
const CATTLE: Cycle = farm("GJMQVZ");
const HOGS: Cycle = farm("GJMNQVZ");

const fn metal(months: &'static str) -> Cycle {
    cycle("metals", months, LastDay::EndOfMonthBefore, 4)
}

const fn farm(months: &'static str) -> Cycle {
    cycle("grains and livestock", months, LastDay::EndOfMonthBefore, 14)
}

const fn product(root: &'static str, code: &'static str, cycle: Cycle) -> Product {
    Product { root, code, cycle }
}

/// All products that are known. Others are found by what the gateway lists, and have no roll rule.
pub(super) const PRODUCTS: &[Product] = &[
    product("ES", "EP", EQUITIES),
    product("MES", "MES", EQUITIES),
    product("NQ", "ENQ", EQUITIES),
    product("MNQ", "MNQ", EQUITIES),
    product("YM", "YM", EQUITIES),
    product("MYM", "MYM", EQUITIES),
    product("RTY", "RTY", EQUITIES),
    product("M2K", "M2K", EQUITIES),
    product("EMD", "EMD", EQUITIES),
    product("NKD", "NKD", EQUITIES),
    product("6A", "DA6", CURRENCIES),
    product("M6A", "M6A", CURRENCIES),
    product("6B", "BP6", CURRENCIES),
    product("M6B", "M6B", CURRENCIES),
    product("6C", "CA6", CURRENCIES),
    product("6E", "EU6", CURRENCIES),
    product("M6E", "M6E", CURRENCIES),
    product("E7", "EEU", CURRENCIES),
    product("6J", "JY6", CURRENCIES),
    product("6M", "MX6", CURRENCIES),
    product("6N", "NE6", CURRENCIES),
    product("6S", "SF6", CURRENCIES),
    product("ZT", "TUA", TREASURIES),
    product("ZF", "FVA", TREASURIES),
    product("ZN", "TYA", TREASURIES),
    product("TN", "TNA", TREASURIES),
    product("ZB", "USA", TREASURIES),
    product("UB", "ULA", TREASURIES),
    product("MBT", "MBT", CRYPTO),
    product("MET", "GMET", CRYPTO),
    product("CL", "CLE", CRUDE),
    product("MCL", "MCLE", CRUDE),
    product("QM", "NQM", CRUDE),
    product("RB", "RBE", FUELS),
    product("HO", "HOE", FUELS),
    product("NG", "NGE", GAS),
    product("QG", "NQG", GAS),
    product("MNG", "MNG", GAS),
    product("GC", "GCE", GOLD),
    product("MGC", "MGC", GOLD),
    product("SI", "SIE", SILVER),
    product("SIL", "SIL", SILVER),
    product("HG", "CPE", SILVER),
    product("MHG", "MHG", SILVER),
    product("PL", "PLE", PLATINUM),
    product("ZC", "ZCE", GRAINS),
    product("ZW", "ZWA", GRAINS),
    product("ZS", "ZSE", SOYBEANS),
    product("ZM", "ZME", SOY_PRODUCTS),
    product("ZL", "ZLE", SOY_PRODUCTS),
    product("LE", "GLE", CATTLE),
    product("HE", "HE", HOGS),
];

/// The product that exchange or gateway calls this.
pub(super) fn named(text: &str) -> Option<&'static Product> {
    PRODUCTS.iter().find(|product| product.root == text || product.code == text)
}

#[cfg(test)]
mod tests {
    use super::super::expiry::split;
    use super::*;

    #[test]
    fn a_name_means_one_product() {
        assert_eq!(PRODUCTS.len(), 52);
        for product in PRODUCTS {
            for name in [product.root, product.code] {
                let count = PRODUCTS.iter().filter(|other| other.root == name || other.code == name).count();
                assert_eq!(count, 1, "{name}");
                // `EU6` is the euro and no contract of September 2026.
                assert!(split(name).is_none_or(|(root, ..)| named(root).is_none()), "{name}");
            }
        }
    }

    #[test]
    fn the_front_rolls_on_the_days_of_the_rules() {
        for (root, letter, year, day) in [
            ("ES", b'Z', 2026, "2026-12-14"),
            ("6E", b'Z', 2026, "2026-12-10"),
            ("ZN", b'Z', 2026, "2026-11-25"),
            ("MBT", b'X', 2026, "2026-11-23"),
            ("CL", b'F', 2027, "2026-12-17"),
            ("RB", b'F', 2027, "2026-12-17"),
            ("NG", b'F', 2027, "2026-12-25"),
            ("GC", b'Z', 2026, "2026-11-26"),
            ("ZC", b'Z', 2026, "2026-11-16"),
        ] {
            let expiry = Expiry::new(letter, year).unwrap();
            assert_eq!(named(root).unwrap().cycle.roll_day(expiry).to_string(), day, "{root}");
        }
    }

    #[test]
    fn the_documentation_has_the_same_tables() {
        let text =
            std::fs::read_to_string(format!("{}/docs/CONTRACTS.md", env!("CARGO_MANIFEST_DIR"))).unwrap();
        for product in PRODUCTS {
            let Product { root, code, cycle } = product;
            let row = format!("| {root} | {code} | {} | {} |\n", cycle.group, cycle.months);
            assert!(text.contains(&row), "docs/CONTRACTS.md lacks {row}");
        }
        for cycle in PRODUCTS.iter().map(|product| product.cycle) {
            let day = match cycle.last_day {
                LastDay::ThirdFriday => "third Friday",
                LastDay::MondayBeforeThirdWednesday => "Monday before the third Wednesday",
                LastDay::LastFriday => "last Friday",
                LastDay::TwentiethOfMonthBefore => "20th of the month before",
                LastDay::EndOfMonthBefore => "last day of the month before",
            };
            let row = format!("| {} | {day} | {} |\n", cycle.group, cycle.days_before);
            assert!(text.contains(&row), "docs/CONTRACTS.md lacks {row}");
        }
    }
}
