//! Changing and cancelling orders.

use crate::price::Price;
use crate::sim::exchange::order::{Order, OrderStatus, OrderType};
use crate::sim::exchange::place::Refusal;
use crate::sim::exchange::prices;
use crate::sim::exchange::state::{Exchange, Task};

/// A change that a client wants to make to an order; `None` leaves a member as it is, and so does a price
/// that the order does not have.
#[derive(Debug, Default)]
pub(in crate::sim) struct OrderChange {
    pub(in crate::sim) account_id: i32,
    pub(in crate::sim) order_id: i64,
    pub(in crate::sim) size: Option<i32>,
    pub(in crate::sim) limit_price: Option<Price>,
    pub(in crate::sim) stop_price: Option<Price>,
    /// A level, not a distance.
    pub(in crate::sim) trail_price: Option<Price>,
}

/// Why an order was not changed or cancelled.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::sim) enum ChangeError {
    AccountNotFound,
    OrderNotFound,
    /// It filled, or was cancelled or rejected.
    OrderFinished,
    Rejected(Refusal),
    Pending,
    AccountRejected,
}

impl Exchange {
    /// Changes an order that works. Another price or a larger size costs it its place in the queue.
    pub(in crate::sim) fn modify(&mut self, change: &OrderChange) -> Result<(), ChangeError> {
        let before = self.changeable(change.account_id, change.order_id)?;
        if before.status == OrderStatus::Suspended {
            return Err(ChangeError::Rejected("Suspended orders cannot be modified.".into()));
        }
        let mut order = before.clone();
        self.apply_change(&mut order, change).map_err(ChangeError::Rejected)?;
        let is_elsewhere = order.limit_price != before.limit_price || order.stop_price != before.stop_price;
        let starts_again = is_elsewhere || order.size > before.size;
        let (id, index) = (order.id, order.contract.index);
        order.updated = self.now();
        if starts_again {
            order.queue = None;
            self.working[index].retain(|other| *other != id);
            self.working[index].push(id);
        }
        self.orders.insert(id, order);
        self.publish_order(id);
        self.resize_suspended_legs(id);
        if starts_again {
            self.schedule(Task::Arrive(id), 2_700, 8_500);
        }
        Ok(())
    }

    /// Makes the change to a copy of the order, or says what speaks against it.
    fn apply_change(&self, order: &mut Order, change: &OrderChange) -> Result<(), Refusal> {
        let last = self.market(&order.contract).quote().last;
        if let Some(size) = change.size {
            let is_larger = size > order.size;
            order.size = size;
            // What is filled stays filled, and something must be left to fill.
            if order.remaining() == 0 {
                return Err("Invalid order size specified".into());
            }
            // Legs do not add up with what they close, but each is an order that the account may have.
            let refusal = match order.is_leg() {
                true => self.refuse_leg_size(order),
                false => self.refuse_size(order),
            };
            if let Some(message) = refusal.filter(|_| is_larger) {
                return Err(message);
            }
        }
        let refuse = |message: Option<&'static str>| message.map_or(Ok(()), |message| Err(message.into()));
        match (order.order_type, change) {
            (
                OrderType::Limit | OrderType::JoinBid | OrderType::JoinAsk,
                OrderChange { limit_price: Some(limit), .. },
            ) => {
                order.limit_price = Some(*limit);
                refuse(prices::refuse_limit(&order.contract, *limit))
            }
            (OrderType::Stop, OrderChange { stop_price: Some(stop), .. }) => {
                order.stop_price = Some(*stop);
                refuse(prices::refuse_stop(&order.contract, order.side, *stop, last))
            }
            (OrderType::TrailingStop, OrderChange { trail_price: Some(level), .. }) => {
                // However far away: only a new order has a limit to that.
                let ticks = prices::trail_distance(&order.contract, *level, last)?;
                let sign = order.trail_distance.map_or(1, i32::signum);
                order.trail_distance = Some(ticks.saturating_mul(sign));
                order.stop_price = order.trailed_stop(last);
                refuse(prices::refuse_band(&order.contract, order.stop_price))
            }
            _ => Ok(()),
        }
    }

    /// Legs that wait show the size of their entry.
    fn resize_suspended_legs(&mut self, entry_id: i64) {
        let Some(size) = self.orders.get(&entry_id).map(|entry| entry.size) else { return };
        for leg_id in self.legs(entry_id) {
            let leg = self.orders.get_mut(&leg_id);
            if let Some(leg) = leg.filter(|leg| leg.status == OrderStatus::Suspended && leg.size != size) {
                leg.size = size;
                self.publish_order(leg_id);
            }
        }
    }

    /// Cancels an order that works.
    pub(in crate::sim) fn cancel(&mut self, account_id: i32, order_id: i64) -> Result<(), ChangeError> {
        self.changeable(account_id, order_id)?;
        self.end(order_id, OrderStatus::Cancelled);
        Ok(())
    }

    /// Ends a working order, and the suspended legs of one that did not fill.
    pub(in crate::sim) fn end(&mut self, order_id: i64, status: OrderStatus) {
        let now = self.now();
        let Some(order) = self.orders.get_mut(&order_id).filter(|order| order.is_working()) else { return };
        order.status = status;
        order.updated = now;
        let (index, is_unfilled) = (order.contract.index, order.fill_volume == 0);
        self.working[index].retain(|id| *id != order_id);
        self.publish_order(order_id);
        if is_unfilled {
            self.end_legs(order_id);
        }
    }

    fn changeable(&self, account_id: i32, order_id: i64) -> Result<&Order, ChangeError> {
        let account = self.account(account_id).ok_or(ChangeError::AccountNotFound)?;
        if !account.can_trade {
            return Err(ChangeError::AccountRejected);
        }
        let order = self.orders.get(&order_id).filter(|order| order.account_id == account_id);
        match order {
            Some(order) if order.status == OrderStatus::Pending => Err(ChangeError::Pending),
            Some(order) if order.is_working() => Ok(order),
            Some(_) => Err(ChangeError::OrderFinished),
            None => Err(ChangeError::OrderNotFound),
        }
    }
}
