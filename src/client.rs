//! The client: picks the provider, owns the session, the live connections and every thread.

mod cache;
mod live;
mod market;
mod orders;
mod session;

use std::collections::HashMap;
use std::fmt;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, RwLock};

use crate::clock::{Clock, Deadline, SystemClock};
use crate::config::{Config, Environment};
use crate::contracts;
use crate::error::{Error, Kind, Outcome, Result};
use crate::history;
use crate::ledger::{Bookkeeper, FollowedFeed};
use crate::model::{
    Account, AccountId, Bar, BarProgress, BarRequest, Contract, ContractId, Credentials, Fill, Hub,
    HubTiming, Order, OrderId, Position, Symbol, SymbolTable, TimeRange,
};
use crate::net::{Http, Tls};
use crate::provider::projectx::{self, HubFeed, HubFeedSettings};
use crate::provider::{EventSink, Feed, Gateway, Limits};
use crate::recording::{Header, IfExists, Recorder, Tap};
use crate::secret::Secret;
use crate::session::Session;
#[cfg(feature = "sim")]
use crate::sim::{BracketMode, Sim, SimConfig};
use crate::stream::{Feeds, Registry, Stream, StreamContext, StreamOptions};
use crate::sync::StopToken;
use crate::trading;
use cache::Caches;

/// A connection to a gateway.
///
/// Any thread may use it, and clones are the same client. All calls block until the answer, their deadline or
/// the close. When the last clone is dropped, the client closes.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    _owner: Arc<Owner>,
}

/// Closes the client when its last handle goes, also while streams are still held.
struct Owner(Arc<Shared>);

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.close();
    }
}

struct Shared {
    session: Arc<Session>,
    /// Those of the settings, or what is missing there.
    credentials: Result<Arc<Credentials>>,
    caches: Caches,
    /// How long an order must stay out of sight before it counts as not there.
    resolve_span: Duration,
    registry: Arc<Registry>,
    bookkeeper: Bookkeeper,
    symbols: Arc<SymbolTable>,
    clock: Arc<dyn Clock>,
    tls: Arc<Tls>,
    http: Http,
    stop: StopToken,
    hosts: projectx::Hosts,
    timing: HubTiming,
    market: Mutex<Option<Arc<HubFeed>>>,
    user: Mutex<Option<Arc<HubFeed>>>,
    tap: Arc<Tap>,
    contracts: RwLock<HashMap<ContractId, Contract>>,
    #[cfg(feature = "sim")]
    sim: Mutex<Option<Sim>>,
}

#[cfg(feature = "bench")]
impl Client {
    /// What a connection of this client hands its events to, and the table that names their contracts.
    pub(crate) fn inside(&self) -> (Arc<dyn EventSink>, Arc<SymbolTable>) {
        (self.shared.registry.clone(), self.shared.symbols.clone())
    }
}

impl Client {
    /// A client with these settings. Nothing is sent; with [`Environment::Sim`] the embedded gateway starts.
    ///
    /// # Errors
    /// [`Kind::Config`] when a setting is wrong, [`Kind::State`] when the embedded gateway cannot start.
    pub fn new(config: &Config) -> Result<Client> {
        Client::with_clock(config, Arc::new(SystemClock))
    }

    /// [`Client::new`] with a clock that tells when tokens end, what still counts against the rate limits and
    /// how old a remembered answer is; it also stamps events. For tests, with a stepped simulator's time.
    /// Deadlines are always the machine's.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with_clock(config: &Config, clock: Arc<dyn Clock>) -> Result<Client> {
        let stop = StopToken::new();
        let tls = Arc::new(Tls::new(config.tls_ca_file()));
        let start = Start::of(config)?;
        let http = Http::new(&start.hosts.api_url, tls.clone(), config.patience(), stop.clone())?;
        let limits = Limits::new(config.rate_limits(), clock.clone(), stop.clone());
        let gateway = projectx::Rest::new(http.clone(), Arc::new(limits));
        let urgent = Arc::new(gateway.urgent());
        let session = Arc::new(Session::new(Arc::new(gateway), urgent, clock.clone()));
        let (registry, symbols) = (Arc::<Registry>::default(), Arc::<SymbolTable>::default());
        let bookkeeper = Bookkeeper::new(
            session.clone(),
            symbols.clone(),
            clock.clone(),
            config.hub_timing(),
            registry.clone(),
            stop.clone(),
        );
        let shared = Arc::new(Shared {
            session,
            credentials: start.credentials.map(Arc::new),
            caches: Caches::new(config.cache_lifetime(), &clock),
            registry,
            bookkeeper,
            symbols,
            resolve_span: config.resolve_span(),
            clock,
            tls,
            http,
            stop,
            hosts: start.hosts,
            timing: config.hub_timing(),
            market: Mutex::new(None),
            user: Mutex::new(None),
            tap: Arc::default(),
            contracts: RwLock::default(),
            #[cfg(feature = "sim")]
            sim: Mutex::new(start.sim),
        });
        Ok(Client { _owner: Arc::new(Owner(shared.clone())), shared })
    }

    /// The user's accounts, those that may not trade too unless `only_active`.
    ///
    /// An answer is remembered for 300 s, or as long as the setting `cache_seconds` says: balances may be that
    /// old. Account events and [`Client::clear_caches`] give the present ones.
    ///
    /// # Errors
    /// [`Kind::State`] before the login; else as [`Client::login`].
    pub fn accounts(&self, only_active: bool, deadline: impl Into<Deadline>) -> Result<Vec<Account>> {
        let (deadline, shared) = (deadline.into(), &self.shared);
        shared.check_ready()?;
        shared.caches.accounts.get_or(only_active, || {
            shared.session.query(deadline, |gateway, token| gateway.accounts(token, only_active, deadline))
        })
    }

    /// Active contracts whose name, id or description resembles `text`, twenty at most. `live` asks for the
    /// live data subscription; practice accounts have none and get an empty list. Remembered as
    /// [`Client::accounts`] are, like the other answers about contracts.
    ///
    /// # Errors
    /// As [`Client::accounts`].
    pub fn search_contracts(
        &self,
        text: &str,
        live: bool,
        deadline: impl Into<Deadline>,
    ) -> Result<Vec<Contract>> {
        let (deadline, shared) = (deadline.into(), &self.shared);
        shared.check_ready()?;
        let found = shared.caches.searches.get_or((text.to_owned(), live), || {
            let ask =
                |gateway: &dyn Gateway, token: &Secret| gateway.search_contracts(token, text, live, deadline);
            shared.session.query(deadline, ask)
        })?;
        shared.remember(&found);
        Ok(found)
    }

    /// All active contracts. `live` as in [`Client::search_contracts`].
    ///
    /// # Errors
    /// As [`Client::accounts`].
    pub fn available_contracts(&self, live: bool, deadline: impl Into<Deadline>) -> Result<Vec<Contract>> {
        let (deadline, shared) = (deadline.into(), &self.shared);
        shared.check_ready()?;
        let found = shared.caches.available.get_or(live, || {
            shared
                .session
                .query(deadline, |gateway, token| gateway.available_contracts(token, live, deadline))
        })?;
        shared.remember(&found);
        Ok(found)
    }

    /// One contract by its id, expired ones included.
    ///
    /// # Errors
    /// [`Kind::NotFound`] for an unknown id; else as [`Client::accounts`].
    pub fn contract(&self, id: &ContractId, deadline: impl Into<Deadline>) -> Result<Contract> {
        let (deadline, shared) = (deadline.into(), &self.shared);
        shared.check_ready()?;
        let found = shared.caches.contracts.get_or(id.clone(), || {
            shared.session.query(deadline, |gateway, token| gateway.contract(token, id, deadline))
        })?;
        shared.remember(std::slice::from_ref(&found));
        Ok(found)
    }

    /// The contract that a symbol means: a name (`MESM6`, `MESM26`), an id, or a product by the exchange's root
    /// (`NQ`, `/NQ`), the gateway's code (`ENQ`) or its id (`F.US.ENQ`), in any case. A product means its
    /// front month: what the gateway lists as active, and from a fixed number of days before its last day
    /// on the next month, if the gateway says that it trades. `docs/CONTRACTS.md` has the products and days.
    /// `live` as in [`Client::search_contracts`].
    ///
    /// # Errors
    /// [`Kind::NotFound`] when there is none, [`Kind::Argument`] for what is no symbol or may mean several;
    /// the message lists the candidates. Else as [`Client::accounts`].
    pub fn contract_by_symbol(
        &self,
        symbol: &str,
        live: bool,
        deadline: impl Into<Deadline>,
    ) -> Result<Contract> {
        let now = self.shared.clock.now();
        let found = contracts::find(&self.shared.session, symbol, live, now, deadline.into())?;
        self.shared.remember(std::slice::from_ref(&found));
        Ok(found)
    }

    /// The orders that are not final, oldest first: working, pending, and the suspended legs of brackets.
    ///
    /// # Errors
    /// As [`Client::accounts`].
    pub fn open_orders(&self, account: AccountId, deadline: impl Into<Deadline>) -> Result<Vec<Order>> {
        let deadline = deadline.into();
        let shared = &self.shared;
        let found =
            shared.session.query(deadline, |gateway, token| gateway.open_orders(token, account, deadline))?;
        for order in &found {
            shared.caches.order_contracts.remember(order.id, &order.contract);
        }
        Ok(found)
    }

    /// The fills since a time, or of a range such as `from..until`, oldest first.
    ///
    /// # Errors
    /// [`Kind::Argument`] for an empty range; else as [`Client::accounts`].
    pub fn fills(
        &self,
        account: AccountId,
        range: impl Into<TimeRange>,
        deadline: impl Into<Deadline>,
    ) -> Result<Vec<Fill>> {
        let (range, deadline) = (range.into(), deadline.into());
        self.shared.session.query(deadline, |gateway, token| gateway.fills(token, account, range, deadline))
    }

    /// One order by its id.
    ///
    /// # Errors
    /// [`Kind::NotFound`] for an id that the account does not have; else as [`Client::accounts`].
    pub fn order(&self, account: AccountId, id: OrderId, deadline: impl Into<Deadline>) -> Result<Order> {
        let deadline = deadline.into();
        self.shared.session.query(deadline, |gateway, token| gateway.order(token, account, id, deadline))
    }

    /// The orders made since a time, or in a range such as `from..until`, oldest first. The gateway leaves out
    /// those that are pending or suspended; [`Client::open_orders`] and [`Client::order_page`] have them.
    ///
    /// # Errors
    /// [`Kind::Argument`] for an empty range; else as [`Client::accounts`].
    pub fn orders(
        &self,
        account: AccountId,
        range: impl Into<TimeRange>,
        deadline: impl Into<Deadline>,
    ) -> Result<Vec<Order>> {
        let (range, deadline) = (range.into(), deadline.into());
        self.shared.session.query(deadline, |gateway, token| gateway.orders(token, account, range, deadline))
    }

    /// The order with this client tag, one that was not rejected before others, made within the last `window` (and two hours, as clocks differ); `None` when there is none now. A
    /// request that is still on its way may arrive later: ask again before counting on `None`.
    ///
    /// # Errors
    /// As [`Client::accounts`].
    pub fn order_by_tag(
        &self,
        account: AccountId,
        tag: &str,
        window: Duration,
        deadline: impl Into<Deadline>,
    ) -> Result<Option<Order>> {
        let since = self.shared.clock.now().saturating_sub(window).saturating_sub(trading::SKEW);
        let orders = self.orders(account, since, deadline)?;
        Ok(trading::tagged(orders, tag))
    }

    /// The open positions of an account.
    ///
    /// # Errors
    /// As [`Client::accounts`].
    pub fn positions(&self, account: AccountId, deadline: impl Into<Deadline>) -> Result<Vec<Position>> {
        let deadline = deadline.into();
        self.shared.session.query(deadline, |gateway, token| gateway.positions(token, account, deadline))
    }

    /// Closes the position in a contract with a market order, sent once. Working orders stay.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when there is no position; [`Error::outcome`] tells what became of the request.
    pub fn close_position(
        &self,
        account: AccountId,
        contract: &ContractId,
        deadline: impl Into<Deadline>,
    ) -> Result<()> {
        let deadline = deadline.into();
        self.shared.session.mutate_urgently(deadline, |gateway, token| {
            gateway.close_position(token, account, contract, deadline)
        })
    }

    /// Closes `size` contracts of a position with a market order, sent once. Working orders stay.
    ///
    /// # Errors
    /// [`Kind::Rejected`] when the size is below one or more than the position; else as
    /// [`Client::close_position`].
    pub fn reduce_position(
        &self,
        account: AccountId,
        contract: &ContractId,
        size: i32,
        deadline: impl Into<Deadline>,
    ) -> Result<()> {
        let deadline = deadline.into();
        self.shared.session.mutate_urgently(deadline, |gateway, token| {
            gateway.reduce_position(token, account, contract, size, deadline)
        })
    }

    /// The bars of a range, oldest first, each once. A long range takes several requests.
    ///
    /// # Errors
    /// As [`Client::bars_with`].
    pub fn bars(&self, request: &BarRequest, deadline: impl Into<Deadline>) -> Result<Vec<Bar>> {
        self.bars_with(request, deadline, |_| ControlFlow::Continue(()))
    }

    /// [`Client::bars`], which tells `progress` about every page that comes. Pages go backwards in time. When
    /// it breaks, what has come until then is the result: the latest bars of the range, without a gap.
    ///
    /// # Errors
    /// [`Kind::Argument`] when the range is empty, length or limit are below one, or more than ten million
    /// bars would come; [`Kind::NotFound`] for an unknown contract; [`Kind::Rejected`] when the gateway has no
    /// bars of this length; else as [`Client::accounts`]. When it fails after the first page, the message
    /// tells how far it got. The deadline holds for all pages together.
    pub fn bars_with(
        &self,
        request: &BarRequest,
        deadline: impl Into<Deadline>,
        progress: impl FnMut(&BarProgress<'_>) -> ControlFlow<()>,
    ) -> Result<Vec<Bar>> {
        history::bars(&self.shared.session, request, deadline.into(), progress)
    }

    /// Closes every open position of an account, each as [`Client::close_position`]; gives how many.
    ///
    /// # Errors
    /// The first failure, one of unknown outcome before all others; the other positions are closed all the same.
    pub fn flatten(&self, account: AccountId, deadline: impl Into<Deadline>) -> Result<usize> {
        trading::flatten(&self.shared.session, account, deadline.into())
    }

    /// A stream without subscriptions.
    ///
    /// # Errors
    /// [`Kind::Argument`] for a capacity out of range, [`Kind::Closed`].
    pub fn stream(&self, options: &StreamOptions) -> Result<Stream> {
        self.shared.check_open()?;
        let context = StreamContext {
            registry: self.shared.registry.clone(),
            feeds: self.shared.clone(),
            symbols: self.shared.symbols.clone(),
            clock: self.shared.clock.clone(),
        };
        Stream::new(context, options)
    }

    /// Records from now on what both hub connections receive and send, byte for byte, until the recorder is
    /// stopped or dropped. Begin before the first subscription to have a connection whole. The disk never
    /// delays the connections: when it is full or too slow, the recording ends and [`Recorder::stop`] tells
    /// what is missing. The format is described in [`recording`](crate::recording).
    ///
    /// # Errors
    /// [`Kind::File`] when the file is there and must stay, or cannot be written; [`Kind::State`] when this
    /// client is being recorded already; [`Kind::Closed`].
    pub fn record_to(&self, path: impl AsRef<Path>, if_exists: IfExists) -> Result<Recorder> {
        self.shared.check_open()?;
        let hosts = &self.shared.hosts;
        let header = Header::new(self.shared.clock.now(), &hosts.market_hub_url, &hosts.user_hub_url);
        Recorder::start(self.shared.tap.clone(), path.as_ref(), if_exists, &header)
    }

    /// The text of a symbol in an event of this client.
    pub fn symbol(&self, symbol: Symbol) -> Option<Arc<str>> {
        self.shared.symbols.text(symbol)
    }

    /// The symbol of a text, such as a contract id.
    pub fn symbol_of(&self, text: &str) -> Symbol {
        self.shared.symbols.intern(text)
    }

    /// Ends every call that is under way, both connections and all streams, and waits for the threads. What
    /// is queued can still be polled. Later calls fail with [`Kind::Closed`]. Closing again does nothing.
    pub fn close(&self) {
        self.shared.close();
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("hosts", &self.shared.hosts).finish_non_exhaustive()
    }
}

/// What the settings lead to.
struct Start {
    hosts: projectx::Hosts,
    /// Or what is missing; a client that logs in as an application needs none.
    credentials: Result<Credentials>,
    #[cfg(feature = "sim")]
    sim: Option<Sim>,
}

impl Start {
    fn of(config: &Config) -> Result<Start> {
        if config.environment() == Environment::Sim {
            return Start::embedded(config);
        }
        config.check_encryption()?;
        let defaults = projectx::hosts(config.firm(), config.environment());
        let or_default = |set: Option<&str>, default: String| set.map_or(default, str::to_owned);
        let key = |(user_name, api_key): (&str, &Secret)| Credentials::Key {
            user_name: user_name.to_owned(),
            api_key: api_key.clone(),
        };
        Ok(Start {
            hosts: projectx::Hosts {
                api_url: or_default(config.api_url(), defaults.api_url),
                market_hub_url: or_default(config.market_hub_url(), defaults.market_hub_url),
                user_hub_url: or_default(config.user_hub_url(), defaults.user_hub_url),
            },
            credentials: config.credentials().map(key),
            #[cfg(feature = "sim")]
            sim: None,
        })
    }

    #[cfg(feature = "sim")]
    fn embedded(config: &Config) -> Result<Start> {
        let sim = Sim::start(SimConfig {
            seed: config.sim_seed(),
            speed: config.sim_speed(),
            state_file: config.sim_state(),
            brackets: match config.sim_auto_oco() {
                true => BracketMode::AutoOco,
                false => BracketMode::default(),
            },
            ..SimConfig::default()
        })?;
        Ok(Start {
            hosts: projectx::Hosts {
                api_url: sim.api_url(),
                market_hub_url: sim.market_hub_url(),
                user_hub_url: sim.user_hub_url(),
            },
            credentials: Ok(Credentials::Key {
                user_name: sim.user_name().to_owned(),
                api_key: Secret::new(sim.api_key()),
            }),
            sim: Some(sim),
        })
    }

    #[cfg(not(feature = "sim"))]
    fn embedded(_: &Config) -> Result<Start> {
        Err(Error::new(
            Kind::Config,
            "this build has no embedded gateway: build with the feature `sim`, or set TS_ENVIRONMENT to DEMO or LIVE",
        ))
    }
}

impl Shared {
    fn check_open(&self) -> Result<()> {
        if self.stop.is_stopped() {
            return Err(Error::new(Kind::Closed, "the client is closed").with_outcome(Outcome::NotSent));
        }
        Ok(())
    }

    /// Whether a remembered answer may be given: as a call that asks would go.
    fn check_ready(&self) -> Result<()> {
        self.check_open().map_err(|error| error.with_outcome(Outcome::Query))?;
        self.session.check_logged_in()
    }

    fn remember(&self, found: &[Contract]) {
        let mut contracts = self.contracts.write();
        for contract in found {
            contracts.insert(contract.id.clone(), contract.clone());
        }
    }

    fn slot(&self, hub: Hub) -> &Mutex<Option<Arc<HubFeed>>> {
        match hub {
            Hub::Market => &self.market,
            Hub::User => &self.user,
        }
    }

    /// A connection as streams use it: the ledger knows what of the user is followed.
    fn followed(&self, hub: Hub, feed: &Arc<HubFeed>) -> Arc<dyn Feed> {
        match hub {
            Hub::Market => feed.clone(),
            Hub::User => Arc::new(FollowedFeed::new(feed.clone(), self.bookkeeper.clone())),
        }
    }

    fn close(&self) {
        self.stop.stop();
        self.http.close();
        for hub in [Hub::Market, Hub::User] {
            // Joined under the lock, so that a second thread that closes waits too.
            let mut slot = self.slot(hub).lock();
            if let Some(feed) = slot.take() {
                feed.join();
            }
        }
        self.bookkeeper.join();
        self.registry.close();
        #[cfg(feature = "sim")]
        drop(self.sim.lock().take());
    }
}

impl Feeds for Shared {
    fn feed(&self, hub: Hub) -> Result<Arc<dyn Feed>> {
        let mut slot = self.slot(hub).lock();
        self.check_open()?;
        if let Some(feed) = &*slot {
            return Ok(self.followed(hub, feed));
        }
        self.session.check_logged_in()?;
        let url = match hub {
            Hub::Market => &self.hosts.market_hub_url,
            Hub::User => &self.hosts.user_hub_url,
        };
        let feed = Arc::new(HubFeed::start(HubFeedSettings {
            hub,
            url: url.clone(),
            tls: self.tls.clone(),
            tokens: self.session.clone(),
            clock: self.clock.clone(),
            timing: self.timing.clone(),
            symbols: self.symbols.clone(),
            sink: match hub {
                Hub::Market => self.registry.clone() as Arc<dyn EventSink>,
                Hub::User => Arc::new(self.bookkeeper.clone()),
            },
            tap: self.tap.clone(),
            stop: self.stop.clone(),
        })?);
        *slot = Some(feed.clone());
        Ok(self.followed(hub, &feed))
    }
}
