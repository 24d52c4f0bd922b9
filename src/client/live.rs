//! The user's state as it is known without a request.

use super::Client;
use crate::error::Result;
use crate::model::{Account, AccountId, Live, Order, Position};

impl Client {
    /// The orders of an account that are not final, oldest first, suspended legs of brackets included, as its
    /// stream has told them so far. Sends nothing and waits for nobody. They are followed while a stream
    /// subscribes [`Kinds::ORDERS`](crate::Kinds::ORDERS) of the account.
    ///
    /// The connection may be lost: [`Live::is_current`] tells. Events do not tell the product, so
    /// [`Order::symbol_id`] is `None`.
    ///
    /// # Errors
    /// [`Kind::State`](crate::Kind::State) when no stream subscribes them, or when they could not be fetched
    /// yet; the message says why.
    pub fn live_orders(&self, account: AccountId) -> Result<Live<Vec<Order>>> {
        self.shared.bookkeeper.orders(account)
    }

    /// The open positions of an account, followed while a stream subscribes
    /// [`Kinds::POSITIONS`](crate::Kinds::POSITIONS) of it. As [`Client::live_orders`].
    ///
    /// # Errors
    /// As [`Client::live_orders`].
    pub fn live_positions(&self, account: AccountId) -> Result<Live<Vec<Position>>> {
        self.shared.bookkeeper.positions(account)
    }

    /// Balance and permissions of an account, followed while a stream subscribes
    /// [`Kinds::ACCOUNTS`](crate::Kinds::ACCOUNTS). As [`Client::live_orders`].
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) when the user has no such account; else as
    /// [`Client::live_orders`].
    pub fn live_account(&self, account: AccountId) -> Result<Live<Account>> {
        self.shared.bookkeeper.account(account)
    }
}
