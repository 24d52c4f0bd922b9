//! What all connections of a simulator share.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::clock::Timestamp;
use crate::net::Waker;
use crate::sim::config::SimConfig;
use crate::sim::exchange::state::Exchange;
use crate::sim::faults::line::Line;
use crate::sim::faults::plan::Plan;
use crate::sim::hubs::invocation::Invocation;
use crate::sim::hubs::outbox::{Ending, Outbox};
use crate::sim::hubs::records::Recorder;
use crate::sim::replay::player::Player;
use crate::sim::server::door::Door;
use crate::sim::server::http::Request;
use crate::sim::server::identity::Identity;
use crate::sim::server::keys::{Claims, Keys, TokenError};
use crate::sim::server::limits::{Limits, Window};
use crate::sim::time::Time;
use crate::sim::wire::json::Style;
use crate::sync::StopToken;

/// Login name that the simulator accepts, in any case.
pub(in crate::sim) const USER_NAME: &str = "sim-trader";
/// Key that belongs to it.
pub(in crate::sim) const API_KEY: &str = "tradeforge-simulator-key";
/// What a firm's own programs log in with.
pub(in crate::sim) const APP_PASSWORD: &str = "tradeforge-simulator-password";
/// Id of the one such program.
pub(in crate::sim) const APP_ID: &str = "5f1c9d1e-7a54-4a0e-9d0b-2f6a1c3e8b40";
/// Key that belongs to it.
pub(in crate::sim) const APP_VERIFY_KEY: &str = "tradeforge-simulator-verify-key";

/// How long a negotiated connection may take to be opened.
const NEGOTIATION: Duration = Duration::from_secs(60);
/// Most negotiated connections that wait to be opened.
const MAX_NEGOTIATIONS: usize = 1024;

/// One of the two hubs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hub {
    /// Accounts, orders, positions and fills.
    User,
    /// Quotes, trades and depth.
    Market,
}

impl Hub {
    /// The name in its path: `user` or `market`.
    pub fn name(self) -> &'static str {
        match self {
            Hub::User => "user",
            Hub::Market => "market",
        }
    }
}

/// The state that all connections share.
pub(in crate::sim) struct Gateway {
    pub(in crate::sim) config: SimConfig,
    pub(in crate::sim) keys: Keys,
    /// Who it is to clients that encrypt; without one the port is plain.
    pub(in crate::sim) identity: Option<Identity>,
    pub(in crate::sim) stop: StopToken,
    pub(in crate::sim) recorder: Recorder,
    pub(in crate::sim) time: Arc<Time>,
    pub(in crate::sim) faults: Arc<Plan>,
    pub(in crate::sim) door: Door,
    /// What is played in the place of a market; none where the market moves by itself.
    pub(in crate::sim) player: Option<Player>,
    exchange: Mutex<Exchange>,
    /// Wakes the thread that lets the market move.
    market_waker: Waker,
    /// Wakes the thread that keeps the state, if it is kept.
    store_waker: Option<Waker>,
    limits: Mutex<Limits>,
    negotiations: Mutex<HashMap<String, (Hub, Instant)>>,
    outboxes: Mutex<HashMap<u64, Arc<Outbox>>>,
    next_outbox: AtomicU64,
    login_refusal: AtomicI32,
}

impl Gateway {
    /// A gateway without connections.
    pub(in crate::sim) fn new(
        config: SimConfig,
        identity: Option<Identity>,
        exchange: Exchange,
        player: Option<Player>,
        (market_waker, store_waker): (Waker, Option<Waker>),
        door: Door,
    ) -> Gateway {
        let time = exchange.time.clone();
        Gateway {
            faults: Arc::new(Plan::new(config.seed, time.clone())),
            door,
            time,
            keys: Keys::new(),
            identity,
            stop: StopToken::new(),
            recorder: Recorder::new(&config),
            player,
            exchange: Mutex::new(exchange),
            market_waker,
            store_waker,
            limits: Mutex::default(),
            negotiations: Mutex::default(),
            outboxes: Mutex::default(),
            next_outbox: AtomicU64::new(1),
            login_refusal: AtomicI32::new(0),
            config,
        }
    }

    /// Looks something up in the exchange.
    pub(in crate::sim) fn read<T>(&self, read: impl FnOnce(&Exchange) -> T) -> T {
        read(&self.exchange.lock())
    }

    /// Changes something in the exchange, and lets the market's thread see what is due next.
    pub(in crate::sim) fn change<T>(&self, change: impl FnOnce(&mut Exchange) -> T) -> T {
        let result = self.act(change);
        self.market_waker.wake();
        result
    }

    /// Does something under the lock and lets what changed be kept.
    fn act<T>(&self, act: impl FnOnce(&mut Exchange) -> T) -> T {
        let mut exchange = self.exchange.lock();
        let before = exchange.revision;
        let result = act(&mut exchange);
        let has_changed = exchange.revision != before;
        drop(exchange);
        if let Some(waker) = self.store_waker.as_ref().filter(|_| has_changed) {
            waker.wake();
        }
        result
    }

    /// Lets happen what is due, some of it at a time, and gives the moment of what comes next. A stepped time
    /// brings nothing by itself.
    pub(in crate::sim) fn advance(&self) -> Option<Instant> {
        if self.time.is_stepped() {
            return None;
        }
        self.strike_due();
        let next = self.act(|exchange| self.play(exchange, self.time.now()));
        let next = next.into_iter().chain(self.faults.next_timer()).min();
        next.and_then(|due| self.time.instant_of(due))
    }

    /// Lets the market move, or the recording that stands for it; gives the time of what comes next.
    fn play(&self, exchange: &mut Exchange, until: Timestamp) -> Option<Timestamp> {
        match &self.player {
            Some(player) => player.advance(until),
            None => exchange.advance(until),
        }
    }

    /// Lets the market's thread see what is due next.
    pub(in crate::sim) fn wake_market(&self) {
        self.market_waker.wake();
    }

    /// Lets happen what is due by `until`, some of it at a time; false once all of it has happened.
    pub(in crate::sim) fn step(&self, until: Timestamp) -> bool {
        let timer = self.faults.next_timer().filter(|timer| *timer <= until);
        let part = timer.unwrap_or(until);
        // The time moves under the lock: what comes meanwhile is done before or after, and never overdue.
        let has_more = self.act(|exchange| {
            let has_more = self.play(exchange, part).is_some_and(|due| due <= part);
            if !has_more {
                self.time.reach(part);
            }
            has_more
        });
        if has_more {
            return true;
        }
        self.strike_due();
        timer.is_some()
    }

    /// Lets a hub client subscribe to what a replay sends; the error is what it is told.
    pub(in crate::sim) fn obey_in_replay(
        &self,
        player: &Player,
        hub: Hub,
        call: &Invocation<'_>,
        outbox: &Arc<Outbox>,
        confirm: impl FnOnce(),
    ) -> Result<(), String> {
        let result = player.obey(hub, call, outbox, self.time.now(), confirm);
        self.market_waker.wake();
        result
    }

    /// How REST spells things.
    pub(in crate::sim) fn style(&self) -> Style {
        Style::rest(self.config.shape)
    }

    /// A new token.
    pub(in crate::sim) fn issue_token(&self) -> String {
        self.keys.issue(USER_NAME, self.time.stamp())
    }

    /// The LoginErrorCode that keeps everybody out; 0 when nothing does.
    pub(in crate::sim) fn login_refusal(&self) -> i32 {
        self.login_refusal.load(Ordering::Relaxed)
    }

    /// Keeps everybody out, or nobody with 0.
    pub(in crate::sim) fn refuse_logins(&self, code: i32) {
        self.login_refusal.store(code, Ordering::Relaxed);
    }

    /// Tells every hub client to leave and closes the connections in order.
    pub(in crate::sim) fn log_out_hub_clients(&self, message: &str) {
        for outbox in self.outboxes() {
            outbox.push(self.recorder.logout(message));
            outbox.end(Ending::Closed);
        }
    }

    /// Makes a token invalid.
    pub(in crate::sim) fn revoke_token(&self, claims: &Claims) {
        self.keys.revoke(claims, self.time.stamp());
    }

    /// What the request's token says. It may stand in the `Authorization` header, and where `in_query` in
    /// the query.
    pub(in crate::sim) fn authenticate(
        &self,
        request: &Request,
        in_query: bool,
    ) -> Result<Claims, TokenError> {
        let in_header = request.bearer().map(str::to_owned);
        let token = match in_header {
            None if in_query => request.query("access_token").filter(|token| !token.is_empty()),
            other => other,
        };
        self.keys.check(&token.ok_or(TokenError::Missing)?, self.time.stamp())
    }

    /// Counts a request; when it is one too many, how long to wait.
    pub(in crate::sim) fn admit(&self, window: Window, key: &str) -> Result<(), Duration> {
        match self.config.rate_limit {
            true => self.limits.lock().admit(window, key, self.time.now()),
            false => Ok(()),
        }
    }

    /// Expects a connection to `hub` and gives the id that it will show.
    pub(in crate::sim) fn expect_connection(&self, hub: Hub) -> String {
        let id = self.keys.id();
        let now = Instant::now();
        let mut negotiations = self.negotiations.lock();
        negotiations.retain(|_, (_, made)| now.duration_since(*made) < NEGOTIATION);
        if negotiations.len() < MAX_NEGOTIATIONS {
            negotiations.insert(id.clone(), (hub, now));
        }
        id
    }

    /// Whether a connection with this id is expected; each id opens one.
    pub(in crate::sim) fn take_expected(&self, hub: Hub, id: &str) -> bool {
        let mut negotiations = self.negotiations.lock();
        let is_expected =
            negotiations.get(id).is_some_and(|(known, made)| *known == hub && made.elapsed() < NEGOTIATION);
        if is_expected {
            negotiations.remove(id);
        }
        is_expected
    }

    /// Forgets the connections that are expected.
    pub(in crate::sim) fn forget_negotiations(&self) {
        self.negotiations.lock().clear();
    }

    /// A new hub connection.
    pub(in crate::sim) fn open_outbox(&self, hub: Hub, waker: Waker) -> Arc<Outbox> {
        let id = self.next_outbox.fetch_add(1, Ordering::Relaxed);
        let line = Line::new(hub, id, self.faults.clone(), self.time.clone(), self.recorder);
        let outbox = Outbox::of_line(id, waker, line);
        let mut outboxes = self.outboxes.lock();
        if self.config.shape.connection_displaces {
            let same = |other: &&Arc<Outbox>| other.line().is_some_and(|line| line.hub == hub);
            for other in outboxes.values().filter(same) {
                other.push(self.recorder.logout("Another connection was opened."));
                other.end(Ending::Closed);
            }
        }
        outboxes.insert(outbox.id, outbox.clone());
        drop(outboxes);
        outbox
    }

    /// How many hub connections there were, those that have ended too.
    pub(in crate::sim) fn hub_connections_so_far(&self) -> u64 {
        self.next_outbox.load(Ordering::Relaxed) - 1
    }

    /// Forgets a hub connection and its subscriptions.
    pub(in crate::sim) fn close_outbox(&self, outbox: &Outbox) {
        self.outboxes.lock().remove(&outbox.id);
        self.change(|exchange| exchange.subscribers.remove_everywhere(outbox));
        if let Some(player) = &self.player {
            player.leave(outbox);
        }
        outbox.end(Ending::Dropped);
    }

    /// All hub connections.
    pub(in crate::sim) fn outboxes(&self) -> Vec<Arc<Outbox>> {
        self.outboxes.lock().values().cloned().collect()
    }
}
