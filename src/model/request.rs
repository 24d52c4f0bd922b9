//! What is asked for: an order with its brackets, and the change of one.

use super::codes::{OrderType, Side};
use super::id::{AccountId, ContractId, OrderId};
use crate::price::Price;

/// An order to be placed.
///
/// Start from one of the functions, such as [`OrderRequest::market`], and add brackets and a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRequest {
    /// The account that trades.
    pub account: AccountId,
    /// The contract to trade.
    pub contract: ContractId,
    /// Buy or sell.
    pub side: Side,
    /// Any but stop limit, which the gateway does not take.
    pub order_type: OrderType,
    /// Contracts, one at least.
    pub size: i32,
    /// The worst price to trade at; limit orders need it, others have none.
    pub limit_price: Option<Price>,
    /// The price that turns it into a market order; stop orders need it, others have none.
    pub stop_price: Option<Price>,
    /// Where a trailing stop begins: a level, not a distance. The gateway makes a distance of it, from the
    /// last trade, and tells that one when the order is read back.
    pub trail_price: Option<Price>,
    /// A leg that ends a loss. The account must be in the mode Auto OCO Brackets.
    pub stop_loss: Option<StopLoss>,
    /// A leg that takes a profit. The account must be in the mode Auto OCO Brackets.
    pub take_profit: Option<BracketPrice>,
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
            stop_price: None,
            trail_price: None,
            stop_loss: None,
            take_profit: None,
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

    /// A stop order: above the market for a buy, below it for a sell.
    pub fn stop(
        account: AccountId,
        contract: ContractId,
        side: Side,
        size: i32,
        stop_price: Price,
    ) -> OrderRequest {
        OrderRequest {
            order_type: OrderType::Stop,
            stop_price: Some(stop_price),
            ..OrderRequest::market(account, contract, side, size)
        }
    }

    /// A stop that follows the market, and begins at the level `trail_price`.
    pub fn trailing_stop(
        account: AccountId,
        contract: ContractId,
        side: Side,
        size: i32,
        trail_price: Price,
    ) -> OrderRequest {
        OrderRequest {
            order_type: OrderType::TrailingStop,
            trail_price: Some(trail_price),
            ..OrderRequest::market(account, contract, side, size)
        }
    }

    /// A limit order at the best bid of the moment when it arrives.
    pub fn join_bid(account: AccountId, contract: ContractId, side: Side, size: i32) -> OrderRequest {
        OrderRequest { order_type: OrderType::JoinBid, ..OrderRequest::market(account, contract, side, size) }
    }

    /// A limit order at the best ask of the moment when it arrives.
    pub fn join_ask(account: AccountId, contract: ContractId, side: Side, size: i32) -> OrderRequest {
        OrderRequest { order_type: OrderType::JoinAsk, ..OrderRequest::market(account, contract, side, size) }
    }
}

/// Where a leg of a bracket stands. Always without a sign: the side of the order gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BracketPrice {
    /// Ticks from the price at which the order fills; four at least.
    Ticks(i32),
    /// The same as a distance in price, a multiple of the tick. The client must know the contract.
    Distance(Price),
    /// A level, on the tick grid and on its own side of the order's limit or stop price. It goes out as the
    /// ticks from that price, so an order that fills at a better one moves the leg as far. The client must
    /// know the contract.
    Level(Price),
}

/// A leg that ends a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopLoss {
    /// Where it stands at first.
    pub at: BracketPrice,
    /// Whether it follows the market.
    pub is_trailing: bool,
}

impl StopLoss {
    /// A leg that stays where it is.
    pub const fn fixed(at: BracketPrice) -> StopLoss {
        StopLoss { at, is_trailing: false }
    }

    /// A leg that follows the market.
    pub const fn trailing(at: BracketPrice) -> StopLoss {
        StopLoss { at, is_trailing: true }
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
    /// The new level of a trailing stop: a level, not a distance.
    pub trail_price: Option<Price>,
}

impl OrderChange {
    /// A change that changes nothing yet.
    pub fn new(account: AccountId, order: OrderId) -> OrderChange {
        OrderChange { account, order, size: None, limit_price: None, stop_price: None, trail_price: None }
    }
}
