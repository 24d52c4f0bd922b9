//! An account.

use super::id::AccountId;
use crate::price::Money;

/// A trading account as the gateway lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The id that orders name.
    pub id: AccountId,
    /// The name that people know it by.
    pub name: String,
    /// The realised balance, exact; `None` when the gateway does not tell.
    pub balance: Option<Money>,
    /// Whether it may trade now. False when it is locked or in violation.
    pub can_trade: bool,
    /// Whether the platform shows it.
    pub is_visible: bool,
    /// Whether its orders are simulated by the firm; `None` when the gateway does not tell.
    pub simulated: Option<bool>,
}
