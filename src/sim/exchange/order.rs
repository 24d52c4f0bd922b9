//! Orders as the gateway keeps them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::price::Price;
use crate::sim::exchange::position::divide;
use crate::sim::exchange::queue::Queue;
use crate::sim::market::contract::Contract;
use crate::sim::wire::json::{Json, Value};

/// Which way an order or a fill goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

    /// Whether it buys.
    pub(in crate::sim) fn is_buy(self) -> bool {
        self == Side::Buy
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sim) enum OrderType {
    /// Nothing that can be placed; how an order is recorded that asked for it.
    Unknown = 0,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::sim) enum OrderStatus {
    Open = 1,
    Filled = 2,
    Cancelled = 3,
    Rejected = 5,
    Pending = 6,
    /// A leg of a bracket whose entry has not filled.
    Suspended = 8,
}

/// An order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::sim) struct Order {
    pub(in crate::sim) id: i64,
    pub(in crate::sim) account_id: i32,
    #[serde(with = "crate::sim::market::contract::by_id")]
    pub(in crate::sim) contract: Arc<Contract>,
    pub(in crate::sim) created: Timestamp,
    /// Moves when the order is changed, cancelled or rejected; a fill leaves it alone, as at the gateway.
    pub(in crate::sim) updated: Timestamp,
    pub(in crate::sim) status: OrderStatus,
    pub(in crate::sim) order_type: OrderType,
    pub(in crate::sim) side: Side,
    pub(in crate::sim) size: i32,
    pub(in crate::sim) limit_price: Option<Price>,
    pub(in crate::sim) stop_price: Option<Price>,
    pub(in crate::sim) fill_volume: i32,
    /// The average of the fills so far.
    pub(in crate::sim) filled_price: Option<Price>,
    pub(in crate::sim) custom_tag: Option<String>,
    /// Ticks from the last price to a trailing stop; on a leg of a bracket, with a sign, from the fill of the
    /// entry to the leg.
    pub(in crate::sim) trail_distance: Option<i32>,
    /// The entry of a leg.
    pub(in crate::sim) parent_id: Option<i64>,
    /// The stop loss that a take profit goes with.
    pub(in crate::sim) linked_id: Option<i64>,
    /// The position that the platform keeps this order for.
    pub(in crate::sim) position_id: Option<i32>,
    /// Contracts that a leg was last told to cover; a client may have resized it since.
    pub(in crate::sim) covered: i32,
    /// Its place in the queue; `None` while the market has not got it.
    #[serde(skip)]
    pub(in crate::sim) queue: Option<Queue>,
    /// The fills so far: price times size, in billionths.
    paid: i128,
}

impl Order {
    /// An order that waits for the market, with nothing but what all orders have.
    pub(in crate::sim) fn new(id: i64, terms: Terms, now: Timestamp) -> Order {
        Order {
            id,
            account_id: terms.account_id,
            contract: terms.contract,
            created: now,
            updated: now,
            status: OrderStatus::Pending,
            order_type: terms.order_type,
            side: terms.side,
            size: terms.size,
            limit_price: None,
            stop_price: None,
            fill_volume: 0,
            filled_price: None,
            custom_tag: None,
            trail_distance: None,
            parent_id: None,
            linked_id: None,
            position_id: None,
            covered: 0,
            queue: None,
            paid: 0,
        }
    }

    /// Whether something may still become of it.
    pub(in crate::sim) fn is_working(&self) -> bool {
        matches!(self.status, OrderStatus::Open | OrderStatus::Pending | OrderStatus::Suspended)
    }

    /// Whether it only closes what another order opened: a leg of a bracket, or a bracket of a position.
    pub(in crate::sim) fn is_leg(&self) -> bool {
        self.parent_id.is_some() || self.position_id.is_some()
    }

    /// Whether it stands in the market: as a limit in its queue, or as a stop that waits to be touched.
    pub(in crate::sim) fn is_in_market(&self) -> bool {
        self.status == OrderStatus::Open && self.queue.is_some()
    }

    /// Contracts that are not filled.
    pub(in crate::sim) fn remaining(&self) -> i32 {
        self.size.saturating_sub(self.fill_volume).max(0)
    }

    /// Fills some contracts.
    pub(in crate::sim) fn fill(&mut self, size: i32, price: Price) {
        self.fill_volume = self.fill_volume.saturating_add(size);
        self.paid += i128::from(price.units()) * i128::from(size);
        self.filled_price = Some(Price::from_units(divide(self.paid, i128::from(self.fill_volume))));
        self.status = if self.remaining() == 0 { OrderStatus::Filled } else { OrderStatus::Open };
    }

    /// Whether a trade at `last` sets a stop off.
    pub(in crate::sim) fn is_touched(&self, last: Price) -> bool {
        self.stop_price.is_some_and(|stop| match self.side {
            Side::Buy => last >= stop,
            Side::Sell => last <= stop,
        })
    }

    fn trail_price(&self) -> Option<Price> {
        self.contract.product.tick_size.checked_mul(i64::from(self.trail_distance?))
    }
}

/// What every order has from the start.
#[derive(Debug, Clone)]
pub(in crate::sim) struct Terms {
    pub(in crate::sim) account_id: i32,
    pub(in crate::sim) contract: Arc<Contract>,
    pub(in crate::sim) order_type: OrderType,
    pub(in crate::sim) side: Side,
    pub(in crate::sim) size: i32,
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
                .member("stopPrice", self.stop_price)
                .member("fillVolume", self.fill_volume)
                .member("filledPrice", self.filled_price)
                .member("customTag", &self.custom_tag);
            // Both surfaces leave these out where there are none.
            if let Some(distance) = self.trail_distance {
                object.member("trailDistance", distance).member("trailPrice", self.trail_price());
            }
            if let Some(parent_id) = self.parent_id {
                object.member("parentOrderId", parent_id);
            }
            if let Some(linked_id) = self.linked_id {
                object.member("linkedOrderId", linked_id);
            }
        });
    }
}

/// A buy or sell of two contracts that tests change as they like.
#[cfg(test)]
pub(in crate::sim) fn sample(order_type: OrderType, side: Side) -> Order {
    let now = Timestamp::parse("2026-11-21T10:00:00.1234567Z").unwrap();
    let contract = crate::sim::market::contract::Catalog::at(now).front("MES").unwrap().clone();
    let terms = Terms { account_id: 7, contract, order_type, side, size: 2 };
    Order { status: OrderStatus::Open, ..Order::new(3_400_000_000, terms, now) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::shape::Shape;
    use crate::sim::wire::json::Style;

    fn price(text: &str) -> Price {
        text.parse().unwrap()
    }

    #[test]
    fn the_filled_price_is_the_average_so_far() {
        let mut order = Order { size: 3, ..sample(OrderType::Limit, Side::Buy) };
        order.fill(1, price("10"));
        assert_eq!((order.status, order.remaining()), (OrderStatus::Open, 2));
        order.fill(2, price("10.25"));
        assert_eq!((order.status, order.filled_price), (OrderStatus::Filled, Some(price("10.166666667"))));
    }

    #[test]
    fn a_stop_is_touched_at_its_price_and_beyond() {
        for (side, last, expected) in [
            (Side::Buy, "10", true),
            (Side::Buy, "9.75", false),
            (Side::Sell, "10", true),
            (Side::Sell, "10.25", false),
            (Side::Sell, "9", true),
        ] {
            let order = Order { stop_price: Some(price("10")), ..sample(OrderType::Stop, side) };
            assert_eq!(order.is_touched(price(last)), expected, "{side:?} {last}");
        }
        assert!(!sample(OrderType::Limit, Side::Buy).is_touched(price("10")));
    }

    #[test]
    fn each_surface_writes_it_its_way() {
        let order = Order { limit_price: Some(price("10.5")), ..sample(OrderType::Limit, Side::Sell) };
        assert_eq!(
            Json::text(Style::rest(Shape::default()), &order),
            r#"{"id":3400000000,"accountId":7,"contractId":"CON.F.US.MES.Z26","symbolId":"F.US.MES","creationTimestamp":"2026-11-21T10:00:00.123456+00:00","updateTimestamp":"2026-11-21T10:00:00.123456+00:00","status":1,"type":1,"side":1,"size":2,"limitPrice":10.5,"stopPrice":null,"fillVolume":0,"filledPrice":null,"customTag":null}"#
        );
        let leg = Order { trail_distance: Some(-99), parent_id: Some(1), linked_id: Some(2), ..order };
        assert_eq!(
            Json::text(Style::hub(Shape::default()), &leg),
            r#"{"id":3400000000,"accountId":7,"contractId":"CON.F.US.MES.Z26","symbolId":"F.US.MES","creationTimestamp":"2026-11-21T10:00:00.1234567+00:00","updateTimestamp":"2026-11-21T10:00:00.1234567+00:00","status":1,"type":1,"side":1,"size":2,"limitPrice":10.5,"fillVolume":0,"trailDistance":-99,"trailPrice":-24.75,"parentOrderId":1,"linkedOrderId":2}"#
        );
    }
}
