//! The state of the gateway: contracts, markets, accounts, orders, and what happens when.
//!
//! One lock guards all of it, so every client sees the same order of events. Nothing in here waits for a
//! client: events go into outboxes.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::price::Money;
use crate::sim::config::{AccountRules, BracketMode, PositionBrackets, SimConfig};
use crate::sim::exchange::account::Account;
use crate::sim::exchange::fill::Fill;
use crate::sim::exchange::floor::Floor;
use crate::sim::exchange::order::Order;
use crate::sim::exchange::status::TradingStatus;
use crate::sim::hubs::outbox::Outbox;
use crate::sim::hubs::records::Recorder;
use crate::sim::hubs::subscribers::{Subscribers, Topic};
use crate::sim::market::bars::{Bar, BarQuery};
use crate::sim::market::calendar::Sessions;
use crate::sim::market::contract::{Catalog, Contract};
use crate::sim::market::random::Random;
use crate::sim::market::tape::Step;
use crate::sim::market::walk::Market;
use crate::sim::time::Time;

/// Id of the account that trades.
pub(in crate::sim) const TRADING_ACCOUNT: i32 = 20_000_001;
/// Id of the account that was closed.
const INACTIVE_ACCOUNT: i32 = 20_000_002;

/// Most contracts that a rule can allow.
const MAX_CONTRACTS: i32 = 100_000;
/// What happens under one hold of the lock, so that requests get their turn at any speed.
const TASKS_AT_ONCE: usize = 64;
/// Most changes of a book in one message.
const CHANGES_AT_ONCE: usize = 4;
/// A market that is later than this does not catch up.
const LATEST: Duration = Duration::from_millis(250);
/// Time between two warnings that the markets are late.
const WARNING_PAUSE: Duration = Duration::from_secs(5);

/// Something that happens a moment later.
#[derive(Debug, Clone, Copy)]
pub(in crate::sim) enum Task {
    /// An order reaches the market.
    Arrive(i64),
    /// The rejection of an order is stamped, and the stream learns of it.
    TellRejected(i64),
    /// The legs of this order follow what has filled.
    SettleLegs(i64),
    /// The brackets of an account's position in a contract follow what it holds.
    SettleGuards(i32, usize),
    /// A contract's market moves on.
    Move(usize),
    /// The market opens or closes.
    ChangeSession,
    /// Accounts must be flat.
    Flatten,
    /// Losses of the day count anew.
    OpenDay,
    /// A halted market trades again.
    EndHalt(usize),
}

/// The state of the gateway.
pub(in crate::sim) struct Exchange {
    pub(in crate::sim) time: Arc<Time>,
    pub(in crate::sim) recorder: Recorder,
    pub(in crate::sim) catalog: Catalog,
    pub(in crate::sim) accounts: Vec<Account>,
    /// Every order, oldest first.
    pub(in crate::sim) orders: BTreeMap<i64, Order>,
    /// Every fill, oldest first.
    pub(in crate::sim) fills: BTreeMap<i64, Fill>,
    /// Ids of the orders that rest or wait for their fill, by contract.
    pub(in crate::sim) working: Vec<Vec<i64>>,
    /// Tags in use: an account may use a tag once, for a rejected order too.
    pub(in crate::sim) tags: HashSet<(i32, String)>,
    pub(in crate::sim) subscribers: Subscribers,
    pub(in crate::sim) random: Random,
    pub(in crate::sim) ids: Ids,
    pub(in crate::sim) settings: Settings,
    pub(in crate::sim) sessions: Sessions,
    /// Whether the calendar says that the market is open.
    pub(super) is_in_session: bool,
    /// Whether markets may halt.
    pub(super) has_halts: bool,
    pub(in crate::sim) floors: Vec<Floor>,
    tasks: BTreeMap<(Timestamp, u64), Task>,
    next_task: u64,
    speed: f64,
    /// How often a market left out what the machine could not make good.
    pub(in crate::sim) skipped: u64,
    /// Grows with every change that is worth keeping.
    pub(in crate::sim) revision: u64,
    next_warning: Timestamp,
}

/// What the exchange was told at its start.
#[derive(Debug, Clone, Copy)]
pub(in crate::sim) struct Settings {
    pub(in crate::sim) brackets: BracketMode,
    pub(in crate::sim) position_brackets: PositionBrackets,
    pub(in crate::sim) rules: AccountRules,
}

/// The next number of each kind.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::sim) struct Ids {
    order: i64,
    fill: i64,
    position: i32,
}

impl Ids {
    /// The id of a new order.
    pub(in crate::sim) fn order(&mut self) -> i64 {
        self.order += 1;
        self.order
    }

    /// The id of a new fill.
    pub(in crate::sim) fn fill(&mut self) -> i64 {
        self.fill += 1;
        self.fill
    }

    /// The id of a new position.
    pub(in crate::sim) fn position(&mut self) -> i32 {
        self.position = self.position.wrapping_add(1).max(1);
        self.position
    }
}

impl Exchange {
    /// An exchange with one account that trades, one that does not, and no orders.
    pub(in crate::sim) fn new(config: &SimConfig, time: Arc<Time>) -> Exchange {
        Exchange::trading(Catalog::at(time.now()), config, time)
    }

    /// The same with these contracts.
    pub(in crate::sim) fn trading(catalog: Catalog, config: &SimConfig, time: Arc<Time>) -> Exchange {
        let start = time.now().seconds();
        let floor = |contract: &Arc<Contract>| Floor::new(contract, config, start);
        let account = |id, name: &str, balance, is_active| {
            Account::new(id, name.to_owned(), Money::from_units(balance), is_active)
        };
        let mut exchange = Exchange {
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
            sessions: Sessions(config.calendar),
            is_in_session: true,
            has_halts: config.halts,
            floors: catalog.all().iter().map(floor).collect(),
            settings: Settings {
                brackets: config.brackets,
                position_brackets: config.position_brackets,
                rules: AccountRules {
                    max_contracts: config.rules.max_contracts.clamp(0, MAX_CONTRACTS),
                    ..config.rules
                },
            },
            tasks: BTreeMap::new(),
            next_task: 0,
            skipped: 0,
            revision: 0,
            next_warning: time.now(),
            speed: if config.speed.is_finite() { config.speed.clamp(0.0, 1e6) } else { 1.0 },
            catalog,
            time,
        };
        exchange.follow_calendar(exchange.time.now());
        exchange.plan_day();
        exchange
    }

    /// The time as the gateway stamps it, in steps of 100 ns.
    pub(in crate::sim) fn now(&self) -> Timestamp {
        let nanos = self.time.stamp().nanos();
        Timestamp::from_nanos(nanos - nanos.rem_euclid(100))
    }

    /// The account with this id.
    pub(in crate::sim) fn account(&self, id: i32) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    /// The account with this id, to change it.
    pub(in crate::sim) fn account_mut(&mut self, id: i32) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|account| account.id == id)
    }

    /// The market of a contract.
    pub(in crate::sim) fn market(&self, contract: &Contract) -> &Market {
        self.market_at(contract.index)
    }

    /// The market of the contract with this index.
    pub(in crate::sim) fn market_at(&self, index: usize) -> &Market {
        &self.floors[index].market
    }

    /// Every order of which something may still become, by contract and age.
    pub(in crate::sim) fn orders_at_work(&self) -> impl Iterator<Item = &Order> {
        self.working.iter().flatten().filter_map(|id| self.orders.get(id))
    }

    /// The bars of a contract, newest first.
    pub(in crate::sim) fn bars(&self, contract: &Contract, query: BarQuery) -> Vec<Bar> {
        let floor = &self.floors[contract.index];
        let now = self.time.now().seconds();
        query.answer(self.sessions, &floor.history, &floor.bars, now)
    }

    /// Lets `task` happen after some milliseconds, as long as the real gateway takes.
    pub(in crate::sim) fn schedule(&mut self, task: Task, low_micros: i64, high_micros: i64) {
        let micros = self.random.between(low_micros, high_micros).unsigned_abs();
        self.schedule_at(self.time.now().saturating_add(Duration::from_micros(micros)), task);
    }

    pub(super) fn schedule_at(&mut self, due: Timestamp, task: Task) {
        self.next_task += 1;
        self.tasks.insert((due, self.next_task), task);
    }

    /// Does what is due by `until`, oldest first and not all at once, and gives the time of what comes next;
    /// `None` when nothing will.
    pub(in crate::sim) fn advance(&mut self, until: Timestamp) -> Option<Timestamp> {
        for _ in 0..TASKS_AT_ONCE {
            let Some(entry) = self.tasks.first_entry().filter(|entry| entry.key().0 <= until) else { break };
            let ((due, _), task) = entry.remove_entry();
            self.time.reach(due);
            match task {
                Task::Arrive(order_id) => self.arrive(order_id),
                Task::TellRejected(order_id) => self.tell_rejected(order_id),
                Task::SettleLegs(order_id) => self.settle_legs(order_id),
                Task::SettleGuards(account_id, contract) => self.settle_guards(account_id, contract),
                Task::Flatten => self.flatten_all(),
                Task::OpenDay => self.open_day(),
                Task::Move(contract) => self.move_market(contract, due, until),
                Task::ChangeSession => self.change_session(due),
                Task::EndHalt(contract) => self.end_halt(contract),
            }
            self.watch_losses();
        }
        self.tasks.first_key_value().map(|((due, _), _)| *due)
    }

    /// Sees to it that a contract's market moves while it is wanted.
    pub(in crate::sim) fn want_market(&mut self, index: usize) {
        if !self.floors[index].is_moving && self.speed > 0.0 && self.is_wanted(index) {
            self.floors[index].is_moving = true;
            self.schedule_at(self.time.now(), Task::Move(index));
        }
    }

    fn move_market(&mut self, index: usize, due: Timestamp, now: Timestamp) {
        if !self.is_wanted(index) {
            self.floors[index].is_moving = false;
            return;
        }
        // What is later than the machine can make good goes on from now; a stepped time is never late.
        let is_late = !self.time.is_stepped() && due.saturating_add(LATEST) < now;
        if is_late {
            self.skip(now.nanos().saturating_sub(due.nanos()));
        }
        let pause = self.floors[index].market.pause() as f64 / self.speed;
        let from = if is_late { now } else { due };
        self.schedule_at(from.saturating_add(Duration::from_nanos(pause as u64)), Task::Move(index));
        self.step(index, Market::step);
    }

    /// Counts what the machine could not make good, and says so once in a while.
    fn skip(&mut self, nanos: i64) {
        self.skipped += 1;
        let now = self.time.now();
        if now >= self.next_warning {
            self.next_warning = now.saturating_add(WARNING_PAUSE);
            log::warn!(
                "simulator: the markets are {} ms late and leave that time out; {} times so far",
                nanos / 1_000_000,
                self.skipped
            );
        }
    }

    /// Whether the contract trades now, and anybody looks at it or has a stake in it.
    fn is_wanted(&self, index: usize) -> bool {
        if !self.catalog.all()[index].is_active || self.trading_status(index) != TradingStatus::Open {
            return false;
        }
        [Topic::Quotes(index), Topic::MarketTrades(index), Topic::Depth(index)]
            .into_iter()
            .any(|topic| self.subscribers.has(topic))
            || !self.working[index].is_empty()
            || self.accounts.iter().any(|account| account.positions.contains_key(&index))
    }

    /// Lets one thing happen in a market, tells those who listen and fills what it touches.
    pub(in crate::sim) fn step(&mut self, index: usize, happen: impl FnOnce(&mut Market) -> Step) {
        let now = self.now();
        let contract = &self.catalog.all()[index];
        let Floor { market, bars, .. } = &mut self.floors[index];
        let before = market.quote();
        let step = happen(market);
        let after = market.quote();
        // Bars are of the market's own time, whatever the gateway's clock shows.
        let second = self.time.now().seconds();
        for print in &step.prints {
            if let Some(price) = print.price.ticks(contract.product.tick_size) {
                bars.add(second, price, print.volume);
            }
        }
        if !step.prints.is_empty() {
            self.subscribers.publish_all(Topic::MarketTrades(index), || {
                self.recorder.prints(contract, &step.prints, now)
            });
        }
        if step.is_quoted {
            self.subscribers
                .publish(Topic::Quotes(index), || self.recorder.quote(contract, Some(&before), &after, now));
        }
        // A new book comes whole, changes come a few at a time.
        let at_once = if step.begins_anew() { step.depth.len() } else { CHANGES_AT_ONCE };
        for depth in step.depth.chunks(at_once) {
            self.subscribers.publish_all(Topic::Depth(index), || self.recorder.depth(contract, depth, now));
        }
        if !self.working[index].is_empty() {
            self.match_step(index, &step);
        }
        if let Some(duration) = step.halt {
            self.halt(index, duration);
        }
    }

    /// Subscribes a connection. The first quote is full; depth begins with a reset and a snapshot. A
    /// connection that subscribes again gets them again.
    pub(in crate::sim) fn subscribe(&mut self, topic: Topic, outbox: &Arc<Outbox>) {
        self.subscribers.add(topic, outbox);
        if let Topic::Quotes(index) | Topic::MarketTrades(index) | Topic::Depth(index) = topic {
            self.want_market(index);
        }
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
    pub(in crate::sim) fn burst(&mut self, contract: &Contract, count: usize) -> Vec<Arc<Outbox>> {
        for _ in 0..count {
            self.step(contract.index, Market::shift);
        }
        self.subscribers.of(Topic::Quotes(contract.index)).to_vec()
    }

    /// Tells those who listen how an order stands.
    pub(in crate::sim) fn publish_order(&mut self, order_id: i64) {
        self.revision += 1;
        if let Some(order) = self.orders.get(&order_id) {
            self.subscribers.publish(Topic::Orders(order.account_id), || self.recorder.order(order));
        }
    }

    /// Tells those who listen how an account stands; the gateway does so twice.
    pub(in crate::sim) fn publish_account(&mut self, account_id: i32) {
        self.revision += 1;
        if let Some(account) = self.account(account_id) {
            let times = if self.recorder.shape().repeated_events { 2 } else { 1 };
            for _ in 0..times {
                self.subscribers.publish(Topic::Accounts, || self.recorder.account(account));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::config::SimClock;

    fn exchange() -> Exchange {
        let start = Timestamp::parse("2026-11-20T15:00:00Z").unwrap();
        let config = SimConfig { clock: SimClock::Stepped(start), ..SimConfig::default() };
        Exchange::new(&config, Arc::new(Time::new(config.clock)))
    }

    #[test]
    fn an_idle_exchange_has_nothing_to_do() {
        let mut exchange = exchange();
        assert_eq!(exchange.advance(exchange.time.now()), None);
    }

    #[test]
    fn a_market_moves_only_while_somebody_listens() {
        let waiter = crate::net::Waiter::new().unwrap();
        let outbox = Outbox::new(1, waiter.waker());
        let mut exchange = exchange();
        let index = exchange.catalog.front("MES").unwrap().index;
        exchange.subscribe(Topic::Quotes(index), &outbox);
        let due = exchange.advance(exchange.time.now()).unwrap();
        exchange.subscribers.remove_everywhere(&outbox);
        assert_eq!(exchange.advance(due), None);
        assert_eq!(exchange.time.now(), due);
    }
}
