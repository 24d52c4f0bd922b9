//! What a stream delivers.

use super::codes::{OrderStatus, OrderType, PositionSide, Side};
use super::id::{AccountId, FillId, OrderId, PositionId};
use super::market::{Depth, Quote, Trade};
use super::symbol::Symbol;
use super::topic::Kinds;
use crate::clock::Timestamp;
use crate::error::Kind;
use crate::price::{Money, Price};

/// One event of a stream. Holds no text and no pointer: [`Symbol`]s name contracts and tags.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    /// Rises by one with every event of the stream, except over a [`Gap`].
    pub seq: u64,
    /// When this machine received it.
    pub received: Timestamp,
    /// When the gateway says it happened; `None` when it does not say.
    pub at: Option<Timestamp>,
    /// The contract; `None` for events that concern none.
    pub instrument: Option<Symbol>,
    /// How it stands among its neighbours.
    pub flags: EventFlags,
    /// What happened.
    pub body: EventBody,
}

/// How an event stands among its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct EventFlags(pub u16);

impl EventFlags {
    /// None.
    pub const NONE: EventFlags = EventFlags(0);
    /// More events of the same message follow: a book is whole only after the last of them.
    pub const MORE: EventFlags = EventFlags(1);
    /// Fetched after a loss, not told by the hub.
    pub const RESYNC: EventFlags = EventFlags(2);
    /// A fill that was told before and stands otherwise now: its result, its costs, or that it is undone. Go by
    /// the id, and put this one in the place of the other.
    pub const REVISED: EventFlags = EventFlags(1 << 6);

    /// Whether all of `flags` are set.
    pub const fn contains(self, flags: EventFlags) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// These flags and those of `more`.
    pub const fn with(self, more: EventFlags) -> EventFlags {
        EventFlags(self.0 | more.0)
    }
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum EventBody {
    /// The quote of a contract changed.
    Quote(Quote),
    /// The market traded.
    Trade(Trade),
    /// The book of a contract changed.
    Depth(Depth),
    /// One of the account's orders changed.
    Order(OrderEvent),
    /// One of the account's positions changed.
    Position(PositionEvent),
    /// One of the account's orders was filled.
    Fill(FillEvent),
    /// The account changed.
    Account(AccountEvent),
    /// A connection changed its state.
    Link(Link),
    /// The stream's queue overflowed; events are missing here.
    Gap(Gap),
    /// A subscription that was not waited for was confirmed or refused.
    Subscription(SubscriptionEvent),
    /// A record of a hub could not be read and was skipped.
    Malformed(Malformed),
}

impl EventBody {
    /// The kind of subscription that brings such an event; empty for the stream's own news.
    pub fn kinds(&self) -> Kinds {
        match self {
            EventBody::Quote(_) => Kinds::QUOTES,
            EventBody::Trade(_) => Kinds::TRADES,
            EventBody::Depth(_) => Kinds::DEPTH,
            EventBody::Order(_) => Kinds::ORDERS,
            EventBody::Position(_) => Kinds::POSITIONS,
            EventBody::Fill(_) => Kinds::FILLS,
            EventBody::Account(_) => Kinds::ACCOUNTS,
            EventBody::Link(_) | EventBody::Gap(_) | EventBody::Subscription(_) | EventBody::Malformed(_) => {
                Kinds::default()
            }
        }
    }
}

/// A change of an order, with the order as it is after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderEvent {
    /// The gateway's id.
    pub id: OrderId,
    /// The account.
    pub account: AccountId,
    /// Where it stands.
    pub status: OrderStatus,
    /// Its type.
    pub order_type: OrderType,
    /// Buy or sell.
    pub side: Side,
    /// Contracts ordered.
    pub size: i32,
    /// Contracts filled; `None` when the gateway does not tell.
    pub fill_volume: Option<i32>,
    /// The limit price, if it has one.
    pub limit_price: Option<Price>,
    /// The stop price, if it has one.
    pub stop_price: Option<Price>,
    /// The average price of the fills, rounded half to even at 1e-9.
    pub filled_price: Option<Price>,
    /// The distance of a trailing stop or a bracket leg, in ticks.
    pub trail_distance: Option<i32>,
    /// The same distance as a price.
    pub trail_price: Option<Price>,
    /// The entry that a bracket leg belongs to.
    pub parent: Option<OrderId>,
    /// The other leg of the bracket.
    pub linked: Option<OrderId>,
    /// The client tag.
    pub client_tag: Option<Symbol>,
    /// When it was made. [`Event::at`] tells when it changed.
    pub created: Option<Timestamp>,
    /// The gateway's number for the change; `None` when it sends none. Not to be relied on.
    pub action: Option<i32>,
}

/// A change of a position, with the position as it is after it. Flat has size 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PositionEvent {
    /// The gateway's id.
    pub id: PositionId,
    /// The account.
    pub account: AccountId,
    /// Long, short or flat.
    pub side: PositionSide,
    /// Contracts held, never negative.
    pub size: i32,
    /// The average price of the entry, rounded half to even at 1e-9; kept when flat.
    pub average_price: Price,
    /// When it was opened.
    pub created: Option<Timestamp>,
    /// The name for people.
    pub display_name: Option<Symbol>,
    /// The gateway's number for the change; `None` when it sends none.
    pub action: Option<i32>,
}

/// A fill. The gateway repeats the opening fill when its position is closed; a stream tells each fill once, and
/// again only with [`EventFlags::REVISED`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FillEvent {
    /// The gateway's id of the fill.
    pub id: FillId,
    /// The order that was filled.
    pub order: OrderId,
    /// The account.
    pub account: AccountId,
    /// The price.
    pub price: Price,
    /// The result of the part that it closed, fees not deducted; `None` when it opened or added.
    pub profit_and_loss: Option<Money>,
    /// The fees for the whole fill.
    pub fees: Money,
    /// The commissions for the whole fill; `None` when the gateway does not tell.
    pub commissions: Option<Money>,
    /// Buy or sell.
    pub side: Side,
    /// Contracts.
    pub size: i32,
    /// Whether it was undone.
    pub voided: bool,
    /// The gateway's number for the change; `None` when it sends none.
    pub action: Option<i32>,
}

/// The account after a change. The gateway tells most changes twice; a stream tells each once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountEvent {
    /// The account.
    pub id: AccountId,
    /// Its name.
    pub name: Symbol,
    /// The realised balance; `None` when the gateway does not tell.
    pub balance: Option<Money>,
    /// Whether it may trade now.
    pub can_trade: bool,
    /// Whether the platform shows it.
    pub is_visible: bool,
    /// Whether its orders are simulated by the firm; `None` when the gateway does not tell.
    pub simulated: Option<bool>,
    /// The gateway's number for the change; `None` when it sends none.
    pub action: Option<i32>,
}

/// One of the two live connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hub {
    /// Quotes, trades and depth.
    Market,
    /// Orders, positions, fills and accounts.
    User,
}

/// The state of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LinkState {
    /// The first attempt is under way.
    Connecting,
    /// Connected, and every wanted subscription is back.
    Connected,
    /// Lost; the next attempt comes after the delay.
    Reconnecting,
    /// Given up. The reason tells why; nothing comes any more.
    Failed,
    /// Closed on request.
    Closed,
    /// There is a connection, and what was lost is being put back: first the subscriptions, then the state of the
    /// user. Market events come already; those of the user wait for what was missed.
    Resyncing,
}

/// A connection changed its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// Which connection.
    pub hub: Hub,
    /// Its state now.
    pub state: LinkState,
    /// Failed attempts in a row.
    pub attempt: u32,
    /// Milliseconds until the next attempt.
    pub delay_ms: u32,
    /// Why it was lost or given up; `None` when nothing went wrong.
    pub reason: Option<Kind>,
    /// The reason in words.
    pub message: Option<Symbol>,
}

/// Events that the stream lost here because its queue was full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// How many.
    pub dropped: u64,
    /// The sequence number that the first of them would have had.
    pub first_seq: u64,
}

/// The answer to a subscription that nobody waited for, or that was put back after a reconnect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubscriptionEvent {
    /// What was subscribed: one kind.
    pub kinds: Kinds,
    /// The account, for the kinds of the user hub.
    pub account: Option<AccountId>,
    /// Why it was refused; `None` when it was confirmed.
    pub refused: Option<Kind>,
    /// The gateway's words.
    pub message: Option<Symbol>,
}

/// A record of a hub that could not be read, wholly or in part. What could be read of it is delivered. On the
/// user hub the state is fetched anew: [`LinkState::Resyncing`] follows.
///
/// The first hundred are told one by one, then every hundredth, so that a gateway gone wrong does not fill the
/// queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed {
    /// Which connection.
    pub hub: Hub,
    /// The name of the hub's event; `None` when not even that could be read.
    pub target: Option<Symbol>,
    /// How many there were on this hub so far, this one included.
    pub count: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_small() {
        assert!(size_of::<Event>() <= 168, "{}", size_of::<Event>());
    }
}
