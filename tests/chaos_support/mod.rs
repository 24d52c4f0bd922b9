//! A trader in a storm: what he does, what he is told, and whether it is the truth in the end.
#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

pub mod plan;
pub mod witness;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use plan::Lot;
use tradeforge::model::{Contract, Fill, FillId, Hub, LinkState, Order, Position};
use tradeforge::sim::{BracketMode, Sim, SimClock, SimConfig};
use tradeforge::{
    AccountId, BracketPrice, Client, Clock, Config, ContractId, Kinds, OrderChange, OrderId, OrderRequest,
    OrderStatus, Price, Resolution, Side, StopLoss, Stream, StreamOptions, Timestamp,
};
use witness::Witness;

/// Far longer than anything here takes.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// For a call that may be struck.
const SHORT: Duration = Duration::from_millis(300);

pub struct Storm {
    pub client: Client,
    stream: Stream,
    pub sim: Arc<Sim>,
    account: AccountId,
    contract: Contract,
    pub witness: Witness,
    pub lot: Lot,
    /// Tags of orders whose outcome nobody knows.
    doubtful: Vec<String>,
}

/// The simulator's time.
struct SimTime(Arc<Sim>);

impl Clock for SimTime {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

impl Storm {
    pub fn start(seed: u64) -> Storm {
        let sim = Arc::new(
            Sim::start(SimConfig {
                seed,
                clock: SimClock::Stepped(Timestamp::parse("2026-11-18T15:00:00Z").unwrap()),
                brackets: BracketMode::AutoOco,
                rate_limit: false,
                keep_alive: Duration::from_millis(50),
                client_timeout: Duration::from_secs(2),
                ..SimConfig::default()
            })
            .unwrap(),
        );
        let mut config = Config::new();
        let given = sim.settings();
        let impatient = [
            ("cache_seconds", "0"),
            ("reconnect_delay_ms", "10"),
            ("reconnect_delay_most_ms", "30"),
            ("hub_connect_ms", "1000"),
            ("hub_ping_ms", "100"),
            ("hub_silence_ms", "400"),
            ("read_seconds", "1"),
            ("resolve_seconds", "1"),
        ];
        for (key, value) in given.iter().map(|(key, value)| (*key, value.as_str())).chain(impatient) {
            config.set(key, value).unwrap();
        }
        let client = Client::with_clock(&config, Arc::new(SimTime(sim.clone()))).unwrap();
        client.login(PATIENCE).unwrap();
        let account = AccountId::new(sim.default_account().into());
        let contract = client.contract(&ContractId::new(sim.default_contract()), PATIENCE).unwrap();
        let mut options = StreamOptions::default();
        options.capacity = 1 << 16;
        let stream = client.stream(&options).unwrap();
        stream.subscribe(&contract.id, Kinds::MARKET, PATIENCE).unwrap();
        stream.subscribe_account(account, Kinds::USER, PATIENCE).unwrap();
        let mut storm = Storm {
            client,
            stream,
            sim,
            account,
            contract,
            witness: Witness::default(),
            lot: Lot::new(seed),
            doubtful: Vec::new(),
        };
        storm.calm();
        storm
    }

    /// A newer token, to which the connections change while they go on.
    pub fn newer_token(&mut self) {
        // That the call is struck is part of it.
        let _ = self.client.validate(SHORT);
    }

    pub fn step(&mut self) {
        let time = self.lot.milliseconds(50, 400);
        self.sim.step(time).unwrap();
    }

    /// Reads what is there, and waits a little when nothing is.
    pub fn read(&mut self, wait: Duration) {
        let witness = &mut self.witness;
        self.stream.poll_each(usize::MAX, wait, |event| witness.see(&event)).unwrap();
    }

    /// Lets time pass until both connections are whole.
    pub fn calm(&mut self) {
        let end = Instant::now() + PATIENCE;
        while !self.witness.is_connected() {
            assert!(
                Instant::now() < end,
                "market {:?}, user {:?}: {:?}; {:?}",
                self.witness.state(Hub::Market),
                self.witness.state(Hub::User),
                self.witness.trouble,
                self.sim.fault_strikes().last()
            );
            self.sim.step(Duration::from_millis(20)).unwrap();
            self.read(Duration::from_millis(5));
        }
    }

    /// Does one thing that a trader does. Whatever fails is noted.
    pub fn trade(&mut self) {
        match self.lot.below(10) {
            0..=2 => {
                let request = self.market();
                self.place(request);
            }
            3 | 4 => {
                let request = self.near();
                self.place(request);
            }
            5 => {
                let entry = self.market();
                let bracket = OrderRequest {
                    stop_loss: Some(StopLoss { at: BracketPrice::Ticks(20), is_trailing: false }),
                    take_profit: Some(BracketPrice::Ticks(16)),
                    ..entry
                };
                self.place(bracket);
            }
            6 | 7 => self.change_one(),
            8 => self.cancel_one(),
            _ => {
                // That there may be none, or the call is struck, is part of it.
                let _ = self.client.close_position(self.account, &self.contract.id, SHORT);
            }
        }
    }

    /// Keeps the position small: sells when long.
    fn side(&mut self) -> Side {
        let live = self.client.live_positions(self.account).map(|live| live.state).unwrap_or_default();
        match live.first() {
            Some(position) if position.side.code() == 1 => Side::Sell,
            Some(_) => Side::Buy,
            None if self.lot.below(2) == 0 => Side::Buy,
            None => Side::Sell,
        }
    }

    fn market(&mut self) -> OrderRequest {
        let (side, size) = (self.side(), 1 + self.lot.below(2) as i32);
        OrderRequest::market(self.account, self.contract.id.clone(), side, size)
    }

    /// A limit order near the market, which may be filled soon or later.
    fn near(&mut self) -> OrderRequest {
        let side = self.side();
        let price = self.price_near(side);
        OrderRequest::limit(self.account, self.contract.id.clone(), side, 1, price)
    }

    fn price_near(&mut self, side: Side) -> Price {
        let symbol = self.client.symbol_of(self.contract.id.as_str());
        let quote = self.client.last_quote(symbol).unwrap().quote;
        let ticks = self.lot.below(8) as i64;
        let (best, away) = match side {
            Side::Buy => (quote.bid.unwrap(), -ticks),
            _ => (quote.ask.unwrap(), ticks),
        };
        best.checked_add(self.contract.tick_size.checked_mul(away).unwrap()).unwrap()
    }

    fn place(&mut self, request: OrderRequest) {
        if let Err(error) = self.client.place(&request, SHORT)
            && error.is_outcome_unknown()
        {
            self.doubtful.push(error.client_tag().expect("every order has a tag").to_owned());
        }
    }

    fn some_order(&mut self) -> Option<Order> {
        let live = self.client.live_orders(self.account).ok()?.state;
        let working: Vec<Order> =
            live.into_iter().filter(|order| order.status == OrderStatus::Open).collect();
        (!working.is_empty()).then(|| working[self.lot.below(working.len() as u64) as usize].clone())
    }

    fn change_one(&mut self) {
        let Some(order) = self.some_order() else { return };
        if order.limit_price.is_some() {
            let price = self.price_near(order.side);
            let change = OrderChange { limit_price: Some(price), ..OrderChange::new(self.account, order.id) };
            let _ = self.client.modify(&change, SHORT);
        }
    }

    fn cancel_one(&mut self) {
        if let Some(order) = self.some_order() {
            let _ = self.client.cancel(self.account, order.id, SHORT);
        }
    }

    /// Ends the trouble, and compares what is known with what is.
    pub fn settle(&mut self) {
        self.sim.clear_faults();
        self.calm();
        // Events that were swallowed or put into the wrong order are made good by a resync.
        self.sim.drop_hub_connections();
        for hub in [Hub::Market, Hub::User] {
            let losses = self.witness.losses;
            let end = Instant::now() + PATIENCE;
            while self.witness.losses == losses && self.witness.state(hub) == Some(LinkState::Connected) {
                assert!(Instant::now() < end, "the loss was not told");
                self.read(Duration::from_millis(5));
            }
        }
        self.calm();
        // Calls are answered in order: the confirmation stands behind all events.
        self.stream.subscribe_account(self.account, Kinds::ORDERS, PATIENCE).unwrap();
        self.stream.unsubscribe_account(self.account, Kinds::ORDERS);
        self.read(Duration::ZERO);
        self.resolve_doubts();
        self.check_orders();
        self.check_fills();
        self.check_positions();
        self.check_account();
    }

    fn resolve_doubts(&mut self) {
        let day = Duration::from_secs(86_400);
        let known: BTreeMap<String, OrderId> =
            self.orders().into_iter().filter_map(|order| Some((order.client_tag?, order.id))).collect();
        for tag in std::mem::take(&mut self.doubtful) {
            let found = match self.client.resolve(self.account, &tag, day, PATIENCE).unwrap() {
                Resolution::Accepted(order) | Resolution::Rejected(order) => Some(order.id),
                Resolution::NotThere => None,
            };
            assert_eq!(found, known.get(&tag).copied(), "{tag}");
        }
    }

    /// Every order that the gateway knows, by id.
    fn orders(&self) -> Vec<Order> {
        let all = self.client.orders(self.account, Timestamp::from_nanos(0), PATIENCE).unwrap();
        let open = self.client.open_orders(self.account, PATIENCE).unwrap();
        let by_id: BTreeMap<OrderId, Order> =
            all.into_iter().chain(open).map(|order| (order.id, order)).collect();
        by_id.into_values().collect()
    }

    fn check_orders(&self) {
        let known = self.orders();
        assert!(known.len() > 5, "the trader slept: {} orders", known.len());
        for order in &known {
            let told = self.witness.orders.get(&order.id);
            assert!(told.is_some(), "never told: {order:?}");
            let told = told.unwrap();
            assert_eq!(
                (told.status, told.size, told.fill_volume, told.limit_price, told.stop_price),
                (order.status, order.size, order.fill_volume, order.limit_price, order.stop_price),
                "{order:?}"
            );
        }
        assert_eq!(self.witness.orders.len(), known.len(), "orders that are not there");
        let live = self.client.live_orders(self.account).unwrap();
        assert!(live.is_current());
        let ids = |orders: &[Order]| orders.iter().map(|order| (order.id, order.status)).collect::<Vec<_>>();
        assert_eq!(ids(&live.state), ids(&self.client.open_orders(self.account, PATIENCE).unwrap()));
        assert_eq!(self.sim.inspect().working_orders, live.state.len());
    }

    fn check_fills(&self) {
        let fills = self.client.fills(self.account, Timestamp::from_nanos(0), PATIENCE).unwrap();
        let short = |fill: &Fill| (fill.order, fill.price, fill.size, fill.profit_and_loss, fill.fees);
        let known: BTreeMap<FillId, _> = fills.iter().map(|fill| (fill.id, short(fill))).collect();
        let told: BTreeMap<FillId, _> = self
            .witness
            .fills
            .iter()
            .map(|(id, fill)| (*id, (fill.order, fill.price, fill.size, fill.profit_and_loss, fill.fees)))
            .collect();
        assert_eq!(told, known);
        assert_eq!(self.sim.inspect().fills, known.len());
    }

    fn check_positions(&self) {
        let short = |position: &Position| {
            (position.contract.clone(), position.side, position.size, position.average_price)
        };
        let known: Vec<_> =
            self.client.positions(self.account, PATIENCE).unwrap().iter().map(short).collect();
        let live = self.client.live_positions(self.account).unwrap();
        assert!(live.is_current());
        assert_eq!(live.state.iter().map(short).collect::<Vec<_>>(), known);
        let told: Vec<_> = self.witness.positions.values().filter(|position| position.size > 0).collect();
        let told: Vec<_> = told.iter().map(|told| (told.side, told.size, told.average_price)).collect();
        assert_eq!(told, known.iter().map(|known| (known.1, known.2, known.3)).collect::<Vec<_>>());
    }

    fn check_account(&self) {
        let accounts = self.client.accounts(false, PATIENCE).unwrap();
        let known = accounts.into_iter().find(|account| account.id == self.account).unwrap();
        let live = self.client.live_account(self.account).unwrap();
        assert!(live.is_current());
        assert_eq!(live.state, known);
        assert_eq!(self.witness.balance, known.balance);
    }
}
