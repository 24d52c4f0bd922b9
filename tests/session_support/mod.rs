//! A client of a simulator, both on the same clock, which only the test moves.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![allow(dead_code, reason = "every test uses a part of it")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tradeforge::sim::{Shape, Sim, SimClock, SimConfig};
use tradeforge::{AccountId, Client, Clock, Config, Error, OrderRequest, Side, Timestamp};

/// Long enough for the slowest machine.
pub const PATIENCE: Duration = Duration::from_secs(30);
pub const MINUTE: Duration = Duration::from_secs(60);
pub const HOUR: Duration = Duration::from_secs(3_600);

pub struct Bench {
    pub sim: Arc<Sim>,
    pub client: Client,
    pub account: AccountId,
    /// Whether the next order sells, so that the position stays small.
    sells: AtomicBool,
}

/// The simulator's time.
struct SimTime(Arc<Sim>);

impl Clock for SimTime {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

impl Bench {
    /// A client that is logged in, with these settings beside those that lead it to the simulator.
    pub fn start(settings: &[(&str, &str)]) -> Bench {
        let bench = Bench::logged_out(Shape::default(), settings);
        bench.client.login(PATIENCE).unwrap();
        bench
    }

    pub fn logged_out(shape: Shape, settings: &[(&str, &str)]) -> Bench {
        let start = Timestamp::parse("2026-11-18T15:00:00Z").unwrap();
        let clock = SimClock::Stepped(start);
        let sim = Sim::start(SimConfig { speed: 0.0, clock, shape, ..SimConfig::default() }).unwrap();
        let sim = Arc::new(sim);
        let mut config = Config::new();
        for (key, value) in sim.settings() {
            config.set(key, &value).unwrap();
        }
        // What a test asks for shall be sent.
        for (key, value) in [("cache_seconds", "0")].iter().chain(settings) {
            config.set(key, value).unwrap();
        }
        let client = Client::with_clock(&config, Arc::new(SimTime(sim.clone()))).unwrap();
        let account = AccountId::new(sim.default_account().into());
        Bench { sim, client, account, sells: AtomicBool::new(false) }
    }

    pub fn step(&self, duration: Duration) {
        self.sim.step(duration).unwrap();
    }

    pub fn query(&self) -> Result<(), Error> {
        self.client.accounts(true, PATIENCE).map(drop)
    }

    pub fn order(&self) -> Result<(), Error> {
        let contract = self.sim.default_contract();
        let side = if self.sells.fetch_xor(true, Ordering::Relaxed) { Side::Sell } else { Side::Buy };
        let order = OrderRequest::market(self.account, (&*contract).into(), side, 1);
        self.client.place(&order, PATIENCE).map(drop)
    }
}
