//! An order, and the request for one.

use super::codes::{OrderStatus, OrderType, Side};
use super::id::{AccountId, ContractId, OrderId};
use crate::clock::Timestamp;
use crate::price::{Price, Rounding};

impl Side {
    /// The rounding that moves a limit price away from the market: down for a buy, up for a sell.
    pub const fn away_from_market(self) -> Rounding {
        match self {
            Side::Buy => Rounding::Down,
            _ => Rounding::Up,
        }
    }
}

/// An order to be placed.
///
/// Start from [`OrderRequest::market`] or [`OrderRequest::limit`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRequest {
    /// The account that trades.
    pub account: AccountId,
    /// The contract to trade.
    pub contract: ContractId,
    /// Buy or sell.
    pub side: Side,
    /// Market or limit.
    pub order_type: OrderType,
    /// Contracts, one at least.
    pub size: i32,
    /// The worst price to trade at; limit orders need it.
    pub limit_price: Option<Price>,
    /// The key to find the order by. Unique in the account, for ever. Made by the library when `None`.
    pub client_tag: Option<String>,
}

impl OrderRequest {
    /// A market order.
    pub fn market(account: AccountId, contract: ContractId, side: Side, size: i32) -> OrderRequest {
        OrderRequest {
            account,
            contract,
            side,
            order_type: OrderType::Market,
            size,
            limit_price: None,
            client_tag: None,
        }
    }

    /// A limit order.
    pub fn limit(
        account: AccountId,
        contract: ContractId,
        side: Side,
        size: i32,
        limit_price: Price,
    ) -> OrderRequest {
        OrderRequest {
            order_type: OrderType::Limit,
            limit_price: Some(limit_price),
            ..OrderRequest::market(account, contract, side, size)
        }
    }
}

/// A change of a working order. What is `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderChange {
    /// The account that trades.
    pub account: AccountId,
    /// The order.
    pub order: OrderId,
    /// Contracts ordered, one at least.
    pub size: Option<i32>,
    /// The limit price.
    pub limit_price: Option<Price>,
    /// The stop price.
    pub stop_price: Option<Price>,
}

impl OrderChange {
    /// A change that changes nothing yet.
    pub fn new(account: AccountId, order: OrderId) -> OrderChange {
        OrderChange { account, order, size: None, limit_price: None, stop_price: None }
    }
}

/// An order that the gateway took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The gateway's id of the order.
    pub order_id: OrderId,
    /// The tag that was sent: the caller's, or the one that the library made.
    pub client_tag: String,
}

/// An order as the gateway keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The gateway's id.
    pub id: OrderId,
    /// The account that trades.
    pub account: AccountId,
    /// The contract.
    pub contract: ContractId,
    /// The id of the product; `None` when the gateway does not tell.
    pub symbol_id: Option<String>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it last changed. A fill does not count as a change at this gateway.
    pub updated: Option<Timestamp>,
    /// Where it stands.
    pub status: OrderStatus,
    /// Its type.
    pub order_type: OrderType,
    /// Buy or sell.
    pub side: Side,
    /// Contracts ordered.
    pub size: i32,
    /// The limit price, if it has one.
    pub limit_price: Option<Price>,
    /// The stop price, if it has one.
    pub stop_price: Option<Price>,
    /// Contracts filled; `None` when the gateway does not tell.
    pub fill_volume: Option<i32>,
    /// The average price of the fills, rounded half to even at 1e-9.
    pub filled_price: Option<Price>,
    /// The client tag.
    pub client_tag: Option<String>,
    /// The distance of a trailing stop or a bracket leg, in ticks.
    pub trail_distance: Option<i32>,
    /// The same distance as a price.
    pub trail_price: Option<Price>,
    /// The entry that a bracket leg belongs to.
    pub parent: Option<OrderId>,
    /// The other leg of the bracket.
    pub linked: Option<OrderId>,
}
