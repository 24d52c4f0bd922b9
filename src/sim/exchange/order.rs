//! Orders as the gateway keeps them.

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::price::Price;
use crate::sim::market::contract::Contract;
use crate::sim::wire::json::{Json, Null, Value};

/// Which way an order or a fill goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum Side {
    /// Bid.
    Buy = 0,
    /// Ask.
    Sell = 1,
}

impl Side {
    /// The side of a wire number.
    pub(in crate::sim) fn from_number(number: i32) -> Option<Side> {
        [Side::Buy, Side::Sell].into_iter().find(|side| *side as i32 == number)
    }

    /// The side that holds `net` contracts, which are negative when short.
    pub(in crate::sim) fn of(net: i32) -> Side {
        if net < 0 { Side::Sell } else { Side::Buy }
    }

    /// `size` with a sign: positive when it buys.
    pub(in crate::sim) fn signed(self, size: i32) -> i32 {
        match self {
            Side::Buy => size,
            Side::Sell => -size,
        }
    }

    /// The side that reduces this one.
    pub(in crate::sim) fn opposite(self) -> Side {
        match self {
            Side::Buy => Side::Sell,
            Side::Sell => Side::Buy,
        }
    }
}

/// What kind of order it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum OrderType {
    Limit = 1,
    Market = 2,
    StopLimit = 3,
    Stop = 4,
    TrailingStop = 5,
    /// A limit at the best bid of the moment.
    JoinBid = 6,
    /// A limit at the best ask of the moment.
    JoinAsk = 7,
}

impl OrderType {
    /// The type of a wire number.
    pub(in crate::sim) fn from_number(number: i32) -> Option<OrderType> {
        use OrderType::{JoinAsk, JoinBid, Limit, Market, Stop, StopLimit, TrailingStop};
        let types = [Limit, Market, StopLimit, Stop, TrailingStop, JoinBid, JoinAsk];
        types.into_iter().find(|order_type| *order_type as i32 == number)
    }
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum OrderStatus {
    Open = 1,
    Filled = 2,
    Cancelled = 3,
    Rejected = 5,
    Pending = 6,
}

/// An order.
#[derive(Debug, Clone)]
pub(in crate::sim) struct Order {
    pub(in crate::sim) id: i64,
    pub(in crate::sim) account_id: i32,
    pub(in crate::sim) contract: Arc<Contract>,
    pub(in crate::sim) created: Timestamp,
    /// Moves when the order is changed, cancelled or rejected; a fill leaves it alone, as at the gateway.
    pub(in crate::sim) updated: Timestamp,
    pub(in crate::sim) status: OrderStatus,
    pub(in crate::sim) order_type: OrderType,
    pub(in crate::sim) side: Side,
    pub(in crate::sim) size: i32,
    pub(in crate::sim) limit_price: Option<Price>,
    pub(in crate::sim) fill_volume: i32,
    pub(in crate::sim) filled_price: Option<Price>,
    pub(in crate::sim) custom_tag: Option<String>,
}

impl Order {
    /// Whether it rests at its limit.
    pub(in crate::sim) fn is_resting(&self) -> bool {
        self.status == OrderStatus::Open && self.limit_price.is_some()
    }

    /// The price at which the market fills it, if the market does: a market order takes the opposite best
    /// price; a limit fills as soon as the opposite best price touches it, at the better of the two.
    pub(in crate::sim) fn fill_price(&self, bid: Price, ask: Price) -> Option<Price> {
        match (self.side, self.limit_price) {
            (Side::Buy, None) => Some(ask),
            (Side::Sell, None) => Some(bid),
            (Side::Buy, Some(limit)) => (ask <= limit).then_some(ask),
            (Side::Sell, Some(limit)) => (bid >= limit).then_some(bid),
        }
    }
}

impl Value for Order {
    fn write(&self, json: &mut Json) {
        json.object(|object| {
            object
                .member("id", self.id)
                .member("accountId", self.account_id)
                .member("contractId", &self.contract.id)
                .new_member("symbolId", &self.contract.symbol_id)
                .member("creationTimestamp", self.created)
                .member("updateTimestamp", self.updated)
                .member("status", self.status as i32)
                .member("type", self.order_type as i32)
                .member("side", self.side as i32)
                .member("size", self.size)
                .member("limitPrice", self.limit_price)
                .member("stopPrice", Null)
                .member("fillVolume", self.fill_volume)
                .member("filledPrice", self.filled_price)
                .member("customTag", &self.custom_tag);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::market::contract::Catalog;
    use crate::sim::shape::Shape;
    use crate::sim::wire::json::Style;

    fn order(side: Side, limit_price: Option<&str>) -> Order {
        let now = Timestamp::parse("2026-11-21T10:00:00.1234567Z").unwrap();
        Order {
            id: 3_400_000_000,
            account_id: 7,
            contract: Catalog::at(now).front("MES").unwrap().clone(),
            created: now,
            updated: now,
            status: OrderStatus::Open,
            order_type: OrderType::Limit,
            side,
            size: 2,
            limit_price: limit_price.map(|price| price.parse().unwrap()),
            fill_volume: 0,
            filled_price: None,
            custom_tag: None,
        }
    }

    #[test]
    fn a_limit_fills_when_it_is_touched() {
        let (bid, ask) = ("10".parse().unwrap(), "10.25".parse().unwrap());
        let filled = |side, limit| order(side, limit).fill_price(bid, ask).map(|price| price.to_string());
        assert_eq!(filled(Side::Buy, None).as_deref(), Some("10.25"));
        assert_eq!(filled(Side::Sell, None).as_deref(), Some("10"));
        assert_eq!(filled(Side::Buy, Some("10")), None);
        assert_eq!(filled(Side::Buy, Some("10.25")).as_deref(), Some("10.25"));
        assert_eq!(filled(Side::Buy, Some("11")).as_deref(), Some("10.25"));
        assert_eq!(filled(Side::Sell, Some("10.25")), None);
        assert_eq!(filled(Side::Sell, Some("9")).as_deref(), Some("10"));
    }

    #[test]
    fn each_surface_writes_it_its_way() {
        let order = order(Side::Sell, Some("10.5"));
        assert_eq!(
            Json::text(Style::rest(Shape::default()), &order),
            r#"{"id":3400000000,"accountId":7,"contractId":"CON.F.US.MES.Z26","symbolId":"F.US.MES","creationTimestamp":"2026-11-21T10:00:00.123456+00:00","updateTimestamp":"2026-11-21T10:00:00.123456+00:00","status":1,"type":1,"side":1,"size":2,"limitPrice":10.5,"stopPrice":null,"fillVolume":0,"filledPrice":null,"customTag":null}"#
        );
        assert_eq!(
            Json::text(Style::hub(Shape::default()), &order),
            r#"{"id":3400000000,"accountId":7,"contractId":"CON.F.US.MES.Z26","symbolId":"F.US.MES","creationTimestamp":"2026-11-21T10:00:00.1234567+00:00","updateTimestamp":"2026-11-21T10:00:00.1234567+00:00","status":1,"type":1,"side":1,"size":2,"limitPrice":10.5,"fillVolume":0}"#
        );
    }
}
