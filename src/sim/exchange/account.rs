//! Accounts.

use std::collections::BTreeMap;

use crate::price::Money;
use crate::sim::exchange::position::Position;
use crate::sim::market::contract::Contract;
use crate::sim::wire::json::{Json, Value};

/// A trading account.
#[derive(Debug)]
pub(in crate::sim) struct Account {
    pub(in crate::sim) id: i32,
    pub(in crate::sim) name: String,
    /// Realised: moves by profit and loss, less fees and commissions, with each fill.
    pub(in crate::sim) balance: Money,
    pub(in crate::sim) can_trade: bool,
    /// Whether it may not trade because it broke a rule.
    pub(in crate::sim) is_in_violation: bool,
    /// The balance that its largest loss counts from.
    pub(in crate::sim) start_balance: Money,
    /// The balance that its loss of the day counts from.
    pub(in crate::sim) day_balance: Money,
    pub(in crate::sim) is_visible: bool,
    /// Open positions by the index of their contract.
    pub(in crate::sim) positions: BTreeMap<usize, Position>,
}

impl Account {
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
