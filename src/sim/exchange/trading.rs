//! Placing, changing, cancelling and closing: what the exchange accepts, and what it answers.

use std::sync::Arc;

use crate::price::Price;
use crate::sim::exchange::order::{Order, OrderStatus, OrderType, Side};
use crate::sim::exchange::state::{Exchange, Task};
use crate::sim::market::contract::Contract;

/// Most contracts of one future that an account may hold or be about to hold.
const MAX_CONTRACTS: i64 = 50;

/// An order that a client wants to place.
#[derive(Debug)]
pub(in crate::sim) struct NewOrder {
    pub(in crate::sim) account_id: i32,
    pub(in crate::sim) contract_id: String,
    pub(in crate::sim) order_type: i32,
    pub(in crate::sim) side: i32,
    pub(in crate::sim) size: i32,
    pub(in crate::sim) limit_price: Option<Price>,
    pub(in crate::sim) custom_tag: Option<String>,
    pub(in crate::sim) has_brackets: bool,
}

/// A change that a client wants to make to an order; `None` leaves a member as it is.
#[derive(Debug)]
pub(in crate::sim) struct OrderChange {
    pub(in crate::sim) account_id: i32,
    pub(in crate::sim) order_id: i64,
    pub(in crate::sim) size: Option<i32>,
    pub(in crate::sim) limit_price: Option<Price>,
}

/// Why an order was not placed.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::sim) enum PlaceError {
    AccountNotFound,
    /// Recorded under `order_id` unless it could not even be read.
    Rejected {
        order_id: Option<i64>,
        message: &'static str,
    },
    ContractNotFound,
    ContractNotActive,
    AccountRejected,
}

/// Why an order was not changed or cancelled.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::sim) enum ChangeError {
    AccountNotFound,
    OrderNotFound,
    Rejected(&'static str),
    Pending,
    AccountRejected,
}

/// Why a position was not closed.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::sim) enum CloseError {
    AccountNotFound,
    PositionNotFound,
    ContractNotFound,
    ContractNotActive,
    InvalidSize,
    OrderPending,
    AccountRejected,
}

impl Exchange {
    /// Places an order and gives its id. A rejected order is recorded too, and its tag is used up.
    pub(in crate::sim) fn place(&mut self, new: NewOrder) -> Result<i64, PlaceError> {
        let account = self.account(new.account_id).ok_or(PlaceError::AccountNotFound)?;
        if !account.can_trade {
            return Err(PlaceError::AccountRejected);
        }
        let contract = self.catalog.by_id(&new.contract_id).ok_or(PlaceError::ContractNotFound)?.clone();
        if !contract.is_active {
            return Err(PlaceError::ContractNotActive);
        }
        let unreadable = |message| PlaceError::Rejected { order_id: None, message };
        let order_type =
            OrderType::from_number(new.order_type).ok_or(unreadable("Invalid order type specified"))?;
        let side = Side::from_number(new.side).ok_or(unreadable("Invalid order side specified"))?;

        let quote = self.market(&contract).quote();
        let limit_price = match order_type {
            OrderType::Limit | OrderType::StopLimit => new.limit_price,
            OrderType::JoinBid => Some(quote.bid),
            OrderType::JoinAsk => Some(quote.ask),
            _ => None,
        };
        let now = self.now();
        let order = Order {
            id: self.ids.order(),
            account_id: new.account_id,
            contract,
            created: now,
            updated: now,
            status: OrderStatus::Pending,
            order_type,
            side,
            size: new.size,
            limit_price,
            fill_volume: 0,
            filled_price: None,
            custom_tag: new.custom_tag.filter(|tag| !tag.is_empty()),
        };
        let refusal = self.refusal(&order, new.has_brackets);
        if let Some(tag) = &order.custom_tag {
            self.tags.insert((order.account_id, tag.clone()));
        }
        match refusal {
            Some(message) => {
                let order_id = Some(self.reject(order));
                Err(PlaceError::Rejected { order_id, message })
            }
            None => Ok(self.accept(order)),
        }
    }

    /// What speaks against an order.
    fn refusal(&self, order: &Order, has_brackets: bool) -> Option<&'static str> {
        let is_supported = matches!(
            order.order_type,
            OrderType::Market | OrderType::Limit | OrderType::JoinBid | OrderType::JoinAsk
        );
        if !is_supported {
            return Some("Invalid order type specified");
        }
        if order.size <= 0 {
            return Some("Invalid order size specified");
        }
        if has_brackets {
            return Some(
                "Brackets cannot be used with Position Brackets. You must enable Auto OCO Brackets.",
            );
        }
        if let Some(tag) = &order.custom_tag
            && self.tags.contains(&(order.account_id, tag.clone()))
        {
            return Some("Specified custom tag is already in use");
        }
        if order.order_type != OrderType::Market {
            match order.limit_price {
                None => return Some("Limit price not set."),
                Some(limit) => {
                    if let Some(message) = limit_refusal(&order.contract, limit) {
                        return Some(message);
                    }
                }
            }
        }
        let exposure = self.exposure(order.account_id, &order.contract, order.side, None);
        (exposure + i64::from(order.size) > MAX_CONTRACTS).then_some("Not enough margin.")
    }

    /// How many contracts the account would hold on `side` once every working order there filled, leaving
    /// out the order `except`.
    fn exposure(&self, account_id: i32, contract: &Contract, side: Side, except: Option<i64>) -> i64 {
        let net = self.account(account_id).map_or(0, |account| account.net(contract));
        let working = self.working[contract.index].iter().filter_map(|id| self.orders.get(id));
        let working = working
            .filter(|order| order.account_id == account_id && order.side == side && Some(order.id) != except);
        i64::from(side.signed(net)) + working.map(|order| i64::from(order.size)).sum::<i64>()
    }

    fn accept(&mut self, mut order: Order) -> i64 {
        let (id, account_id, index) = (order.id, order.account_id, order.contract.index);
        let is_market = order.limit_price.is_none();
        if !is_market {
            order.status = OrderStatus::Open;
        }
        self.working[index].push(id);
        self.orders.insert(id, order);
        self.want_market(index);
        self.publish_order(id);
        if is_market {
            self.schedule(Task::Fill(id), 2_700, 8_500);
        } else {
            self.publish_account(account_id);
            self.schedule(Task::Match(index), 2_700, 8_500);
        }
        id
    }

    fn reject(&mut self, order: Order) -> i64 {
        let id = order.id;
        self.orders.insert(id, order);
        self.publish_order(id);
        let now = self.now();
        if let Some(order) = self.orders.get_mut(&id) {
            order.status = OrderStatus::Rejected;
            order.updated = now;
        }
        // REST knows at once; the stream tells it two milliseconds later.
        self.schedule(Task::TellRejected(id), 2_300, 2_400);
        id
    }

    /// Changes size or limit of an order that rests.
    pub(in crate::sim) fn modify(&mut self, change: &OrderChange) -> Result<(), ChangeError> {
        let order = self.working_order(change.account_id, change.order_id)?;
        let (contract, side) = (order.contract.clone(), order.side);
        if let Some(size) = change.size {
            let exposure = self.exposure(change.account_id, &contract, side, Some(change.order_id));
            if size <= 0 {
                return Err(ChangeError::Rejected("Invalid order size specified"));
            }
            if exposure + i64::from(size) > MAX_CONTRACTS {
                return Err(ChangeError::Rejected("Not enough margin."));
            }
        }
        if let Some(message) = change.limit_price.and_then(|limit| limit_refusal(&contract, limit)) {
            return Err(ChangeError::Rejected(message));
        }
        let now = self.now();
        if let Some(order) = self.orders.get_mut(&change.order_id) {
            order.size = change.size.unwrap_or(order.size);
            order.limit_price = change.limit_price.or(order.limit_price);
            order.updated = now;
        }
        self.publish_order(change.order_id);
        self.schedule(Task::Match(contract.index), 2_700, 8_500);
        Ok(())
    }

    /// Cancels an order that rests. A finished order is as unknown as one that never was.
    pub(in crate::sim) fn cancel(&mut self, account_id: i32, order_id: i64) -> Result<(), ChangeError> {
        let index = self.working_order(account_id, order_id)?.contract.index;
        let now = self.now();
        if let Some(order) = self.orders.get_mut(&order_id) {
            order.status = OrderStatus::Cancelled;
            order.updated = now;
        }
        self.working[index].retain(|id| *id != order_id);
        self.publish_order(order_id);
        Ok(())
    }

    fn working_order(&self, account_id: i32, order_id: i64) -> Result<&Order, ChangeError> {
        let account = self.account(account_id).ok_or(ChangeError::AccountNotFound)?;
        if !account.can_trade {
            return Err(ChangeError::AccountRejected);
        }
        let order = self.orders.get(&order_id).filter(|order| order.account_id == account_id);
        match order {
            Some(order) if order.status == OrderStatus::Pending => Err(ChangeError::Pending),
            Some(order) if order.is_resting() => Ok(order),
            _ => Err(ChangeError::OrderNotFound),
        }
    }

    /// Closes a position, or `size` contracts of it, with a market order.
    pub(in crate::sim) fn close(
        &mut self,
        account_id: i32,
        contract_id: &str,
        size: Option<i32>,
    ) -> Result<(), CloseError> {
        let account = self.account(account_id).ok_or(CloseError::AccountNotFound)?;
        if !account.can_trade {
            return Err(CloseError::AccountRejected);
        }
        let contract: Arc<Contract> =
            self.catalog.by_id(contract_id).ok_or(CloseError::ContractNotFound)?.clone();
        if !contract.is_active {
            return Err(CloseError::ContractNotActive);
        }
        let net = account.net(&contract);
        if net == 0 {
            return Err(CloseError::PositionNotFound);
        }
        let size = size.unwrap_or(net.abs());
        if size <= 0 || size > net.abs() {
            return Err(CloseError::InvalidSize);
        }
        let side = Side::of(net).opposite();
        let working = self.working[contract.index].iter().filter_map(|id| self.orders.get(id));
        let is_pending = |order: &Order| order.status == OrderStatus::Pending && order.side == side;
        if working.into_iter().any(|order| order.account_id == account_id && is_pending(order)) {
            return Err(CloseError::OrderPending);
        }
        let now = self.now();
        let order = Order {
            id: self.ids.order(),
            account_id,
            contract,
            created: now,
            updated: now,
            status: OrderStatus::Pending,
            order_type: OrderType::Market,
            side,
            size,
            limit_price: None,
            fill_volume: 0,
            filled_price: None,
            custom_tag: None,
        };
        self.accept(order);
        Ok(())
    }
}

/// What speaks against a limit price.
fn limit_refusal(contract: &Contract, limit: Price) -> Option<&'static str> {
    let product = contract.product;
    if !limit.is_on_tick(product.tick_size) {
        return Some("Invalid limit price. Price is not aligned to tick size.");
    }
    // The price band is wide: from half to twice the previous close.
    let reference = product.reference.units();
    let is_allowed = (reference / 2..=reference.saturating_mul(2)).contains(&limit.units());
    (!is_allowed).then_some("Invalid price. Price is outside allowed range.")
}
