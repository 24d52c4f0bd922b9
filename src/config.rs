//! Settings: one table of keys for the API, the process environment and `.env` files.

mod address;
mod dotenv;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, Kind, Result};
use crate::model::{AccountId, ContractId, HubTiming, RateLimit, RateLimits};
use crate::secret::Secret;
use address::Address;
pub(crate) use address::without_secrets;

/// One setting: its key, where else it is read from, and what it means.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Key {
    /// The name in [`Config::set`] and `tf_config_set`.
    pub name: &'static str,
    /// The environment variable, also in a `.env` file.
    pub variable: &'static str,
    /// Older variables that mean the same.
    pub aliases: &'static [&'static str],
    /// What holds when it is not set.
    pub default: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// Whether the value must never be shown.
    pub is_secret: bool,
}

macro_rules! keys {
    ($($constant:ident = $name:literal, $variable:literal, [$($alias:literal),*], $default:literal, $meaning:literal;)*) => {
        /// Every setting, in the order of the documentation.
        pub const KEYS: &[Key] = &[$(Key {
            name: $name,
            variable: $variable,
            aliases: &[$($alias),*],
            default: $default,
            meaning: $meaning,
            is_secret: matches!($name.as_bytes(), b"api_key"),
        }),*];

        #[derive(Clone, Copy)]
        #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "named like the keys")]
        enum Index { $($constant),* }
    };
}

keys! {
    ENVIRONMENT = "environment", "TS_ENVIRONMENT", ["TRADING_ENVIRONMENT"], "DEMO",
        "SIM (the gateway inside this process), DEMO or LIVE.";
    FIRM = "firm", "TS_FIRM", [], "topstepx",
        "The firm whose gateway is used, as in its host names.";
    USER_NAME = "user_name", "TS_USERNAME", ["USERNAME"], "none; not needed with SIM",
        "The platform's login name; neither the e-mail nor an account name.";
    API_KEY = "api_key", "TS_API_KEY", ["API_KEY"], "none; not needed with SIM",
        "The key made in the platform's settings.";
    API_URL = "api_url", "TS_API_URL", ["API_BASE_URL_OVERRIDE_ENV"], "of the firm and environment",
        "Where REST requests go.";
    MARKET_HUB_URL = "market_hub_url", "TS_MARKET_HUB_URL", ["MARKET_HUB_URL_OVERRIDE_ENV"],
        "of the firm and environment", "Where market data comes from.";
    USER_HUB_URL = "user_hub_url", "TS_USER_HUB_URL", ["USER_HUB_URL_OVERRIDE_ENV"],
        "of the firm and environment", "Where order news comes from.";
    PLAIN_HTTP = "plain_http", "TS_PLAIN_HTTP", [], "none",
        "Hosts besides this machine that may be talked to without encryption, separated by commas.";
    TLS_CA_FILE = "tls_ca_file", "TS_TLS_CA_FILE", [], "the system's roots",
        "A PEM file of the certificate authorities to trust instead of the system's.";
    CONTRACT = "contract", "TS_CONTRACT",
        ["CONTRACT_ID", "TS_CAPTURE_CONTRACT_ID", "DEFAULT_CAPTURE_CONTRACT_ID"], "none",
        "The contract that examples and the command line use.";
    ACCOUNT = "account", "TS_ACCOUNT", ["ACCOUNT_ID_TO_WATCH", "DEFAULT_CAPTURE_ACCOUNT_ID"], "none",
        "The account that examples and the command line use.";
    CONNECT_SECONDS = "connect_seconds", "TS_CONNECT_SECONDS", [], "10",
        "How long connecting may take within the deadline of a call, name lookup and encryption included. 0 for as long as the call.";
    READ_SECONDS = "read_seconds", "TS_READ_SECONDS", [], "30",
        "How long the gateway may be silent within the deadline of a call. 0 for as long as the call.";
    RATE_LIMIT = "rate_limit", "TS_RATE_LIMIT", [], "200/60",
        "Requests and seconds: as many in any such span, bars apart. off for none.";
    RATE_LIMIT_BARS = "rate_limit_bars", "TS_RATE_LIMIT_BARS", [], "50/30",
        "The same for requests of bars.";
    RATE_LIMIT_RESERVE = "rate_limit_reserve", "TS_RATE_LIMIT_RESERVE", [], "a tenth of rate_limit",
        "How many requests of rate_limit are kept for cancels, closes and flattening.";
    CACHE_SECONDS = "cache_seconds", "TS_CACHE_SECONDS", [], "300",
        "How long accounts and contracts are remembered instead of asked for again. 0 for not at all.";
    RECONNECT_ATTEMPTS = "reconnect_attempts", "TS_RECONNECT_ATTEMPTS", [], "0",
        "How often in a row a live connection tries to come back before it is given up. 0 for endlessly.";
    RECONNECT_DELAY_MS = "reconnect_delay_ms", "TS_RECONNECT_DELAY_MS", [], "500",
        "The limit of the first delay before a live connection comes back; it doubles with every failure.";
    RECONNECT_DELAY_MOST_MS = "reconnect_delay_most_ms", "TS_RECONNECT_DELAY_MOST_MS", [], "30000",
        "No such delay is longer.";
    HUB_CONNECT_MS = "hub_connect_ms", "TS_HUB_CONNECT_MS", [], "15000",
        "How long a live connection may take from the first packet to the answer to its handshake.";
    HUB_PING_MS = "hub_ping_ms", "TS_HUB_PING_MS", [], "10000",
        "A live connection sends a ping when it sent nothing else for so long. The gateway drops who is silent for 30 s.";
    HUB_SILENCE_MS = "hub_silence_ms", "TS_HUB_SILENCE_MS", [], "30000",
        "A live connection that brings nothing for so long, not even a ping, is dead. The gateway pings every 15 s.";
    RESOLVE_SECONDS = "resolve_seconds", "TS_RESOLVE_SECONDS", [], "10",
        "How long an order of unknown outcome must stay out of sight before resolving says that it is not there.";
    SIM_SEED = "sim_seed", "TS_SIM_SEED", [], "1",
        "With SIM: the same seed gives the same market.";
    SIM_SPEED = "sim_speed", "TS_SIM_SPEED", [], "1",
        "With SIM: how many times faster than a real market the data comes.";
    SIM_STATE = "sim_state", "TS_SIM_STATE", [], "none",
        "With SIM: the file that the paper account is kept in, so that it survives a restart.";
    SIM_BRACKETS = "sim_brackets", "TS_SIM_BRACKETS", [], "position",
        "With SIM: auto-oco lets orders have brackets; position rejects them, as the gateway does by default.";
}

/// The bare `USERNAME` is a variable of the operating system, so it counts in a `.env` file only.
const FILE_ONLY: &[&str] = &["USERNAME"];

/// Which gateway is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Environment {
    /// The embedded gateway: no account, no network.
    Sim,
    /// The provider's demonstration hosts.
    Demo,
    /// The firm's hosts.
    Live,
}

/// The longest waits within a call; `None` for as long as its deadline allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Patience {
    /// For a connection, with name lookup and encryption.
    pub connect: Option<Duration>,
    /// For the next bytes, in either direction.
    pub read: Option<Duration>,
}

/// The settings of a client. A value that is not set has its default from [`KEYS`].
///
/// What [`Config::set`] sets wins over the process environment, and that over `.env`.
#[derive(Clone, Default)]
pub struct Config {
    values: [Option<Secret>; KEYS.len()],
}

impl Config {
    /// No setting at all: everything has its default, and no environment is read.
    pub fn new() -> Config {
        Config::default()
    }

    /// The settings of the process environment and of the nearest `.env` file.
    ///
    /// # Errors
    /// As [`Config::load_environment`].
    pub fn from_environment() -> Result<Config> {
        let mut config = Config::new();
        config.load_environment()?;
        Ok(config)
    }

    /// Sets one value. An empty value unsets.
    ///
    /// # Errors
    /// [`Kind::Config`] for an unknown key, which names the closest one, and for a value that does not fit.
    pub fn set(&mut self, key: &str, value: &str) -> Result<()> {
        let Some(index) = KEYS.iter().position(|known| known.name == key) else {
            let closest = KEYS.iter().min_by_key(|known| distance(known.name, key));
            let hint = closest.map_or(String::new(), |known| format!("; did you mean `{}`?", known.name));
            return Err(Error::new(
                Kind::Config,
                format!("there is no setting `{}`{hint}", key.escape_debug()),
            ));
        };
        let mut new = None;
        fill(&mut new, &KEYS[index], key, value)?;
        self.values[index] = new;
        Ok(())
    }

    /// Whether a key has a value, from wherever it came. False for an unknown key.
    pub fn is_set(&self, key: &str) -> bool {
        KEYS.iter().zip(&self.values).any(|(known, value)| known.name == key && value.is_some())
    }

    /// Fills what is not set yet from the process environment, then from the nearest `.env` file, looked for
    /// in the current folder and upwards.
    ///
    /// # Errors
    /// [`Kind::Config`] for a value that does not fit or is not UTF-8, [`Kind::File`] for a `.env` file that
    /// cannot be read.
    pub fn load_environment(&mut self) -> Result<()> {
        let folder = std::env::current_dir().unwrap_or_default();
        self.load(|name| std::env::var_os(name), &folder)
    }

    /// [`Config::load_environment`] with the two sources given, so that tests need not change the process.
    fn load(&mut self, variable: impl Fn(&str) -> Option<OsString>, folder: &Path) -> Result<()> {
        for (value, key) in self.values.iter_mut().zip(KEYS) {
            let names = std::iter::once(&key.variable).chain(key.aliases);
            for name in names.filter(|name| !FILE_ONLY.contains(name)) {
                let Some(found) = variable(name).filter(|_| value.is_none()) else { continue };
                let text = found.into_string().map_err(|_| {
                    Error::new(Kind::Config, format!("the environment variable {name} is not UTF-8 text"))
                })?;
                fill(value, key, name, &text)?;
            }
        }
        let Some(path) = folder.ancestors().map(|folder| folder.join(".env")).find(|path| path.is_file())
        else {
            return Ok(());
        };
        let file = dotenv::read(&path)?;
        for (value, key) in self.values.iter_mut().zip(KEYS) {
            for name in std::iter::once(&key.variable).chain(key.aliases) {
                if let Some((_, text)) = file.iter().find(|(variable, _)| variable == name) {
                    fill(value, key, name, text.expose())?;
                }
            }
        }
        Ok(())
    }

    /// Which gateway is meant. Defaults to [`Environment::Demo`].
    pub fn environment(&self) -> Environment {
        match self.text(Index::ENVIRONMENT) {
            Some(text) => environment(text).unwrap_or(Environment::Demo),
            None => Environment::Demo,
        }
    }

    /// The firm. Defaults to `topstepx`.
    pub fn firm(&self) -> &str {
        self.text(Index::FIRM).unwrap_or("topstepx")
    }

    /// User name and key.
    ///
    /// # Errors
    /// [`Kind::Config`] that names the missing variables.
    pub fn credentials(&self) -> Result<(&str, &Secret)> {
        match (self.text(Index::USER_NAME), self.value(Index::API_KEY)) {
            (Some(user_name), Some(api_key)) => Ok((user_name, api_key)),
            (user_name, _) => {
                let missing = match user_name {
                    Some(_) => "TS_API_KEY is",
                    None if self.value(Index::API_KEY).is_some() => "TS_USERNAME is",
                    None => "TS_USERNAME and TS_API_KEY are",
                };
                Err(Error::new(
                    Kind::Config,
                    format!(
                        "{missing} not set: set both in the environment or in a .env file, or set \
                         TS_ENVIRONMENT=SIM to use the embedded gateway without an account"
                    ),
                ))
            }
        }
    }

    /// Where REST requests go, if set.
    pub fn api_url(&self) -> Option<&str> {
        self.text(Index::API_URL)
    }

    /// Where market data comes from, if set.
    pub fn market_hub_url(&self) -> Option<&str> {
        self.text(Index::MARKET_HUB_URL)
    }

    /// Where order news comes from, if set.
    pub fn user_hub_url(&self) -> Option<&str> {
        self.text(Index::USER_HUB_URL)
    }

    /// Whether credentials may go to the addresses that are set.
    ///
    /// # Errors
    /// [`Kind::Config`] for one on another machine that is not encrypted, unless its host is in `plain_http`.
    pub fn check_encryption(&self) -> Result<()> {
        let allowed = self.text(Index::PLAIN_HTTP).and_then(address::hosts).unwrap_or_default();
        for index in [Index::API_URL, Index::MARKET_HUB_URL, Index::USER_HUB_URL] {
            let Some(address) = self.text(index).and_then(|url| Address::parse(url).ok()) else { continue };
            if !address.is_private() && !allowed.iter().any(|host| host == address.host()) {
                let (key, host) = (KEYS[index as usize], address.host());
                let message = format!(
                    "{} is \"{address}\", where keys, tokens and orders would travel unencrypted: write https://, \
                     or allow this host by name with plain_http (TS_PLAIN_HTTP={host})",
                    key.name
                );
                return Err(Error::new(Kind::Config, message));
            }
        }
        Ok(())
    }

    /// The file of trusted certificate authorities, if set.
    pub fn tls_ca_file(&self) -> Option<PathBuf> {
        self.text(Index::TLS_CA_FILE).map(PathBuf::from)
    }

    /// The default contract, if set. The library itself does not use it.
    pub fn contract(&self) -> Option<ContractId> {
        self.text(Index::CONTRACT).map(ContractId::from)
    }

    /// The default account, if set. The library itself does not use it.
    pub fn account(&self) -> Option<AccountId> {
        self.text(Index::ACCOUNT)?.parse().ok().map(AccountId::new)
    }

    /// The limits that a client keeps to. Defaults to what the gateway publishes: 200 requests in 60 s, of
    /// which 20 are kept for cancels and closes, and 50 requests of bars in 30 s.
    pub fn rate_limits(&self) -> RateLimits {
        let limit = |index, default| match self.text(index) {
            Some("off") => None,
            Some(text) => text.parse().ok().or(Some(default)),
            None => Some(default),
        };
        let rest = limit(Index::RATE_LIMIT, RateLimit::new(200, 60));
        let most = rest.map_or(0, |rest| rest.requests);
        let reserve = self.text(Index::RATE_LIMIT_RESERVE).and_then(|text| text.parse().ok());
        RateLimits {
            bars: limit(Index::RATE_LIMIT_BARS, RateLimit::new(50, 30)),
            rest,
            // One request at least is left for everything else.
            reserve: reserve.unwrap_or(most / 10).min(most.saturating_sub(1)),
        }
    }

    /// How long accounts and contracts are remembered. Defaults to 300 s.
    pub fn cache_lifetime(&self) -> Duration {
        Duration::from_secs(self.text(Index::CACHE_SECONDS).and_then(|text| text.parse().ok()).unwrap_or(300))
    }

    /// How long a call waits for one thing. Defaults to 10 s for a connection and 30 s for a silent gateway.
    pub fn patience(&self) -> Patience {
        let seconds = |index, default| {
            let seconds = self.text(index).and_then(|text| text.parse().ok()).unwrap_or(default);
            (seconds > 0).then(|| Duration::from_secs(seconds))
        };
        Patience { connect: seconds(Index::CONNECT_SECONDS, 10), read: seconds(Index::READ_SECONDS, 30) }
    }

    /// How patient the live connections are, and how they come back.
    pub fn hub_timing(&self) -> HubTiming {
        let number = |index| self.text(index).and_then(|text| text.parse::<u32>().ok());
        let span =
            |index, default| number(index).map_or(default, |millis| Duration::from_millis(millis.into()));
        let default = HubTiming::default();
        HubTiming {
            connect: span(Index::HUB_CONNECT_MS, default.connect),
            ping: span(Index::HUB_PING_MS, default.ping),
            silence: span(Index::HUB_SILENCE_MS, default.silence),
            first_delay: span(Index::RECONNECT_DELAY_MS, default.first_delay),
            longest_delay: span(Index::RECONNECT_DELAY_MOST_MS, default.longest_delay),
            attempts: number(Index::RECONNECT_ATTEMPTS).unwrap_or(default.attempts),
            ..default
        }
    }

    /// How long an order of unknown outcome must stay out of sight before it counts as not there. Defaults to
    /// 10 s.
    pub fn resolve_span(&self) -> Duration {
        Duration::from_secs(
            self.text(Index::RESOLVE_SECONDS).and_then(|text| text.parse().ok()).unwrap_or(10),
        )
    }

    /// The seed of the embedded gateway's market. Defaults to 1.
    pub fn sim_seed(&self) -> u64 {
        self.text(Index::SIM_SEED).and_then(|text| text.parse().ok()).unwrap_or(1)
    }

    /// The speed of the embedded gateway's market. Defaults to 1.
    pub fn sim_speed(&self) -> f64 {
        self.text(Index::SIM_SPEED).and_then(|text| text.parse().ok()).unwrap_or(1.0)
    }

    /// The file that the embedded gateway keeps its state in, if it does.
    pub fn sim_state(&self) -> Option<PathBuf> {
        self.text(Index::SIM_STATE).map(PathBuf::from)
    }

    /// Whether orders to the embedded gateway may have brackets. Defaults to false.
    pub fn sim_auto_oco(&self) -> bool {
        self.text(Index::SIM_BRACKETS) == Some("auto-oco")
    }

    fn value(&self, index: Index) -> Option<&Secret> {
        self.values[index as usize].as_ref()
    }

    fn text(&self, index: Index) -> Option<&str> {
        self.value(index).map(Secret::expose)
    }
}

/// Shows the settings with secrets hidden.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Config");
        for (value, key) in self.values.iter().zip(KEYS) {
            match value {
                Some(secret) if key.is_secret => shown.field(key.name, secret),
                Some(value) => shown.field(key.name, &value.expose()),
                None => continue,
            };
        }
        shown.finish()
    }
}

fn fill(value: &mut Option<Secret>, key: &Key, source: &str, text: &str) -> Result<()> {
    if value.is_none() && !text.is_empty() {
        *value = Some(Secret::new(check(key, text, source)?));
    }
    Ok(())
}

fn environment(text: &str) -> Option<Environment> {
    match text.to_ascii_uppercase().as_str() {
        "SIM" => Some(Environment::Sim),
        "DEMO" => Some(Environment::Demo),
        "LIVE" => Some(Environment::Live),
        _ => None,
    }
}

/// Gives the value as it is kept.
fn check<'a>(key: &Key, value: &'a str, source: &str) -> Result<Cow<'a, str>> {
    let wanted = match key.name {
        "environment" if environment(value).is_none() => "SIM, DEMO or LIVE",
        "api_url" | "market_hub_url" | "user_hub_url" => match Address::parse(value) {
            Ok(address) => return Ok(address.to_string().into()),
            Err(wanted) => wanted,
        },
        "plain_http" if address::hosts(value).is_none() => {
            "host names or IP addresses without port, separated by commas"
        }
        "firm" if !value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') => {
            "letters, digits and hyphens, as in the firm's host names"
        }
        "account" if value.parse::<i64>().is_err() => "a whole number, the account's id",
        "rate_limit" | "rate_limit_bars" if value != "off" && value.parse::<RateLimit>().is_err() => {
            "requests and seconds, such as 200/60, or off"
        }
        "rate_limit_reserve" if value.parse::<u32>().is_err() => "a whole number, zero at least",
        "cache_seconds" | "connect_seconds" | "read_seconds" | "resolve_seconds"
            if !value.parse::<u32>().is_ok_and(|seconds| seconds <= 86_400) =>
        {
            "a whole number of seconds, 0 to 86400"
        }
        "reconnect_attempts" if value.parse::<u32>().is_err() => "a whole number, zero at least",
        "reconnect_delay_ms"
        | "reconnect_delay_most_ms"
        | "hub_connect_ms"
        | "hub_ping_ms"
        | "hub_silence_ms"
            if !value.parse::<u32>().is_ok_and(|millis| (10..=3_600_000).contains(&millis)) =>
        {
            "a whole number of milliseconds, 10 to 3600000"
        }
        "sim_seed" if value.parse::<u64>().is_err() => "a whole number, zero at least",
        "sim_speed" if !value.parse::<f64>().is_ok_and(|speed| speed > 0.0 && speed <= 1e6) => {
            "a number above 0, at most 1000000"
        }
        "sim_brackets" if !matches!(value, "auto-oco" | "position") => "auto-oco or position",
        _ if value.contains(['\0', '\r', '\n']) => "a single line of text",
        _ => return Ok(value.into()),
    };
    let shown = match key.name {
        _ if key.is_secret => "***".into(),
        "api_url" | "market_hub_url" | "user_hub_url" => without_secrets(value),
        _ => value.to_owned(),
    };
    let shown = shown.escape_debug();
    Err(Error::new(Kind::Config, format!("{source} is \"{shown}\" but must be {wanted}")))
}

/// How many letters must change to make one word of the other.
fn distance(one: &str, two: &str) -> usize {
    let two: Vec<char> = two.chars().collect();
    let mut row: Vec<usize> = (0..=two.len()).collect();
    for (index, letter) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in two.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row[two.len()]
}
