//! Which prices an order may have.

use crate::price::Price;
use crate::sim::exchange::order::Side;
use crate::sim::market::contract::Contract;

/// Most ticks between the last price and a trailing stop that is placed.
const MAX_TRAIL: i32 = 1_000;

/// What speaks against a limit.
pub(in crate::sim) fn refuse_limit(contract: &Contract, limit: Price) -> Option<&'static str> {
    let misaligned = "Invalid limit price. Price is not aligned to tick size.";
    refuse(contract, limit, misaligned)
}

/// What speaks against a stop while trades print at `last`.
pub(in crate::sim) fn refuse_stop(
    contract: &Contract,
    side: Side,
    stop: Price,
    last: Price,
) -> Option<&'static str> {
    let misaligned = "Invalid stop price. Price is not aligned to tick size.";
    refuse(contract, stop, misaligned).or(match side {
        Side::Buy if stop <= last => {
            Some("Invalid stop price. Price must be above the last price when buying.")
        }
        Side::Sell if stop >= last => {
            Some("Invalid stop price. Price must be below the last price when selling.")
        }
        _ => None,
    })
}

/// The distance of a trailing stop in ticks: from the last price to the level that the client asks for.
pub(in crate::sim) fn trail_distance(
    contract: &Contract,
    level: Price,
    last: Price,
) -> Result<i32, &'static str> {
    let tick = contract.product.tick_size;
    if !level.is_on_tick(tick) {
        return Err("Invalid trail price. Price is not aligned to tick size.");
    }
    let ticks = last.units().saturating_sub(level.units()).abs() / tick.units().max(1);
    match i32::try_from(ticks).unwrap_or(i32::MAX) {
        0 => Err("Trail Distance not set."),
        ticks => Ok(ticks),
    }
}

/// What speaks against the distance of a trailing stop that is placed.
pub(in crate::sim) fn refuse_trail(ticks: i32) -> Option<&'static str> {
    (ticks > MAX_TRAIL).then_some("Trail Distance exceeds maximum (1000)")
}

/// Whether a price lies in the band, which is wide: from half to twice the previous close.
fn is_in_band(contract: &Contract, price: Price) -> bool {
    let reference = contract.product.reference.units();
    (reference / 2..=reference.saturating_mul(2)).contains(&price.units())
}

/// A price some ticks away from another.
pub(in crate::sim) fn away(contract: &Contract, from: Price, ticks: i32) -> Option<Price> {
    contract.product.tick_size.checked_mul(i64::from(ticks)).and_then(|distance| from.checked_add(distance))
}

fn refuse(contract: &Contract, price: Price, misaligned: &'static str) -> Option<&'static str> {
    if !price.is_on_tick(contract.product.tick_size) {
        return Some(misaligned);
    }
    refuse_band(contract, Some(price))
}

/// What speaks against a price that was worked out, and may be none at all.
pub(in crate::sim) fn refuse_band(contract: &Contract, price: Option<Price>) -> Option<&'static str> {
    let is_fine = price.is_some_and(|price| is_in_band(contract, price));
    (!is_fine).then_some("Invalid price. Price is outside allowed range.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::sim::market::contract::Catalog;

    fn price(text: &str) -> Price {
        text.parse().unwrap()
    }

    #[test]
    fn the_trail_is_cut_to_whole_ticks_of_the_distance() {
        let now = Timestamp::parse("2026-11-21T10:00:00Z").unwrap();
        let catalog = Catalog::at(now);
        let contract = catalog.front("CLE").unwrap();
        let distance = |level| trail_distance(contract, price(level), price("70.5"));
        // Six ticks below and above; a distance sent for a level is a very long way.
        assert_eq!((distance("70.44"), distance("70.56"), distance("0.06")), (Ok(6), Ok(6), Ok(7_044)));
        assert_eq!(distance("70.5"), Err("Trail Distance not set."));
        assert!(distance("70.445").unwrap_err().starts_with("Invalid trail price"));
        assert!(refuse_trail(1_000).is_none() && refuse_trail(1_001).is_some());
    }

    #[test]
    fn stops_lie_behind_the_market() {
        let now = Timestamp::parse("2026-11-21T10:00:00Z").unwrap();
        let catalog = Catalog::at(now);
        let contract = catalog.front("MES").unwrap();
        for (side, stop, is_refused) in [
            (Side::Buy, "7000.25", false),
            (Side::Buy, "7000", true),
            (Side::Sell, "7000", true),
            (Side::Sell, "6999.75", false),
            (Side::Sell, "6999.8", true),
        ] {
            let refusal = refuse_stop(contract, side, price(stop), price("7000"));
            assert_eq!(refusal.is_some(), is_refused, "{side:?} {stop}");
            assert!(refusal.is_none_or(|text| text.starts_with("Invalid stop price")));
        }
    }
}
