//! Orders, positions, fills and accounts as events, and back.

use super::account::Account;
use super::event::{AccountEvent, Event, EventBody, EventFlags, FillEvent, OrderEvent, PositionEvent};
use super::fill::Fill;
use super::id::ContractId;
use super::order::Order;
use super::position::Position;
use super::symbol::{Symbol, SymbolTable};
use crate::clock::Timestamp;

impl Event {
    /// The event that tells an order as it is now.
    pub(crate) fn of_order(
        symbols: &SymbolTable,
        received: Timestamp,
        order: &Order,
        action: Option<i32>,
    ) -> Event {
        let body = EventBody::Order(OrderEvent {
            id: order.id,
            account: order.account,
            status: order.status,
            order_type: order.order_type,
            side: order.side,
            size: order.size,
            fill_volume: order.fill_volume,
            limit_price: order.limit_price,
            stop_price: order.stop_price,
            filled_price: order.filled_price,
            trail_distance: order.trail_distance,
            trail_price: order.trail_price,
            parent: order.parent,
            linked: order.linked,
            client_tag: order.client_tag.as_deref().map(|tag| symbols.intern(tag)),
            created: order.created,
            action,
        });
        let contract = symbols.intern(order.contract.as_str());
        user_event(received, order.updated.or(order.created), Some(contract), body)
    }

    /// The event that tells a position as it is now.
    pub(crate) fn of_position(
        symbols: &SymbolTable,
        received: Timestamp,
        position: &Position,
        action: Option<i32>,
    ) -> Event {
        let body = EventBody::Position(PositionEvent {
            id: position.id,
            account: position.account,
            side: position.side,
            size: position.size,
            average_price: position.average_price,
            created: position.created,
            display_name: position.display_name.as_deref().map(|name| symbols.intern(name)),
            action,
        });
        user_event(received, None, Some(symbols.intern(position.contract.as_str())), body)
    }

    /// The event that tells a fill.
    pub(crate) fn of_fill(
        symbols: &SymbolTable,
        received: Timestamp,
        fill: &Fill,
        action: Option<i32>,
    ) -> Event {
        let body = EventBody::Fill(FillEvent {
            id: fill.id,
            order: fill.order,
            account: fill.account,
            price: fill.price,
            profit_and_loss: fill.profit_and_loss,
            fees: fill.fees,
            commissions: fill.commissions,
            side: fill.side,
            size: fill.size,
            voided: fill.voided,
            action,
        });
        user_event(received, fill.created, Some(symbols.intern(fill.contract.as_str())), body)
    }

    /// The event that tells an account as it is now.
    pub(crate) fn of_account(
        symbols: &SymbolTable,
        received: Timestamp,
        account: &Account,
        action: Option<i32>,
    ) -> Event {
        let body = EventBody::Account(AccountEvent {
            id: account.id,
            name: symbols.intern(&account.name),
            balance: account.balance,
            can_trade: account.can_trade,
            is_visible: account.is_visible,
            simulated: account.simulated,
            action,
        });
        user_event(received, None, None, body)
    }
}

fn user_event(
    received: Timestamp,
    at: Option<Timestamp>,
    instrument: Option<Symbol>,
    body: EventBody,
) -> Event {
    Event { seq: 0, received, at, instrument, flags: EventFlags::NONE, body }
}

fn text(symbols: &SymbolTable, symbol: Option<Symbol>) -> Option<String> {
    symbol.and_then(|symbol| symbols.text(symbol)).map(|text| String::from(&*text))
}

fn contract(symbols: &SymbolTable, instrument: Option<Symbol>) -> ContractId {
    ContractId::new(text(symbols, instrument).unwrap_or_default())
}

impl OrderEvent {
    /// The order that an event told, with its contract and when it changed.
    pub(crate) fn to_order(
        self,
        symbols: &SymbolTable,
        instrument: Option<Symbol>,
        updated: Option<Timestamp>,
    ) -> Order {
        Order {
            id: self.id,
            account: self.account,
            contract: contract(symbols, instrument),
            symbol_id: None,
            created: self.created,
            updated,
            status: self.status,
            order_type: self.order_type,
            side: self.side,
            size: self.size,
            limit_price: self.limit_price,
            stop_price: self.stop_price,
            fill_volume: self.fill_volume,
            filled_price: self.filled_price,
            client_tag: text(symbols, self.client_tag),
            trail_distance: self.trail_distance,
            trail_price: self.trail_price,
            parent: self.parent,
            linked: self.linked,
        }
    }
}

impl PositionEvent {
    /// The position that an event told, with its contract.
    pub(crate) fn to_position(self, symbols: &SymbolTable, instrument: Option<Symbol>) -> Position {
        Position {
            id: self.id,
            account: self.account,
            contract: contract(symbols, instrument),
            display_name: text(symbols, self.display_name),
            created: self.created,
            side: self.side,
            size: self.size,
            average_price: self.average_price,
        }
    }
}

impl AccountEvent {
    /// The account that an event told.
    pub(crate) fn to_account(self, symbols: &SymbolTable) -> Account {
        Account {
            id: self.id,
            name: text(symbols, Some(self.name)).unwrap_or_default(),
            balance: self.balance,
            can_trade: self.can_trade,
            is_visible: self.is_visible,
            simulated: self.simulated,
        }
    }
}
