//! The verbs and their options. The doc comments are the help texts.

mod order;

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use log::LevelFilter;
use tradeforge::{AccountId, ContractId, OrderId, Timestamp};

pub use order::{Cancel, List, Modify, Order, Place, Resolve, Show};

/// The heading of the options that every verb takes.
const EVERYWHERE: &str = "Options of every command";

/// Trade futures at a ProjectX Gateway, or at the simulator in this program.
///
/// Settings come from the environment and from a .env file. TS_ENVIRONMENT=SIM needs no account.
#[derive(Debug, Parser)]
#[command(name = "tradeforge", version, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
    /// Print one JSON object a line, with the gateway's names.
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub json: bool,
    /// How long the gateway may take, all requests of a command together.
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    #[arg(value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub timeout: Duration,
    /// Write a log to stderr.
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    #[arg(value_name = "LEVEL", default_value = "off", value_parser = level())]
    pub log: LevelFilter,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run the simulator until SIGINT or SIGTERM.
    ///
    /// Prints the settings that lead other programs to it, then a line `ready`. The lines before that one are
    /// what a .env file needs.
    Sim(Sim),
    /// List the accounts.
    Accounts(Accounts),
    /// Find contracts.
    Contracts(Contracts),
    /// Print market data and the account's news as they come.
    ///
    /// Ends after --duration, --count, SIGINT or SIGTERM, whichever comes first.
    Watch(Watch),
    /// Record what the gateway sends, byte for byte, to a file that `replay` plays again.
    ///
    /// Ends after --duration, SIGINT or SIGTERM, with everything in the file, and prints what it came to. `lz4 -dc`
    /// shows the file as text. It holds no key and no token, but with --user what the gateway says of the account.
    Record(Record),
    /// Run a simulator whose hubs send a recording, until SIGINT or SIGTERM.
    ///
    /// Prints the same lines as `sim`. The recording begins with the first subscription. Orders are refused.
    Replay(Replay),
    /// Place, change, cancel or look at orders.
    #[command(subcommand)]
    Order(Order),
    /// List the fills of an account, oldest first.
    Trades(Trades),
    /// List the open positions, or close them.
    Positions(Positions),
    /// List bars of a range, oldest first.
    History(crate::history::History),
}

/// Options of `sim`.
#[derive(Debug, Args)]
pub struct Sim {
    /// Port on 127.0.0.1; 0 takes any free one.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub port: u16,
    /// The same seed gives the same market. [default: TS_SIM_SEED, else 1]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// How many times faster than a busy market the data comes; 0 stands still. [default: TS_SIM_SPEED,
    /// else 1]
    #[arg(long, value_name = "X", value_parser = speed)]
    pub speed: Option<f64>,
    /// Keep accounts, orders and fills in this file, and go on from it. [default: TS_SIM_STATE, else they are
    /// gone at the end]
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Spell what documentation and captures of the gateway show differently another way, such as
    /// array_events=false; repeatable. A wrong name lists them all.
    #[arg(long, value_name = "NAME=VALUE,...")]
    pub shape: Vec<String>,
    /// Speak HTTPS and WSS, under a certificate authority made at the start.
    #[arg(long)]
    pub tls: bool,
    /// Where to write that authority's certificate. [default: a new file in the folder for temporary files]
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub tls_ca: Option<PathBuf>,
    /// Where stop loss and take profit come from: `auto-oco` lets orders have brackets, `position` rejects
    /// these orders as the gateway does by default. [default: TS_SIM_BRACKETS, else position]
    #[arg(long, value_name = "MODE")]
    pub brackets: Option<Brackets>,
    /// When the market is open.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Opening::Always)]
    pub calendar: Opening,
    /// Let a wild market halt now and then for some seconds.
    #[arg(long)]
    pub halts: bool,
    /// What accounts may do: max_contracts, max_loss, daily_loss, flatten_at (Chicago); repeatable.
    #[arg(long, value_name = "NAME=VALUE,...")]
    pub rules: Vec<String>,
    /// Let the simulator's clock start at this time, such as 2026-11-20T14:30:00Z, and run from there.
    /// [default: the time of day]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub start: Option<Timestamp>,
    /// Let the clock stand still there until `POST /_sim/step` moves it.
    #[arg(long, requires = "start")]
    pub stepped: bool,
    /// Answer as many requests as come, without HTTP 429.
    #[arg(long)]
    pub no_rate_limit: bool,
    /// Lets go wrong what this file asks for: a JSON list of faults.
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
}

/// The values of `--brackets`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Brackets {
    AutoOco,
    Position,
}

/// When the simulator's market is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Opening {
    /// Day and night.
    Always,
    /// As the exchange: Sunday 17:00 to Friday 16:00 in Chicago, with a pause from 16:00 to 17:00.
    Cme,
}

/// Options of `accounts`.
#[derive(Debug, Args)]
pub struct Accounts {
    /// Inactive accounts too.
    #[arg(long)]
    pub all: bool,
}

/// Options of `contracts`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("which").required(true).args(["search", "id", "available", "symbol"]))]
pub struct Contracts {
    /// Active contracts whose name, id or description resembles TEXT, twenty at most.
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
    /// The contract with this id, expired ones included.
    #[arg(long, value_name = "ID")]
    pub id: Option<ContractId>,
    /// All active contracts.
    #[arg(long)]
    pub available: bool,
    /// The contract of a name such as MESM6, or the front month of a product such as NQ, /NQ or ENQ.
    #[arg(long, value_name = "SYM")]
    pub symbol: Option<String>,
    /// Ask for the live data subscription; practice accounts have none and get an empty list.
    #[arg(long, conflicts_with = "id")]
    pub live: bool,
}

/// What to subscribe to.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true)
    .args(["quotes", "trades", "depth", "user"]))]
pub struct Topics {
    /// The contract; may be repeated. [default: TS_CONTRACT]
    #[arg(long = "contract", value_name = "ID")]
    pub contracts: Vec<ContractId>,
    /// Quotes of the contracts.
    #[arg(long)]
    pub quotes: bool,
    /// Trades of the market.
    #[arg(long)]
    pub trades: bool,
    /// Depth of market.
    #[arg(long)]
    pub depth: bool,
    /// Orders, positions, fills and balance of the account.
    #[arg(long)]
    pub user: bool,
    /// The account for --user. [default: TS_ACCOUNT, else the only one that may trade]
    #[arg(long, value_name = "ID", value_parser = account_id)]
    pub account: Option<AccountId>,
}

/// Options of `watch`.
#[derive(Debug, Args)]
pub struct Watch {
    /// What to watch.
    #[command(flatten)]
    pub topics: Topics,
    /// End after this time.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub duration: Option<Duration>,
    /// End after this many events. News of the connection are printed but not counted.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub count: Option<u64>,
}

/// Options of `record`.
#[derive(Debug, Args)]
pub struct Record {
    /// The file to make.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    pub force: bool,
    /// What to record.
    #[command(flatten)]
    pub topics: Topics,
    /// End after this time.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub duration: Option<Duration>,
}

/// Options of `replay`.
#[derive(Debug, Args)]
pub struct Replay {
    /// The recording.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Port on 127.0.0.1; 0 takes any free one.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub port: u16,
    /// How many times faster than it was recorded; 0 or `max` is as fast as the clients take it.
    #[arg(long, value_name = "X", default_value = "1", value_parser = replay_speed)]
    pub speed: f64,
    /// Begin again at the end.
    #[arg(long = "loop")]
    pub is_repeated: bool,
}

/// Options of `trades`.
#[derive(Debug, Args)]
pub struct Trades {
    /// A time such as 2026-11-20T15:00:00Z, or a span before now such as 90m, 24h or 7d.
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = since)]
    pub since: Timestamp,
    /// Fills before this time. [default: no end]
    #[arg(long, value_name = "TIME", value_parser = since)]
    pub until: Option<Timestamp>,
    /// The account. [default: TS_ACCOUNT, else the only one that may trade]
    #[arg(long, value_name = "ID", value_parser = account_id)]
    pub account: Option<AccountId>,
}

/// Options of `positions`.
#[derive(Debug, Args)]
pub struct Positions {
    /// What to do with them; lists them when left out.
    #[command(subcommand)]
    pub action: Option<PositionAction>,
    /// The account. [default: TS_ACCOUNT, else the only one that may trade]
    #[arg(long, global = true, value_name = "ID", value_parser = account_id)]
    pub account: Option<AccountId>,
}

/// What to do with positions.
#[derive(Debug, Subcommand)]
pub enum PositionAction {
    /// Close the position in a contract with a market order, sent once. Working orders stay.
    Close {
        /// The contract. [default: TS_CONTRACT]
        #[arg(long, value_name = "ID")]
        contract: Option<ContractId>,
        /// Contracts to close. [default: all]
        #[arg(long, value_name = "N", allow_negative_numbers = true)]
        size: Option<i32>,
    },
    /// Close every position with a market order each. Working orders stay.
    Flatten,
}

fn account_id(text: &str) -> Result<AccountId, String> {
    number(text).map(AccountId::new)
}

fn order_id(text: &str) -> Result<OrderId, String> {
    number(text).map(OrderId::new)
}

fn number(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| "an id is a whole number".into())
}

fn seconds(text: &str) -> Result<Duration, String> {
    let span = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    span.filter(|span| !span.is_zero()).ok_or_else(|| "a time is a number of seconds above 0".into())
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed| (0.0..=1e6).contains(speed));
    speed.ok_or_else(|| "a speed is a number from 0 to 1000000".into())
}

fn moment(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| "a time reads like 2026-11-20T15:00:00Z".into())
}

fn replay_speed(text: &str) -> Result<f64, String> {
    match text {
        "max" => Ok(0.0),
        _ => speed(text).map_err(|error| format!("{error}, or max")),
    }
}

pub fn since(text: &str) -> Result<Timestamp, String> {
    let time = Timestamp::parse(text).or_else(|| Some(Timestamp::now().saturating_sub(span(text)?)));
    time.ok_or_else(|| "neither a time such as 2026-11-20T15:00:00Z nor a span such as 90m, 24h or 7d".into())
}

/// Reads `90m` and the like.
fn span(text: &str) -> Option<Duration> {
    let unit = match text.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return None,
    };
    // The unit is one byte long.
    let count: u32 = text[..text.len() - 1].parse().ok()?;
    Some(Duration::from_secs(unit * u64::from(count)))
}

fn level() -> impl TypedValueParser<Value = LevelFilter> {
    // Every one of these names is a level.
    PossibleValuesParser::new(["off", "error", "warn", "info", "debug", "trace"])
        .map(|name| name.parse().unwrap_or(LevelFilter::Off))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(std::iter::once("tradeforge").chain(line.split_whitespace()))
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn good_lines_are_read() {
        for line in [
            "sim --port 0 --seed 7 --speed 0 --script faults.json",
            "accounts --all --json --timeout 0.5 --log debug",
            "--json contracts --search MES --live",
            "contracts --id CON.F.US.MES.Z26",
            "contracts --symbol /NQ --live",
            "watch --quotes --contract A --contract B --count 3",
            "watch --user --account 42 --duration 1.5",
            "record --out a.lz4 --quotes --user --duration 5 --force",
            "replay a.lz4 --speed max --loop",
            "replay --port 5000 --speed 0.5 a.lz4",
            "order place --side sell --type join-ask --size -1 --limit -37.63 --tag a",
            "order place --side buy --type trailing --size 1 --trail 5000 --stop-loss 10 --take-profit 20",
            "order show --id 3408995735",
            "order cancel --id 1 --confirm",
            "order cancel --all --contract A",
            "order resolve --tag tf-1 --since 1h",
            "order list --since 2026-11-20T15:00:00Z --until 1h",
            "order list --status open,suspended --status filled --contract A --since 7d",
            "order list --resting",
            "trades --since 7d --until 2026-11-20T15:00:00Z --account 1",
            "positions",
            "positions close --contract A --account 1",
            "positions --account 1 flatten",
            "history",
            "history --contract A --unit tick --number 5 --from 7d --to 1d --limit 100 --partial --json",
        ] {
            parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
    }

    #[test]
    fn bad_lines_are_refused() {
        for line in [
            "",
            "sim --speed -1",
            "sim --speed NaN",
            "sim --port 65536",
            "accounts --timeout 0",
            "accounts --timeout inf",
            "accounts --log loud",
            "contracts",
            "contracts --search A --available",
            "contracts --symbol A --id B",
            "contracts --id A --live",
            "watch",
            "watch --contract A",
            "record --quotes",
            "record --out a.lz4",
            "replay",
            "replay a.lz4 --speed fast",
            "watch --quotes --count 0",
            "order list --open --status open",
            "order list --resting --contract A",
            "order list --status broken",
            "order place --side hold --type market --size 1",
            "order place --side buy --type limit --size 1 --limit 1.0000000001",
            "order show --id first",
            "order place --side buy --type market --size 1 --trailing-stop-loss",
            "order cancel",
            "order cancel --id 1 --all",
            "order cancel --id 1 --contract A",
            "order resolve",
            "order list --since yesterday",
            "order list --since 5€",
            "history --unit year",
            "history --limit 0",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn a_span_counts_back_from_now() {
        let hour_ago = since("60m").unwrap();
        let now = Timestamp::now();
        let apart = Duration::from_nanos(u64::try_from(now.nanos() - hour_ago.nanos()).unwrap());
        assert!((3600..3660).contains(&apart.as_secs()), "{apart:?}");
        assert_eq!(span("7d"), Some(Duration::from_secs(604_800)));
        assert_eq!(span("d"), None);
    }
}
