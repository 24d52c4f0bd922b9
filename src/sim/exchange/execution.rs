//! Fills: orders that meet the market, and what they do to positions and balances.

use std::collections::VecDeque;

use crate::price::Price;
use crate::sim::exchange::account::{Fill, Position};
use crate::sim::exchange::order::{Order, OrderStatus};
use crate::sim::exchange::state::Exchange;
use crate::sim::hubs::subscribers::Topic;

impl Exchange {
    /// Fills a market order at the opposite best price.
    pub(in crate::sim) fn fill_market_order(&mut self, order_id: i64) {
        let Some(order) = self.orders.get(&order_id).filter(|order| order.status == OrderStatus::Pending)
        else {
            return;
        };
        let quote = self.market(&order.contract).quote();
        if let Some(price) = order.fill_price(quote.bid, quote.ask) {
            self.fill(order_id, price);
        }
    }

    /// Fills every resting order of a contract that the market touches, oldest first.
    pub(in crate::sim) fn match_resting(&mut self, index: usize) {
        let quote = self.market(&self.catalog.all()[index]).quote();
        let orders = self.working[index].iter().filter_map(|id| self.orders.get(id));
        let orders = orders.filter(|order| order.is_resting());
        let touched: Vec<(i64, Price)> =
            orders.filter_map(|order| Some((order.id, order.fill_price(quote.bid, quote.ask)?))).collect();
        for (order_id, price) in touched {
            self.fill(order_id, price);
        }
    }

    /// Fills an order whole and tells the stream: for a market order the fill comes before the order's new
    /// status, for a limit after it.
    fn fill(&mut self, order_id: i64, price: Price) {
        let Some(order) = self.orders.get_mut(&order_id) else { return };
        let is_limit = order.limit_price.is_some();
        order.status = OrderStatus::Filled;
        order.fill_volume = order.size;
        order.filled_price = Some(price);
        let order = order.clone();
        self.working[order.contract.index].retain(|id| *id != order_id);
        if is_limit {
            self.publish_order(order_id);
        }
        let positions = self.apply(&order, price);
        if !is_limit {
            self.publish_order(order_id);
        }
        for position in &positions {
            self.subscribers.publish(Topic::Positions(order.account_id), || self.recorder.position(position));
        }
        self.publish_account(order.account_id);
    }

    /// Moves position and balance and publishes the fills. Gives the states of the position to publish: one,
    /// or two when the order turns it around.
    fn apply(&mut self, order: &Order, price: Price) -> Vec<Position> {
        let index = order.contract.index;
        let held = self.account_mut(order.account_id).and_then(|account| account.positions.remove(&index));
        let mut states = Vec::new();
        let mut left = order.size;
        let mut open = held;
        if let Some(position) = open.as_mut()
            && order.side.signed(position.net) < 0
        {
            let size = left.min(position.net.abs());
            let closing = position.reduce(size, price);
            left -= size;
            let fill = self.new_fill(order, price, size);
            self.record_fill(Fill { profit_and_loss: Some(closing.profit_and_loss), ..fill });
            if position.net == 0 {
                // The gateway repeats the opening half-turns when their position is closed.
                for opening in closing.fill_ids.iter().filter_map(|id| self.fills.get(id)) {
                    self.publish_fill(opening);
                }
                states.extend(open.take());
            }
        }
        if left > 0 {
            let fill = self.new_fill(order, price, left);
            let position = open.get_or_insert_with(|| Position {
                id: self.ids.position(),
                account_id: order.account_id,
                contract: order.contract.clone(),
                created: fill.created,
                net: 0,
                average_price: price,
                openings: VecDeque::new(),
            });
            position.add(order.side.signed(left), price, fill.id);
            self.record_fill(fill);
        }
        if let Some(position) = open {
            states.push(position.clone());
            if let Some(account) = self.account_mut(order.account_id) {
                account.positions.insert(index, position);
            }
        }
        states
    }

    fn new_fill(&mut self, order: &Order, price: Price, size: i32) -> Fill {
        Fill {
            id: self.ids.fill(),
            account_id: order.account_id,
            contract: order.contract.clone(),
            created: self.now(),
            price,
            profit_and_loss: None,
            side: order.side,
            size,
            order_id: order.id,
        }
    }

    fn record_fill(&mut self, fill: Fill) {
        if let Some(account) = self.account_mut(fill.account_id) {
            let change = fill.balance_change();
            account.balance = account.balance.checked_add(change).unwrap_or(account.balance);
        }
        self.publish_fill(&fill);
        self.fills.insert(fill.id, fill);
    }

    fn publish_fill(&self, fill: &Fill) {
        self.subscribers.publish(Topic::Fills(fill.account_id), || self.recorder.fill(fill));
    }
}
