//! An exchange for tests, whose market stands where they put it.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::price::Price;
use crate::sim::config::{BracketMode, SimClock, SimConfig};
use crate::sim::exchange::change::OrderChange;
use crate::sim::exchange::fill::Fill;
use crate::sim::exchange::order::{Order, OrderType, Side};
use crate::sim::exchange::place::NewOrder;
use crate::sim::exchange::state::{Exchange, TRADING_ACCOUNT};
use crate::sim::market::tape::{Aggressor, Step};
use crate::sim::market::walk::Market;
use crate::sim::time::Time;

/// Trades one contract on one account, with Auto OCO brackets.
pub(in crate::sim) struct Desk {
    pub(in crate::sim) exchange: Exchange,
    pub(in crate::sim) index: usize,
    pub(in crate::sim) contract_id: String,
}

impl Desk {
    /// A desk whose market is bid 7000, asked 7000.25, ten contracts on each level.
    pub(in crate::sim) fn new() -> Desk {
        Desk::with(SimConfig { brackets: BracketMode::AutoOco, ..SimConfig::default() })
    }

    /// The same with other settings.
    pub(in crate::sim) fn with(config: SimConfig) -> Desk {
        let start = Timestamp::parse("2026-11-20T15:00:00Z").unwrap();
        let config = SimConfig { clock: SimClock::Stepped(start), speed: 0.0, ..config };
        let mut exchange = Exchange::new(&config, Arc::new(Time::new(config.clock)));
        let contract = exchange.catalog.front("MES").unwrap().clone();
        let index = contract.index;
        exchange.floors[index].market = Market::standing("MES", "7000");
        Desk { exchange, index, contract_id: contract.id.clone() }
    }

    pub(in crate::sim) fn new_order(&self, order_type: OrderType, side: Side, size: i32) -> NewOrder {
        NewOrder {
            account_id: TRADING_ACCOUNT,
            contract_id: self.contract_id.clone(),
            order_type: order_type as i32,
            side: side as i32,
            size,
            ..NewOrder::default()
        }
    }

    /// Places a limit and lets it reach the market.
    pub(in crate::sim) fn limit(&mut self, side: Side, size: i32, limit: &str) -> i64 {
        let limit_price = Some(price(limit));
        let order = NewOrder { limit_price, ..self.new_order(OrderType::Limit, side, size) };
        let id = self.exchange.place(order).unwrap();
        self.run(10);
        id
    }

    /// Changes an order and lets it reach the market again.
    pub(in crate::sim) fn modify(&mut self, order_id: i64, size: Option<i32>, limit: Option<&str>) {
        let limit_price = limit.map(price);
        let change = OrderChange {
            account_id: TRADING_ACCOUNT,
            order_id,
            size,
            limit_price,
            ..OrderChange::default()
        };
        self.exchange.modify(&change).unwrap();
        self.run(10);
    }

    /// Lets so many milliseconds pass.
    pub(in crate::sim) fn run(&mut self, millis: u64) {
        let until = self.exchange.time.now().saturating_add(Duration::from_millis(millis));
        while self.exchange.advance(until).is_some_and(|due| due <= until) {}
        self.exchange.time.reach(until);
    }

    /// Somebody trades with the buyers (or sellers) of the market.
    pub(in crate::sim) fn print(&mut self, at: &str, aggressor: Aggressor, volume: i64) {
        self.exchange.step(self.index, |market| market.print_at(at, aggressor, volume));
    }

    /// The best bid moves to this price, with so many contracts on each level.
    pub(in crate::sim) fn quote(&mut self, bid: &str, size: i64) {
        self.exchange.step(self.index, |market| {
            market.place(bid, size);
            Step { is_quoted: true, ..Step::default() }
        });
    }

    pub(in crate::sim) fn order(&self, id: i64) -> &Order {
        &self.exchange.orders[&id]
    }

    pub(in crate::sim) fn net(&self) -> i32 {
        let contract = &self.exchange.catalog.all()[self.index];
        self.exchange.account(TRADING_ACCOUNT).unwrap().net(contract)
    }

    /// The fills of an order in short, oldest first.
    pub(in crate::sim) fn fills(&self, order_id: i64) -> Vec<String> {
        let fills = self.exchange.fills.values().filter(|fill| fill.order_id == order_id);
        fills.map(|fill: &Fill| format!("{} @ {}", fill.size, fill.price)).collect()
    }
}

pub(in crate::sim) fn price(text: &str) -> Price {
    text.parse().unwrap()
}
