//! Brackets of positions: orders that the platform keeps for every position, by its own settings.

use crate::price::{Price, Rounding};
use crate::sim::config::BracketMode;
use crate::sim::exchange::order::{Order, OrderStatus, OrderType, Side, Terms};
use crate::sim::exchange::position::Position;
use crate::sim::exchange::prices::away;
use crate::sim::exchange::state::{Exchange, Task};

/// Furthest that a bracket may lie from its position, in ticks.
const MAX_TICKS: u32 = 1_000;

/// One of the two orders that a position may have.
struct Guard {
    order_type: OrderType,
    suffix: &'static str,
    /// From the average price, with a sign.
    ticks: i32,
}

impl Exchange {
    /// A position has changed: its brackets follow a moment later.
    pub(in crate::sim) fn tell_guards(&mut self, account_id: i32, index: usize) {
        let ticks = self.settings.position_brackets;
        let has_guards = ticks.stop_loss_ticks.is_some() || ticks.take_profit_ticks.is_some();
        if has_guards && self.settings.brackets == BracketMode::Position {
            self.schedule(Task::SettleGuards(account_id, index), 10_000, 11_000);
        }
    }

    /// Lets the brackets of a position cover what is held, at its average price. Those of a position that is
    /// closed go.
    pub(in crate::sim) fn settle_guards(&mut self, account_id: i32, index: usize) {
        let position = self.account(account_id).and_then(|account| account.positions.get(&index)).cloned();
        let guards = self.working[index].iter().filter_map(|id| self.orders.get(id));
        let guards: Vec<(i64, i32)> = guards
            .filter(|order| order.account_id == account_id)
            .filter_map(|order| Some((order.id, order.position_id?)))
            .collect();
        for (order_id, position_id) in guards {
            if position.as_ref().is_none_or(|position| position.id != position_id) {
                self.end(order_id, OrderStatus::Cancelled);
            }
        }
        if let Some(position) = position {
            for guard in self.guards_of(&position) {
                self.settle_guard(&position, &guard);
            }
        }
    }

    fn guards_of(&self, position: &Position) -> Vec<Guard> {
        let settings = self.settings.position_brackets;
        let ticks = |ticks: Option<u32>, direction: i32| {
            let ticks = i32::try_from(ticks?.clamp(1, MAX_TICKS)).ok()?;
            Some(ticks * direction * position.net.signum())
        };
        let stop_loss = ticks(settings.stop_loss_ticks, -1).map(|ticks| Guard {
            order_type: OrderType::Stop,
            suffix: "SL",
            ticks,
        });
        let take_profit = ticks(settings.take_profit_ticks, 1).map(|ticks| Guard {
            order_type: OrderType::Limit,
            suffix: "TP",
            ticks,
        });
        stop_loss.into_iter().chain(take_profit).collect()
    }

    /// Makes a bracket, or moves the one that works. One that a client cancelled does not come again.
    fn settle_guard(&mut self, position: &Position, guard: &Guard) {
        let tick = position.contract.product.tick_size;
        let average = position.average_price.round_to_tick(tick, Rounding::Nearest);
        let price = average.and_then(|average| away(&position.contract, average, guard.ticks));
        let tag = format!("AutoBracket-{}-{}", position.id, guard.suffix);
        let working = self.orders_at_work().find(|order| order.custom_tag.as_ref() == Some(&tag));
        let held = position.net.saturating_abs();
        let now = self.now();
        let order = match working {
            Some(order) => {
                let mut order = order.clone();
                let size = order.fill_volume.saturating_add(held);
                if order.size == size && order.limit_price.or(order.stop_price) == price {
                    return;
                }
                order.size = size;
                order.updated = now;
                order
            }
            None if self.tags.contains(&(position.account_id, tag.clone())) => return,
            None => {
                let terms = Terms {
                    account_id: position.account_id,
                    contract: position.contract.clone(),
                    order_type: guard.order_type,
                    side: Side::of(position.net).opposite(),
                    size: held,
                };
                let mut order = Order::new(self.ids.order(), terms, now);
                order.status = OrderStatus::Open;
                order.custom_tag = Some(tag);
                order.position_id = Some(position.id);
                order
            }
        };
        self.send_guard(order, price);
    }

    fn send_guard(&mut self, mut order: Order, price: Option<Price>) {
        match order.order_type {
            OrderType::Limit => order.limit_price = price,
            _ => order.stop_price = price,
        }
        order.queue = None;
        let id = order.id;
        self.working[order.contract.index].retain(|other| *other != id);
        self.enter(order);
        self.publish_order(id);
        self.arrive(id);
    }
}
