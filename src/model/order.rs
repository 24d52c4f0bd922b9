//! An order as it is read back.

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
