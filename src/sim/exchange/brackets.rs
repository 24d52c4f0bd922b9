//! Brackets: a stop loss and a take profit that come with an order.
//!
//! The legs are orders of their own. They are made with their entry and stay suspended until it fills; then
//! they cover what is filled, and when one fills, the other goes.

use std::borrow::Cow;

use crate::price::{Price, Rounding};
use crate::sim::exchange::order::{Order, OrderStatus, OrderType, Terms};
use crate::sim::exchange::place::Refusal;
use crate::sim::exchange::prices::{away, refuse_band};
use crate::sim::exchange::state::{Exchange, Task};

/// Fewest ticks between an entry and a leg.
const MIN_TICKS: u32 = 4;

/// One half of a bracket, as a client asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) struct Bracket {
    /// From the fill of the entry, with a sign.
    pub(in crate::sim) ticks: i32,
    pub(in crate::sim) order_type: i32,
}

/// The brackets of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::sim) struct Brackets {
    pub(in crate::sim) stop_loss: Option<Bracket>,
    pub(in crate::sim) take_profit: Option<Bracket>,
}

impl Brackets {
    /// Whether there are none.
    pub(in crate::sim) fn is_empty(&self) -> bool {
        *self == Brackets::default()
    }

    /// What the tags of the legs end with.
    pub(in crate::sim) fn suffixes(&self) -> impl Iterator<Item = &'static str> {
        let legs = [(self.stop_loss, "-SL"), (self.take_profit, "-TP")];
        legs.into_iter().filter_map(|(leg, suffix)| leg.map(|_| suffix))
    }

    /// What speaks against them for this entry.
    pub(in crate::sim) fn refuse(&self, entry: &Order, last: Price) -> Option<Refusal> {
        let is_buy = entry.side.is_buy();
        let stop_loss = self.stop_loss.and_then(|leg| leg.refuse("stop loss", !is_buy, &[4, 5]));
        let take_profit = || self.take_profit.and_then(|leg| leg.refuse("take profit", is_buy, &[1]));
        stop_loss.or_else(take_profit).or_else(|| {
            let legs = [self.stop_loss, self.take_profit].into_iter().flatten();
            let from = entry.limit_price.or(entry.stop_price).unwrap_or(last);
            let refuse = |leg: Bracket| {
                refuse_band(&entry.contract, away(&entry.contract, from, leg.ticks)).map(Refusal::from)
            };
            legs.into_iter().find_map(refuse)
        })
    }
}

impl Bracket {
    fn refuse(self, name: &str, is_above: bool, types: &[i32]) -> Option<Refusal> {
        let ticks = self.ticks;
        // A stop loss lies above the entry of a short, a take profit above that of a long.
        let is_long = is_above == (name == "take profit");
        let direction = if is_long { "when longing" } else { "when going short" };
        let message = if is_above && ticks <= 0 {
            format!("Invalid {name} ticks ({ticks}). Ticks should be greater than zero {direction}.")
        } else if !is_above && ticks >= 0 {
            format!("Invalid {name} ticks ({ticks}). Ticks should be less than zero {direction}.")
        } else if ticks.unsigned_abs() < MIN_TICKS {
            let noun = if name == "stop loss" { "Stop loss" } else { "Take profit" };
            format!("Invalid {name} ticks ({ticks}). {noun} tick value should be at least {MIN_TICKS} ticks.")
        } else if !types.contains(&self.order_type) {
            format!("Invalid {name} type ({})", type_name(self.order_type))
        } else {
            return None;
        };
        Some(message.into())
    }
}

/// What the gateway calls a type of order.
fn type_name(number: i32) -> Cow<'static, str> {
    const NAMES: [&str; 8] =
        ["Unknown", "Limit", "Market", "StopLimit", "Stop", "TrailingStop", "JoinBid", "JoinAsk"];
    let name = usize::try_from(number).ok().and_then(|index| NAMES.get(index));
    name.map_or_else(|| number.to_string().into(), |name| Cow::Borrowed(*name))
}

impl Exchange {
    /// The legs of a new order: stop loss and take profit.
    pub(in crate::sim) fn legs_of(
        &mut self,
        entry: &Order,
        brackets: &Brackets,
    ) -> (Option<Order>, Option<Order>) {
        let mut leg = |bracket: Option<Bracket>, suffix: &str| {
            let bracket = bracket?;
            let terms = Terms {
                account_id: entry.account_id,
                contract: entry.contract.clone(),
                order_type: OrderType::from_number(bracket.order_type)?,
                side: entry.side.opposite(),
                size: entry.size,
            };
            let mut leg = Order::new(self.ids.order(), terms, entry.created);
            leg.status = OrderStatus::Suspended;
            leg.custom_tag = entry.custom_tag.as_ref().map(|tag| format!("{tag}{suffix}"));
            leg.trail_distance = Some(bracket.ticks);
            leg.parent_id = Some(entry.id);
            Some(leg)
        };
        let stop_loss = leg(brackets.stop_loss, "-SL");
        let mut take_profit = leg(brackets.take_profit, "-TP");
        if let Some(take_profit) = &mut take_profit {
            take_profit.linked_id = stop_loss.as_ref().map(|leg| leg.id);
        }
        (stop_loss, take_profit)
    }

    /// The ids of an order's legs, oldest first.
    pub(in crate::sim) fn legs(&self, entry_id: i64) -> Vec<i64> {
        let next = self.orders.range(entry_id + 1..).take(2);
        next.filter(|(_, order)| order.parent_id == Some(entry_id)).map(|(id, _)| *id).collect()
    }

    /// Something of a family of orders has filled: its legs follow a moment later.
    pub(in crate::sim) fn tell_legs(&mut self, order_id: i64, parent_id: Option<i64>) {
        match parent_id {
            Some(parent_id) => self.schedule(Task::SettleLegs(parent_id), 11_000, 14_000),
            None if self.legs(order_id).is_empty() => {}
            None => self.schedule(Task::SettleLegs(order_id), 10_000, 11_000),
        }
    }

    /// Lets the legs of an entry cover what it has filled and the other leg has not closed. When one leg has
    /// filled, the other goes.
    pub(in crate::sim) fn settle_legs(&mut self, entry_id: i64) {
        let Some(entry) = self.orders.get(&entry_id) else { return };
        let (filled, Some(average)) = (entry.fill_volume, entry.filled_price) else { return };
        let legs = self.legs(entry_id);
        let now = self.now();
        let mut activated = Vec::new();
        // The stream tells of the take profit first.
        for &leg_id in legs.iter().rev() {
            let sibling = legs.iter().find(|id| **id != leg_id).and_then(|id| self.orders.get(id));
            let (closed, is_over) =
                sibling.map_or((0, false), |leg| (leg.fill_volume, leg.status == OrderStatus::Filled));
            let Some(leg) = self.orders.get_mut(&leg_id).filter(|leg| leg.is_working()) else { continue };
            let covered = filled.saturating_sub(closed);
            if is_over {
                self.end(leg_id, OrderStatus::Cancelled);
                continue;
            }
            let change = covered.saturating_sub(leg.covered);
            if leg.status == OrderStatus::Suspended {
                leg.status = OrderStatus::Open;
                leg.size = covered;
                leg.set_offset(average);
                leg.updated = now;
                activated.push(leg_id);
            } else if change != 0 {
                leg.size = leg.size.saturating_add(change);
            } else {
                continue;
            }
            leg.covered = covered;
            if leg.remaining() == 0 {
                self.end(leg_id, OrderStatus::Cancelled);
            } else {
                self.publish_order(leg_id);
            }
        }
        for leg_id in activated {
            self.arrive(leg_id);
        }
    }

    /// Cancels the legs of an order that ended before anything of it filled.
    pub(in crate::sim) fn end_legs(&mut self, entry_id: i64) {
        for leg_id in self.legs(entry_id) {
            if self.orders.get(&leg_id).is_some_and(|leg| leg.status == OrderStatus::Suspended) {
                self.end(leg_id, OrderStatus::Cancelled);
            }
        }
    }
}

impl Order {
    /// Gives a leg its price: so many ticks from the average fill of its entry, on the grid.
    fn set_offset(&mut self, average: Price) {
        let tick = self.contract.product.tick_size;
        let fill = average.round_to_tick(tick, Rounding::Nearest).unwrap_or(average);
        let price = away(&self.contract, fill, self.trail_distance.unwrap_or(0));
        match self.order_type {
            OrderType::Limit => self.limit_price = price,
            _ => self.stop_price = price,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::exchange::desk::Desk;
    use crate::sim::exchange::order::Side;
    use crate::sim::exchange::place::NewOrder;
    use crate::sim::market::tape::Aggressor;

    /// A buy of six at 7000.25, with a stop loss at 6997.75 and a take profit at 7002.75, all of it working.
    fn family(desk: &mut Desk) -> i64 {
        let leg = |ticks, order_type| Some(Bracket { ticks, order_type });
        let brackets = Brackets { stop_loss: leg(-10, 4), take_profit: leg(10, 1) };
        let entry = NewOrder { brackets, ..desk.new_order(OrderType::Market, Side::Buy, 6) };
        let id = desk.exchange.place(entry).unwrap();
        desk.run(25);
        // The book gets there, and the ten that rest ahead of the take profit trade away.
        desk.quote("7000.5", 10);
        desk.print("7002.75", Aggressor::Buyer, 10);
        id
    }

    fn state(desk: &Desk, id: i64) -> (OrderStatus, i32, i32) {
        let order = desk.order(id);
        (order.status, order.size, order.fill_volume)
    }

    #[test]
    fn a_leg_that_fills_in_part_leaves_the_rest_to_the_other() {
        let mut desk = Desk::new();
        let id = family(&mut desk);
        assert_eq!(desk.order(id + 1).stop_price.unwrap().to_string(), "6997.75");
        desk.print("7002.75", Aggressor::Buyer, 2);
        desk.run(25);
        assert_eq!(state(&desk, id + 2), (OrderStatus::Open, 6, 2));
        assert_eq!(state(&desk, id + 1), (OrderStatus::Open, 4, 0));
        desk.print("6997.75", Aggressor::Seller, 1);
        desk.run(25);
        assert_eq!(state(&desk, id + 1), (OrderStatus::Filled, 4, 4));
        assert_eq!(state(&desk, id + 2), (OrderStatus::Cancelled, 6, 2));
        assert_eq!(desk.net(), 0);
    }

    #[test]
    fn a_leg_is_no_larger_than_an_order_may_be() {
        use crate::sim::exchange::change::{ChangeError, OrderChange};
        use crate::sim::exchange::state::TRADING_ACCOUNT;
        let mut desk = Desk::new();
        let id = family(&mut desk);
        let mut resize = |size| {
            let change = OrderChange { size: Some(size), ..OrderChange::default() };
            let change = OrderChange { account_id: TRADING_ACCOUNT, order_id: id + 2, ..change };
            desk.exchange.modify(&change)
        };
        for size in [51, i32::MAX] {
            assert_eq!(resize(size), Err(ChangeError::Rejected("Not enough margin.".into())));
        }
        assert_eq!(resize(50), Ok(()));
    }

    #[test]
    fn a_leg_that_was_made_smaller_still_takes_the_other_along() {
        let mut desk = Desk::new();
        let id = family(&mut desk);
        desk.modify(id + 2, Some(1), None);
        desk.print("7002.75", Aggressor::Buyer, 1);
        desk.run(25);
        assert_eq!(state(&desk, id + 2), (OrderStatus::Filled, 1, 1));
        assert_eq!(state(&desk, id + 1), (OrderStatus::Cancelled, 6, 0));
        assert_eq!(desk.net(), 5);
    }

    #[test]
    fn legs_grow_with_their_entry_and_keep_their_price() {
        let mut desk = Desk::new();
        let leg = |ticks, order_type| Some(Bracket { ticks, order_type });
        let brackets = Brackets { stop_loss: leg(-10, 4), take_profit: None };
        let id = desk.exchange.place(NewOrder {
            brackets,
            limit_price: Some("7000".parse().unwrap()),
            ..desk.new_order(OrderType::Limit, Side::Buy, 6)
        });
        let id = id.unwrap();
        desk.run(10);
        desk.print("7000", Aggressor::Seller, 12);
        desk.run(25);
        assert_eq!(state(&desk, id + 1), (OrderStatus::Open, 2, 0));
        desk.print("7000", Aggressor::Seller, 3);
        desk.run(25);
        assert_eq!(state(&desk, id + 1), (OrderStatus::Open, 5, 0));
        desk.exchange.cancel(crate::sim::exchange::state::TRADING_ACCOUNT, id).unwrap();
        desk.run(25);
        assert_eq!(state(&desk, id + 1), (OrderStatus::Open, 5, 0));
        assert_eq!(desk.order(id + 1).stop_price.unwrap().to_string(), "6997.5");
    }
}
