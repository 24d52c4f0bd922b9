//! What of an exchange outlives its process: accounts, orders and fills.
//!
//! The market does not: after a restart it is where its seed puts it at that time, as after a gap.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::price::Rounding;
use crate::sim::config::SimConfig;
use crate::sim::exchange::account::Account;
use crate::sim::exchange::brackets::Brackets;
use crate::sim::exchange::fill::Fill;
use crate::sim::exchange::order::{Order, OrderStatus, OrderType, Side, Terms};
use crate::sim::exchange::position::Position;
use crate::sim::exchange::state::{Exchange, Ids, Task};
use crate::sim::market::book::Take;
use crate::sim::market::contract::{Catalog, Contract};
use crate::sim::time::Time;

/// The only layout so far.
const FORMAT: u32 = 1;

/// Everything that is kept, in a form of its own. The layout is nobody else's business.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::sim) struct Snapshot {
    format: u32,
    saved: Timestamp,
    ids: Ids,
    accounts: Vec<Account>,
    orders: Vec<Order>,
    fills: Vec<Fill>,
}

impl Snapshot {
    /// Whether this version of the simulator can read it, and if not, why.
    pub(in crate::sim) fn check(&self) -> Result<(), String> {
        if self.format != FORMAT {
            return Err(format!("its format is {}, and this version reads {FORMAT}", self.format));
        }
        let mut accounts = self.accounts.iter().map(|account| account.id);
        let mut belong = self.orders.iter().map(|order| order.account_id);
        match belong.all(|id| accounts.clone().any(|known| known == id)) && accounts.next().is_some() {
            true => Ok(()),
            false => Err("an order in it belongs to no account".to_owned()),
        }
    }

    /// Moves every contract over to those of `catalog`.
    fn move_to(&mut self, catalog: &mut Catalog) {
        let mut adopt = |contract: &mut Arc<Contract>| *contract = catalog.adopt(contract);
        self.orders.iter_mut().for_each(|order| adopt(&mut order.contract));
        self.fills.iter_mut().for_each(|fill| adopt(&mut fill.contract));
        for account in &mut self.accounts {
            let positions = std::mem::take(&mut account.positions).into_values();
            account.positions = positions
                .map(|mut position| {
                    adopt(&mut position.contract);
                    (position.contract.index, position)
                })
                .collect();
        }
    }
}

impl Exchange {
    /// What is worth keeping.
    pub(in crate::sim) fn snapshot(&self) -> Snapshot {
        Snapshot {
            format: FORMAT,
            saved: self.time.now(),
            ids: self.ids.clone(),
            accounts: self.accounts.clone(),
            orders: self.orders.values().cloned().collect(),
            fills: self.fills.values().cloned().collect(),
        }
    }

    /// An exchange that takes over what was kept of an earlier one. Orders go back to the market, at the end
    /// of their queues. What stands in a contract that no longer trades is cancelled or settled.
    pub(in crate::sim) fn restored(config: &SimConfig, time: Arc<Time>, mut snapshot: Snapshot) -> Exchange {
        let mut catalog = Catalog::at(time.now());
        snapshot.move_to(&mut catalog);
        let mut exchange = Exchange::trading(catalog, config, time);
        exchange.take_over(snapshot);
        exchange
    }

    fn take_over(&mut self, snapshot: Snapshot) {
        let Snapshot { saved, ids, accounts, orders, fills, .. } = snapshot;
        (self.ids, self.accounts) = (ids, accounts);
        self.fills = fills.into_iter().map(|fill| (fill.id, fill)).collect();
        for order in orders {
            if let Some(tag) = &order.custom_tag {
                self.tags.insert((order.account_id, tag.clone()));
            }
            if order.is_working() {
                self.working[order.contract.index].push(order.id);
            }
            self.orders.insert(order.id, order);
        }
        self.settle_expired();
        let working: Vec<i64> = self.orders_at_work().map(|order| order.id).collect();
        for order_id in working {
            self.schedule(Task::Arrive(order_id), 2_700, 8_500);
        }
        let mut entries: Vec<i64> = self.orders_at_work().filter_map(|leg| leg.parent_id).collect();
        entries.dedup();
        for entry_id in entries {
            self.schedule(Task::SettleLegs(entry_id), 10_000, 11_000);
        }
        let accounts = self.accounts.iter();
        let held = accounts.flat_map(|account| account.positions.keys().map(|index| (account.id, *index)));
        for (account_id, index) in held.collect::<Vec<_>>() {
            self.tell_guards(account_id, index);
        }
        self.resume_day(saved);
        for index in 0..self.floors.len() {
            self.want_market(index);
        }
    }

    /// Ends what stands in contracts that no longer trade: orders are cancelled, positions closed at their
    /// average price.
    fn settle_expired(&mut self) {
        let expired = |order: &&Order| !order.contract.is_active;
        let orders: Vec<i64> = self.orders_at_work().filter(expired).map(|order| order.id).collect();
        for order_id in orders {
            self.end(order_id, OrderStatus::Cancelled);
        }
        let positions = self.accounts.iter().flat_map(|account| account.positions.values());
        let positions: Vec<Position> =
            positions.filter(|position| !position.contract.is_active).cloned().collect();
        for position in positions {
            log::warn!(
                "simulator: {} no longer trades; {} contracts of account {} are settled at {}",
                position.contract.id,
                position.net,
                position.account_id,
                position.average_price
            );
            self.settle(&position);
        }
    }

    fn settle(&mut self, position: &Position) {
        let terms = Terms {
            account_id: position.account_id,
            contract: position.contract.clone(),
            order_type: OrderType::Market,
            side: Side::of(position.net).opposite(),
            size: position.net.saturating_abs(),
        };
        let tick = position.contract.product.tick_size;
        let average = position.average_price;
        let price = average.round_to_tick(tick, Rounding::Nearest).unwrap_or(average);
        let order = Order::new(self.ids.order(), terms, self.now());
        let size = order.size;
        let order_id = self.accept(order, &Brackets::default());
        self.fill(order_id, Take { price, size });
    }
}
