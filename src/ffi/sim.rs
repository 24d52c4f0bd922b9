//! # 15. Simulator
//!
//! The embedded gateway as an object of its own, for tests and paper trading: start one, lead a
//! configuration to it with tf_config_use_sim(), and make clients from that. With TF_SIM_CLOCK_STEPPED nothing
//! moves until tf_sim_step(), and the same seed and calls give the same events. A library that was built
//! without the simulator answers tf_sim_start() with ERR_CONFIG. Threads: any, for all of them.

use std::ffi::{CString, c_char};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::config::tf_config;
use super::error::tf_error;
use super::guard::{Checked, Out, destroy, guard, guard_value, new_handle, object, optional_string, string};
use super::handle::{Handled, handled};
#[cfg(not(feature = "sim"))]
use super::no_sim::{AccountRules, BracketMode, Calendar, Shape, Sim, SimClock, SimConfig, SimTls};
use super::sized::{self, Sized32};
use super::status::tf_status;
use super::text::to_c;
use crate::clock::Timestamp;
use crate::error::{Error, Kind};
use crate::price::Money;
#[cfg(feature = "sim")]
use crate::sim::{AccountRules, BracketMode, Calendar, Shape, Sim, SimClock, SimConfig, SimTls};

/// Where a simulator takes its time from.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum tf_sim_clock {
    /// The time of day.
    System = 0,
    /// It starts at start_ns and runs as fast as the time of day.
    RunningFrom = 1,
    /// It starts at start_ns and stands still until tf_sim_step() moves it.
    Stepped = 2,
}

/// How a simulator shall be. Start from tf_sim_options_init().
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_sim_options {
    /// The size of this struct as the caller knows it.
    pub size: u32,
    /// A tf_sim_clock.
    pub clock: i32,
    /// When the clock starts, in nanoseconds since 1970 UTC; not used with TF_SIM_CLOCK_SYSTEM.
    pub start_ns: i64,
    /// The same seed gives the same market.
    pub seed: u64,
    /// 1.0 is the pace of a busy future, 10.0 ten times that; 0.0 stands still and still fills orders.
    pub speed: f64,
    /// With `tls`: where to write the authority's certificate as PEM. NULL takes a new file in the folder for
    /// temporary files, which goes with the simulator. Copied.
    pub tls_ca_file: *const c_char,
    /// Switches such as "array_events=false,decimals=nine-digits", for what sources of the wire disagree about.
    /// NULL for what captures show. Copied.
    pub shape: *const c_char,
    /// Rules of the accounts, such as "max_loss=2000,flatten_at=15:10". NULL for 50 contracts and no more. Copied.
    pub rules: *const c_char,
    /// The file that accounts, orders and fills are kept in over a restart; NULL keeps nothing. Copied.
    pub state_file: *const c_char,
    /// Port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// 1 for HTTPS and WSS, under an authority that is made at the start.
    pub tls: u8,
    /// 1 when a token may make no more than 200 requests in 60 seconds, 0 when as many as it likes.
    pub rate_limit: u8,
    /// 1 when the market keeps the hours of the exchange, 0 when it is always open.
    pub exchange_hours: u8,
    /// 1 when orders may have brackets, whose legs cancel each other; 0 when they are rejected.
    pub auto_oco: u8,
    /// 1 when a wild market halts now and then for some seconds.
    pub halts: u8,
    /// Zero.
    pub reserved: u8,
}

// SAFETY: numbers and pointers, the first of which is the size.
unsafe impl Sized32 for tf_sim_options {
    const FIRST: usize = 40 + 4 * size_of::<usize>();
}

/// The state of a simulator. Set `size` to sizeof(tf_sim_state).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_sim_state {
    /// The size of this struct as the caller knows it.
    pub size: u32,
    /// Hub connections that are open.
    pub hub_connections: u32,
    /// What time it is for the simulator, in nanoseconds since 1970 UTC.
    pub now_ns: i64,
    /// Orders so far, rejected and final ones too.
    pub orders: u64,
    /// Orders that rest or wait for their fill.
    pub working_orders: u64,
    /// Fills so far.
    pub fills: u64,
    /// Positions that are open.
    pub positions: u64,
    /// How often a market left time out because the machine was too slow; 0 with a stepped clock.
    pub skipped_moments: u64,
}

// SAFETY: numbers, the first of which is the size.
unsafe impl Sized32 for tf_sim_state {
    const FIRST: usize = 56;
}

/// A running simulator.
pub struct tf_sim {
    sim: Sim,
    /// The texts that were handed out, which must stay where they are.
    api_url: CString,
    market_hub_url: CString,
    user_hub_url: CString,
    user_name: CString,
    api_key: CString,
    default_contract: CString,
    ca_file: CString,
    ca_certificate: CString,
}
handled!(tf_sim, Sim);

/// Sets every field to its default: any port, seed 1, speed 1.0, the time of day, the rate limit. NULL does
/// nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_options_init(options: *mut tf_sim_options) {
    if let Ok(out) = Out::new("options", options) {
        out.set(tf_sim_options::new());
    }
}

impl tf_sim_options {
    fn new() -> tf_sim_options {
        let defaults = SimConfig::default();
        tf_sim_options {
            size: size_of::<tf_sim_options>() as u32,
            clock: tf_sim_clock::System as i32,
            start_ns: i64::MAX,
            seed: defaults.seed,
            speed: defaults.speed,
            tls_ca_file: std::ptr::null(),
            shape: std::ptr::null(),
            rules: std::ptr::null(),
            state_file: std::ptr::null(),
            port: defaults.port,
            tls: 0,
            rate_limit: u8::from(defaults.rate_limit),
            exchange_hours: 0,
            auto_oco: 0,
            halts: 0,
            reserved: 0,
        }
    }

    fn to_config(self) -> Checked<SimConfig> {
        let refused = |what: String| Err(Error::new(Kind::Argument, what).into());
        let start = || match self.start_ns {
            i64::MAX => Err(Error::new(Kind::Argument, "`options->start_ns` is needed with this clock")),
            nanos => Ok(Timestamp::from_nanos(nanos)),
        };
        let clock = match self.clock {
            0 => SimClock::System,
            1 => SimClock::RunningFrom(start()?),
            2 => SimClock::Stepped(start()?),
            other => return refused(format!("`options->clock` is {other}, which is no tf_sim_clock")),
        };
        if !(0.0..=1e6).contains(&self.speed) {
            return refused(format!("`options->speed` is {} but must be 0 to 1000000", self.speed));
        }
        let flags = [self.rate_limit, self.tls, self.exchange_hours, self.auto_oco, self.halts];
        if flags.iter().any(|flag| *flag > 1) || self.reserved != 0 {
            return refused("`options` has a flag that is neither 0 nor 1: use tf_sim_options_init()".into());
        }
        let ca_file = optional_string("options->tls_ca_file", self.tls_ca_file)?.map(PathBuf::from);
        if ca_file.is_some() && self.tls == 0 {
            return refused("`options->tls_ca_file` needs `options->tls`".into());
        }
        let mut shape = Shape::default();
        shape.set(&optional_string("options->shape", self.shape)?.unwrap_or_default())?;
        let mut rules = AccountRules::default();
        rules.set(&optional_string("options->rules", self.rules)?.unwrap_or_default())?;
        Ok(SimConfig {
            port: self.port,
            seed: self.seed,
            speed: self.speed,
            clock,
            tls: (self.tls == 1).then(|| SimTls { ca_file, ..SimTls::default() }),
            rate_limit: self.rate_limit == 1,
            shape,
            rules,
            halts: self.halts == 1,
            state_file: optional_string("options->state_file", self.state_file)?.map(PathBuf::from),
            calendar: if self.exchange_hours == 1 { Calendar::Cme } else { Calendar::AlwaysOpen },
            brackets: if self.auto_oco == 1 { BracketMode::AutoOco } else { BracketMode::Position },
            ..SimConfig::default()
        })
    }
}

/// Starts a simulator; it serves clients when this returns. `options` may be NULL. The caller owns it.
/// ERR_ARGUMENT for an option out of range, ERR_NETWORK when the port is taken, ERR_FILE when a file cannot be
/// read or written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_start(
    options: *const tf_sim_options,
    out_sim: *mut *mut tf_sim,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_sim", out_sim)?;
        let mut chosen = tf_sim_options::new();
        if !options.is_null() {
            chosen = sized::read("options", options, chosen)?;
        }
        let sim = Sim::start(chosen.to_config()?)?;
        out.set(new_handle(tf_sim {
            api_url: to_c(&sim.api_url()),
            market_hub_url: to_c(&sim.market_hub_url()),
            user_hub_url: to_c(&sim.user_hub_url()),
            user_name: to_c(sim.user_name()),
            api_key: to_c(sim.api_key()),
            default_contract: to_c(&sim.default_contract()),
            ca_file: to_c(sim.ca_file().and_then(Path::to_str).unwrap_or_default()),
            ca_certificate: to_c(sim.ca_certificate().unwrap_or_default()),
            sim,
        })?);
        Ok(tf_status::Ok)
    })
}

/// Leads a configuration to a simulator: addresses, credentials, authority, contract and account, and the
/// environment DEMO. The simulator must run as long as the clients that are made from it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_config_use_sim(
    config: *mut tf_config,
    sim: *const tf_sim,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let config = object("config", config)?;
        let settings = object("sim", sim)?.sim.settings();
        config.change(|config| settings.iter().try_for_each(|(key, value)| config.set(key, value)))?;
        Ok(tf_status::Ok)
    })
}

fn read<T>(sim: *const tf_sim, default: T, read: impl FnOnce(&tf_sim) -> T) -> T {
    guard_value(None, || tf_sim::table().get(sim).map(|sim| read(&sim))).unwrap_or(default)
}

/// A pointer that lives as long as the simulator: its texts are never changed or moved.
fn text(sim: *const tf_sim, field: impl FnOnce(&tf_sim) -> &CString) -> *const c_char {
    read(sim, c"".as_ptr(), |sim| field(sim).as_ptr())
}

/// The port that it listens on; 0 for a dead handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_port(sim: *const tf_sim) -> u16 {
    read(sim, 0, |sim| sim.sim.port())
}

/// Where REST calls go. This and the texts below are borrowed until the simulator is destroyed, and "" for a
/// dead handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_api_url(sim: *const tf_sim) -> *const c_char {
    text(sim, |sim| &sim.api_url)
}

/// Where the market hub is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_market_hub_url(sim: *const tf_sim) -> *const c_char {
    text(sim, |sim| &sim.market_hub_url)
}

/// Where the user hub is.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_user_hub_url(sim: *const tf_sim) -> *const c_char {
    text(sim, |sim| &sim.user_hub_url)
}

/// The user name that logs in.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_user_name(sim: *const tf_sim) -> *const c_char {
    text(sim, |sim| &sim.user_name)
}

/// The key that logs in.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_api_key(sim: *const tf_sim) -> *const c_char {
    text(sim, |sim| &sim.api_key)
}

/// The id of the Micro E-mini S&P 500 that was the front contract at the start.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_default_contract(sim: *const tf_sim) -> *const c_char {
    text(sim, |sim| &sim.default_contract)
}

/// The file of the authority that clients must trust, the setting tls_ca_file; "" without TLS.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_ca_file(sim: *const tf_sim) -> *const c_char {
    text(sim, |sim| &sim.ca_file)
}

/// What stands in that file: the authority's certificate as PEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_ca_certificate(sim: *const tf_sim) -> *const c_char {
    text(sim, |sim| &sim.ca_certificate)
}

/// The id of the account that trades; TF_ID_NONE for a dead handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_default_account(sim: *const tf_sim) -> i64 {
    read(sim, i64::MAX, |sim| sim.sim.default_account().into())
}

/// What time it is for the simulator, in nanoseconds since 1970 UTC; TF_TIME_NONE for a dead handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_now(sim: *const tf_sim) -> i64 {
    read(sim, i64::MAX, |sim| sim.sim.now().nanos())
}

/// Moves a stepped clock forward and lets everything happen that falls into that time, as fast as the clients
/// take it. ERR_STATE when the clock runs by itself, ERR_ARGUMENT beyond the year 2199, ERR_DEADLINE when a
/// client takes nothing for ten seconds.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_step(
    sim: *mut tf_sim,
    duration_ns: i64,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let sim = object("sim", sim)?;
        let duration = u64::try_from(duration_ns).map_err(|_| {
            Error::new(Kind::Argument, format!("`duration_ns` is {duration_ns}: time never goes back"))
        })?;
        sim.sim.step(Duration::from_nanos(duration))?;
        Ok(tf_status::Ok)
    })
}

/// Tells how the simulator stands, as far as `out_state->size` reaches.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_inspect(
    sim: *const tf_sim,
    out_state: *mut tf_sim_state,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let sim = object("sim", sim)?;
        let state = sim.sim.inspect();
        let state = tf_sim_state {
            size: size_of::<tf_sim_state>() as u32,
            hub_connections: u32::try_from(state.hub_connections).unwrap_or(u32::MAX),
            now_ns: state.now.nanos(),
            orders: state.orders as u64,
            working_orders: state.working_orders as u64,
            fills: state.fills as u64,
            positions: state.positions as u64,
            skipped_moments: state.skipped_moments,
        };
        sized::write("out_state", out_state, &state)?;
        Ok(tf_status::Ok)
    })
}

/// Lets an account trade, or takes that from it. ERR_NOT_FOUND for an unknown account, here and below.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_set_can_trade(
    sim: *mut tf_sim,
    account: i64,
    can_trade: bool,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let sim = object("sim", sim)?;
        sim.sim.set_can_trade(number_of(account), can_trade)?;
        Ok(tf_status::Ok)
    })
}

/// Gives an account another balance, in units of 1e-9, from which its losses count anew.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_set_balance(
    sim: *mut tf_sim,
    account: i64,
    balance: i64,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let sim = object("sim", sim)?;
        if balance == i64::MAX {
            return Err(Error::new(Kind::Argument, "`balance` is absent").into());
        }
        sim.sim.set_balance(number_of(account), Money::from_units(balance))?;
        Ok(tf_status::Ok)
    })
}

/// The simulator's accounts have small numbers; no account has 0.
fn number_of(account: i64) -> i32 {
    i32::try_from(account).unwrap_or(0)
}

/// Cuts every hub connection without a word, as a broken line does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_drop_connections(sim: *mut tf_sim, err: *mut *mut tf_error) -> tf_status {
    guard(err, || {
        object("sim", sim)?.sim.drop_hub_connections();
        Ok(tf_status::Ok)
    })
}

/// Sends GatewayLogout to every hub client and closes the connections in order. `message` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_log_out(
    sim: *mut tf_sim,
    message: *const c_char,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let sim = object("sim", sim)?;
        sim.sim.log_out_hub_clients(&optional_string("message", message)?.unwrap_or_default());
        Ok(tf_status::Ok)
    })
}

/// Publishes `count` quotes of a contract as fast as its subscribers take them. ERR_NOT_FOUND for an unknown
/// contract, ERR_DEADLINE when a client takes nothing for ten seconds.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_publish_quotes(
    sim: *mut tf_sim,
    contract: *const c_char,
    count: u32,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let sim = object("sim", sim)?;
        sim.sim.publish_quotes(&string("contract", contract)?, count as usize)?;
        Ok(tf_status::Ok)
    })
}

/// As tf_sim_publish_quotes(), and waits for nobody: a client that falls too far behind loses its connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_flood_quotes(
    sim: *mut tf_sim,
    contract: *const c_char,
    count: u32,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let sim = object("sim", sim)?;
        sim.sim.flood_quotes(&string("contract", contract)?, count as usize)?;
        Ok(tf_status::Ok)
    })
}

/// Lets go wrong what a script in JSON asks for, see docs/SIMULATOR-FAULTS.md; its times count from now.
/// ERR_ARGUMENT with the place of what is wrong in it; nothing of the script happens then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_run_script(
    sim: *mut tf_sim,
    script: *const c_char,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let sim = object("sim", sim)?;
        sim.sim.run_script(&string("script", script)?)?;
        Ok(tf_status::Ok)
    })
}

/// Ends all faults: what was held back goes out, and the clock is right again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_clear_faults(sim: *mut tf_sim, err: *mut *mut tf_error) -> tf_status {
    guard(err, || {
        object("sim", sim)?.sim.clear_faults();
        Ok(tf_status::Ok)
    })
}

/// Closes every connection and waits for the threads. A step or a flood that is under way ends with
/// ERR_CLOSED. Stopping again does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_stop(sim: *mut tf_sim, err: *mut *mut tf_error) -> tf_status {
    guard(err, || {
        object("sim", sim)?.sim.stop();
        Ok(tf_status::Ok)
    })
}

/// Stops if needed and frees. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_sim_destroy(sim: *mut tf_sim) {
    // A call on another thread may hold the object a moment longer, so the stop is not left to its end.
    read(sim, (), |sim| sim.sim.stop());
    destroy(sim);
}
