//! Matching: orders that meet the market, by price and then by time.
//!
//! Every order has the market for itself apart from the book that all take from: orders of simulated
//! accounts do not trade with each other.

use std::cmp::Reverse;

use crate::price::Price;
use crate::sim::exchange::order::{Order, OrderStatus, Side};
use crate::sim::exchange::queue::Queue;
use crate::sim::exchange::state::Exchange;
use crate::sim::exchange::status::TradingStatus;
use crate::sim::market::book::{Demand, Take, resting};
use crate::sim::market::tape::{Aggressor, Print, Step};

impl Exchange {
    /// An order reaches the market: it takes what it may, and what is left of it joins the queue.
    pub(in crate::sim) fn arrive(&mut self, order_id: i64) {
        let waits = |order: &&Order| {
            order.queue.is_none() && matches!(order.status, OrderStatus::Pending | OrderStatus::Open)
        };
        let Some(order) = self.orders.get(&order_id).filter(waits) else { return };
        let (index, is_stop) = (order.contract.index, order.stop_price.is_some());
        if order.status == OrderStatus::Pending && self.trading_status(index) != TradingStatus::Open {
            return self.end(order_id, OrderStatus::Rejected);
        }
        if !is_stop {
            self.take(order_id, None);
        }
        let market = &self.floors[index].market;
        let last = market.quote().last;
        if let Some(order) = self.orders.get_mut(&order_id).filter(|order| order.is_working()) {
            let ahead = order.limit_price.and_then(|limit| resting(market, order.side.is_buy(), limit));
            order.queue = Some(Queue::behind(ahead));
            if order.trail(last) {
                self.publish_order(order_id);
            }
        }
        if is_stop {
            self.set_off(index, last);
        }
    }

    /// What a step of the market does to the orders that stand in it.
    pub(in crate::sim) fn match_step(&mut self, index: usize, step: &Step) {
        for print in &step.prints {
            self.share_out(index, print);
        }
        self.see_levels(index);
        self.take_crossed(index);
        if let Some(print) = step.prints.last() {
            self.trail_stops(index, print.price);
            self.set_off(index, print.price);
        }
    }

    /// The orders of a contract that stand in its market, oldest first.
    fn in_market(&self, index: usize) -> impl Iterator<Item = &Order> {
        self.working[index].iter().filter_map(|id| self.orders.get(id)).filter(|order| order.is_in_market())
    }

    /// Gives a trade to the orders that it reaches. An order with a better price comes first and does not
    /// queue with those that rest behind it.
    fn share_out(&mut self, index: usize, print: &Print) {
        let side = if print.aggressor == Aggressor::Buyer { Side::Sell } else { Side::Buy };
        let mut reached: Vec<(Price, i64)> = self
            .in_market(index)
            .filter(|order| order.side == side)
            .filter_map(|order| Some((order.limit_price?, order.id)))
            .filter(|(limit, _)| if side.is_buy() { *limit >= print.price } else { *limit <= print.price })
            .collect();
        // Both sorts keep the older order first.
        match side {
            Side::Buy => reached.sort_by_key(|(limit, _)| Reverse(*limit)),
            Side::Sell => reached.sort_by_key(|(limit, _)| *limit),
        }
        let mut left = print.volume;
        for (limit, order_id) in reached {
            let Some(order) = self.orders.get_mut(&order_id).filter(|order| order.is_in_market()) else {
                continue;
            };
            let through = match &mut order.queue {
                Some(queue) if limit == print.price => queue.reach(left),
                _ => left,
            };
            let size = order.remaining().min(i32::try_from(through).unwrap_or(i32::MAX));
            if size > 0 {
                left -= i64::from(size);
                self.fill(order_id, Take { price: limit, size });
            }
        }
    }

    /// Orders move forward where the levels ahead of them shrink.
    fn see_levels(&mut self, index: usize) {
        let market = &self.floors[index].market;
        for id in &self.working[index] {
            let Some(order) = self.orders.get_mut(id).filter(|order| order.is_in_market()) else { continue };
            if let (Some(limit), Some(queue)) = (order.limit_price, &mut order.queue) {
                queue.see(resting(market, order.side.is_buy(), limit));
            }
        }
    }

    /// Fills resting orders whose price the other side of the book has come to, at their price.
    fn take_crossed(&mut self, index: usize) {
        let quote = self.market_at(index).quote();
        let mut crossed: Vec<(i64, Side, Price)> = self
            .in_market(index)
            .filter_map(|order| Some((order.id, order.side, order.limit_price?)))
            .filter(|(_, side, limit)| if side.is_buy() { *limit >= quote.ask } else { *limit <= quote.bid })
            .collect();
        crossed.sort_by_key(|(_, side, limit)| if side.is_buy() { -limit.units() } else { limit.units() });
        for (order_id, _, limit) in crossed {
            self.take(order_id, Some(limit));
        }
    }

    fn trail_stops(&mut self, index: usize, last: Price) {
        for id in self.working[index].clone() {
            if let Some(order) = self.orders.get_mut(&id).filter(|order| order.is_in_market())
                && order.trail(last)
            {
                self.publish_order(id);
            }
        }
    }

    /// Turns the stops that a trade at `last` touches into market orders, oldest first.
    fn set_off(&mut self, index: usize, last: Price) {
        let touched: Vec<i64> =
            self.in_market(index).filter(|order| order.is_touched(last)).map(|order| order.id).collect();
        for order_id in touched {
            self.take(order_id, None);
        }
    }

    /// Lets an order take from the book what its limit allows, at the prices found there or at `price`.
    fn take(&mut self, order_id: i64, price: Option<Price>) {
        let Some(order) = self.orders.get(&order_id).filter(|order| order.is_working()) else { return };
        let index = order.contract.index;
        if self.trading_status(index) != TradingStatus::Open {
            return;
        }
        let demand =
            Demand { is_buy: order.side.is_buy(), limit: order.limit_price, size: order.remaining() };
        let now = self.time.now();
        let floor = &mut self.floors[index];
        for take in floor.book.take(&floor.market, demand, now) {
            self.fill(order_id, Take { price: price.unwrap_or(take.price), ..take });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::exchange::desk::Desk;

    const BUY: Side = Side::Buy;
    const SELL: Side = Side::Sell;

    #[test]
    fn trades_eat_the_queue_and_then_fill_bit_by_bit() {
        let mut desk = Desk::new();
        let id = desk.limit(BUY, 5, "7000");
        desk.print("7000", Aggressor::Buyer, 100);
        desk.print("7000", Aggressor::Seller, 8);
        assert_eq!(desk.fills(id), [""; 0]);
        desk.print("7000", Aggressor::Seller, 4);
        assert_eq!((desk.fills(id), desk.order(id).status), (vec!["2 @ 7000".into()], OrderStatus::Open));
        desk.print("7000", Aggressor::Seller, 100);
        assert_eq!((desk.fills(id).len(), desk.order(id).status, desk.net()), (2, OrderStatus::Filled, 5));
    }

    #[test]
    fn the_better_price_comes_first_and_then_the_older_order() {
        let mut desk = Desk::new();
        let older = desk.limit(SELL, 3, "7000.25");
        let younger = desk.limit(SELL, 3, "7000.25");
        // Both wait behind the same ten, the younger behind the older too.
        desk.print("7000.25", Aggressor::Buyer, 14);
        assert_eq!(
            (desk.fills(older), desk.fills(younger)),
            (vec!["3 @ 7000.25".into()], vec!["1 @ 7000.25".into()])
        );
        let mut desk = Desk::new();
        let behind = desk.limit(SELL, 3, "7000.5");
        let ahead = desk.limit(SELL, 3, "7000.25");
        // A trade at the worse price reaches whoever asks less first, without a queue.
        desk.print("7000.5", Aggressor::Buyer, 4);
        assert_eq!((desk.fills(ahead), desk.fills(behind)), (vec!["3 @ 7000.25".into()], vec![]));
        desk.print("7000.5", Aggressor::Buyer, 10);
        assert_eq!(desk.fills(behind), ["1 @ 7000.5"]);
    }

    #[test]
    fn a_shrinking_level_moves_an_order_forward_and_a_change_moves_it_back() {
        let mut desk = Desk::new();
        let id = desk.limit(BUY, 5, "6999.75");
        desk.quote("7000", 2);
        desk.quote("7000", 50);
        desk.modify(id, Some(4), None);
        desk.print("6999.75", Aggressor::Seller, 3);
        assert_eq!(desk.fills(id), ["1 @ 6999.75"], "two were ahead, and a smaller size kept the place");
        for (size, limit) in [(Some(9), None), (None, Some("6999.5")), (None, Some("6999.75"))] {
            desk.modify(id, size, limit);
            let at = limit.unwrap_or("6999.75");
            desk.print(at, Aggressor::Seller, 50);
            assert_eq!(desk.fills(id).len(), 1, "{size:?} {limit:?}");
        }
    }

    #[test]
    fn a_market_that_comes_through_fills_at_the_limit() {
        let mut desk = Desk::new();
        let id = desk.limit(BUY, 25, "6999");
        desk.quote("6998.75", 10);
        assert_eq!(desk.fills(id), ["10 @ 6999"]);
        desk.quote("6998.25", 10);
        assert_eq!(desk.fills(id), ["10 @ 6999", "10 @ 6999", "5 @ 6999"]);
        assert_eq!(desk.order(id).status, OrderStatus::Filled);
    }

    #[test]
    fn a_stop_waits_for_a_trade() {
        use crate::sim::exchange::order::OrderType;
        use crate::sim::exchange::place::NewOrder;
        let mut desk = Desk::new();
        let stop = NewOrder {
            stop_price: Some("7001".parse().unwrap()),
            ..desk.new_order(OrderType::Stop, BUY, 12)
        };
        let id = desk.exchange.place(stop).unwrap();
        desk.run(10);
        desk.quote("7002", 10);
        assert_eq!(desk.order(id).status, OrderStatus::Open);
        desk.print("7000.75", Aggressor::Buyer, 1);
        assert_eq!(desk.order(id).status, OrderStatus::Open);
        desk.print("7001", Aggressor::Buyer, 1);
        assert_eq!(desk.fills(id), ["10 @ 7002.25", "2 @ 7002.5"]);
    }
}
