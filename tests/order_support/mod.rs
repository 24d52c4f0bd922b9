//! A client of a simulator whose time only the test moves, for tests of orders.
#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::time::Duration;

use tradeforge::model::{Contract, Order};
use tradeforge::sim::{BracketMode, Sim, SimClock, SimConfig};
use tradeforge::{
    AccountId, Client, Config, ContractId, OrderId, OrderRequest, OrderStatus, Price, Rounding, Side,
    Timestamp,
};

/// Far longer than anything here takes.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct Desk {
    pub sim: Sim,
    pub client: Client,
    pub account: AccountId,
    pub contract: Contract,
    /// The price of the first trade seen; a market that stands still keeps it.
    pub last: Price,
}

impl Desk {
    /// A market that stands still and a clock that does too: orders arrive when the test lets time pass.
    pub fn still() -> Desk {
        Desk::of(SimConfig { speed: 0.0, ..stepped() })
    }

    /// A market that stands still while time goes on, so that orders arrive by themselves.
    pub fn running() -> Desk {
        Desk::seeded(1)
    }

    /// As [`Desk::running`], with another seed.
    pub fn seeded(seed: u64) -> Desk {
        Desk::of(SimConfig { seed, speed: 0.0, clock: SimClock::System, ..stepped() })
    }

    pub fn of(config: SimConfig) -> Desk {
        let sim = Sim::start(config).unwrap();
        let client = client(&sim);
        let account = AccountId::new(sim.default_account().into());
        let contract = client.contract(&ContractId::new(sim.default_contract()), PATIENCE).unwrap();
        let mut desk = Desk { sim, client, account, contract, last: Price::ZERO };
        desk.last = desk.fill_price();
        desk
    }

    /// What a contract costs: bought and sold again.
    fn fill_price(&self) -> Price {
        let bought = self.place(&self.market(Side::Buy));
        let price = self.until(bought, OrderStatus::Filled).filled_price.unwrap();
        let sold = self.place(&self.market(Side::Sell));
        self.until(sold, OrderStatus::Filled);
        price.round_to_tick(self.contract.tick_size, Rounding::Nearest).unwrap()
    }

    /// Lets a second pass where only the test moves the clock.
    pub fn settle(&self) {
        // A running clock cannot be stepped, and needs no help.
        let _ = self.sim.step(Duration::from_secs(1));
    }

    /// A price so many ticks from the market's.
    pub fn at(&self, ticks: i64) -> Price {
        self.last.checked_add(self.contract.tick_size.checked_mul(ticks).unwrap()).unwrap()
    }

    pub fn market(&self, side: Side) -> OrderRequest {
        OrderRequest::market(self.account, self.contract.id.clone(), side, 1)
    }

    /// A limit order that works and does not fill in a still market.
    pub fn resting(&self, tag: &str) -> OrderRequest {
        OrderRequest {
            client_tag: Some(tag.to_owned()),
            ..OrderRequest::limit(self.account, self.contract.id.clone(), Side::Buy, 1, self.at(-100))
        }
    }

    pub fn place(&self, request: &OrderRequest) -> OrderId {
        self.client.place(request, PATIENCE).unwrap().order_id
    }

    pub fn order(&self, id: OrderId) -> Order {
        self.client.order(self.account, id, PATIENCE).unwrap()
    }

    /// The order once it has this status.
    pub fn until(&self, id: OrderId, status: OrderStatus) -> Order {
        for _ in 0..10_000 {
            let order = self.order(id);
            if order.status == status {
                return order;
            }
            self.settle();
        }
        panic!("order {id} did not get the status {status:?}: {:?}", self.order(id))
    }

    /// All orders since the beginning, oldest first.
    pub fn orders(&self) -> Vec<Order> {
        self.client.orders(self.account, Timestamp::from_nanos(0), PATIENCE).unwrap()
    }
}

fn stepped() -> SimConfig {
    let start = Timestamp::parse("2026-11-20T15:00:00Z").unwrap();
    SimConfig {
        clock: SimClock::Stepped(start),
        brackets: BracketMode::AutoOco,
        rate_limit: false,
        ..SimConfig::default()
    }
}

/// A client that is logged in.
pub fn client(sim: &Sim) -> Client {
    let mut config = Config::new();
    for (key, value) in sim.settings() {
        config.set(key, &value).unwrap();
    }
    config.set("cache_seconds", "0").unwrap();
    // This gateway is quick.
    config.set("resolve_seconds", "1").unwrap();
    let client = Client::new(&config).unwrap();
    client.login(PATIENCE).unwrap();
    client
}
