//! What holds after every sequence of requests and market moves.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use crate::price::Price;
use crate::sim::config::{PositionBrackets, SimConfig};
use crate::sim::exchange::brackets::{Bracket, Brackets};
use crate::sim::exchange::change::OrderChange;
use crate::sim::exchange::desk::Desk;
use crate::sim::exchange::order::{OrderStatus, OrderType, Side};
use crate::sim::exchange::place::NewOrder;
use crate::sim::exchange::state::TRADING_ACCOUNT;
use crate::sim::market::walk::Market;

/// Something that a client or the market does. Orders are chosen by their age, prices by their distance from
/// the last price in ticks.
#[derive(Debug, Clone)]
enum Move {
    Place { order_type: i32, side: i32, size: i32, ticks: i32, tag: u8, legs: Option<(i32, i32, i32)> },
    Modify { nth: usize, size: Option<i32>, ticks: i32 },
    Cancel { nth: usize },
    Close { size: Option<i32> },
    Market { steps: usize },
    Wait { millis: u64 },
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let legs = proptest::option::of((-12..6, -6..12, 4..6));
    let place = (1..9, 0..2, -1..30, -12..12, any::<u8>(), legs).prop_map(
        |(order_type, side, size, ticks, tag, legs)| Move::Place { order_type, side, size, ticks, tag, legs },
    );
    let size = || proptest::option::of(-1..30);
    let modify =
        (0..20_usize, size(), -12..12).prop_map(|(nth, size, ticks)| Move::Modify { nth, size, ticks });
    proptest::collection::vec(
        prop_oneof![
            5 => place,
            2 => modify,
            2 => (0..20_usize).prop_map(|nth| Move::Cancel { nth }),
            1 => size().prop_map(|size| Move::Close { size }),
            4 => (1..60_usize).prop_map(|steps| Move::Market { steps }),
            4 => (0..15_u64).prop_map(|millis| Move::Wait { millis }),
        ],
        1..60,
    )
}

impl Desk {
    fn level(&self, ticks: i32) -> Option<Price> {
        let last = self.exchange.market_at(self.index).quote().last.units();
        Some(Price::from_units(last + i64::from(ticks) * 250_000_000))
    }

    /// An order that works, counted from the oldest; any number when there is none.
    fn nth(&self, nth: usize) -> i64 {
        self.exchange.orders_at_work().map(|order| order.id).nth(nth).unwrap_or(0)
    }

    fn play(&mut self, step: &Move) {
        match step.clone() {
            Move::Place { order_type, side, size, ticks, tag, legs } => {
                let level = self.level(ticks);
                let leg = |ticks, order_type| Some(Bracket { ticks, order_type });
                let brackets = legs.map_or(Brackets::default(), |(stop, profit, stop_type)| {
                    let sign = if side == 0 { 1 } else { -1 };
                    Brackets { stop_loss: leg(stop * sign, stop_type), take_profit: leg(profit * sign, 1) }
                });
                let _ = self.exchange.place(NewOrder {
                    order_type,
                    limit_price: level,
                    stop_price: level,
                    trail_price: level,
                    custom_tag: (tag < 100).then(|| format!("tag-{tag}")),
                    brackets,
                    side,
                    ..self.new_order(OrderType::Market, Side::Buy, size)
                });
            }
            Move::Modify { nth, size, ticks } => {
                let level = self.level(ticks);
                let _ = self.exchange.modify(&OrderChange {
                    account_id: TRADING_ACCOUNT,
                    order_id: self.nth(nth),
                    size,
                    limit_price: level,
                    stop_price: level,
                    trail_price: level,
                });
            }
            Move::Cancel { nth } => {
                let _ = self.exchange.cancel(TRADING_ACCOUNT, self.nth(nth));
            }
            Move::Close { size } => {
                let contract_id = self.contract_id.clone();
                let _ = self.exchange.close(TRADING_ACCOUNT, &contract_id, size);
            }
            Move::Market { steps } => {
                for _ in 0..steps {
                    self.exchange.step(self.index, Market::step);
                }
            }
            Move::Wait { millis } => self.run(millis),
        }
    }

    fn check(&self, seen: usize) {
        let exchange = &self.exchange;
        let account = exchange.account(TRADING_ACCOUNT).unwrap();
        let changes: i64 = exchange.fills.values().map(|fill| fill.balance_change().units()).sum();
        assert_eq!(account.balance.units(), account.start_balance.units() + changes);
        let signed: i32 = exchange.fills.values().map(|fill| fill.side.signed(fill.size)).sum();
        assert_eq!(self.net(), signed);
        let openings = account.positions.values().flat_map(|position| &position.openings);
        assert_eq!(openings.map(|opening| opening.size).sum::<i32>(), signed.abs());

        let mut filled: BTreeMap<i64, i32> = BTreeMap::new();
        for fill in exchange.fills.values() {
            assert!(fill.size > 0);
            *filled.entry(fill.order_id).or_default() += fill.size;
        }
        for fill in exchange.fills.values().skip(seen) {
            let order = &exchange.orders[&fill.order_id];
            // The platform moves the brackets of a position, maybe after they filled.
            let limit = order.limit_price.filter(|_| order.position_id.is_none());
            let is_fair = limit.is_none_or(|limit| match order.side {
                Side::Buy => fill.price <= limit,
                Side::Sell => fill.price >= limit,
            });
            assert!(is_fair && fill.side == order.side, "{fill:?} of {order:?}");
        }
        let mut tags = BTreeSet::new();
        for order in exchange.orders.values() {
            assert_eq!(order.fill_volume, filled.get(&order.id).copied().unwrap_or(0), "{order:?}");
            assert_eq!(
                order.status == OrderStatus::Filled,
                order.size > 0 && order.fill_volume == order.size,
                "{order:?}"
            );
            assert!(order.status == OrderStatus::Rejected || order.fill_volume <= order.size, "{order:?}");
            let is_rejected = order.status == OrderStatus::Rejected;
            let is_new = order.custom_tag.as_ref().is_none_or(|tag| is_rejected || tags.insert(tag.clone()));
            assert!(is_new, "{order:?}");
            let works = exchange.working[self.index].iter().filter(|id| **id == order.id).count();
            assert_eq!(works, usize::from(order.is_working()), "{order:?}");
            if let Some(parent_id) = order.parent_id {
                assert!(exchange.orders[&parent_id].status != OrderStatus::Rejected);
            }
        }
    }
}

/// Every position has its brackets, near enough to fill.
fn guarded() -> SimConfig {
    let position_brackets = PositionBrackets { stop_loss_ticks: Some(3), take_profit_ticks: Some(3) };
    SimConfig { position_brackets, ..SimConfig::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_books_balance(moves in moves(), is_guarded in any::<bool>()) {
        let mut desk = if is_guarded { Desk::with(guarded()) } else { Desk::new() };
        for step in &moves {
            let seen = desk.exchange.fills.len();
            desk.play(step);
            desk.check(seen);
        }
        desk.run(100);
        desk.check(desk.exchange.fills.len());
    }
}
