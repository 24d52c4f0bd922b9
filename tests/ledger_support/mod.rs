//! A trader on a simulator whose time only the test moves, and everything that a stream told about the user.
#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tradeforge::model::{
    AccountEvent, Contract, EventFlags, FillEvent, FillId, Hub, Link, LinkState, Order, OrderEvent,
    PositionEvent,
};
use tradeforge::sim::{BracketMode, Fault, FaultKind, Shape, Sim, SimClock, SimConfig};
use tradeforge::{
    AccountId, Client, Clock, Config, ContractId, Deadline, Event, EventBody, Kinds, OrderId, OrderRequest,
    OrderStatus, Polled, Price, Rounding, Side, Stream, StreamOptions, Timestamp,
};

/// Far longer than anything here takes.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct Trader {
    pub stream: Stream,
    pub client: Client,
    pub sim: Arc<Sim>,
    pub account: AccountId,
    pub contract: Contract,
    /// The price of the market, which stands still.
    pub last: Price,
    /// Every event so far.
    pub seen: Vec<Event>,
}

/// The simulator's time.
struct SimTime(Arc<Sim>);

impl Clock for SimTime {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

pub fn start_sim(shape: Shape) -> Arc<Sim> {
    let start = Timestamp::parse("2026-11-20T15:00:00Z").unwrap();
    let config = SimConfig {
        speed: 0.0,
        shape,
        clock: SimClock::Stepped(start),
        brackets: BracketMode::AutoOco,
        rate_limit: false,
        ..SimConfig::default()
    };
    Arc::new(Sim::start(config).unwrap())
}

pub fn client_of(sim: &Arc<Sim>) -> Client {
    let mut config = Config::new();
    for (key, value) in sim.settings() {
        config.set(key, &value).unwrap();
    }
    for (key, value) in
        [("cache_seconds", "0"), ("reconnect_delay_ms", "10"), ("reconnect_delay_most_ms", "10")]
    {
        config.set(key, value).unwrap();
    }
    let client = Client::with_clock(&config, Arc::new(SimTime(sim.clone()))).unwrap();
    client.login(PATIENCE).unwrap();
    client
}

impl Trader {
    /// A trader who has bought and sold one contract and then follows everything.
    pub fn start() -> Trader {
        let mut trader = Trader::idle(Shape::default());
        trader.last = trader.trade_once();
        trader.follow();
        trader
    }

    /// A trader who follows nothing and has not traded.
    pub fn idle(shape: Shape) -> Trader {
        let sim = start_sim(shape);
        let client = client_of(&sim);
        let account = AccountId::new(sim.default_account().into());
        let contract = client.contract(&ContractId::new(sim.default_contract()), PATIENCE).unwrap();
        let stream = client.stream(&StreamOptions::default()).unwrap();
        Trader { stream, client, sim, account, contract, last: Price::ZERO, seen: Vec::new() }
    }

    /// Buys and sells a contract; gives the price of the market.
    pub fn trade_once(&self) -> Price {
        let bought = self.place(&self.market(Side::Buy, 1));
        self.settle();
        self.place(&self.market(Side::Sell, 1));
        self.settle();
        let price = self.order(bought).filled_price.unwrap();
        price.round_to_tick(self.contract.tick_size, Rounding::Nearest).unwrap()
    }

    pub fn follow(&mut self) {
        self.stream.subscribe_account(self.account, Kinds::USER, PATIENCE).unwrap();
        self.until_link(LinkState::Connected);
    }

    /// Lets a second pass, so that orders arrive.
    pub fn settle(&self) {
        self.sim.step(Duration::from_secs(1)).unwrap();
    }

    pub fn at(&self, ticks: i64) -> Price {
        self.last.checked_add(self.contract.tick_size.checked_mul(ticks).unwrap()).unwrap()
    }

    pub fn market(&self, side: Side, size: i32) -> OrderRequest {
        OrderRequest::market(self.account, self.contract.id.clone(), side, size)
    }

    /// A limit order that works and does not fill in a still market.
    pub fn resting(&self) -> OrderRequest {
        OrderRequest::limit(self.account, self.contract.id.clone(), Side::Buy, 1, self.at(-100))
    }

    pub fn place(&self, request: &OrderRequest) -> OrderId {
        self.client.place(request, PATIENCE).unwrap().order_id
    }

    pub fn order(&self, id: OrderId) -> Order {
        self.client.order(self.account, id, PATIENCE).unwrap()
    }

    /// Does something while the user hub is away.
    pub fn while_away(&mut self, deed: impl FnOnce(&Trader)) {
        let refused = Fault::new(FaultKind::RefuseUpgrade).on("/hubs/user").always();
        self.sim.inject(refused).unwrap();
        self.sim.drop_hub_connections();
        self.until_link(LinkState::Reconnecting);
        deed(self);
        self.sim.clear_faults();
        self.until_link(LinkState::Connected);
    }

    /// Polls until the user hub has this state.
    pub fn until_link(&mut self, state: LinkState) -> Link {
        let pick = |event: &Event| match event.body {
            EventBody::Link(link) if link.hub == Hub::User && link.state == state => Some(link),
            _ => None,
        };
        self.until(pick)
    }

    /// Polls until `pick` takes an event; gives what it made of it.
    pub fn until<T>(&mut self, mut pick: impl FnMut(&Event) -> Option<T>) -> T {
        let deadline = Deadline::after(PATIENCE);
        loop {
            let (mut found, seen) = (None, &mut self.seen);
            let polled = self.stream.poll_each(1, deadline, |event| {
                seen.push(event);
                found = pick(&event);
            });
            match (found, polled.unwrap()) {
                (Some(found), _) => return found,
                (None, Polled::Events(_)) => {}
                (None, other) => panic!("the event did not come: {other:?}, but {:#?}", self.seen),
            }
        }
    }

    /// Takes everything that the hub has told until now; gives it.
    pub fn told(&mut self) -> Vec<Event> {
        // Calls are answered in order: the confirmation stands behind all events.
        self.stream.subscribe_account(self.account, Kinds::ORDERS, PATIENCE).unwrap();
        let (before, seen) = (self.seen.len(), &mut self.seen);
        self.stream.poll_each(usize::MAX, Duration::ZERO, |event| seen.push(event)).unwrap();
        self.seen[before..].to_vec()
    }

    /// How often each fill came out, revisions not counted.
    pub fn fill_counts(&self) -> HashMap<FillId, usize> {
        let mut counts = HashMap::new();
        for event in self.seen.iter().filter(|event| !event.flags.contains(EventFlags::REVISED)) {
            if let EventBody::Fill(fill) = event.body {
                *counts.entry(fill.id).or_default() += 1;
            }
        }
        counts
    }

    /// The latest status that the stream told of each order.
    pub fn last_statuses(&self) -> HashMap<OrderId, OrderStatus> {
        orders(&self.seen).into_iter().map(|order| (order.id, order.status)).collect()
    }

    /// That the live state is what the gateway says, and current.
    pub fn check_state(&self) {
        let orders = self.client.live_orders(self.account).unwrap();
        assert!(orders.is_current());
        let asked = self.client.open_orders(self.account, PATIENCE).unwrap();
        let plain = |orders: Vec<Order>| -> Vec<Order> {
            // Events tell no product, and the store cuts times to microseconds.
            orders
                .into_iter()
                .map(|order| Order { symbol_id: None, created: None, updated: None, ..order })
                .collect()
        };
        assert_eq!(plain(orders.state), plain(asked));
        let positions = self.client.live_positions(self.account).unwrap().state;
        let asked = self.client.positions(self.account, PATIENCE).unwrap();
        let short = |positions: &[tradeforge::model::Position]| -> Vec<_> {
            let of =
                |it: &tradeforge::model::Position| (it.contract.clone(), it.side, it.size, it.average_price);
            positions.iter().map(of).collect()
        };
        assert_eq!(short(&positions), short(&asked));
        let account = self.client.live_account(self.account).unwrap().state;
        let asked = self.client.accounts(false, PATIENCE).unwrap();
        assert_eq!(Some(&account), asked.iter().find(|asked| asked.id == self.account));
        let sim = self.sim.inspect();
        let live = self.client.live_orders(self.account).unwrap().state.len();
        assert_eq!((sim.working_orders, sim.positions), (live, positions.len()));
    }
}

pub fn orders(events: &[Event]) -> Vec<OrderEvent> {
    let order = |event: &Event| match event.body {
        EventBody::Order(order) => Some(order),
        _ => None,
    };
    events.iter().filter_map(order).collect()
}

pub fn fills(events: &[Event]) -> Vec<FillEvent> {
    let fill = |event: &Event| match event.body {
        EventBody::Fill(fill) => Some(fill),
        _ => None,
    };
    events.iter().filter_map(fill).collect()
}

pub fn positions(events: &[Event]) -> Vec<PositionEvent> {
    let position = |event: &Event| match event.body {
        EventBody::Position(position) => Some(position),
        _ => None,
    };
    events.iter().filter_map(position).collect()
}

pub fn accounts(events: &[Event]) -> Vec<AccountEvent> {
    let account = |event: &Event| match event.body {
        EventBody::Account(account) => Some(account),
        _ => None,
    };
    events.iter().filter_map(account).collect()
}
