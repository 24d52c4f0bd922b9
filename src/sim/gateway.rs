//! What all connections of a simulator share.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::config::SimConfig;
use super::exchange::Exchange;
use super::http::Request;
use super::json::Style;
use super::keys::{Claims, Keys, TokenError};
use super::limits::Limits;
use super::outbox::{Ending, Outbox};
use super::records::Recorder;
use crate::clock::Clock;
use crate::net::Waker;
use crate::sync::StopToken;

/// Login name that the simulator accepts, in any case.
pub(super) const USER_NAME: &str = "sim-trader";
/// Key that belongs to it.
pub(super) const API_KEY: &str = "tradeforge-simulator-key";

/// How long a negotiated connection may take to be opened.
const NEGOTIATION: Duration = Duration::from_secs(60);
/// Most negotiated connections that wait to be opened.
const MAX_NEGOTIATIONS: usize = 1024;

/// One of the two hubs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hub {
    User,
    Market,
}

/// The state that all connections share.
pub(super) struct Gateway {
    pub(super) config: SimConfig,
    pub(super) keys: Keys,
    pub(super) stop: StopToken,
    pub(super) recorder: Recorder,
    clock: Arc<dyn Clock>,
    exchange: Mutex<Exchange>,
    /// Wakes the thread that lets the market move.
    market_waker: Waker,
    limits: Mutex<Limits>,
    negotiations: Mutex<HashMap<String, (Hub, Instant)>>,
    outboxes: Mutex<HashMap<u64, Arc<Outbox>>>,
    next_outbox: AtomicU64,
}

impl Gateway {
    /// A gateway without connections.
    pub(super) fn new(config: SimConfig, clock: Arc<dyn Clock>, market_waker: Waker) -> Gateway {
        Gateway {
            keys: Keys::new(),
            stop: StopToken::new(),
            recorder: Recorder::new(&config),
            exchange: Mutex::new(Exchange::new(&config, clock.clone())),
            market_waker,
            limits: Mutex::default(),
            negotiations: Mutex::default(),
            outboxes: Mutex::default(),
            next_outbox: AtomicU64::new(1),
            clock,
            config,
        }
    }

    /// Looks something up in the exchange.
    pub(super) fn read<T>(&self, read: impl FnOnce(&Exchange) -> T) -> T {
        read(&self.exchange.lock())
    }

    /// Changes something in the exchange, and lets the market's thread see what is due next.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Exchange) -> T) -> T {
        let result = change(&mut self.exchange.lock());
        self.market_waker.wake();
        result
    }

    /// Lets everything happen that is due and gives the time of what comes next.
    pub(super) fn advance(&self) -> Option<Instant> {
        self.exchange.lock().advance()
    }

    /// How REST spells things.
    pub(super) fn style(&self) -> Style {
        Style::rest(self.config.decimals)
    }

    /// A new token.
    pub(super) fn issue_token(&self) -> String {
        self.keys.issue(USER_NAME, self.clock.now())
    }

    /// Makes a token invalid.
    pub(super) fn revoke_token(&self, claims: &Claims) {
        self.keys.revoke(claims, self.clock.now());
    }

    /// What the request's token says. It may stand in the `Authorization` header, and where `in_query` in
    /// the query.
    pub(super) fn authenticate(&self, request: &Request, in_query: bool) -> Result<Claims, TokenError> {
        let in_header = request.bearer().map(str::to_owned);
        let token = match in_header {
            None if in_query => request.query("access_token").filter(|token| !token.is_empty()),
            other => other,
        };
        self.keys.check(&token.ok_or(TokenError::Missing)?, self.clock.now())
    }

    /// Counts a request; when it is one too many, how long to wait.
    pub(super) fn admit(&self, key: &str) -> Result<(), Duration> {
        match self.config.rate_limit {
            true => self.limits.lock().admit(key, Instant::now()),
            false => Ok(()),
        }
    }

    /// Expects a connection to `hub` and gives the id that it will show.
    pub(super) fn expect_connection(&self, hub: Hub) -> String {
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
    pub(super) fn take_expected(&self, hub: Hub, id: &str) -> bool {
        let mut negotiations = self.negotiations.lock();
        let is_expected =
            negotiations.get(id).is_some_and(|(known, made)| *known == hub && made.elapsed() < NEGOTIATION);
        if is_expected {
            negotiations.remove(id);
        }
        is_expected
    }

    /// A new hub connection.
    pub(super) fn open_outbox(&self, waker: Waker) -> Arc<Outbox> {
        let outbox = Outbox::new(self.next_outbox.fetch_add(1, Ordering::Relaxed), waker);
        self.outboxes.lock().insert(outbox.id, outbox.clone());
        outbox
    }

    /// Forgets a hub connection and its subscriptions.
    pub(super) fn close_outbox(&self, outbox: &Outbox) {
        self.outboxes.lock().remove(&outbox.id);
        self.change(|exchange| exchange.subscribers.remove_everywhere(outbox));
        outbox.end(Ending::Dropped);
    }

    /// All hub connections.
    pub(super) fn outboxes(&self) -> Vec<Arc<Outbox>> {
        self.outboxes.lock().values().cloned().collect()
    }
}
