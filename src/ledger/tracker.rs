//! From what is told and fetched to what streams shall see, and to the state as it is now.

use std::collections::{HashMap, HashSet};

use super::accounts::Accounts;
use super::fills::{FillNews, Fills};
use super::known::{Known, Source};
use super::orders::Orders;
use super::positions::Positions;
use crate::clock::Timestamp;
use crate::model::{
    AccountEvent, AccountId, Event, EventBody, EventFlags, OrderEvent, OrderId, OrderStatus, PositionEvent,
    Symbol, Topic,
};

/// What is known of the user's side.
#[derive(Debug, Default)]
pub(super) struct Tracker {
    orders: Orders,
    fills: Fills,
    positions: Positions,
    accounts: Accounts,
    /// The latest time that each account's orders and fills told while they were followed, by the gateway's clock.
    latest: HashMap<AccountId, Timestamp>,
}

/// What was fetched about one topic.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) topic: Topic,
    /// The following that it was fetched for.
    pub(super) number: u64,
    /// [`Source::Resync`] or [`Source::Seed`].
    pub(super) source: Source,
    /// Every order, fill, position or account that was listed, oldest first.
    pub(super) rows: Vec<Event>,
    /// The orders that are not known to the gateway any more.
    pub(super) gone: Vec<OrderId>,
    /// From when on all orders or fills are listed, and the latest time of those: by the gateway's clock.
    pub(super) listed: Option<(Timestamp, Timestamp)>,
    /// When the answer came.
    pub(super) at: Timestamp,
}

impl Tracker {
    /// Takes an event; gives what streams shall see of it.
    pub(super) fn take(&mut self, event: Event, source: Source) -> Option<Event> {
        let mut told = event;
        if source == Source::Resync {
            told.flags = told.flags.with(EventFlags::RESYNC);
        }
        let is_news = match &event.body {
            EventBody::Order(order) => {
                let is_news = self.orders.take(&event, order, source);
                self.note_time(order.account, &event, is_news);
                is_news
            }
            EventBody::Fill(fill) => {
                let news = self.fills.take(&event, fill, source);
                self.note_time(fill.account, &event, news == FillNews::Made);
                match news {
                    FillNews::Nothing => false,
                    FillNews::Made => true,
                    FillNews::Revised(fill) => {
                        told.flags = told.flags.with(EventFlags::REVISED);
                        told.body = EventBody::Fill(fill);
                        true
                    }
                }
            }
            EventBody::Position(position) => self.positions.take(&event, position, source),
            EventBody::Account(account) => self.accounts.take(&event, account, source),
            _ => true,
        };
        is_news.then_some(told)
    }

    /// Only of news: an order that works for days has an old time.
    fn note_time(&mut self, account: AccountId, event: &Event, is_news: bool) {
        if let Some(at) = event.at.filter(|_| is_news) {
            let latest = self.latest.entry(account).or_insert(at);
            *latest = at.max(*latest);
        }
    }

    /// Takes what was fetched and hands to `tell` what was missed. What is among `held`, which the hub told
    /// since, is newer where a state has no time.
    pub(super) fn absorb(&mut self, fetched: &Fetched, held: &[Event], tell: &mut dyn FnMut(Event)) {
        let overtaken: HashSet<_> = held.iter().filter_map(place).collect();
        if let Topic::Fills(account) = fetched.topic
            && fetched.source == Source::Seed
        {
            let oldest = fetched.rows.iter().filter_map(|row| row.at).min();
            self.fills.begin(account, oldest, fetched.at);
        }
        for row in
            fetched.rows.iter().filter(|row| !place(row).is_some_and(|place| overtaken.contains(&place)))
        {
            if let Some(news) = self.take(*row, fetched.source) {
                tell(news);
            }
        }
        match fetched.topic {
            Topic::Orders(account) => {
                for id in &fetched.gone {
                    if let Some(known) = self.orders.forget(account, *id) {
                        let order = OrderEvent { status: OrderStatus::None, action: None, ..known.body };
                        tell(missed(fetched.at, known.instrument, EventBody::Order(order)));
                    }
                }
            }
            Topic::Positions(account) if fetched.source == Source::Resync => {
                let told = fetched.rows.iter().chain(held).filter_map(place);
                let listed = told.filter(|(owner, _)| *owner == account).map(|(_, contract)| contract);
                let listed = listed.collect();
                for (contract, position) in self.positions.flatten_others(account, &listed) {
                    tell(missed(fetched.at, contract, EventBody::Position(position)));
                }
            }
            Topic::Accounts => {
                let accounts = fetched.rows.iter().chain(held).filter_map(|row| match row.body {
                    EventBody::Account(account) => Some(account.id),
                    _ => None,
                });
                self.accounts.keep(&accounts.collect());
            }
            _ => {}
        }
    }

    /// The orders of an account that are not final, oldest first.
    pub(super) fn working_orders(&self, account: AccountId) -> impl Iterator<Item = &Known<OrderEvent>> {
        self.orders.working(account)
    }

    /// The open positions of an account.
    pub(super) fn open_positions(&self, account: AccountId) -> impl Iterator<Item = &Known<PositionEvent>> {
        self.positions.open(account)
    }

    /// An account.
    pub(super) fn account(&self, account: AccountId) -> Option<&Known<AccountEvent>> {
        self.accounts.get(account)
    }

    /// The latest time that an account's orders and fills told while they were followed.
    pub(super) fn latest(&self, account: AccountId) -> Option<Timestamp> {
        self.latest.get(&account).copied()
    }

    /// How many final orders and fills are remembered.
    #[cfg(test)]
    pub(super) fn remembered(&self) -> (usize, usize) {
        (self.orders.ended_count(), self.fills.count())
    }

    /// Forgets the state of a topic that nobody follows any more. Fills stay, so that none is told twice.
    pub(super) fn forget(&mut self, topic: &Topic) {
        match topic {
            Topic::Orders(account) => self.orders.forget_account(*account),
            Topic::Positions(account) => self.positions.forget_account(*account),
            Topic::Accounts => self.accounts.clear(),
            _ => {}
        }
    }
}

/// What a state without a time is about: the position of an account in a contract, or an account.
fn place(event: &Event) -> Option<(AccountId, Option<Symbol>)> {
    match event.body {
        EventBody::Position(position) => Some((position.account, event.instrument)),
        EventBody::Account(account) => Some((account.id, None)),
        _ => None,
    }
}

/// The event for what no answer lists any more.
fn missed(received: Timestamp, instrument: Option<Symbol>, body: EventBody) -> Event {
    Event { seq: 0, received, at: None, instrument, flags: EventFlags::RESYNC, body }
}
