//! The client's orders: placing, changing and cancelling them, and finding out what became of them.

use std::time::Duration;

use super::Client;
use crate::clock::Deadline;
use crate::error::Result;
use crate::model::{
    AccountId, CancelOutcome, CancelReport, Contract, ContractId, Order, OrderChange, OrderId, OrderPage,
    OrderQuery, OrderRequest, Placed, Resolution,
};
use crate::trading;

impl Client {
    /// Places an order, once. It is never sent again, whatever happens.
    ///
    /// What can be known is checked before sending: size, side, type, tag, which price the type needs, and
    /// the brackets; prices against the tick grid when this client has seen the contract. A price off the
    /// grid is refused with its neighbours, never rounded: [`Price::round_to_tick`](crate::Price::round_to_tick)
    /// rounds by a named rule.
    ///
    /// # Errors
    /// [`Error::outcome`](crate::Error::outcome) tells what became of it: `NotSent` and `Rejected` mean that
    /// there is no order; `Unknown` that there may be one, which [`Client::resolve`] finds by
    /// [`Error::client_tag`](crate::Error::client_tag).
    pub fn place(&self, request: &OrderRequest, deadline: impl Into<Deadline>) -> Result<Placed> {
        let shared = &self.shared;
        let legs = trading::check(request, shared.contracts.read().get(&request.contract))?;
        let placed = trading::place(&shared.session, request, legs, deadline.into())?;
        shared.caches.order_contracts.remember(placed.order_id, &request.contract);
        Ok(placed)
    }

    /// Finds out what became of an order by its client tag, placed within the last `window`. Reads back only;
    /// nothing is sent again.
    ///
    /// An order counts as not there when it stays out of sight for 10 s, or as long as the setting
    /// `resolve_seconds` says, among those that are not final and among all that were made in the window. A
    /// gateway that is slow may have a request for longer than this client waited for its answer, so no look
    /// that is early proves anything.
    ///
    /// # Errors
    /// With the outcome `Unknown` when the deadline passed or the queries failed before that; ask again. Else as [`Client::accounts`].
    pub fn resolve(
        &self,
        account: AccountId,
        client_tag: &str,
        window: Duration,
        deadline: impl Into<Deadline>,
    ) -> Result<Resolution> {
        let since = self.shared.clock.now().saturating_sub(window);
        let shared = &self.shared;
        let search = trading::Search { account, tag: client_tag, since, span: shared.resolve_span };
        trading::resolve(&shared.session, &shared.stop, &search, deadline.into())
    }

    /// Changes a working order, once. The gateway leaves out a price that the order's type does not have.
    ///
    /// A price off the tick grid is refused with its neighbours, as in [`Client::place`]. For that the client
    /// must know the order's contract: it does when it placed the order and has seen the contract. Otherwise it
    /// asks for them first, two seconds and half of the time at most. What it cannot find out by then it leaves
    /// to the gateway, which checks the prices too: a change that may protect a position does not wait for
    /// that.
    ///
    /// # Errors
    /// [`Kind::Argument`](crate::Kind::Argument) when nothing would change, the size is below one or a price is
    /// off the grid; else as [`Client::cancel`].
    pub fn modify(&self, change: &OrderChange, deadline: impl Into<Deadline>) -> Result<()> {
        let deadline = deadline.into();
        trading::check_change(change, || self.contract_of(change, trading::look_up_by(deadline)))?;
        self.shared.session.mutate(deadline, |gateway, token| gateway.modify(token, change, deadline))
    }

    /// The contract of the order that is to change, if it is known or can be found out.
    fn contract_of(&self, change: &OrderChange, deadline: Deadline) -> Option<Contract> {
        let shared = &self.shared;
        let id = shared.caches.order_contracts.get_or(change.order, || {
            self.order(change.account, change.order, deadline).map(|order| order.contract)
        });
        let id = id.ok()?;
        let known = shared.contracts.read().get(&id).cloned();
        known.or_else(|| self.contract(&id, deadline).ok())
    }

    /// The orders that work in the market, in one request. Those that are pending, and the suspended legs of
    /// brackets, are left out: [`Client::open_orders`] has them.
    ///
    /// # Errors
    /// As [`Client::accounts`].
    pub fn resting_orders(&self, account: AccountId, deadline: impl Into<Deadline>) -> Result<Vec<Order>> {
        let deadline = deadline.into();
        self.shared.session.query(deadline, |gateway, token| gateway.resting_orders(token, account, deadline))
    }

    /// A page of orders by status, contract and time, a hundred at most.
    ///
    /// # Errors
    /// [`Kind::Argument`](crate::Kind::Argument) for a page size that is not 1 to 100; else as
    /// [`Client::accounts`].
    pub fn order_page(&self, query: &OrderQuery, deadline: impl Into<Deadline>) -> Result<OrderPage> {
        let deadline = deadline.into();
        self.shared.session.query(deadline, |gateway, token| gateway.order_page(token, query, deadline))
    }

    /// Asks for the cancellation of an order, once. That the gateway took the request does not mean that the
    /// order is cancelled: [`Client::cancel_confirmed`], its events or [`Client::order`] tell whether it was,
    /// or was filled first.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::Kind::NotFound) or [`Kind::Rejected`](crate::Kind::Rejected) for an order
    /// that is final already; [`Error::outcome`](crate::Error::outcome) tells what became of the request.
    pub fn cancel(&self, account: AccountId, order: OrderId, deadline: impl Into<Deadline>) -> Result<()> {
        let deadline = deadline.into();
        self.shared
            .session
            .mutate_urgently(deadline, |gateway, token| gateway.cancel(token, account, order, deadline))
    }

    /// Asks for the cancellation of an order, once, and reads the order back until its end is seen or the
    /// deadline passes. Half of the time at least is kept for
    /// reading back.
    pub fn cancel_confirmed(
        &self,
        account: AccountId,
        order: OrderId,
        deadline: impl Into<Deadline>,
    ) -> CancelOutcome {
        let shared = &self.shared;
        trading::cancel_confirmed(&shared.session, &shared.stop, account, order, deadline.into())
    }

    /// Cancels every order of an account that is not final, those of one contract only if it is given, legs
    /// that protect a position included. Each cancel is sent once and confirmed as
    /// [`Client::cancel_confirmed`] does; entries come before legs.
    ///
    /// # Errors
    /// As [`Client::open_orders`]; then nothing was cancelled.
    pub fn cancel_all(
        &self,
        account: AccountId,
        contract: Option<&ContractId>,
        deadline: impl Into<Deadline>,
    ) -> Result<Vec<CancelReport>> {
        let shared = &self.shared;
        trading::cancel_all(&shared.session, &shared.stop, account, contract, deadline.into())
    }
}
