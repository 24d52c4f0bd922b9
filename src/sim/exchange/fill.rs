//! Fills: what the gateway calls trades or half-turns.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::price::{Money, Price};
use crate::sim::exchange::order::Side;
use crate::sim::market::contract::Contract;
use crate::sim::wire::json::{Json, Null, Value};

/// A fill: what the gateway calls a trade or half-turn.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::sim) struct Fill {
    pub(in crate::sim) id: i64,
    pub(in crate::sim) account_id: i32,
    #[serde(with = "crate::sim::market::contract::by_id")]
    pub(in crate::sim) contract: Arc<Contract>,
    pub(in crate::sim) created: Timestamp,
    pub(in crate::sim) price: Price,
    /// Gross; `None` when the fill opened or added.
    pub(in crate::sim) profit_and_loss: Option<Money>,
    pub(in crate::sim) side: Side,
    pub(in crate::sim) size: i32,
    pub(in crate::sim) order_id: i64,
}

impl Fill {
    /// Exchange and clearing fees of the whole fill.
    pub(in crate::sim) fn fees(&self) -> Money {
        self.times_size(self.contract.product.fees)
    }

    /// Commissions of the whole fill.
    pub(in crate::sim) fn commissions(&self) -> Money {
        self.times_size(self.contract.product.commissions)
    }

    /// What it does to the balance.
    pub(in crate::sim) fn balance_change(&self) -> Money {
        let gross = self.profit_and_loss.unwrap_or_default().units();
        let costs = self.fees().units().saturating_add(self.commissions().units());
        Money::from_units(gross.saturating_sub(costs))
    }

    fn times_size(&self, money: Money) -> Money {
        money.checked_mul(i64::from(self.size)).unwrap_or(Money::ZERO)
    }
}

impl Value for Fill {
    fn write(&self, json: &mut Json) {
        json.object(|object| {
            object
                .member("id", self.id)
                .member("accountId", self.account_id)
                .member("contractId", &self.contract.id)
                .member("creationTimestamp", self.created)
                .member("price", self.price);
            match self.profit_and_loss {
                Some(profit_and_loss) => object.member("profitAndLoss", profit_and_loss),
                None => object.member("profitAndLoss", Null),
            };
            object
                .member("fees", self.fees())
                .new_member("commissions", self.commissions())
                .member("side", self.side as i32)
                .member("size", self.size)
                .member("voided", false)
                .member("orderId", self.order_id);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::market::contract::Catalog;

    fn fill(code: &str, size: i32, profit_and_loss: Option<&str>) -> Fill {
        let created = Timestamp::parse("2026-11-21T10:00:00Z").unwrap();
        Fill {
            id: 1,
            account_id: 1,
            contract: Catalog::at(created).front(code).unwrap().clone(),
            created,
            price: Price::from_units(1),
            profit_and_loss: profit_and_loss.map(|money| money.parse().unwrap()),
            side: Side::Buy,
            size,
            order_id: 1,
        }
    }

    #[test]
    fn each_fill_pays_fees_and_commissions() {
        assert_eq!(fill("MYM", 15, None).balance_change().to_string(), "-9.3");
        assert_eq!(fill("MYM", 15, Some("555")).balance_change().to_string(), "545.7");
        assert_eq!(fill("USA", 15, Some("-468.75")).balance_change().to_string(), "-489.6");
    }
}
