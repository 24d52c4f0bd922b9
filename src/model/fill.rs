//! A fill of one of the account's orders.

use super::codes::Side;
use super::id::{AccountId, ContractId, FillId, OrderId};
use crate::clock::Timestamp;
use crate::price::{Money, Price};

/// One fill. The gateway calls it a half-turn trade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fill {
    /// The gateway's id; the same fill may be told more than once.
    pub id: FillId,
    /// The account.
    pub account: AccountId,
    /// The contract.
    pub contract: ContractId,
    /// When it happened.
    pub created: Option<Timestamp>,
    /// The price.
    pub price: Price,
    /// The result of the part that it closed, fees not deducted; `None` when it opened or added.
    pub profit_and_loss: Option<Money>,
    /// The fees for the whole fill.
    pub fees: Money,
    /// The commissions for the whole fill; `None` when the gateway does not tell.
    pub commissions: Option<Money>,
    /// Buy or sell.
    pub side: Side,
    /// Contracts.
    pub size: i32,
    /// Whether it was undone.
    pub voided: bool,
    /// The order that was filled.
    pub order: OrderId,
}
