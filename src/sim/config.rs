//! What a simulator can be told at its start.

use std::path::PathBuf;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::error::{Error, Kind, Result};
use crate::price::Money;
use crate::sim::shape::Shape;

/// Settings of a simulator. Start from [`SimConfig::default`] and change what matters.
#[derive(Debug, Clone)]
pub struct SimConfig {
    /// Port on 127.0.0.1; 0 takes any free one. Defaults to 0.
    pub port: u16,
    /// Decides the market: the same seed gives every contract the same sequence of events and the same past.
    /// Defaults to 1.
    pub seed: u64,
    /// Pace of the market: 1.0 gives the rates of a busy index future, 10.0 ten times as many events a
    /// second, 0.0 a market that stands still and still fills orders. Defaults to 1.0.
    pub speed: f64,
    /// Where the time comes from. Defaults to [`SimClock::System`].
    pub clock: SimClock,
    /// Whether and how the port is encrypted: HTTPS and WSS instead of HTTP and WS. Defaults to `None`.
    pub tls: Option<SimTls>,
    /// When the market is open. Defaults to [`Calendar::AlwaysOpen`].
    pub calendar: Calendar,
    /// Whether a wild market halts now and then for 2 to 10 seconds, as the exchange does when a price runs
    /// away: quotes stand and orders are refused. Defaults to false.
    pub halts: bool,
    /// Whether a token may make no more than 200 requests in 60 seconds; further ones get HTTP 429.
    /// Defaults to true.
    pub rate_limit: bool,
    /// The file that accounts, orders and fills are kept in, so that they survive a restart. The market does
    /// not: it goes on where its seed puts it at that time. Defaults to `None`: nothing is kept.
    pub state_file: Option<PathBuf>,
    /// How it spells what sources disagree about.
    pub shape: Shape,
    /// What the accounts do with brackets. Defaults to [`BracketMode::Position`], as the gateway's accounts.
    pub brackets: BracketMode,
    /// The brackets that the platform gives to every position, with [`BracketMode::Position`]. Defaults to
    /// none.
    pub position_brackets: PositionBrackets,
    /// What accounts may do.
    pub rules: AccountRules,
    /// Time between two pings to a hub client, 10 ms at least. Defaults to 15 s.
    pub keep_alive: Duration,
    /// How long a hub client may stay silent before its connection ends. Defaults to 30 s.
    pub client_timeout: Duration,
    /// How long a hub client may take for its handshake. Defaults to 15 s.
    pub handshake_timeout: Duration,
}

impl Default for SimConfig {
    fn default() -> SimConfig {
        SimConfig {
            port: 0,
            seed: 1,
            speed: 1.0,
            clock: SimClock::System,
            tls: None,
            calendar: Calendar::AlwaysOpen,
            halts: false,
            rate_limit: true,
            state_file: None,
            shape: Shape::default(),
            brackets: BracketMode::default(),
            position_brackets: PositionBrackets::default(),
            rules: AccountRules::default(),
            keep_alive: Duration::from_secs(15),
            client_timeout: Duration::from_secs(30),
            handshake_timeout: Duration::from_secs(15),
        }
    }
}

/// Encryption under an authority that the simulator makes at its start, for `localhost`, `127.0.0.1` and `::1`.
/// Only its certificate is ever written; the keys stay in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimTls {
    /// The file that the authority's certificate is written to as PEM, readable by all; one that is there is
    /// replaced. `None` takes a new name in the system's folder for temporary files, and removes the file when
    /// the simulator is dropped. Defaults to `None`.
    pub ca_file: Option<PathBuf>,
    /// How long a client may take to set up the encryption. Defaults to 10 s.
    pub handshake_timeout: Duration,
}

impl Default for SimTls {
    fn default() -> SimTls {
        SimTls { ca_file: None, handshake_timeout: Duration::from_secs(10) }
    }
}

/// Where the stop loss and the take profit of a position come from. At the gateway this is a setting of the
/// account that the API cannot change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BracketMode {
    /// From the order: it may have brackets, whose legs cancel each other.
    AutoOco,
    /// From the platform's settings: orders with brackets are rejected.
    #[default]
    Position,
}

/// Orders that the platform keeps for every position: as large as the position, so many ticks from its
/// average price, and gone when it is closed. They bear the tags `AutoBracket-ID-SL` and `AutoBracket-ID-TP`
/// with the id of the position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PositionBrackets {
    /// Ticks to the stop loss, held between 1 and 1000. Defaults to `None`: there is none.
    pub stop_loss_ticks: Option<u32>,
    /// Ticks to the take profit, held between 1 and 1000. Defaults to `None`: there is none.
    pub take_profit_ticks: Option<u32>,
}

/// What an account may do.
///
/// An account that loses too much has its working orders cancelled and its positions closed, and places no more
/// orders until [`Sim::set_can_trade`](super::Sim::set_can_trade) lets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountRules {
    /// Most contracts of one future that it may hold on one side, working orders included; brackets do not
    /// count. Held between 0 and 100 000. Defaults to 50.
    pub max_contracts: i32,
    /// How far the balance, open profit and loss included, may fall below the balance at the start or the one
    /// that was set last. Defaults to `None`: as far as it likes.
    pub max_loss: Option<Money>,
    /// The same since the trading day began; the next day lets the account trade again. Defaults to `None`.
    pub daily_loss: Option<Money>,
    /// Chicago's time of day, before 17:00, at which working orders are cancelled and positions closed;
    /// orders are then refused until the next trading day begins at 17:00. Defaults to `None`: never.
    pub flatten_at: Option<Duration>,
}

impl Default for AccountRules {
    fn default() -> AccountRules {
        AccountRules { max_contracts: 50, max_loss: None, daily_loss: None, flatten_at: None }
    }
}

impl AccountRules {
    /// Sets rules by name: `max_loss=2000,flatten_at=15:10`. Names are those of the fields; losses are money,
    /// `flatten_at` is an hour and a minute in Chicago, and `none` takes a rule away.
    ///
    /// # Errors
    /// [`Kind::Argument`] for an unknown name or a value that does not fit; the text says what does.
    pub fn set(&mut self, rules: &str) -> Result<()> {
        for part in rules.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let (name, value) = (name.trim(), value.trim());
            let refused = |wanted: &str| {
                Error::new(Kind::Argument, format!("the rule {name} takes {wanted}, not {value:?}"))
            };
            let money = || match value {
                "none" => Ok(None),
                _ => match value.parse::<Money>() {
                    Ok(money) if money > Money::ZERO => Ok(Some(money)),
                    _ => Err(refused("an amount above 0, or none")),
                },
            };
            match name {
                "max_contracts" => {
                    let count = value.parse().ok().filter(|count| (0..=100_000).contains(count));
                    self.max_contracts = count.ok_or_else(|| refused("a number from 0 to 100000"))?;
                }
                "max_loss" => self.max_loss = money()?,
                "daily_loss" => self.daily_loss = money()?,
                "flatten_at" => {
                    self.flatten_at = match value {
                        "none" => None,
                        _ => Some(time_of_day(value).ok_or_else(|| refused("a time before 17:00, or none"))?),
                    };
                }
                _ => {
                    let known = "max_contracts, max_loss, daily_loss, flatten_at";
                    let message = format!("no rule is called {name:?}; there are {known}");
                    return Err(Error::new(Kind::Argument, message));
                }
            }
        }
        Ok(())
    }
}

/// `15:10`, before the trading day ends at 17:00.
fn time_of_day(text: &str) -> Option<Duration> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute): (u64, u64) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 17 && minute < 60).then(|| Duration::from_secs(hour * 3_600 + minute * 60))
}

/// When the simulator's market is open. Trading days open at 17:00 in Chicago under both calendars, which is
/// where their bars begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Calendar {
    /// Day and night, on every day.
    #[default]
    AlwaysOpen,
    /// As the exchange: from Sunday 17:00 to Friday 16:00 in Chicago, with a pause from 16:00 to 17:00 each
    /// day. While it is closed, prices stand still and orders are refused.
    Cme,
}

/// Where a simulator takes its time from: contracts, market, timestamps, rate limits and tokens follow it.
/// The timeouts of connections are always the machine's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SimClock {
    /// The time of day.
    #[default]
    System,
    /// A time that starts here and runs as fast as the time of day.
    RunningFrom(Timestamp),
    /// A time that starts here and stands still until [`Sim::step`](super::Sim::step) moves it. The same
    /// seed and the same calls then give the same events, to the byte.
    Stepped(Timestamp),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_set_by_name() {
        let mut rules = AccountRules::default();
        rules.set("max_contracts=5, max_loss=2000.50,daily_loss=1000,flatten_at=15:10").unwrap();
        assert_eq!(
            rules,
            AccountRules {
                max_contracts: 5,
                max_loss: Some("2000.5".parse().unwrap()),
                daily_loss: Some("1000".parse().unwrap()),
                flatten_at: Some(Duration::from_secs(54_600)),
            }
        );
        rules.set("max_contracts=50,max_loss=none,daily_loss=none,flatten_at=none").unwrap();
        assert_eq!(rules, AccountRules::default());
        for bad in
            ["loss=1", "max_loss=-1", "max_loss", "max_contracts=x", "flatten_at=17:00", "flatten_at=15"]
        {
            assert_eq!(rules.set(bad).unwrap_err().kind(), Kind::Argument, "{bad}");
        }
    }
}
