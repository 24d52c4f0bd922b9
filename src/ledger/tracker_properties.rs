//! Whatever is told twice, late or never: after a fetch the tracker knows the truth, and each fill is out once.

use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;

use super::known::Source;
use super::tracker::{Fetched, Tracker};
use crate::clock::Timestamp;
use crate::model::{
    AccountEvent, AccountId, Event, EventBody, EventFlags, FillEvent, FillId, OrderEvent, OrderId,
    OrderStatus, OrderType, PositionEvent, PositionSide, Side, Symbol, Topic,
};
use crate::price::{Money, Price};

const ACCOUNTS: [i64; 2] = [7, 8];
const CONTRACTS: u32 = 2;

/// What happens at the gateway.
#[derive(Debug, Clone)]
enum Deed {
    Place { account: usize, contract: u32, is_suspended: bool },
    Open { order: usize },
    Modify { order: usize },
    Fill { order: usize },
    End { order: usize },
    Void { fill: usize },
    RepeatFill { fill: usize },
}

/// What becomes of the events of a deed on their way.
#[derive(Debug, Clone, Copy)]
enum Way {
    Arrive,
    Twice,
    /// Those of orders and fills come after those of the next deed.
    Late,
    /// The connection is lost: these and all until the next return.
    Lost,
    /// The connection is back: what follows is held until the fetch is over, which sees so many deeds more.
    Back(usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    let number = any::<prop::sample::Index>().prop_map(|index| index.index(8));
    prop_oneof![
        3 => (0..2usize, 1..=CONTRACTS, any::<bool>())
            .prop_map(|(account, contract, is_suspended)| Deed::Place { account, contract, is_suspended }),
        2 => number.clone().prop_map(|order| Deed::Open { order }),
        2 => number.clone().prop_map(|order| Deed::Modify { order }),
        4 => number.clone().prop_map(|order| Deed::Fill { order }),
        2 => number.clone().prop_map(|order| Deed::End { order }),
        1 => number.clone().prop_map(|fill| Deed::Void { fill }),
        1 => number.prop_map(|fill| Deed::RepeatFill { fill }),
    ]
}

fn way() -> impl Strategy<Value = Way> {
    prop_oneof![
        4 => Just(Way::Arrive),
        2 => Just(Way::Twice),
        2 => Just(Way::Late),
        1 => Just(Way::Lost),
        2 => (0..4usize).prop_map(Way::Back),
    ]
}

fn event(at: Option<Timestamp>, contract: Option<u32>, body: EventBody) -> Event {
    let received = Timestamp::from_nanos(0);
    let instrument = contract.and_then(Symbol::from_number);
    Event { seq: 0, received, at, instrument, flags: EventFlags::NONE, body }
}

/// The gateway's side.
#[derive(Default)]
struct Truth {
    now: i64,
    orders: BTreeMap<OrderId, Event>,
    fills: BTreeMap<FillId, Event>,
    held: BTreeMap<(AccountId, u32), i32>,
    balances: BTreeMap<AccountId, i64>,
}

impl Truth {
    fn time(&self) -> Option<Timestamp> {
        Some(Timestamp::from_nanos(1_800_000_000_000_000_000 + self.now * 1_000_000))
    }

    /// The event of the `index`th order once `change` has changed it, if it still works.
    fn change(&mut self, index: usize, is_timed: bool, change: impl FnOnce(&mut OrderEvent)) -> Vec<Event> {
        let time = self.time();
        let Some(event) = self.orders.values_mut().nth(index) else { return Vec::new() };
        let EventBody::Order(order) = &mut event.body else { unreachable!() };
        if order.status.is_final() {
            return Vec::new();
        }
        change(order);
        if is_timed {
            event.at = time;
        }
        vec![*event]
    }

    fn position(&self, account: AccountId, contract: u32) -> Event {
        let size = self.held.get(&(account, contract)).copied().unwrap_or(0);
        let body = EventBody::Position(PositionEvent {
            id: i64::from(contract).into(),
            account,
            side: if size == 0 { PositionSide::Flat } else { PositionSide::Long },
            size,
            average_price: Price::from_units(1),
            created: None,
            display_name: None,
            action: Some(1),
        });
        event(None, Some(contract), body)
    }

    fn account(&self, id: AccountId) -> Event {
        let balance = self.balances.get(&id).copied().unwrap_or(0);
        let body = EventBody::Account(AccountEvent {
            id,
            name: Symbol::from_number(9).unwrap(),
            balance: Some(Money::from_units(balance)),
            can_trade: true,
            is_visible: true,
            simulated: None,
            action: Some(1),
        });
        event(None, None, body)
    }

    /// Does a deed; gives what the hub tells of it.
    fn act(&mut self, deed: &Deed) -> Vec<Event> {
        self.now += 1;
        match *deed {
            Deed::Place { account, contract, is_suspended } => {
                let id = OrderId::new(1 + self.orders.len() as i64);
                let status = if is_suspended { OrderStatus::Suspended } else { OrderStatus::Pending };
                let body = EventBody::Order(OrderEvent {
                    id,
                    account: ACCOUNTS[account].into(),
                    status,
                    order_type: OrderType::Limit,
                    side: Side::Buy,
                    size: 3,
                    fill_volume: Some(0),
                    limit_price: Some(Price::from_units(1)),
                    stop_price: None,
                    filled_price: None,
                    trail_distance: None,
                    trail_price: None,
                    parent: None,
                    linked: None,
                    client_tag: None,
                    created: self.time(),
                    action: Some(1),
                });
                self.orders.insert(id, event(self.time(), Some(contract), body));
                vec![self.orders[&id]]
            }
            Deed::Open { order } => self.change(order, false, |order| order.status = OrderStatus::Open),
            Deed::Modify { order } => {
                let price = Price::from_units(self.now);
                self.change(order, true, |order| order.limit_price = Some(price))
            }
            Deed::End { order } => self.change(order, true, |order| order.status = OrderStatus::Cancelled),
            Deed::Fill { order } => {
                let told = self.change(order, false, |order| {
                    let filled = order.fill_volume.unwrap() + 1;
                    order.fill_volume = Some(filled);
                    order.status = if filled == order.size { OrderStatus::Filled } else { OrderStatus::Open };
                });
                let Some(&told) = told.first() else { return Vec::new() };
                let (EventBody::Order(order), Some(contract)) = (told.body, told.instrument) else {
                    unreachable!()
                };
                let id = FillId::new(1 + self.fills.len() as i64);
                let body = EventBody::Fill(FillEvent {
                    id,
                    order: order.id,
                    account: order.account,
                    price: Price::from_units(1),
                    profit_and_loss: None,
                    fees: Money::ZERO,
                    commissions: None,
                    side: Side::Buy,
                    size: 1,
                    voided: false,
                    action: Some(0),
                });
                let fill = event(self.time(), Some(contract.get()), body);
                self.fills.insert(id, fill);
                // The third closes the position.
                let held = self.held.entry((order.account, contract.get())).or_default();
                *held = (*held + 1) % 3;
                *self.balances.entry(order.account).or_default() -= 1;
                let account = self.account(order.account);
                vec![fill, told, self.position(order.account, contract.get()), account, account]
            }
            Deed::Void { fill } => {
                let Some(event) = self.fills.values_mut().nth(fill) else { return Vec::new() };
                let EventBody::Fill(fill) = &mut event.body else { unreachable!() };
                fill.voided = true;
                vec![*event]
            }
            Deed::RepeatFill { fill } => self.fills.values().nth(fill).copied().into_iter().collect(),
        }
    }

    /// What the queries answer now.
    fn fetch(&self) -> Vec<Fetched> {
        let mut all = Vec::new();
        let mut add = |topic, rows: Vec<Event>| {
            // The store cuts times to microseconds and sends no number of the change.
            all.push(Fetched {
                topic,
                number: 0,
                source: Source::Resync,
                rows,
                gone: Vec::new(),
                listed: None,
                at: Timestamp::from_nanos(0),
            });
        };
        for account in ACCOUNTS.map(AccountId::new) {
            let of_account = |event: &&Event| match event.body {
                EventBody::Order(order) => order.account == account,
                EventBody::Fill(fill) => fill.account == account,
                _ => false,
            };
            add(Topic::Fills(account), self.fills.values().filter(of_account).copied().collect());
            add(Topic::Orders(account), self.orders.values().filter(of_account).copied().collect());
            let held = self.held.iter().filter(|((owner, _), size)| *owner == account && **size > 0);
            let positions = held.map(|((owner, contract), _)| self.position(*owner, *contract));
            add(Topic::Positions(account), positions.collect());
        }
        add(Topic::Accounts, ACCOUNTS.map(|id| self.account(id.into())).to_vec());
        all
    }
}

/// The client's side, with what its streams saw.
#[derive(Default)]
struct Seen {
    tracker: Tracker,
    out: Vec<Event>,
}

impl Seen {
    fn take(&mut self, event: Event) {
        self.out.extend(self.tracker.take(event, Source::Hub));
    }

    fn absorb(&mut self, fetched: &[Fetched], held: &[Event]) {
        for fetched in fetched {
            self.tracker.absorb(fetched, held, &mut |event| self.out.push(event));
        }
        for event in held {
            self.take(*event);
        }
    }
}

fn run(deeds: &[(Deed, Way)]) -> (Truth, Seen) {
    let (mut truth, mut seen) = (Truth::default(), Seen::default());
    let mut late: Vec<Event> = Vec::new();
    let mut is_lost = false;
    let mut index = 0;
    while let Some((deed, way)) = deeds.get(index) {
        index += 1;
        let told = truth.act(deed);
        match way {
            Way::Lost => is_lost = true,
            Way::Back(until) if is_lost => {
                let mut held = Vec::new();
                let seen_by_fetch = deeds[index..].iter().take(*until);
                index += seen_by_fetch.len();
                held.extend(seen_by_fetch.flat_map(|(deed, _)| truth.act(deed)));
                let fetched = truth.fetch();
                // And some after the fetch.
                let after = deeds[index..].iter().take(1);
                index += after.len();
                held.extend(after.flat_map(|(deed, _)| truth.act(deed)));
                seen.absorb(&fetched, &held);
                is_lost = false;
                late.clear();
            }
            _ if is_lost => {}
            Way::Late => {
                let (timed, others): (Vec<Event>, Vec<Event>) = told
                    .into_iter()
                    .partition(|event| matches!(event.body, EventBody::Order(_) | EventBody::Fill(_)));
                others.into_iter().for_each(|event| seen.take(event));
                late.extend(timed);
                continue;
            }
            Way::Arrive | Way::Twice | Way::Back(_) => {
                let count = if matches!(way, Way::Twice) { 2 } else { 1 };
                (0..count).for_each(|_| told.iter().for_each(|event| seen.take(*event)));
            }
        }
        late.drain(..).for_each(|event| seen.take(event));
    }
    late.drain(..).for_each(|event| seen.take(event));
    if is_lost {
        seen.absorb(&truth.fetch(), &[]);
    }
    (truth, seen)
}

fn check(truth: &Truth, seen: &Seen) {
    for account in ACCOUNTS.map(AccountId::new) {
        let working: Vec<OrderEvent> = seen.tracker.working_orders(account).map(|known| known.body).collect();
        let orders = truth.orders.values().filter_map(|event| match event.body {
            EventBody::Order(order) if order.account == account && !order.status.is_final() => Some(order),
            _ => None,
        });
        assert_eq!(working, orders.collect::<Vec<_>>());
        let open: BTreeMap<u32, i32> = seen
            .tracker
            .open_positions(account)
            .map(|known| (known.instrument.unwrap().get(), known.body.size))
            .collect();
        let held = truth.held.iter().filter(|((owner, _), size)| *owner == account && **size > 0);
        assert_eq!(open, held.map(|((_, contract), size)| (*contract, *size)).collect());
        if let Some(known) = seen.tracker.account(account) {
            let balance = truth.balances.get(&account).copied().unwrap_or(0);
            assert_eq!(known.body.balance, Some(Money::from_units(balance)));
        }
    }
    let mut fills: HashMap<FillId, (usize, bool)> = HashMap::new();
    let mut orders: HashMap<OrderId, OrderEvent> = HashMap::new();
    for event in &seen.out {
        match event.body {
            EventBody::Fill(fill) => {
                let (count, voided) = fills.entry(fill.id).or_default();
                *count += usize::from(!event.flags.contains(EventFlags::REVISED));
                assert_eq!(*count, 1, "{fill:?}");
                assert!(!*voided || fill.voided, "what was undone came back");
                *voided = fill.voided;
            }
            EventBody::Order(order) => {
                if let Some(before) = orders.insert(order.id, order) {
                    assert!(!before.status.is_final(), "{order:?} after {before:?}");
                    assert!(order.fill_volume >= before.fill_volume, "{order:?} after {before:?}");
                    let is_started = |order: &OrderEvent| order.status == OrderStatus::Open;
                    assert!(is_started(&order) || !is_started(&before) || order.status.is_final());
                }
            }
            _ => {}
        }
    }
    for event in truth.fills.values() {
        let EventBody::Fill(fill) = event.body else { unreachable!() };
        assert_eq!(fills.get(&fill.id), Some(&(1, fill.voided)), "{fill:?}");
    }
    for event in truth.orders.values() {
        let EventBody::Order(order) = event.body else { unreachable!() };
        assert_eq!(orders.get(&order.id).map(|order| order.status), Some(order.status), "{order:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_truth_is_known_and_each_fill_is_out_once(deeds in prop::collection::vec((deed(), way()), 1..120)) {
        let (truth, seen) = run(&deeds);
        check(&truth, &seen);
    }
}
