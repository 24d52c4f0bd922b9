//! The client's orders: placing, changing and cancelling them, and finding out what became of them.

use std::time::Duration;

use super::Client;
use crate::clock::Deadline;
use crate::error::Result;
use crate::model::{
    AccountId, CancelOutcome, CancelReport, ContractId, OrderChange, OrderId, OrderRequest, Placed,
    Resolution,
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
        let legs = trading::check(request, self.shared.contracts.read().get(&request.contract))?;
        trading::place(&self.shared.session, request, legs, deadline.into())
    }

    /// Finds out what became of an order by its client tag, placed within the last `window`. Reads back only;
    /// nothing is sent again.
    ///
    /// An order counts as not there when two looks half a second apart do not find it, among those that are
    /// not final and among all that were made in the window.
    ///
    /// # Errors
    /// With the outcome `Unknown` when the deadline passed or the queries failed before the answer was
    /// certain; ask again. Else as [`Client::accounts`].
    pub fn resolve(
        &self,
        account: AccountId,
        client_tag: &str,
        window: Duration,
        deadline: impl Into<Deadline>,
    ) -> Result<Resolution> {
        let since = self.shared.clock.now().saturating_sub(window);
        let shared = &self.shared;
        trading::resolve(&shared.session, &shared.stop, account, client_tag, since, deadline.into())
    }

    /// Changes a working order, once. The gateway checks the prices; it leaves out one that the order's type
    /// does not have.
    ///
    /// # Errors
    /// [`Kind::Argument`](crate::Kind::Argument) when nothing would change or the size is below one; else as
    /// [`Client::cancel`].
    pub fn modify(&self, change: &OrderChange, deadline: impl Into<Deadline>) -> Result<()> {
        trading::check_change(change)?;
        let deadline = deadline.into();
        self.shared.session.mutate(deadline, |gateway, token| gateway.modify(token, change, deadline))
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
