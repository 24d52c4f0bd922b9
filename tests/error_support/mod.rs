//! The tables of `docs/ERRORS.md`, and a client of a simulator that answers what a test tells it to.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]

use std::time::Duration;

use tradeforge::model::{BarRequest, BarUnit};
use tradeforge::sim::{Fault, FaultKind, Sim, SimClock, SimConfig};
use tradeforge::{
    AccountId, AppLogin, Client, Config, ContractId, Deadline, Error, Fault as Whose, Kind, OrderChange,
    OrderId, OrderRequest, Outcome, Side, Timestamp,
};

pub const PATIENCE: Duration = Duration::from_secs(30);
/// Of an order that is never placed.
pub const ORDER: OrderId = OrderId::new(7);
pub const TAG: &str = "tag-1";

pub const KINDS: [Kind; 16] = [
    Kind::Argument,
    Kind::State,
    Kind::Config,
    Kind::File,
    Kind::Network,
    Kind::Deadline,
    Kind::Tls,
    Kind::Closed,
    Kind::Auth,
    Kind::RateLimit,
    Kind::Rejected,
    Kind::Pending,
    Kind::NotFound,
    Kind::Protocol,
    Kind::Unavailable,
    Kind::Bug,
];

/// Every operation that the client makes.
pub const OPERATIONS: [&str; 21] = [
    "Auth/loginKey",
    "Auth/loginApp",
    "Auth/validate",
    "Account/search",
    "Contract/search",
    "Contract/available",
    "Contract/searchById",
    "History/retrieveBars",
    "Order/place",
    "Order/modify",
    "Order/cancel",
    "Order/search",
    "Order/searchOpen",
    "Order/searchById",
    "Order/v2/query",
    "Position/searchOpen",
    "Position/closeContract",
    "Position/partialCloseContract",
    "Trade/search",
    "Status/ping",
    // Last, as it ends the session.
    "Auth/logout",
];

/// A file of the project.
pub fn read(path: &str) -> String {
    std::fs::read_to_string(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The cells of the table of `docs/ERRORS.md` that has this head, without back quotes.
pub fn table(head: &str) -> Vec<Vec<String>> {
    let text = read("docs/ERRORS.md");
    let (_, table) = text.split_once(head).unwrap_or_else(|| panic!("there is no table {head}"));
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let cells =
        |row: &str| row.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect();
    rows.map(cells).collect()
}

pub fn kind(name: &str) -> Kind {
    KINDS
        .into_iter()
        .find(|kind| format!("{kind:?}") == name)
        .unwrap_or_else(|| panic!("there is no kind {name}"))
}

pub fn outcome(words: &str) -> Outcome {
    match words {
        "asks only" => Outcome::Query,
        "not sent" => Outcome::NotSent,
        "nothing happened" => Outcome::Rejected,
        "unknown" => Outcome::Unknown,
        other => panic!("\"{other}\" is no outcome"),
    }
}

pub fn whose(words: &str) -> Whose {
    match words {
        "caller" => Whose::Caller,
        "network" => Whose::Network,
        "gateway" => Whose::Gateway,
        "library" => Whose::Library,
        other => panic!("\"{other}\" is nobody"),
    }
}

pub struct Bench {
    pub sim: Sim,
    pub client: Client,
    pub account: AccountId,
    pub contract: ContractId,
}

impl Bench {
    /// A client that is logged in, to a market that stands still, within no limits of its own.
    pub fn start() -> Bench {
        Bench::of(SimConfig::default())
    }

    pub fn of(config: SimConfig) -> Bench {
        let start = Timestamp::parse("2026-11-20T15:00:00Z").unwrap();
        let clock = match config.clock {
            SimClock::Stepped(start) => SimClock::Stepped(start),
            _ => SimClock::Stepped(start),
        };
        let sim = Sim::start(SimConfig { speed: 0.0, rate_limit: false, clock, ..config }).unwrap();
        let mut config = Config::new();
        for (key, value) in sim.settings() {
            config.set(key, &value).unwrap();
        }
        // What a test asks for shall be sent.
        for (key, value) in [("cache_seconds", "0"), ("rate_limit", "off"), ("rate_limit_bars", "off")] {
            config.set(key, value).unwrap();
        }
        let client = Client::new(&config).unwrap();
        client.login(PATIENCE).unwrap();
        let account = AccountId::new(sim.default_account().into());
        let contract = ContractId::new(sim.default_contract());
        Bench { sim, client, account, contract }
    }

    pub fn path(operation: &str) -> String {
        format!("/api/{operation}")
    }

    /// Answers the next request to an operation with this status and body, without doing it.
    pub fn answer(&self, operation: &str, status: u16, body: &str) {
        let fault = Fault::new(FaultKind::Status).status(status).body(body);
        self.sim.inject(fault.on(Bench::path(operation))).unwrap();
    }

    /// Counts the requests to an operation from now on.
    pub fn count(&self, operation: &str) -> impl Fn() -> usize + '_ {
        let watch = Fault::new(FaultKind::Latency).delay(Duration::ZERO).on(Bench::path(operation)).always();
        let number = self.sim.inject(watch).unwrap();
        move || self.sim.fault_strikes().iter().filter(|strike| strike.fault == number).count()
    }

    pub fn app(&self) -> AppLogin {
        let (password, app, key) = self.sim.app_credentials();
        AppLogin::new(self.sim.user_name(), password, "desk", app, key)
    }

    pub fn order(&self) -> OrderRequest {
        let order = OrderRequest::market(self.account, self.contract.clone(), Side::Buy, 1);
        OrderRequest { client_tag: Some(TAG.to_owned()), ..order }
    }

    pub fn bars(&self) -> BarRequest {
        let moment = |text| Timestamp::parse(text).unwrap();
        let (from, to) = (moment("2026-11-20T10:00:00Z"), moment("2026-11-20T11:00:00Z"));
        BarRequest::new(self.contract.clone(), BarUnit::Minute, from, to)
    }

    /// Makes the call of the client that sends this operation.
    pub fn call(&self, operation: &str) -> Result<(), Error> {
        self.call_within(operation, PATIENCE)
    }

    pub fn call_within(&self, operation: &str, deadline: impl Into<Deadline>) -> Result<(), Error> {
        let (client, account, contract, deadline) =
            (&self.client, self.account, &self.contract, deadline.into());
        let long_ago = Timestamp::from_nanos(0);
        match operation {
            "Auth/loginKey" => client.login(deadline),
            "Auth/loginApp" => client.login_app(&self.app(), deadline),
            "Auth/validate" => client.validate(deadline),
            "Auth/logout" => client.logout(deadline),
            "Account/search" => client.accounts(true, deadline).map(drop),
            "Contract/search" => client.search_contracts("NQ", false, deadline).map(drop),
            "Contract/available" => client.available_contracts(false, deadline).map(drop),
            "Contract/searchById" => client.contract(contract, deadline).map(drop),
            "History/retrieveBars" => client.bars(&self.bars(), deadline).map(drop),
            "Order/place" => client.place(&self.order(), deadline).map(drop),
            "Order/modify" => {
                let change = OrderChange { size: Some(2), ..OrderChange::new(account, ORDER) };
                client.modify(&change, deadline)
            }
            "Order/cancel" => client.cancel(account, ORDER, deadline),
            "Order/search" => client.orders(account, long_ago, deadline).map(drop),
            "Order/searchOpen" => client.resting_orders(account, deadline).map(drop),
            "Order/searchById" => client.order(account, ORDER, deadline).map(drop),
            "Order/v2/query" => client.open_orders(account, deadline).map(drop),
            "Position/searchOpen" => client.positions(account, deadline).map(drop),
            "Position/closeContract" => client.close_position(account, contract, deadline),
            "Position/partialCloseContract" => client.reduce_position(account, contract, 1, deadline),
            "Trade/search" => client.fills(account, long_ago, deadline).map(drop),
            "Status/ping" => client.ping(deadline),
            other => panic!("no call for {other}"),
        }
    }
}

/// Whether an operation changes something at the gateway.
pub fn is_change(operation: &str) -> bool {
    matches!(
        operation,
        "Auth/logout"
            | "Order/place"
            | "Order/modify"
            | "Order/cancel"
            | "Position/closeContract"
            | "Position/partialCloseContract"
    )
}
