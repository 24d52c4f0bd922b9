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
    /// What it is a future on. Sizes of one future share it, and with it their history.
    pub(in crate::sim) underlying: &'static str,
    /// Smallest change of the price.
    pub(in crate::sim) tick_size: Price,
    /// What one tick is worth for one contract.
    pub(in crate::sim) tick_value: Money,
    /// Which months are listed, and when trading moves on.
    pub(in crate::sim) cycle: Cycle,
    /// The price around which the market starts.
    pub(in crate::sim) reference: Price,
    /// Exchange and clearing fees for one contract and side.
    pub(in crate::sim) fees: Money,
    /// Broker's commission for one contract and side.
    pub(in crate::sim) commissions: Money,
    /// How far a usual day moves, in hundredths of a percent of the reference.
    pub(in crate::sim) daily_move: i64,
    /// Contracts that trade on a usual day.
    pub(in crate::sim) daily_volume: i64,
}

impl Product {
    /// The reference in ticks.
    pub(in crate::sim) fn reference_ticks(&self) -> i64 {
        self.reference.units() / self.tick_size.units().max(1)
    }

    /// How far a usual day moves, in ticks.
    pub(in crate::sim) fn daily_ticks(&self) -> i64 {
        (self.reference_ticks() * self.daily_move / 10_000).max(8)
    }
}

/// The listed months of a product and the day on which the next one becomes the front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) struct Cycle {
    /// The letters of the listed months, first of the year first.
    pub(in crate::sim) months: &'static str,
    pub(in crate::sim) roll: Roll,
}

/// The first day on which an expiry is no longer the front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum Roll {
    /// The Monday of the week of the third Friday.
    ThirdFridayWeek,
    /// The Monday of the week of the last Friday.
    LastFridayWeek,
    /// This day of the month before.
    DayOfMonthBefore(u8),
}

const fn cycle(months: &'static str, roll: Roll) -> Cycle {
    Cycle { months, roll }
}

/// Equity indices and currencies.
const QUARTERS: Cycle = cycle("HMUZ", Roll::ThirdFridayWeek);
const TREASURIES: Cycle = cycle("HMUZ", Roll::DayOfMonthBefore(25));
const CRYPTO: Cycle = cycle("FGHJKMNQUVXZ", Roll::LastFridayWeek);
const OIL: Cycle = cycle("FGHJKMNQUVXZ", Roll::DayOfMonthBefore(17));
const GAS: Cycle = cycle("FGHJKMNQUVXZ", Roll::DayOfMonthBefore(24));
const GOLD: Cycle = cycle("GJMQZ", Roll::DayOfMonthBefore(26));
const SILVER: Cycle = cycle("HKNUZ", Roll::DayOfMonthBefore(26));
const PLATINUM: Cycle = cycle("FJNV", Roll::DayOfMonthBefore(26));
const GRAINS: Cycle = cycle("HKNUZ", Roll::DayOfMonthBefore(17));
const SOYBEANS: Cycle = cycle("FHKNX", Roll::DayOfMonthBefore(17));
const SOY_PRODUCTS: Cycle = cycle("FHKNZ", Roll::DayOfMonthBefore(17));
const CATTLE: Cycle = cycle("GJMQVZ", Roll::DayOfMonthBefore(17));
const HOGS: Cycle = cycle("GJMNQVZ", Roll::DayOfMonthBefore(17));

/// One row of the table below. Decimals are text, so that they read as they are sent.
struct Row(
    /// Code, root, title.
    (&'static str, &'static str, &'static str),
    /// Tick size, tick value, reference.
    [&'static str; 3],
    Cycle,
    /// Fees and commissions.
    [&'static str; 2],
    /// Underlying, usual move of a day in hundredths of a percent, thousands of contracts a day.
    (&'static str, i64, i64),
);

/// Billionths in a decimal such as `0.0000005`.
const fn units(text: &str) -> i64 {
    let bytes = text.as_bytes();
    let (mut value, mut decimals, mut index) = (0, 0, 0);
    let mut is_fraction = false;
    while index < bytes.len() {
        if bytes[index] == b'.' {
            is_fraction = true;
        } else {
            value = value * 10 + (bytes[index] - b'0') as i64;
            decimals += is_fraction as u32;
        }
        index += 1;
    }
    value * 10i64.pow(9 - decimals)
}

const fn product(row: &Row) -> Product {
    let Row((code, root, title), [tick_size, tick_value, reference], cycle, [fees, commissions], market) =
        row;
    Product {
        code,
        root,
        title,
        underlying: market.0,
        tick_size: Price::from_units(units(tick_size)),
        tick_value: Money::from_units(units(tick_value)),
        cycle: *cycle,
        reference: Price::from_units(units(reference)),
        fees: Money::from_units(units(fees)),
        commissions: Money::from_units(units(commissions)),
        daily_move: market.1,
        daily_volume: market.2 * 1_000,
    }
}

/// All products, in the order of their codes. Prices are what they might be; fees and commissions are known
/// for MES, MNQ, MYM, MCL and ZB and likely for the rest.
#[rustfmt::skip]
const ROWS: [Row; 52] = [
    Row(("BP6", "6B", "British Pound (Globex)"), ["0.0001", "6.25", "1.3125"], QUARTERS, ["1.62", "0.50"], ("GBP", 50, 130)),
    Row(("CA6", "6C", "Canadian Dollar (Globex)"), ["0.00005", "5", "0.71525"], QUARTERS, ["1.62", "0.50"], ("CAD", 40, 120)),
    Row(("CLE", "CL", "Crude Light (Globex)"), ["0.01", "10", "61.84"], OIL, ["1.52", "0.50"], ("CRUDE", 190, 350)),
    Row(("CPE", "HG", "Copper (Globex)"), ["0.0005", "12.5", "5.1235"], SILVER, ["1.62", "0.50"], ("COPPER", 140, 120)),
    Row(("DA6", "6A", "Australian Dollar (Globex)"), ["0.00005", "5", "0.65435"], QUARTERS, ["1.62", "0.50"], ("AUD", 60, 150)),
    Row(("EEU", "E7", "E-mini Euro FX"), ["0.0001", "6.25", "1.1624"], QUARTERS, ["0.87", "0.50"], ("EUR", 45, 120)),
    Row(("EMD", "EMD", "E-mini MidCap 400"), ["0.1", "10", "3284.6"], QUARTERS, ["1.40", "0.50"], ("MIDCAP", 100, 120)),
    Row(("ENQ", "NQ", "E-mini NASDAQ-100"), ["0.25", "5", "30199.25"], QUARTERS, ["1.40", "0.50"], ("NASDAQ", 120, 600)),
    Row(("EP", "ES", "E-Mini S&P 500"), ["0.25", "12.5", "7730.5"], QUARTERS, ["1.40", "0.50"], ("SP500", 90, 1400)),
    Row(("EU6", "6E", "Euro FX (Globex)"), ["0.00005", "6.25", "1.16235"], QUARTERS, ["1.62", "0.50"], ("EUR", 45, 220)),
    Row(("FVA", "ZF", "5 Year US Treasury Notes (Globex)"), ["0.0078125", "7.8125", "109.3359375"], TREASURIES, ["0.67", "0.50"], ("ZF", 22, 1200)),
    Row(("GCE", "GC", "Gold (Globex)"), ["0.1", "10", "4112.7"], GOLD, ["1.62", "0.50"], ("GOLD", 110, 220)),
    Row(("GLE", "LE", "Live Cattle (Globex)"), ["0.025", "10", "214.875"], CATTLE, ["2.12", "0.50"], ("CATTLE", 100, 120)),
    Row(("GMET", "MET", "Micro Ether"), ["0.5", "0.05", "3240.5"], CRYPTO, ["0.22", "0.25"], ("ETHER", 300, 150)),
    Row(("HE", "HE", "Lean Hogs (Globex)"), ["0.025", "10", "81.325"], HOGS, ["2.12", "0.50"], ("HOGS", 140, 120)),
    Row(("HOE", "HO", "NY Harbor ULSD"), ["0.0001", "4.2", "2.4318"], OIL, ["1.52", "0.50"], ("DIESEL", 190, 120)),
    Row(("JY6", "6J", "Japanese Yen (Globex)"), ["0.0000005", "6.25", "0.0065125"], QUARTERS, ["1.62", "0.50"], ("JPY", 60, 200)),
    Row(("M2K", "M2K", "Micro E-mini Russell 2000"), ["0.1", "0.5", "2684.3"], QUARTERS, ["0.36", "0.25"], ("RUSSELL", 120, 150)),
    Row(("M6A", "M6A", "E-Micro AUD/USD"), ["0.0001", "1", "0.6544"], QUARTERS, ["0.26", "0.25"], ("AUD", 60, 120)),
    Row(("M6B", "M6B", "E-Micro GBP/USD"), ["0.0001", "0.625", "1.3125"], QUARTERS, ["0.26", "0.25"], ("GBP", 50, 120)),
    Row(("M6E", "M6E", "E-Micro EUR/USD"), ["0.0001", "1.25", "1.1624"], QUARTERS, ["0.26", "0.25"], ("EUR", 45, 120)),
    Row(("MBT", "MBT", "Micro Bitcoin"), ["5", "0.5", "96450"], CRYPTO, ["2.52", "0.25"], ("BITCOIN", 250, 150)),
    Row(("MCLE", "MCL", "Micro WTI Crude Oil"), ["0.01", "1", "61.84"], OIL, ["0.51", "0.25"], ("CRUDE", 190, 150)),
    Row(("MES", "MES", "Micro E-mini S&P 500"), ["0.25", "1.25", "7730.5"], QUARTERS, ["0.36", "0.25"], ("SP500", 90, 1000)),
    Row(("MGC", "MGC", "Micro Gold"), ["0.1", "1", "4112.7"], GOLD, ["0.62", "0.25"], ("GOLD", 110, 250)),
    Row(("MHG", "MHG", "Micro Copper"), ["0.0005", "1.25", "5.1235"], SILVER, ["0.62", "0.25"], ("COPPER", 140, 120)),
    Row(("MNG", "MNG", "Micro Henry Hub Natural Gas"), ["0.001", "1", "4.123"], GAS, ["0.62", "0.25"], ("GAS", 260, 120)),
    Row(("MNQ", "MNQ", "Micro E-mini Nasdaq-100"), ["0.25", "0.5", "30199.25"], QUARTERS, ["0.36", "0.25"], ("NASDAQ", 120, 1500)),
    Row(("MX6", "6M", "Mexican Peso (Globex)"), ["0.00001", "5", "0.05412"], QUARTERS, ["1.62", "0.50"], ("MXN", 70, 120)),
    Row(("MYM", "MYM", "Micro E-mini Dow $0.50"), ["1", "0.5", "49909"], QUARTERS, ["0.37", "0.25"], ("DOW", 80, 200)),
    Row(("NE6", "6N", "New Zealand Dollar (Globex)"), ["0.00005", "5", "0.56725"], QUARTERS, ["1.62", "0.50"], ("NZD", 65, 120)),
    Row(("NGE", "NG", "Natural Gas (Globex)"), ["0.001", "10", "4.123"], GAS, ["1.62", "0.50"], ("GAS", 260, 200)),
    Row(("NKD", "NKD", "Nikkei 225 (Globex)"), ["5", "25", "52340"], QUARTERS, ["2.40", "0.50"], ("NIKKEI", 130, 120)),
    Row(("NQG", "QG", "E-Mini Natural Gas"), ["0.005", "12.5", "4.125"], GAS, ["0.52", "0.50"], ("GAS", 260, 120)),
    Row(("NQM", "QM", "E-Mini Crude Oil"), ["0.025", "12.5", "61.85"], OIL, ["1.22", "0.50"], ("CRUDE", 190, 120)),
    Row(("PLE", "PL", "Platinum (Globex)"), ["0.1", "5", "1567.4"], PLATINUM, ["1.62", "0.50"], ("PLATINUM", 160, 120)),
    Row(("RBE", "RB", "RBOB Gasoline (Globex)"), ["0.0001", "4.2", "1.9542"], OIL, ["1.52", "0.50"], ("GASOLINE", 190, 120)),
    Row(("RTY", "RTY", "E-mini Russell 2000"), ["0.1", "5", "2684.3"], QUARTERS, ["1.40", "0.50"], ("RUSSELL", 120, 200)),
    Row(("SF6", "6S", "Swiss Franc (Globex)"), ["0.00005", "6.25", "1.24735"], QUARTERS, ["1.62", "0.50"], ("CHF", 50, 120)),
    Row(("SIE", "SI", "Silver (Globex)"), ["0.005", "25", "52.135"], SILVER, ["1.62", "0.50"], ("SILVER", 200, 120)),
    Row(("SIL", "SIL", "Micro Silver"), ["0.005", "5", "52.135"], SILVER, ["1.02", "0.25"], ("SILVER", 200, 120)),
    Row(("TNA", "TN", "Ultra 10yr Treasury Note (Globex)"), ["0.015625", "15.625", "115.171875"], TREASURIES, ["0.82", "0.50"], ("TN", 45, 400)),
    Row(("TUA", "ZT", "2 Year US Treasury Note (Globex)"), ["0.00390625", "7.8125", "104.1328125"], TREASURIES, ["0.67", "0.50"], ("ZT", 8, 600)),
    Row(("TYA", "ZN", "10yr US Treasury Notes (Globex)"), ["0.015625", "15.625", "112.671875"], TREASURIES, ["0.82", "0.50"], ("ZN", 35, 1800)),
    Row(("ULA", "UB", "Ultra T-Bond (Globex)"), ["0.03125", "31.25", "118.59375"], TREASURIES, ["0.97", "0.50"], ("UB", 75, 300)),
    Row(("USA", "ZB", "30yr US Treasury Bonds (Globex)"), ["0.03125", "31.25", "113.46875"], TREASURIES, ["0.89", "0.50"], ("ZB", 60, 400)),
    Row(("YM", "YM", "E-mini Dow ($5)"), ["1", "5", "49909"], QUARTERS, ["1.40", "0.50"], ("DOW", 80, 180)),
    Row(("ZCE", "ZC", "Corn (Globex)"), ["0.25", "12.5", "437.25"], GRAINS, ["2.12", "0.50"], ("CORN", 140, 300)),
    Row(("ZLE", "ZL", "Soybean Oil (Globex)"), ["0.01", "6", "50.62"], SOY_PRODUCTS, ["2.12", "0.50"], ("SOYOIL", 160, 120)),
    Row(("ZME", "ZM", "Soybean Meal (Globex)"), ["0.1", "10", "316.4"], SOY_PRODUCTS, ["2.12", "0.50"], ("MEAL", 150, 120)),
    Row(("ZSE", "ZS", "Soybeans (Globex)"), ["0.25", "12.5", "1124.75"], SOYBEANS, ["2.12", "0.50"], ("SOYBEANS", 120, 200)),
    Row(("ZWA", "ZW", "Wheat (Globex)"), ["0.25", "12.5", "538.5"], GRAINS, ["2.12", "0.50"], ("WHEAT", 160, 150)),
];

/// All products, in the order of their codes.
pub(in crate::sim) static PRODUCTS: [Product; ROWS.len()] = {
    let mut products = [const { product(&ROWS[0]) }; ROWS.len()];
    let mut index = 0;
    while index < ROWS.len() {
        products[index] = product(&ROWS[index]);
        index += 1;
    }
    products
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_lie_on_the_grid_and_codes_are_in_order() {
        for product in &PRODUCTS {
            assert!(product.reference.is_on_tick(product.tick_size), "{}", product.code);
        }
        assert!(PRODUCTS.is_sorted_by_key(|product| product.code));
    }

    #[test]
    fn decimals_of_the_table_are_exact() {
        for (code, tick_size, tick_value) in [
            ("TUA", "0.00390625", "7.8125"),
            ("JY6", "0.0000005", "6.25"),
            ("M6B", "0.0001", "0.625"),
            ("YM", "1", "5"),
        ] {
            let product = PRODUCTS.iter().find(|product| product.code == code).unwrap();
            assert_eq!(product.tick_size, tick_size.parse().unwrap());
            assert_eq!(product.tick_value, Money::parse(tick_value).unwrap());
        }
    }
}
