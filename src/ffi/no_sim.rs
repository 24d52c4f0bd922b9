//! Stands in for the simulator in a build without it: it never starts, so nothing else can be called.
#![expect(dead_code, reason = "what never starts reads none of its settings")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::error::{Error, Kind, Result};
use crate::price::Money;

/// There is none.
pub(super) enum Sim {}

/// As the simulator's own, as far as C can set it.
#[derive(Default)]
pub(super) struct SimConfig {
    pub(super) port: u16,
    pub(super) seed: u64,
    pub(super) speed: f64,
    pub(super) clock: SimClock,
    pub(super) tls: Option<SimTls>,
    pub(super) rate_limit: bool,
    pub(super) shape: Shape,
    pub(super) rules: AccountRules,
    pub(super) halts: bool,
    pub(super) state_file: Option<PathBuf>,
    pub(super) calendar: Calendar,
    pub(super) brackets: BracketMode,
    /// What C cannot set.
    pub(super) others: (),
}

#[derive(Default)]
pub(super) struct SimTls {
    pub(super) ca_file: Option<PathBuf>,
    /// What C cannot set.
    pub(super) others: (),
}

#[derive(Default)]
pub(super) struct Shape(());

impl Shape {
    pub(super) fn set(&mut self, _: &str) -> Result<()> {
        Ok(())
    }
}

#[derive(Default)]
pub(super) struct AccountRules(());

impl AccountRules {
    pub(super) fn set(&mut self, _: &str) -> Result<()> {
        Ok(())
    }
}

#[derive(Default)]
pub(super) enum Calendar {
    #[default]
    AlwaysOpen,
    Cme,
}

#[derive(Default)]
pub(super) enum BracketMode {
    AutoOco,
    #[default]
    Position,
}

#[derive(Default)]
pub(super) enum SimClock {
    #[default]
    System,
    RunningFrom(Timestamp),
    Stepped(Timestamp),
}

/// As the simulator's own.
pub(super) struct SimState {
    pub(super) now: Timestamp,
    pub(super) hub_connections: usize,
    pub(super) orders: usize,
    pub(super) working_orders: usize,
    pub(super) fills: usize,
    pub(super) positions: usize,
    pub(super) skipped_moments: u64,
}

impl Sim {
    pub(super) fn start(_: SimConfig) -> Result<Sim> {
        let message = "this build has no simulator: build the library with the feature `sim`";
        Err(Error::new(Kind::Config, message))
    }
}

macro_rules! never {
    ($($name:ident($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        impl Sim {
            $(pub(super) fn $name(&self, $(_: $type),*) -> $result {
                match *self {}
            })*
        }
    };
}

never! {
    port() -> u16;
    api_url() -> String;
    market_hub_url() -> String;
    user_hub_url() -> String;
    user_name() -> &str;
    api_key() -> &str;
    default_contract() -> String;
    ca_file() -> Option<&Path>;
    ca_certificate() -> Option<&str>;
    default_account() -> i32;
    settings() -> Vec<(&'static str, String)>;
    now() -> Timestamp;
    step(duration: Duration) -> Result<()>;
    inspect() -> SimState;
    set_can_trade(account: i32, can_trade: bool) -> Result<()>;
    set_balance(account: i32, balance: Money) -> Result<()>;
    drop_hub_connections() -> ();
    log_out_hub_clients(message: &str) -> ();
    publish_quotes(contract: &str, count: usize) -> Result<()>;
    flood_quotes(contract: &str, count: usize) -> Result<()>;
    run_script(script: &str) -> Result<Vec<u64>>;
    clear_faults() -> ();
    stop() -> ();
}
