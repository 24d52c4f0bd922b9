//! A contract.

use super::id::ContractId;
use crate::price::Price;

/// A futures contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// The id that orders and subscriptions name.
    pub id: ContractId,
    /// The exchange's name, such as `MNQU6`.
    pub name: String,
    /// The name in words.
    pub description: String,
    /// The smallest step of the price.
    pub tick_size: Price,
    /// What one tick of one contract is worth, in the account's currency.
    pub tick_value: crate::price::Money,
    /// Whether it is the expiry that trades now.
    pub is_active: bool,
    /// The id of the product, such as `F.US.MNQ`; `None` when the gateway does not tell.
    pub symbol_id: Option<String>,
}

impl Contract {
    /// Whether the price lies on this contract's tick grid.
    pub fn is_on_tick(&self, price: Price) -> bool {
        price.is_on_tick(self.tick_size)
    }
}
