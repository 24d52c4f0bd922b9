//! Positions: what an account holds of one contract.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::price::{Money, Price};
use crate::sim::market::contract::Contract;
use crate::sim::wire::json::{Json, Value};

/// What an account holds of one contract.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::sim) struct Position {
    pub(in crate::sim) id: i32,
    pub(in crate::sim) account_id: i32,
    #[serde(with = "crate::sim::market::contract::by_id")]
    pub(in crate::sim) contract: Arc<Contract>,
    pub(in crate::sim) created: Timestamp,
    /// Contracts held, positive when long; zero once it is closed.
    pub(in crate::sim) net: i32,
    /// Rounded half to even at 1e-9; taking contracts off leaves it alone.
    pub(in crate::sim) average_price: Price,
    /// What the contracts held are worth at the prices they came at, in billionths of a dollar, negative when
    /// short. Exact, so that what a position brings in all is too, whatever its average price is rounded to.
    pub(in crate::sim) cost: i128,
    /// The fills that opened it and added to it, oldest first, as far as they are not closed.
    pub(in crate::sim) openings: VecDeque<Opening>,
}

/// What is still open of a fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sim) struct Opening {
    pub(in crate::sim) fill_id: i64,
    pub(in crate::sim) size: i32,
}

/// What taking contracts off a position brings.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::sim) struct Closing {
    /// Gross, against the average of what the contracts cost.
    pub(in crate::sim) profit_and_loss: Money,
    /// The fills whose contracts were taken off, oldest first.
    pub(in crate::sim) fill_ids: Vec<i64>,
}

impl Position {
    /// Adds contracts on the side it is on and averages the price.
    pub(in crate::sim) fn add(&mut self, net: i32, price: Price, fill_id: i64) {
        self.cost += self.worth(net, price);
        self.net = self.net.saturating_add(net);
        let product = self.contract.product;
        let average = self.cost * i128::from(product.tick_size.units());
        let contracts = i128::from(product.tick_value.units()) * i128::from(self.net);
        self.average_price = Price::from_units(divide(average, contracts));
        self.openings.push_back(Opening { fill_id, size: net.abs() });
    }

    /// Takes `size` contracts off, those that came first.
    pub(in crate::sim) fn reduce(&mut self, size: i32, price: Price) -> Closing {
        let signed = size * self.net.signum();
        let share = match signed == self.net {
            true => self.cost,
            false => i128::from(divide(self.cost * i128::from(signed), i128::from(self.net))),
        };
        let profit_and_loss = money(self.worth(signed, price) - share);
        self.cost -= share;
        self.net -= signed;
        let mut fill_ids = Vec::new();
        let mut left = size;
        while let Some(opening) = self.openings.front_mut().filter(|_| left > 0) {
            let taken = left.min(opening.size);
            fill_ids.push(opening.fill_id);
            left -= taken;
            opening.size -= taken;
            if opening.size == 0 {
                self.openings.pop_front();
            }
        }
        Closing { profit_and_loss, fill_ids }
    }

    /// What it would bring, before fees, to close it at `price`.
    pub(in crate::sim) fn open_profit_and_loss(&self, price: Price) -> Money {
        money(self.worth(self.net, price) - self.cost)
    }

    /// What `net` contracts are worth at a price, in billionths of a dollar; prices of fills are on the grid.
    fn worth(&self, net: i32, price: Price) -> i128 {
        let product = self.contract.product;
        let worth = i128::from(price.units()) * i128::from(product.tick_value.units()) * i128::from(net);
        worth / i128::from(product.tick_size.units().max(1))
    }
}

/// Billionths of a dollar, held at the ends of the range.
fn money(units: i128) -> Money {
    Money::from_units(divide(units, 1))
}

/// A quotient rounded half to even, held at the ends of the range.
pub(in crate::sim) fn divide(dividend: i128, divisor: i128) -> i64 {
    if divisor == 0 {
        return 0;
    }
    let (quotient, rest) = (dividend.div_euclid(divisor), dividend.rem_euclid(divisor));
    let twice = rest * 2;
    let is_up = twice > divisor.abs() || (twice == divisor.abs() && quotient % 2 != 0);
    // Euclid's remainder is never negative, so "up" leaves the quotient towards the divisor's sign.
    let rounded = if is_up { quotient + divisor.signum() } else { quotient };
    i64::try_from(rounded).unwrap_or(if rounded < 0 { -i64::MAX } else { i64::MAX - 1 })
}

impl Value for Position {
    fn write(&self, json: &mut Json) {
        let position_type = match self.net.signum() {
            1 => 1,
            -1 => 2,
            _ => 0,
        };
        json.object(|object| {
            object
                .member("id", self.id)
                .member("accountId", self.account_id)
                .member("contractId", &self.contract.id)
                .new_member("contractDisplayName", &self.contract.display_name)
                .member("creationTimestamp", self.created)
                .member("type", position_type)
                .member("size", self.net.abs())
                .member("averagePrice", self.average_price);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::market::contract::Catalog;

    fn position(code: &str, net: i32, price: &str) -> Position {
        let now = Timestamp::parse("2026-11-21T10:00:00Z").unwrap();
        let average_price = price.parse().unwrap();
        let mut position = Position {
            id: 1,
            account_id: 1,
            contract: Catalog::at(now).front(code).unwrap().clone(),
            created: now,
            net,
            average_price,
            cost: 0,
            openings: VecDeque::new(),
        };
        position.cost = position.worth(net, average_price);
        position
    }

    #[test]
    fn profit_counts_ticks() {
        for (code, net, average, size, price, expected, left) in [
            ("MYM", 15, "49909", 15, "49983", "555", 0),
            ("USA", -15, "113.46875", 15, "113.5", "-468.75", 0),
            ("JY6", 2, "0.0065", 1, "0.0065005", "6.25", 1),
            ("MES", -3, "7730.5", 2, "7730.5", "0", -1),
        ] {
            let mut position = position(code, net, average);
            let profit = position.reduce(size, price.parse().unwrap()).profit_and_loss;
            assert_eq!((profit.to_string().as_str(), position.net), (expected, left), "{code}");
            assert_eq!(position.average_price.to_string(), average);
        }
    }

    #[test]
    fn no_part_of_a_cent_is_lost_to_the_average() {
        let price = |text: &str| text.parse().unwrap();
        let bought = |code, prices: [&str; 3]| {
            let mut position = position(code, 0, "0");
            prices.iter().for_each(|at| position.add(1, price(at), 1));
            position
        };
        let mut together = bought("MES", ["7000", "7000.25", "7000.25"]);
        assert_eq!(together.reduce(3, price("7001")).profit_and_loss.to_string(), "12.5");
        let mut apart = bought("JY6", ["0.0065", "0.0065005", "0.0065005"]);
        let brought =
            ["0.006502", "0.0065015", "0.0065"].map(|at| apart.reduce(1, price(at)).profit_and_loss.units());
        assert_eq!((brought.iter().sum(), apart.cost), (31_250_000_000_i64, 0));
    }

    #[test]
    fn adding_averages_the_price() {
        let mut long = position("MES", 2, "100");
        long.add(1, "100.25".parse().unwrap(), 9);
        assert_eq!((long.net, long.average_price.to_string().as_str()), (3, "100.083333333"));
        let mut short = position("MES", -1, "100.25");
        short.add(-1, "100.75".parse().unwrap(), 9);
        assert_eq!((short.net, short.average_price.to_string().as_str()), (-2, "100.5"));
        assert_eq!(short.openings, [Opening { fill_id: 9, size: 1 }]);
    }

    #[test]
    fn contracts_leave_in_the_order_they_came() {
        let price = "100".parse().unwrap();
        let mut position = position("MES", 0, "100");
        for (fill_id, size) in [(1, 2), (2, 3), (3, 1)] {
            position.add(size, price, fill_id);
        }
        assert_eq!(position.reduce(3, price).fill_ids, [1, 2]);
        assert_eq!(position.reduce(1, price).fill_ids, [2]);
        assert_eq!(position.reduce(2, price).fill_ids, [2, 3]);
        assert!(position.openings.is_empty() && position.net == 0);
    }

    #[test]
    fn quotients_round_half_to_even() {
        for (dividend, divisor, expected) in [
            (5, 2, 2),
            (7, 2, 4),
            (-5, 2, -2),
            (-7, 2, -4),
            (5, -2, -2),
            (-5, -2, 2),
            (-7, -2, 4),
            (10, 3, 3),
            (-10, 3, -3),
            (11, -3, -4),
            (1, 0, 0),
        ] {
            assert_eq!(divide(dividend, divisor), expected, "{dividend}/{divisor}");
        }
    }
}
