//! Closing positions.

use crate::sim::exchange::brackets::Brackets;
use crate::sim::exchange::order::{Order, OrderStatus, OrderType, Side, Terms};
use crate::sim::exchange::position::Position;
use crate::sim::exchange::state::Exchange;
use crate::sim::exchange::status::TradingStatus;

/// Why a position was not closed.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::sim) enum CloseError {
    AccountNotFound,
    PositionNotFound,
    ContractNotFound,
    ContractNotActive,
    InvalidSize,
    /// The order that would close it was recorded as rejected.
    OrderRejected,
    OrderPending,
    AccountRejected,
}

impl Exchange {
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
        let contract = self.catalog.by_id(contract_id).ok_or(CloseError::ContractNotFound)?.clone();
        if !contract.is_active {
            return Err(CloseError::ContractNotActive);
        }
        let net = account.net(&contract);
        if net == 0 {
            return Err(CloseError::PositionNotFound);
        }
        let size = size.unwrap_or(net.saturating_abs());
        if size <= 0 || size > net.saturating_abs() {
            return Err(CloseError::InvalidSize);
        }
        let side = Side::of(net).opposite();
        if self.has_pending(account_id, contract.index, side) {
            return Err(CloseError::OrderPending);
        }
        let is_trading = self.trading_status(contract.index) == TradingStatus::Open;
        let terms = Terms { account_id, contract, order_type: OrderType::Market, side, size };
        let order = Order::new(self.ids.order(), terms, self.now());
        if !is_trading {
            self.reject(order);
            return Err(CloseError::OrderRejected);
        }
        self.accept(order, &Brackets::default());
        Ok(())
    }

    /// Closes whatever an account holds, with market orders and without asking.
    pub(in crate::sim) fn flatten(&mut self, account_id: i32) {
        self.flatten_in(account_id, |_| true);
    }

    /// The same in some contracts, by their index. What is being closed already is left alone.
    pub(in crate::sim) fn flatten_in(&mut self, account_id: i32, is_meant: impl Fn(usize) -> bool) {
        let Some(account) = self.account(account_id) else { return };
        let is_under_way = |position: &Position| {
            self.has_pending(account_id, position.contract.index, Side::of(position.net).opposite())
        };
        let held: Vec<Terms> = account
            .positions
            .values()
            .filter(|position| is_meant(position.contract.index) && !is_under_way(position))
            .map(|position| Terms {
                account_id,
                contract: position.contract.clone(),
                order_type: OrderType::Market,
                side: Side::of(position.net).opposite(),
                size: position.net.saturating_abs(),
            })
            .collect();
        for terms in held {
            let order = Order::new(self.ids.order(), terms, self.now());
            self.accept(order, &Brackets::default());
        }
    }

    /// Whether an order of this side is on its way to the market of a contract.
    fn has_pending(&self, account_id: i32, index: usize, side: Side) -> bool {
        let mut working = self.working[index].iter().filter_map(|id| self.orders.get(id));
        working.any(|order| {
            order.account_id == account_id && order.side == side && order.status == OrderStatus::Pending
        })
    }
}
