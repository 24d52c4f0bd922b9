//! The state of the gateway: contracts, markets, accounts, orders, and what happens when.
//!
//! One lock guards all of it, so every client sees the same order of events. Nothing in here waits for a
//! client: events go into outboxes.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::account::{Account, Fill};
use super::config::SimConfig;
use super::contract::{Catalog, Contract};
use super::market::{Market, Step};
use super::order::Order;
use super::outbox::Outbox;
use super::random::Random;
use super::records::Recorder;
use super::subscribers::{Subscribers, Topic};
use crate::clock::{Clock, Timestamp};
use crate::price::Money;

/// Id of the account that trades.
pub(super) const TRADING_ACCOUNT: i32 = 20_000_001;
/// Id of the account that was closed.
const INACTIVE_ACCOUNT: i32 = 20_000_002;

/// Steps of one contract under one hold of the lock, so that requests get their turn at any speed.
const STEPS_AT_ONCE: usize = 64;
/// A market that is later than this does not catch up.
const LATEST: Duration = Duration::from_millis(250);

/// Something that happens a moment later.
#[derive(Debug, Clone, Copy)]
pub(super) enum Task {
    /// A market order meets the market.
    Fill(i64),
    /// The stream learns that an order was rejected.
    TellRejected(i64),
    /// Resting orders of a contract may have become marketable.
    Match(usize),
}

/// The state of the gateway.
pub(super) struct Exchange {
    pub(super) clock: Arc<dyn Clock>,
    pub(super) recorder: Recorder,
    pub(super) catalog: Catalog,
    pub(super) accounts: Vec<Account>,
    /// Every order, oldest first.
    pub(super) orders: BTreeMap<i64, Order>,
    /// Every fill, oldest first.
    pub(super) fills: BTreeMap<i64, Fill>,
    /// Ids of the orders that rest or wait for their fill, by contract.
    pub(super) working: Vec<Vec<i64>>,
    /// Tags in use: an account may use a tag once, for a rejected order too.
    pub(super) tags: HashSet<(i32, String)>,
    pub(super) subscribers: Subscribers,
    pub(super) random: Random,
    pub(super) ids: Ids,
    floors: Vec<Floor>,
    tasks: BTreeMap<(Instant, u64), Task>,
    next_task: u64,
    speed: f64,
}

/// The market of a contract and when it moves on; `None` while nobody needs it to move.
struct Floor {
    market: Market,
    next_step: Option<Instant>,
}

/// The next number of each kind.
#[derive(Debug)]
pub(super) struct Ids {
    order: i64,
    fill: i64,
    position: i32,
}

impl Ids {
    /// The id of a new order.
    pub(super) fn order(&mut self) -> i64 {
        self.order += 1;
        self.order
    }

    /// The id of a new fill.
    pub(super) fn fill(&mut self) -> i64 {
        self.fill += 1;
        self.fill
    }

    /// The id of a new position.
    pub(super) fn position(&mut self) -> i32 {
        self.position = self.position.wrapping_add(1).max(1);
        self.position
    }
}

impl Exchange {
    /// An exchange with one account that trades, one that does not, and no orders.
    pub(super) fn new(config: &SimConfig, clock: Arc<dyn Clock>) -> Exchange {
        let catalog = Catalog::at(clock.now());
        let floor = |contract: &Arc<Contract>| Floor {
            market: Market::new(contract.product, &contract.id, config.seed),
            next_step: None,
        };
        let account = |id, name: &str, balance, is_active| Account {
            id,
            name: name.to_owned(),
            balance: Money::from_units(balance),
            can_trade: is_active,
            is_visible: is_active,
            positions: BTreeMap::new(),
        };
        Exchange {
            recorder: Recorder::new(config),
            accounts: vec![
                account(TRADING_ACCOUNT, "PRAC-V2-100001-20000001", 50_000_000_000_000, true),
                account(INACTIVE_ACCOUNT, "50KTC-V2-100001-20000002", 47_912_640_000_000, false),
            ],
            orders: BTreeMap::new(),
            fills: BTreeMap::new(),
            working: vec![Vec::new(); catalog.all().len()],
            tags: HashSet::new(),
            subscribers: Subscribers::default(),
            random: Random::named(config.seed, "exchange"),
            ids: Ids { order: 3_400_000_000, fill: 3_005_000_000, position: 703_034_493 },
            floors: catalog.all().iter().map(floor).collect(),
            tasks: BTreeMap::new(),
            next_task: 0,
            speed: if config.speed.is_finite() { config.speed.clamp(0.0, 1e6) } else { 1.0 },
            catalog,
            clock,
        }
    }

    /// The time as the gateway stamps it, in steps of 100 ns.
    pub(super) fn now(&self) -> Timestamp {
        let nanos = self.clock.now().nanos();
        Timestamp::from_nanos(nanos - nanos.rem_euclid(100))
    }

    /// The account with this id.
    pub(super) fn account(&self, id: i32) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    /// The account with this id, to change it.
    pub(super) fn account_mut(&mut self, id: i32) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|account| account.id == id)
    }

    /// The market of a contract.
    pub(super) fn market(&self, contract: &Contract) -> &Market {
        &self.floors[contract.index].market
    }

    /// Lets `task` happen after some milliseconds, as long as the real gateway takes.
    pub(super) fn schedule(&mut self, task: Task, low_micros: i64, high_micros: i64) {
        let micros = self.random.between(low_micros, high_micros).unsigned_abs();
        self.next_task += 1;
        self.tasks.insert((Instant::now() + Duration::from_micros(micros), self.next_task), task);
    }

    /// Does everything that is due and gives the time of what comes next; `None` when nothing will.
    pub(super) fn advance(&mut self) -> Option<Instant> {
        let now = Instant::now();
        while let Some(entry) = self.tasks.first_entry().filter(|entry| entry.key().0 <= now) {
            match entry.remove() {
                Task::Fill(order_id) => self.fill_market_order(order_id),
                Task::TellRejected(order_id) => self.publish_order(order_id),
                Task::Match(contract) => self.match_resting(contract),
            }
        }
        for index in 0..self.floors.len() {
            self.advance_market(index, now);
        }
        let steps = self.floors.iter().filter_map(|floor| floor.next_step);
        steps.chain(self.tasks.first_key_value().map(|((at, _), _)| *at)).min()
    }

    fn advance_market(&mut self, index: usize, now: Instant) {
        if self.speed <= 0.0 || !self.is_wanted(index) {
            self.floors[index].next_step = None;
            return;
        }
        for _ in 0..STEPS_AT_ONCE {
            let floor = &mut self.floors[index];
            let due = match floor.next_step {
                Some(due) if now.saturating_duration_since(due) < LATEST => due,
                _ => now,
            };
            floor.next_step = Some(due);
            if due > now {
                return;
            }
            let pause = floor.market.pause() as f64 / self.speed;
            floor.next_step = Some(due + Duration::from_nanos(pause as u64));
            self.step(index, Market::step);
        }
    }

    /// Whether the contract trades, and anybody looks at it or has a stake in it.
    fn is_wanted(&self, index: usize) -> bool {
        if !self.catalog.all()[index].is_active {
            return false;
        }
        [Topic::Quotes(index), Topic::MarketTrades(index), Topic::Depth(index)]
            .into_iter()
            .any(|topic| self.subscribers.has(topic))
            || !self.working[index].is_empty()
            || self.accounts.iter().any(|account| account.positions.contains_key(&index))
    }

    /// Lets one thing happen in a market, tells those who listen and fills what it touches.
    fn step(&mut self, index: usize, happen: fn(&mut Market) -> Step) {
        let now = self.now();
        let contract = &self.catalog.all()[index];
        let market = &mut self.floors[index].market;
        let before = market.quote();
        let step = happen(market);
        let after = market.quote();
        if !step.prints.is_empty() {
            self.subscribers.publish_all(Topic::MarketTrades(index), || {
                self.recorder.prints(contract, &step.prints, now)
            });
        }
        if step.is_quoted {
            self.subscribers
                .publish(Topic::Quotes(index), || self.recorder.quote(contract, Some(&before), &after, now));
        }
        self.subscribers.publish_all(Topic::Depth(index), || self.recorder.depth(contract, &step.depth, now));
        if !self.working[index].is_empty() {
            self.match_resting(index);
        }
    }

    /// Subscribes a connection. The first quote is full; depth begins with a reset and a snapshot. A
    /// connection that subscribes again gets them again.
    pub(super) fn subscribe(&mut self, topic: Topic, outbox: &Arc<Outbox>) {
        self.subscribers.add(topic, outbox);
        let now = self.now();
        match topic {
            // Nothing comes of a contract that has expired.
            Topic::Quotes(index) | Topic::Depth(index) if !self.catalog.all()[index].is_active => {}
            Topic::Quotes(index) => {
                let quote = self.floors[index].market.quote();
                outbox.push(self.recorder.quote(&self.catalog.all()[index], None, &quote, now));
            }
            Topic::Depth(index) => {
                let contract = &self.catalog.all()[index];
                let (reset, snapshot) = self.floors[index].market.snapshot();
                let snapshot: Vec<_> = snapshot.into_iter().map(Some).collect();
                for entries in [vec![Some(reset)], snapshot] {
                    for record in self.recorder.depth(contract, &entries, now) {
                        outbox.push(record);
                    }
                }
            }
            _ => {}
        }
    }

    /// Publishes up to `count` quotes of a contract at once and gives those who got them.
    pub(super) fn burst(&mut self, contract: &Contract, count: usize) -> Vec<Arc<Outbox>> {
        for _ in 0..count {
            self.step(contract.index, Market::shift);
        }
        self.subscribers.of(Topic::Quotes(contract.index)).to_vec()
    }

    /// Tells those who listen how an order stands.
    pub(super) fn publish_order(&self, order_id: i64) {
        if let Some(order) = self.orders.get(&order_id) {
            self.subscribers.publish(Topic::Orders(order.account_id), || self.recorder.order(order));
        }
    }

    /// Tells those who listen how an account stands, twice as the gateway does.
    pub(super) fn publish_account(&self, account_id: i32) {
        if let Some(account) = self.account(account_id) {
            for _ in 0..2 {
                self.subscribers.publish(Topic::Accounts, || self.recorder.account(account));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;

    #[test]
    fn an_idle_exchange_has_nothing_to_do() {
        let mut exchange = Exchange::new(&SimConfig::default(), Arc::new(SystemClock));
        assert_eq!(exchange.advance(), None);
    }

    #[test]
    fn a_market_moves_only_while_somebody_listens() {
        let waiter = crate::net::Waiter::new().unwrap();
        let outbox = Outbox::new(1, waiter.waker());
        let mut exchange = Exchange::new(&SimConfig::default(), Arc::new(SystemClock));
        let index = exchange.catalog.front("MES").unwrap().index;
        exchange.subscribe(Topic::Quotes(index), &outbox);
        assert!(exchange.advance().is_some());
        exchange.subscribers.remove_everywhere(&outbox);
        assert_eq!(exchange.advance(), None);
    }
}
