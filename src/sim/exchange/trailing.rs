//! Stops that follow the market.

use crate::price::Price;
use crate::sim::exchange::order::{Order, OrderType, Side};
use crate::sim::exchange::prices::away;

impl Order {
    /// The stop at this order's distance from the last price.
    pub(in crate::sim) fn trailed_stop(&self, last: Price) -> Option<Price> {
        let ticks = self.trail_distance?.saturating_abs();
        away(&self.contract, last, if self.side == Side::Buy { ticks } else { -ticks })
    }

    /// Moves the stop of a trailing stop towards the last price, never away from it; true when it moved.
    pub(in crate::sim) fn trail(&mut self, last: Price) -> bool {
        if self.order_type != OrderType::TrailingStop {
            return false;
        }
        let (Some(stop), Some(trailed)) = (self.stop_price, self.trailed_stop(last)) else { return false };
        let has_moved = match self.side {
            Side::Buy => trailed < stop,
            Side::Sell => trailed > stop,
        };
        if has_moved {
            self.stop_price = Some(trailed);
        }
        has_moved
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::exchange::order::sample;

    #[test]
    fn a_stop_follows_and_never_goes_back() {
        let price = |text: &str| text.parse::<Price>().unwrap();
        for (side, moves) in [
            (Side::Sell, [("100", "99"), ("100.5", "99.5"), ("99.75", "99.5"), ("101", "100")]),
            (Side::Buy, [("100", "101"), ("99.5", "100.5"), ("100.25", "100.5"), ("99", "100")]),
        ] {
            let mut order = sample(OrderType::TrailingStop, side);
            order.trail_distance = Some(4);
            order.stop_price = order.trailed_stop(price("100"));
            for (last, expected) in moves {
                let before = order.stop_price;
                assert_eq!(order.trail(price(last)), before != Some(price(expected)), "{side:?} {last}");
                assert_eq!(order.stop_price, Some(price(expected)), "{side:?} {last}");
            }
        }
    }
}
