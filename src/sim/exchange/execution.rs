//! Fills: what they do to orders, positions and balances, and what the stream tells of them.

use std::collections::VecDeque;

use crate::sim::exchange::fill::Fill;
use crate::sim::exchange::order::{Order, OrderStatus};
use crate::sim::exchange::position::Position;
use crate::sim::exchange::state::Exchange;
use crate::sim::hubs::subscribers::Topic;
use crate::sim::market::book::Take;

impl Exchange {
    /// Fills some contracts of an order and tells the stream: for a limit the order's new state comes before
    /// the fill, for all others after it.
    pub(in crate::sim) fn fill(&mut self, order_id: i64, take: Take) {
        let Some(order) = self.orders.get_mut(&order_id).filter(|order| order.is_working()) else { return };
        order.fill(take.size, take.price);
        let order = order.clone();
        if order.status == OrderStatus::Filled {
            self.working[order.contract.index].retain(|id| *id != order_id);
        }
        let is_limit = order.limit_price.is_some();
        if is_limit {
            self.publish_order(order_id);
        }
        let positions = self.apply(&order, take);
        if !is_limit {
            self.publish_order(order_id);
        }
        for position in &positions {
            self.subscribers.publish(Topic::Positions(order.account_id), || self.recorder.position(position));
        }
        self.publish_account(order.account_id);
        self.tell_legs(order_id, order.parent_id);
        self.tell_guards(order.account_id, order.contract.index);
        if positions.iter().any(|position| position.net == 0)
            && self.recorder.shape().flatten_cancels_brackets
        {
            self.cancel_legs(&order);
        }
    }

    /// Cancels the legs that rest in the market of an order, for its account.
    fn cancel_legs(&mut self, order: &Order) {
        let legs = self.working[order.contract.index].iter().filter_map(|id| self.orders.get(id));
        let legs = legs.filter(|leg| {
            leg.account_id == order.account_id && leg.is_leg() && leg.status == OrderStatus::Open
        });
        for leg_id in legs.map(|leg| leg.id).collect::<Vec<_>>() {
            self.end(leg_id, OrderStatus::Cancelled);
        }
    }

    /// Moves position and balance and publishes the fills. Gives the states of the position to publish: one,
    /// or two when the order turns it around.
    fn apply(&mut self, order: &Order, take: Take) -> Vec<Position> {
        let index = order.contract.index;
        let held = self.account_mut(order.account_id).and_then(|account| account.positions.remove(&index));
        let mut states = Vec::new();
        let mut left = take.size;
        let mut open = held;
        if let Some(position) = open.as_mut()
            && order.side.signed(position.net) < 0
        {
            let size = left.min(position.net.saturating_abs());
            let closing = position.reduce(size, take.price);
            left -= size;
            let fill = self.new_fill(order, take, size);
            self.record_fill(Fill { profit_and_loss: Some(closing.profit_and_loss), ..fill });
            if position.net == 0 {
                // The gateway repeats the opening half-turns when their position is closed.
                let repeated = closing.fill_ids.iter().filter(|_| self.recorder.shape().repeated_events);
                for opening in repeated.filter_map(|id| self.fills.get(id)) {
                    self.publish_fill(opening);
                }
                states.extend(open.take());
            }
        }
        if left > 0 {
            let fill = self.new_fill(order, take, left);
            let position = open.get_or_insert_with(|| Position {
                id: self.ids.position(),
                account_id: order.account_id,
                contract: order.contract.clone(),
                created: fill.created,
                net: 0,
                average_price: take.price,
                cost: 0,
                openings: VecDeque::new(),
            });
            position.add(order.side.signed(left), take.price, fill.id);
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

    fn new_fill(&mut self, order: &Order, take: Take, size: i32) -> Fill {
        Fill {
            id: self.ids.fill(),
            account_id: order.account_id,
            contract: order.contract.clone(),
            created: self.now(),
            price: take.price,
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
