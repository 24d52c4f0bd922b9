//! Accounts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::price::Money;
use crate::sim::exchange::position::Position;
use crate::sim::market::contract::Contract;
use crate::sim::wire::json::{Json, Value};

/// A rule that an account can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sim) enum Violation {
    MaxLoss,
    /// Forgiven when the next trading day begins.
    DailyLoss,
}

/// A trading account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::sim) struct Account {
    pub(in crate::sim) id: i32,
    pub(in crate::sim) name: String,
    /// Realised: moves by profit and loss, less fees and commissions, with each fill.
    pub(in crate::sim) balance: Money,
    pub(in crate::sim) can_trade: bool,
    /// The rule that it broke, which keeps it from trading.
    pub(in crate::sim) violation: Option<Violation>,
    /// The balance that its largest loss counts from.
    pub(in crate::sim) start_balance: Money,
    /// The balance that its loss of the day counts from.
    pub(in crate::sim) day_balance: Money,
    pub(in crate::sim) is_visible: bool,
    /// Open positions by the index of their contract.
    #[serde(with = "positions")]
    pub(in crate::sim) positions: BTreeMap<usize, Position>,
}

impl Account {
    /// An account that holds nothing.
    pub(in crate::sim) fn new(id: i32, name: String, balance: Money, is_active: bool) -> Account {
        Account {
            id,
            name,
            balance,
            can_trade: is_active,
            violation: None,
            start_balance: balance,
            day_balance: balance,
            is_visible: is_active,
            positions: BTreeMap::new(),
        }
    }

    /// Gives it another balance, from which losses count anew.
    pub(in crate::sim) fn set_balance(&mut self, balance: Money) {
        (self.balance, self.start_balance, self.day_balance) = (balance, balance, balance);
    }

    /// How many contracts it holds, positive when long.
    pub(in crate::sim) fn net(&self, contract: &Contract) -> i32 {
        self.positions.get(&contract.index).map_or(0, |position| position.net)
    }
}

impl Value for Account {
    fn write(&self, json: &mut Json) {
        json.object(|object| {
            object
                .member("id", self.id)
                .member("name", &self.name)
                .member("balance", self.balance)
                .member("canTrade", self.can_trade)
                .member("isVisible", self.is_visible)
                .new_member("simulated", true);
        });
    }
}

/// Positions are kept without the places of their contracts, which the next catalog may give to others.
mod positions {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serializer};

    use crate::sim::exchange::position::Position;

    pub(super) fn serialize<S: Serializer>(
        positions: &BTreeMap<usize, Position>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(positions.values())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<usize, Position>, D::Error> {
        Ok(Vec::deserialize(deserializer)?.into_iter().enumerate().collect())
    }
}
