//! How far the legs of a bracket stand from the fill.

use crate::model::{BracketPrice, Contract, OrderRequest, Side};
use crate::price::Price;
use crate::provider::Legs;

/// The gateway takes no leg that is nearer.
const FEWEST: i64 = 4;

/// The legs of an order in ticks without a sign, or what speaks against them.
pub(super) fn legs(request: &OrderRequest, contract: Option<&Contract>) -> Result<Legs, String> {
    let is_buy = request.side == Side::Buy;
    let ticks = |name: &str, at: BracketPrice, is_above: bool| -> Result<i32, String> {
        let ticks = match at {
            BracketPrice::Ticks(ticks) => i64::from(ticks),
            BracketPrice::Distance(distance) => in_ticks(name, distance, contract)?,
            BracketPrice::Level(level) => {
                in_ticks(name, from_entry(name, request, level, is_above)?, contract)?
            }
        };
        if ticks < 0 {
            return Err(format!(
                "the {name} is {ticks} ticks away; give no sign, the side of the order gives it"
            ));
        }
        if ticks < FEWEST {
            return Err(format!("the {name} is {ticks} ticks away, but {FEWEST} is the least"));
        }
        i32::try_from(ticks).map_err(|_| format!("the {name} is too far away: {ticks} ticks"))
    };
    let stop_loss = request.stop_loss.map(|leg| ticks("stop loss", leg.at, !is_buy)).transpose()?;
    let take_profit = request.take_profit.map(|at| ticks("take profit", at, is_buy)).transpose()?;
    Ok(Legs { stop_loss, take_profit })
}

fn in_ticks(name: &str, distance: Price, contract: Option<&Contract>) -> Result<i64, String> {
    let Some(contract) = contract else {
        return Err(format!(
            "the {name} is a price, but the tick is not known; look the contract up first, or give ticks"
        ));
    };
    let tick = contract.tick_size;
    distance.ticks(tick).ok_or_else(|| {
        format!(
            "the {name} is {distance} away, which is no multiple of the tick of {} ({tick})",
            contract.name
        )
    })
}

/// From the price of the order to a level, without a sign.
fn from_entry(name: &str, request: &OrderRequest, level: Price, is_above: bool) -> Result<Price, String> {
    let Some(entry) = request.limit_price.or(request.stop_price) else {
        return Err(format!(
            "the {name} is a level, but a {} order has no price before it fills; give ticks or a distance",
            request.order_type.name()
        ));
    };
    let distance = if is_above { level.checked_sub(entry) } else { entry.checked_sub(level) };
    match distance {
        Some(distance) if distance > Price::ZERO => Ok(distance),
        _ => {
            let place = if is_above { "above" } else { "below" };
            Err(format!("the {name} at {level} must be {place} the order's price {entry}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::StopLoss;
    use crate::price::Money;

    fn price(text: &str) -> Price {
        Price::parse(text).unwrap()
    }

    fn contract() -> Contract {
        Contract {
            id: "CON.F.US.MES.Z26".into(),
            name: "MESZ6".into(),
            description: String::new(),
            tick_size: price("0.25"),
            tick_value: Money::parse("1.25").unwrap(),
            is_active: true,
            symbol_id: None,
        }
    }

    fn limit(side: Side, stop_loss: BracketPrice, take_profit: BracketPrice) -> OrderRequest {
        OrderRequest {
            stop_loss: Some(StopLoss::fixed(stop_loss)),
            take_profit: Some(take_profit),
            ..OrderRequest::limit(1.into(), "CON.F.US.MES.Z26".into(), side, 1, price("5000"))
        }
    }

    #[test]
    fn ticks_distances_and_levels_come_to_the_same() {
        let expected = Legs { stop_loss: Some(10), take_profit: Some(20) };
        let (above, below) = ((price("5002.5"), price("5005")), (price("4997.5"), price("4995")));
        for (side, stop_loss, take_profit) in [(Side::Buy, below.0, above.1), (Side::Sell, above.0, below.1)]
        {
            for (stop_loss, take_profit) in [
                (BracketPrice::Ticks(10), BracketPrice::Ticks(20)),
                (BracketPrice::Distance(price("2.5")), BracketPrice::Distance(price("5"))),
                (BracketPrice::Level(stop_loss), BracketPrice::Level(take_profit)),
            ] {
                let request = limit(side, stop_loss, take_profit);
                assert_eq!(legs(&request, Some(&contract())), Ok(expected), "{request:?}");
            }
        }
        let none = OrderRequest {
            stop_loss: None,
            take_profit: None,
            ..limit(Side::Buy, BracketPrice::Ticks(1), BracketPrice::Ticks(1))
        };
        assert_eq!(legs(&none, None), Ok(Legs::default()));
    }

    #[test]
    fn what_the_gateway_would_refuse_is_told_before() {
        let far = BracketPrice::Ticks(20);
        let (level, distance) =
            (|text| BracketPrice::Level(price(text)), |text| BracketPrice::Distance(price(text)));
        for (stop_loss, part) in [
            (BracketPrice::Ticks(3), "3 ticks away, but 4 is the least"),
            (BracketPrice::Ticks(0), "0 ticks"),
            (BracketPrice::Ticks(-10), "no sign"),
            (distance("0.75"), "3 ticks"),
            (distance("1.1"), "no multiple of the tick of MESZ6 (0.25)"),
            (distance("-5"), "no sign"),
            (distance("9000000000"), "too far"),
            (level("5001"), "must be below the order's price 5000"),
            (level("5000"), "must be below"),
            (level("4999.25"), "3 ticks"),
            (level("4990.1"), "no multiple"),
        ] {
            let told = legs(&limit(Side::Buy, stop_loss, far), Some(&contract())).unwrap_err();
            assert!(told.contains("stop loss") && told.contains(part), "{told}");
        }
        let told = legs(&limit(Side::Sell, far, level("5001")), Some(&contract())).unwrap_err();
        assert!(told.contains("take profit at 5001 must be below"), "{told}");
        let told = legs(&limit(Side::Buy, far, distance("5")), None).unwrap_err();
        assert!(told.contains("look the contract up"), "{told}");
        let market = OrderRequest { limit_price: None, ..limit(Side::Buy, level("4990"), far) };
        assert!(legs(&market, Some(&contract())).unwrap_err().contains("no price before it fills"));
    }
}
