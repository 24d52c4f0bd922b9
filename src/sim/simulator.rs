//! A running simulator.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::clock::{Deadline, Timestamp};
use crate::error::{Error, Kind, Result};
use crate::net::{Listener, Waiter};
use crate::price::Money;
use crate::sim::config::SimConfig;
use crate::sim::exchange::state::{Exchange, TRADING_ACCOUNT};
use crate::sim::faults::{Fault, FaultStrike, script};
use crate::sim::gateway::{API_KEY, APP_ID, APP_PASSWORD, APP_VERIFY_KEY, Gateway, USER_NAME};
use crate::sim::hubs::outbox::{Ending, Outbox};
use crate::sim::market::contract::Contract;
use crate::sim::replay::Replay;
use crate::sim::replay::player::Player;
use crate::sim::replay::survey::Survey;
use crate::sim::server::accept::Server;
use crate::sim::server::door::Door;
use crate::sim::server::identity::Identity;
use crate::sim::state::SimState;
use crate::sim::store::Store;
use crate::sim::time::{END, Time};
use crate::sync::{StopToken, Thread, spawn};

/// Quotes that a burst publishes before it waits for the clients.
const BURST: usize = 1024;
/// How long the simulator waits for a client that takes nothing, or for its own threads.
const PATIENCE: Duration = Duration::from_secs(10);

/// A gateway of its own on 127.0.0.1, with a market and an account to trade on.
///
/// Dropping it closes every connection and waits for the end of its threads.
pub struct Sim {
    gateway: Arc<Gateway>,
    port: u16,
    store: Option<Arc<Store>>,
    threads: Mutex<Vec<Thread>>,
}

impl Sim {
    /// Starts a simulator; it serves clients when this returns.
    ///
    /// # Errors
    /// [`Kind::Argument`] when the clock does not start from 1970 to 2199,
    /// [`Kind::Network`] when the port is taken, [`Kind::State`] when the system is out of threads or
    /// descriptors, [`Kind::File`] when the authority's certificate cannot be written
    /// or the state file cannot be used.
    pub fn start(config: SimConfig) -> Result<Sim> {
        Sim::open(config, None)
    }

    /// Starts a simulator whose hubs send a recording and nothing else: the recorded frames byte for byte, at
    /// the recorded pace or another. It begins half a second after the last subscription of the client that
    /// comes first, and a client gets every frame with an event that it subscribed to. At the end the hubs
    /// stay open and silent. Bars are those of the recorded trades, and orders are refused. What the settings
    /// say of the market, of events and of a state file has no effect.
    ///
    /// # Errors
    /// As [`Sim::start`]; [`Kind::File`] when the file is no recording or is damaged; [`Kind::Argument`] for a
    /// speed out of range.
    pub fn replay(mut config: SimConfig, replay: &Replay) -> Result<Sim> {
        if !(0.0..=1e6).contains(&replay.speed) {
            return Err(Error::new(Kind::Argument, "the speed of a replay is from 0 to 1000000"));
        }
        let survey = Survey::of(&replay.path)?;
        // Frames go out as they came in.
        config.shape.joined_records = false;
        Sim::open(config, Some(Player::new(replay.clone(), survey)?))
    }

    fn open(config: SimConfig, player: Option<Player>) -> Result<Sim> {
        if !Time::may_start(config.clock) {
            return Err(Error::new(Kind::Argument, "the clock of a simulator starts from 1970 to 2199"));
        }
        let waiter = Waiter::new()?;
        let address = SocketAddr::from(([127, 0, 0, 1], config.port));
        let refused = |error| Error::new(Kind::Network, format!("cannot listen on {address}: {error}"));
        let listener = Listener::bind(address, &waiter).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let port = address.port();
        let identity = config.tls.as_ref().map(Identity::new).transpose()?;
        let market_waiter = Waiter::new()?;
        let time = Arc::new(Time::new(config.clock));
        let (store, exchange) = match (&player, &config.state_file) {
            (Some(player), _) => (None, player.survey.exchange(&config, time)),
            (None, None) => (None, Exchange::new(&config, time)),
            (None, Some(path)) => match Store::open(path)? {
                (store, None) => (Some(store), Exchange::new(&config, time)),
                (store, Some(snapshot)) => (Some(store), Exchange::restored(&config, time, snapshot)),
            },
        };
        let store_waiter = store.as_ref().map(|_| Waiter::new()).transpose()?;
        let store_waker = store_waiter.as_ref().map(Waiter::waker);
        let door = Door::new(waiter.waker());
        let wakers = (market_waiter.waker(), store_waker);
        let gateway = Arc::new(Gateway::new(config, identity, exchange, player, wakers, door));

        // Should a thread be refused, dropping this stops those that run.
        let store = store.map(Arc::new);
        let sim = Sim { gateway: gateway.clone(), port, store: store.clone(), threads: Mutex::default() };
        if let (Some(store), Some(waiter)) = (store, store_waiter) {
            store.save(&gateway)?;
            let gateway = gateway.clone();
            sim.threads.lock().push(spawn("tf-sim-store", move || store.run(&gateway, waiter))?);
        }
        let on_stop = waiter.wake_on_stop(&gateway.stop);
        let server = Server { gateway: gateway.clone(), address, waiter, _on_stop: on_stop };
        sim.threads.lock().push(spawn("tf-sim-accept", move || server.run(listener))?);
        sim.threads.lock().push(spawn("tf-sim-market", move || run_market(&gateway, market_waiter))?);
        Ok(sim)
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where REST calls go: `http://127.0.0.1:PORT`, or `https://…` with [`SimConfig::tls`].
    pub fn api_url(&self) -> String {
        let scheme = if self.gateway.identity.is_some() { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    /// Where the market hub is: `http://127.0.0.1:PORT/hubs/market`.
    pub fn market_hub_url(&self) -> String {
        format!("{}/hubs/market", self.api_url())
    }

    /// Where the user hub is: `http://127.0.0.1:PORT/hubs/user`.
    pub fn user_hub_url(&self) -> String {
        format!("{}/hubs/user", self.api_url())
    }

    /// The certificate of the authority that clients must trust, as PEM; `None` without encryption.
    pub fn ca_certificate(&self) -> Option<&str> {
        self.gateway.identity.as_ref().map(|identity| identity.ca_certificate.as_str())
    }

    /// The file that holds [`Sim::ca_certificate`], for `TS_TLS_CA_FILE`; `None` without encryption.
    pub fn ca_file(&self) -> Option<&Path> {
        self.gateway.identity.as_ref().map(|identity| identity.ca_file.path())
    }

    /// The user name that logs in.
    pub fn user_name(&self) -> &str {
        USER_NAME
    }

    /// The key that logs in.
    pub fn api_key(&self) -> &str {
        API_KEY
    }

    /// What `Auth/loginApp` takes beside the user name and any device: password, application id and
    /// verification key.
    pub fn app_credentials(&self) -> (&str, &str, &str) {
        (APP_PASSWORD, APP_ID, APP_VERIFY_KEY)
    }

    /// Refuses every login with this LoginErrorCode, such as 7 (agreements not signed), 9 (no subscription) or
    /// 10 (key logins are off). 0 lets everybody in again.
    pub fn refuse_logins(&self, code: i32) {
        self.gateway.refuse_logins(code);
    }

    /// The id of the front Micro E-mini S&P 500, such as `CON.F.US.MES.Z26`; in a replay the first recorded
    /// contract.
    pub fn default_contract(&self) -> String {
        let recorded = self.gateway.player.iter().flat_map(|player| &player.survey.contracts);
        let chosen = self.gateway.read(|exchange| {
            let mut known = recorded.filter_map(|id| exchange.catalog.by_id(id));
            known.next().or_else(|| exchange.catalog.front("MES")).cloned()
        });
        chosen.map(|contract| contract.id.clone()).unwrap_or_default()
    }

    /// The id of the account that trades; in a replay the first recorded account.
    pub fn default_account(&self) -> i32 {
        self.gateway.read(|exchange| exchange.accounts.first().map_or(TRADING_ACCOUNT, |account| account.id))
    }

    /// What a client must be told to use this simulator: keys of the settings and their values.
    ///
    /// ```
    /// # use tradeforge::{Config, sim::{Sim, SimConfig}};
    /// let sim = Sim::start(SimConfig::default())?;
    /// let mut config = Config::new();
    /// for (key, value) in sim.settings() {
    ///     config.set(key, &value)?;
    /// }
    /// # Ok::<(), tradeforge::Error>(())
    /// ```
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let mut settings = vec![
            ("environment", "DEMO".into()),
            ("api_url", self.api_url()),
            ("market_hub_url", self.market_hub_url()),
            ("user_hub_url", self.user_hub_url()),
            ("user_name", self.user_name().into()),
            ("api_key", self.api_key().into()),
            ("contract", self.default_contract()),
            ("account", self.default_account().to_string()),
        ];
        let ca_file = self.ca_file().map(|path| ("tls_ca_file", path.display().to_string()));
        settings.extend(ca_file);
        if !self.gateway.config.rate_limit {
            settings.extend([("rate_limit", "off".into()), ("rate_limit_bars", "off".into())]);
        }
        settings
    }

    /// What time it is for the simulator.
    pub fn now(&self) -> Timestamp {
        self.gateway.time.now()
    }

    /// Moves a stepped clock forward and lets everything happen that falls into that time, one after the
    /// other, as fast as the clients take it.
    ///
    /// # Errors
    /// [`Kind::State`] when the clock runs by itself; [`Kind::Argument`] when the step leads beyond the year
    /// 2199; [`Kind::Deadline`] when a hub client takes nothing for
    /// ten seconds; [`Kind::Closed`] when the simulator stops first.
    pub fn step(&self, duration: Duration) -> Result<()> {
        step(&self.gateway, duration, || self.settle())
    }

    /// Lets something go wrong, and gives the number of the fault.
    ///
    /// # Errors
    /// [`Kind::Argument`] when the parts of the fault do not go together, or there are more than a thousand.
    pub fn inject(&self, fault: Fault) -> Result<u64> {
        let name = fault.kind().name();
        let refused =
            |error| Error::new(Kind::Argument, format!("the fault {name} is not possible: {error}"));
        let numbers = self.gateway.inject(vec![fault]).map_err(refused)?;
        self.settle()?;
        Ok(numbers.first().copied().unwrap_or_default())
    }

    /// Lets go wrong what a script asks for, which [the faults](super::faults) describe, and gives the numbers
    /// of the faults. Its times count from now.
    ///
    /// # Errors
    /// [`Kind::Argument`] with the line, the step and what is wrong there; nothing of the script happens then.
    pub fn run_script(&self, text: &str) -> Result<Vec<u64>> {
        let refused = |error| Error::new(Kind::Argument, format!("the script is not valid: {error}"));
        let numbers = self.gateway.inject(script::parse(text).map_err(refused)?).map_err(refused)?;
        self.settle()?;
        Ok(numbers)
    }

    /// Ends all faults: what hubs hold back goes out, and the clock is right. Connections that ended stay
    /// ended, and a port that a restart closed opens when it was to open.
    pub fn clear_faults(&self) {
        self.gateway.clear_faults();
    }

    /// The latest thousand strikes of faults, oldest first.
    pub fn fault_strikes(&self) -> Vec<FaultStrike> {
        self.gateway.faults.history()
    }

    /// Closes the port and ends every connection, and comes back once they have ended. After `down_for` of
    /// simulator time the port is open again; accounts, orders and positions are as they were, and tokens are no
    /// longer valid.
    ///
    /// # Errors
    /// [`Kind::Deadline`] when the connections do not end.
    pub fn restart(&self, down_for: Duration) -> Result<()> {
        self.gateway.restart(down_for, false);
        self.settle()
    }

    /// Waits until the port is open or closed as it is to be.
    fn settle(&self) -> Result<()> {
        match self.gateway.door.settle(Deadline::after(PATIENCE)) {
            true => Ok(()),
            false => Err(Error::new(Kind::Deadline, "the port of the simulator is neither open nor closed")),
        }
    }

    /// What has happened so far, in numbers.
    pub fn inspect(&self) -> SimState {
        let hub_connections = self.hub_connections();
        let so_far = self.gateway.hub_connections_so_far();
        self.gateway.read(|exchange| SimState::of(exchange, hub_connections, so_far))
    }

    /// Lets an account trade, or takes that from it, and tells its subscribers. What it holds and its orders
    /// stay. An account that lost too much counts its losses anew.
    ///
    /// # Errors
    /// [`Kind::NotFound`] for an unknown account.
    pub fn set_can_trade(&self, account: i32, can_trade: bool) -> Result<()> {
        self.change_account(account, |exchange| exchange.set_can_trade(account, can_trade))
    }

    /// Gives an account another balance, from which its losses count anew, and tells its subscribers.
    ///
    /// # Errors
    /// [`Kind::NotFound`] for an unknown account.
    pub fn set_balance(&self, account: i32, balance: Money) -> Result<()> {
        self.change_account(account, |exchange| exchange.set_balance(account, balance))
    }

    fn change_account(&self, account: i32, change: impl FnOnce(&mut Exchange) -> bool) -> Result<()> {
        match self.gateway.change(change) {
            true => Ok(()),
            false => Err(Error::new(Kind::NotFound, format!("the simulator has no account {account}"))),
        }
    }

    /// How many hub connections are open.
    pub fn hub_connections(&self) -> usize {
        self.gateway.outboxes().len()
    }

    /// Cuts every hub connection without a word, as a broken line does.
    pub fn drop_hub_connections(&self) {
        for outbox in self.gateway.outboxes() {
            outbox.end(Ending::Dropped);
        }
    }

    /// Sends `GatewayLogout` with `message` to every hub client and closes the connections in order.
    pub fn log_out_hub_clients(&self, message: &str) {
        self.gateway.log_out_hub_clients(message);
    }

    /// Publishes `count` quotes of a contract as fast as its subscribers take them, beside the usual market,
    /// and comes back when all have been handed to the connections.
    ///
    /// # Errors
    /// [`Kind::NotFound`] for an unknown contract; [`Kind::Deadline`] when a client takes nothing for ten
    /// seconds; [`Kind::Closed`] when the simulator stops first.
    pub fn publish_quotes(&self, contract_id: &str, count: usize) -> Result<()> {
        self.burst(contract_id, count, wait_for)
    }

    /// Publishes `count` quotes of a contract without waiting for anybody: a client that falls too far behind
    /// loses its connection.
    ///
    /// # Errors
    /// [`Kind::NotFound`] for an unknown contract; [`Kind::Closed`] when the simulator stops first.
    pub fn flood_quotes(&self, contract_id: &str, count: usize) -> Result<()> {
        self.burst(contract_id, count, |_| Ok(()))
    }

    /// Publishes quotes part by part, so that requests get their turn and a stop ends it.
    fn burst(
        &self,
        contract_id: &str,
        count: usize,
        after_part: impl Fn(&[Arc<Outbox>]) -> Result<()>,
    ) -> Result<()> {
        let contract = self.contract(contract_id)?;
        let mut left = count;
        while left > 0 {
            check_running(&self.gateway)?;
            let part = left.min(BURST);
            let listeners = self.gateway.change(|exchange| exchange.burst(&contract, part));
            after_part(&listeners)?;
            left -= part;
        }
        Ok(())
    }

    fn contract(&self, id: &str) -> Result<Arc<Contract>> {
        let contract = self.gateway.read(|exchange| exchange.catalog.by_id(id).cloned());
        contract.ok_or_else(|| Error::new(Kind::NotFound, format!("the simulator has no contract {id}")))
    }

    /// Writes the state down now; nothing without [`SimConfig::state_file`]. It is also done shortly after
    /// each change and at the end.
    ///
    /// # Errors
    /// [`Kind::File`] when the file cannot be written; the old one stays.
    pub fn save(&self) -> Result<()> {
        self.store.as_ref().map_or(Ok(()), |store| store.save(&self.gateway))
    }

    /// Closes every connection and waits for the end of all threads. Stopping again does nothing.
    pub fn stop(&self) {
        self.gateway.stop.stop();
        // Joined under the lock, so that a second thread that stops waits too.
        let mut threads = self.threads.lock();
        threads.drain(..).for_each(Thread::join);
        if let Err(error) = self.save() {
            log::error!("simulator: {error}");
        }
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.stop();
    }
}

impl std::fmt::Debug for Sim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sim").field("port", &self.port).finish_non_exhaustive()
    }
}

/// Moves a stepped clock forward; `settle` is called after each part of the way.
pub(in crate::sim) fn step(
    gateway: &Gateway,
    duration: Duration,
    settle: impl Fn() -> Result<()>,
) -> Result<()> {
    if !gateway.time.is_stepped() {
        return Err(Error::new(Kind::State, "only a stepped clock can be stepped"));
    }
    let until = gateway.time.now().saturating_add(duration);
    if until > END {
        return Err(Error::new(Kind::Argument, "the time of a simulator ends with the year 2199"));
    }
    while gateway.step(until) {
        check_running(gateway)?;
        wait_for(&gateway.outboxes())?;
        settle()?;
    }
    check_running(gateway)?;
    settle()?;
    let outboxes = gateway.outboxes();
    outboxes.iter().for_each(|outbox| outbox.nudge());
    wait_for(&outboxes)
}

fn check_running(gateway: &Gateway) -> Result<()> {
    match gateway.stop.is_stopped() {
        true => Err(Error::new(Kind::Closed, "the simulator was stopped")),
        false => Ok(()),
    }
}

/// Waits until every client has taken what was published.
fn wait_for(listeners: &[Arc<Outbox>]) -> Result<()> {
    let deadline = Deadline::after(PATIENCE);
    match listeners.iter().all(|listener| listener.wait_until_taken(deadline)) {
        true => Ok(()),
        false => Err(Error::new(Kind::Deadline, "a hub client of the simulator takes no events")),
    }
}

/// Lets the market move and orders fill when their time comes.
fn run_market(gateway: &Gateway, mut waiter: Waiter) {
    let stop: &StopToken = &gateway.stop;
    let _on_stop = waiter.wake_on_stop(stop);
    while !stop.is_stopped() {
        let deadline = gateway.advance().map_or(Deadline::NEVER, |at| {
            Deadline::after(at.saturating_duration_since(std::time::Instant::now()))
        });
        if let Err(error) = waiter.wait(deadline) {
            return log::error!("simulator: the market stands still: {error}");
        }
    }
}
