//! What a provider of a market must be able to do, in the library's own terms.

mod limits;
pub mod projectx;

use std::sync::Arc;

use crate::clock::Deadline;
use crate::error::{Error, Result};
use crate::model::{
    Account, AccountId, Bar, BarPage, BarRequest, Contract, ContractId, Credentials, Event, Fill, Hub, Kinds,
    Order, OrderChange, OrderId, OrderPage, OrderQuery, OrderRequest, Position, Symbol, TimeRange, Topic,
};
use crate::secret::Secret;
use crate::signalr::{HubRemote, Message, Readiness};

pub(crate) use limits::Limits;

/// Gives tokens, and tells whether they are good. Every call blocks as those of [`Gateway`] do.
pub trait Authority: Send + Sync {
    /// Logs in and gives a token.
    ///
    /// # Errors
    /// [`Kind::Auth`](crate::error::Kind::Auth) when the credentials are refused.
    fn log_in(&self, credentials: &Credentials, deadline: Deadline) -> Result<Secret>;

    /// Asks whether a token is valid; gives the one to go on with, if the gateway sends a new one.
    ///
    /// # Errors
    /// [`Kind::Auth`](crate::error::Kind::Auth) when it is not.
    fn validate(&self, token: &Secret, deadline: Deadline) -> Result<Option<Secret>>;

    /// Ends a token.
    ///
    /// # Errors
    /// [`Kind::Auth`](crate::error::Kind::Auth) when it was not valid any more.
    fn log_out(&self, token: &Secret, deadline: Deadline) -> Result<()>;

    /// Asks for a sign of life, without a token.
    ///
    /// # Errors
    /// [`Kind::Protocol`](crate::error::Kind::Protocol) when something else answers.
    fn ping(&self, deadline: Deadline) -> Result<()>;
}

/// Requests and their answers. Every call blocks until the answer, the deadline or the end of the client.
///
/// Queries may fail with any kind of error. A call that changes something fails with an
/// [`Outcome`](crate::error::Outcome) other than `Query`, and is never repeated by the provider.
pub trait Gateway: Authority {
    /// The bars of one page of a request, oldest first. The page's end and limit stand for the request's.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::error::Kind::NotFound) for an unknown contract.
    fn bars(
        &self,
        token: &Secret,
        request: &BarRequest,
        page: BarPage,
        deadline: Deadline,
    ) -> Result<Vec<Bar>>;

    /// The accounts of the user.
    ///
    /// # Errors
    /// As every query.
    fn accounts(&self, token: &Secret, only_active: bool, deadline: Deadline) -> Result<Vec<Account>>;

    /// The active contracts whose name, id or description resembles `text`, twenty at most.
    ///
    /// # Errors
    /// As every query.
    fn search_contracts(
        &self,
        token: &Secret,
        text: &str,
        live: bool,
        deadline: Deadline,
    ) -> Result<Vec<Contract>>;

    /// All active contracts.
    ///
    /// # Errors
    /// As every query.
    fn available_contracts(&self, token: &Secret, live: bool, deadline: Deadline) -> Result<Vec<Contract>>;

    /// One contract, expired ones included.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::error::Kind::NotFound) for an unknown id.
    fn contract(&self, token: &Secret, id: &ContractId, deadline: Deadline) -> Result<Contract>;

    /// Places an order.
    ///
    /// # Errors
    /// With the outcome, and the id that the gateway gave a rejected order.
    fn place(&self, token: &Secret, order: &NewOrder<'_>, deadline: Deadline) -> Result<OrderId>;

    /// One order.
    ///
    /// # Errors
    /// [`Kind::NotFound`](crate::error::Kind::NotFound) for an id that the account does not have.
    fn order(&self, token: &Secret, account: AccountId, id: OrderId, deadline: Deadline) -> Result<Order>;

    /// The orders made in a range of time, oldest first, without those that are pending or suspended.
    ///
    /// # Errors
    /// As every query.
    fn orders(
        &self,
        token: &Secret,
        account: AccountId,
        range: TimeRange,
        deadline: Deadline,
    ) -> Result<Vec<Order>>;

    /// The orders that are not final, suspended ones included.
    ///
    /// # Errors
    /// As every query.
    fn open_orders(&self, token: &Secret, account: AccountId, deadline: Deadline) -> Result<Vec<Order>>;

    /// The orders that work in the market, and no others.
    ///
    /// # Errors
    /// As every query.
    fn resting_orders(&self, token: &Secret, account: AccountId, deadline: Deadline) -> Result<Vec<Order>>;

    /// A page of orders, by status, contract and time.
    ///
    /// # Errors
    /// As every query.
    fn order_page(&self, token: &Secret, query: &OrderQuery, deadline: Deadline) -> Result<OrderPage>;

    /// Asks for an order's cancellation.
    ///
    /// # Errors
    /// With the outcome; [`Kind::NotFound`](crate::error::Kind::NotFound) for an unknown order.
    fn cancel(&self, token: &Secret, account: AccountId, id: OrderId, deadline: Deadline) -> Result<()>;

    /// Changes a working order.
    ///
    /// # Errors
    /// With the outcome; [`Kind::NotFound`](crate::error::Kind::NotFound) for an unknown order.
    fn modify(&self, token: &Secret, change: &OrderChange, deadline: Deadline) -> Result<()>;

    /// The fills of a range of time, oldest first.
    ///
    /// # Errors
    /// As every query.
    fn fills(
        &self,
        token: &Secret,
        account: AccountId,
        range: TimeRange,
        deadline: Deadline,
    ) -> Result<Vec<Fill>>;

    /// The open positions.
    ///
    /// # Errors
    /// As every query.
    fn positions(&self, token: &Secret, account: AccountId, deadline: Deadline) -> Result<Vec<Position>>;

    /// Closes the position in a contract with a market order.
    ///
    /// # Errors
    /// With the outcome; [`Kind::NotFound`](crate::error::Kind::NotFound) when there is no position.
    fn close_position(
        &self,
        token: &Secret,
        account: AccountId,
        contract: &ContractId,
        deadline: Deadline,
    ) -> Result<()>;

    /// Closes a part of the position in a contract with a market order.
    ///
    /// # Errors
    /// As [`Gateway::close_position`].
    fn reduce_position(
        &self,
        token: &Secret,
        account: AccountId,
        contract: &ContractId,
        size: i32,
        deadline: Deadline,
    ) -> Result<()>;
}

/// An order that was checked and goes out.
#[derive(Debug)]
pub struct NewOrder<'a> {
    /// What is asked for. Where its brackets stand is told by `legs`.
    pub request: &'a OrderRequest,
    /// What it can be found by.
    pub tag: &'a str,
    /// Its brackets.
    pub legs: Legs,
}

/// How far the legs of a bracket are from the fill, in ticks without a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Legs {
    /// Ticks to the stop loss.
    pub stop_loss: Option<i32>,
    /// Ticks to the take profit.
    pub take_profit: Option<i32>,
}

/// A subscription that was asked for; waits until the server confirmed it or the deadline passed.
pub type Confirmation = Box<dyn FnOnce(Deadline) -> Result<()> + Send>;

/// One live connection. No call waits for it.
pub trait Feed: Send + Sync {
    /// Subscribes. Counted: as many calls of [`Feed::unsubscribe`] end it, also when the confirmation tells that
    /// the server refused or the deadline passed.
    ///
    /// # Errors
    /// When the connection was given up; then nothing is counted.
    fn subscribe(&self, topic: &Topic) -> Result<Confirmation>;

    /// [`Feed::subscribe`] for those who do not wait. An event tells how it went.
    ///
    /// # Errors
    /// As [`Feed::subscribe`].
    fn subscribe_later(&self, topic: &Topic) -> Result<()>;

    /// Takes one subscription back. Does not wait.
    fn unsubscribe(&self, topic: &Topic);
}

/// Where a feed's events go. Called on the feed's thread, in order; must not wait.
pub trait EventSink: Send + Sync {
    /// Takes one event; [`Event::seq`] is not set yet. Market data may be told to its readers only by
    /// [`EventSink::flush`].
    fn publish(&self, event: Event);

    /// Tells readers what was published. Called before the feed's thread waits.
    fn flush(&self) {}

    /// Whether market data can be taken without anything being lost. If not, a feed of market data stops reading
    /// until the hook of [`EventSink::on_room`] is called.
    fn has_room(&self) -> bool {
        true
    }

    /// Calls `hook` when there is room again, on any thread. It must only wake.
    fn on_room(&self, hook: Box<dyn Fn() + Send + Sync>) {
        drop(hook);
    }

    /// A record of `hub` could not be read and was skipped. It told some of `kinds`, about `contract` when that is
    /// known. Comes for each, while [`EventBody::Malformed`](crate::model::EventBody::Malformed) comes for some.
    fn skipped(&self, _hub: Hub, _kinds: Kinds, _contract: Option<Symbol>) {}

    /// A subscription was confirmed, or refused for this reason. `is_told` when nobody waited for it.
    fn subscribed(&self, _topic: &Topic, _refusal: Option<&Error>, _is_told: bool) {}

    /// Every wanted subscription is back, and unless it is the first connection something may have been lost
    /// before. When it must be fetched first, a message by `remote` tells that it was.
    fn restored(&self, _again: bool, _remote: &HubRemote) -> Readiness {
        Readiness::Ready
    }

    /// A message came by the remote.
    fn command(&self, _message: Message) -> Readiness {
        Readiness::Ready
    }
}

impl<T: EventSink + ?Sized> EventSink for Arc<T> {
    fn publish(&self, event: Event) {
        (**self).publish(event);
    }

    fn flush(&self) {
        (**self).flush();
    }

    fn has_room(&self) -> bool {
        (**self).has_room()
    }

    fn on_room(&self, hook: Box<dyn Fn() + Send + Sync>) {
        (**self).on_room(hook);
    }

    fn skipped(&self, hub: Hub, kinds: Kinds, contract: Option<Symbol>) {
        (**self).skipped(hub, kinds, contract);
    }

    fn subscribed(&self, topic: &Topic, refusal: Option<&Error>, is_told: bool) {
        (**self).subscribed(topic, refusal, is_told);
    }

    fn restored(&self, again: bool, remote: &HubRemote) -> Readiness {
        (**self).restored(again, remote)
    }

    fn command(&self, message: Message) -> Readiness {
        (**self).command(message)
    }
}
