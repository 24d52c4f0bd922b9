//! A position.

use super::codes::PositionSide;
use super::id::{AccountId, ContractId, PositionId};
use crate::clock::Timestamp;
use crate::price::Price;

/// The open position of an account in one contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The gateway's id.
    pub id: PositionId,
    /// The account that holds it.
    pub account: AccountId,
    /// The contract.
    pub contract: ContractId,
    /// The name for people, such as `MNQU26`; `None` when the gateway does not tell.
    pub display_name: Option<String>,
    /// When it was opened.
    pub created: Option<Timestamp>,
    /// Long or short.
    pub side: PositionSide,
    /// Contracts held, never negative.
    pub size: i32,
    /// The average price of the entry, rounded half to even at 1e-9.
    pub average_price: Price,
}
