//! What the tracker makes of single events.

use super::known::Source;
use super::tracker::{Fetched, Tracker};
use crate::clock::Timestamp;
use crate::model::{
    AccountEvent, Event, EventBody, EventFlags, FillEvent, OrderEvent, OrderStatus, OrderType, PositionEvent,
    PositionSide, Side, Symbol, Topic,
};
use crate::price::{Money, Price};

const ACCOUNT: i64 = 7;

fn time(millis: i64) -> Timestamp {
    Timestamp::from_nanos(1_800_000_000_000_000_000 + millis * 1_000_000)
}

fn event(at: Option<i64>, body: EventBody) -> Event {
    Event {
        seq: 0,
        received: time(0),
        at: at.map(time),
        instrument: Symbol::from_number(1),
        flags: EventFlags::NONE,
        body,
    }
}

fn order(at: i64, status: OrderStatus, filled: i32) -> Event {
    let body = EventBody::Order(OrderEvent {
        id: 1.into(),
        account: ACCOUNT.into(),
        status,
        order_type: OrderType::Limit,
        side: Side::Buy,
        size: 3,
        fill_volume: Some(filled),
        limit_price: Some(Price::from_units(5)),
        stop_price: None,
        filled_price: None,
        trail_distance: None,
        trail_price: None,
        parent: None,
        linked: None,
        client_tag: None,
        created: Some(time(0)),
        action: Some(1),
    });
    event(Some(at), body)
}

fn fill(id: i64, at: i64, change: impl FnOnce(&mut FillEvent)) -> Event {
    let mut fill = FillEvent {
        id: id.into(),
        order: 1.into(),
        account: ACCOUNT.into(),
        price: Price::from_units(5),
        profit_and_loss: None,
        fees: Money::ZERO,
        commissions: None,
        side: Side::Buy,
        size: 1,
        voided: false,
        action: Some(0),
    };
    change(&mut fill);
    event(Some(at), EventBody::Fill(fill))
}

fn position(id: i64, created: i64, size: i32) -> Event {
    let body = EventBody::Position(PositionEvent {
        id: id.into(),
        account: ACCOUNT.into(),
        side: if size == 0 { PositionSide::Flat } else { PositionSide::Long },
        size,
        average_price: Price::from_units(5),
        created: Some(time(created)),
        display_name: None,
        action: Some(1),
    });
    event(None, body)
}

fn account(balance: i64) -> Event {
    let body = EventBody::Account(AccountEvent {
        id: ACCOUNT.into(),
        name: Symbol::from_number(2).unwrap(),
        balance: Some(Money::from_units(balance)),
        can_trade: true,
        is_visible: true,
        simulated: None,
        action: Some(1),
    });
    Event { instrument: None, ..event(None, body) }
}

fn fetched(topic: Topic, source: Source, rows: &[Event]) -> Fetched {
    Fetched { topic, number: 0, source, rows: rows.to_vec(), gone: Vec::new(), listed: None, at: time(0) }
}

fn absorb(tracker: &mut Tracker, fetched: &Fetched, held: &[Event]) -> Vec<Event> {
    let mut told = Vec::new();
    tracker.absorb(fetched, held, &mut |event| told.push(event));
    told
}

/// Which of these events of the hub are told.
fn told(events: &[Event]) -> Vec<bool> {
    let mut tracker = Tracker::default();
    events.iter().map(|event| tracker.take(*event, Source::Hub).is_some()).collect()
}

#[test]
fn an_order_goes_only_forward() {
    use OrderStatus::{Cancelled, Filled, Open, Other, Pending, PendingCancellation, Suspended};
    for (events, expected) in [
        (vec![(0, Pending, 0), (0, Open, 0), (0, Pending, 0)], vec![true, true, false]),
        (vec![(0, Suspended, 0), (0, Open, 0), (0, Open, 0)], vec![true, true, false]),
        // The time tells a change, and what is filled tells a fill.
        (vec![(9, Open, 1), (5, Open, 1), (9, Open, 0)], vec![true, false, false]),
        (vec![(5, Open, 1), (9, Open, 1), (9, Open, 2)], vec![true, false, true]),
        (vec![(5, Open, 1), (5, PendingCancellation, 1), (5, Open, 1)], vec![true, true, true]),
        (vec![(9, Cancelled, 0), (5, Open, 0), (10, Open, 0)], vec![true, false, false]),
        // The end counts whatever its time.
        (vec![(9, Open, 0), (5, Filled, 3), (9, Open, 1)], vec![true, true, false]),
        (vec![(9, Filled, 3), (9, Filled, 3), (5, Cancelled, 0)], vec![true, false, false]),
        // The gateway takes it back.
        (vec![(5, Cancelled, 0), (9, Filled, 3)], vec![true, true]),
        (vec![(5, Other(42), 0), (5, Filled, 3), (6, Other(43), 3)], vec![true, true, true]),
    ] {
        let events: Vec<Event> =
            events.into_iter().map(|(at, status, filled)| order(at, status, filled)).collect();
        assert_eq!(told(&events), expected, "{events:?}");
    }
}

#[test]
fn a_fill_is_told_once_and_again_when_it_changes() {
    let with_profit = |fill: &mut FillEvent| fill.profit_and_loss = Some(Money::from_units(9));
    let void = |fill: &mut FillEvent| fill.voided = true;
    let mut tracker = Tracker::default();
    let mut take = |event| tracker.take(event, Source::Hub);
    assert_eq!(take(fill(1, 0, with_profit)).unwrap().flags, EventFlags::NONE);
    assert!(take(fill(1, 0, with_profit)).is_none(), "the same again");
    assert!(take(fill(1, 0, |_| ())).is_none(), "it tells less than before");
    let undone = take(fill(1, 0, void)).unwrap();
    assert_eq!(undone.flags, EventFlags::REVISED);
    let EventBody::Fill(undone) = undone.body else { panic!("{undone:?}") };
    assert_eq!((undone.voided, undone.profit_and_loss), (true, Some(Money::from_units(9))));
    assert!(take(fill(1, 0, with_profit)).is_none(), "what is undone stays undone");
    assert!(take(fill(2, 0, |_| ())).is_some());
    assert!(take(fill(2, 0, |fill| fill.commissions = Some(Money::ZERO))).is_some());
}

#[test]
fn fills_from_before_the_beginning_are_not_told() {
    let mut tracker = Tracker::default();
    let seed = fetched(Topic::Fills(ACCOUNT.into()), Source::Seed, &[fill(1, 0, |_| ())]);
    assert!(absorb(&mut tracker, &seed, &[]).is_empty());
    let late = |event: Event, millis| Event { received: time(millis), ..event };
    assert!(tracker.take(late(fill(1, 0, |_| ()), 60_000), Source::Hub).is_none(), "the opening fill again");
    assert!(tracker.take(fill(2, -2_000, |_| ()), Source::Hub).is_none(), "older than what was asked for");
    assert!(tracker.take(fill(3, 1, |_| ()), Source::Hub).is_some());

    let mut tracker = Tracker::default();
    absorb(&mut tracker, &seed, &[]);
    assert!(tracker.take(late(fill(1, 0, |_| ()), 100), Source::Hub).is_some(), "it was on its way");
    assert!(tracker.take(late(fill(1, 0, |_| ()), 200), Source::Hub).is_none());
}

#[test]
fn accounts_and_positions_are_told_when_they_change() {
    assert_eq!(told(&[account(1), account(1), account(2), account(1)]), [true, false, true, true]);
    let events =
        [position(1, 0, 1), position(1, 0, 1), position(1, 0, 0), position(1, 0, 0), position(2, 9, 1)];
    assert_eq!(told(&events), [true, false, true, false, true]);
    assert_eq!(told(&[position(2, 9, 1), position(1, 0, 0)]), [true, false], "the end of an earlier one");
}

#[test]
fn what_is_fetched_first_is_the_state_and_no_news() {
    let mut tracker = Tracker::default();
    let orders = Topic::Orders(ACCOUNT.into());
    let seed = fetched(orders.clone(), Source::Seed, &[order(0, OrderStatus::Suspended, 0)]);
    assert!(absorb(&mut tracker, &seed, &[]).is_empty());
    assert_eq!(tracker.working_orders(ACCOUNT.into()).count(), 1);
    assert!(tracker.take(order(0, OrderStatus::Suspended, 0), Source::Hub).is_some(), "it was on its way");
    assert!(tracker.take(order(0, OrderStatus::Suspended, 0), Source::Hub).is_none());
    // What the hub has told is not undone by an older answer.
    tracker.take(order(1, OrderStatus::Cancelled, 0), Source::Hub);
    absorb(&mut tracker, &seed, &[]);
    assert_eq!(tracker.working_orders(ACCOUNT.into()).count(), 0);

    tracker.take(position(1, 0, 2), Source::Hub);
    absorb(&mut tracker, &fetched(Topic::Positions(ACCOUNT.into()), Source::Seed, &[position(1, 0, 1)]), &[]);
    assert_eq!(tracker.open_positions(ACCOUNT.into()).next().unwrap().body.size, 2);
}

#[test]
fn after_a_loss_what_was_missed_is_told() {
    let mut tracker = Tracker::default();
    tracker.take(order(0, OrderStatus::Open, 0), Source::Hub);
    tracker.take(position(1, 0, 2), Source::Hub);
    let orders = Topic::Orders(ACCOUNT.into());
    let same = fetched(orders.clone(), Source::Resync, &[order(0, OrderStatus::Open, 0)]);
    assert!(absorb(&mut tracker, &same, &[]).is_empty());
    // The gateway's clock may have been set back meanwhile.
    let ended = fetched(orders.clone(), Source::Resync, &[order(-5, OrderStatus::Open, 1)]);
    let told = absorb(&mut tracker, &ended, &[]);
    assert_eq!(told.iter().map(|event| event.flags).collect::<Vec<_>>(), [EventFlags::RESYNC]);

    let gone = Fetched { gone: vec![1.into()], ..fetched(orders, Source::Resync, &[]) };
    let told = absorb(&mut tracker, &gone, &[]);
    assert!(matches!(told[0].body, EventBody::Order(order) if order.status == OrderStatus::None), "{told:?}");
    assert_eq!(tracker.working_orders(ACCOUNT.into()).count(), 0);

    let positions = fetched(Topic::Positions(ACCOUNT.into()), Source::Resync, &[]);
    assert!(absorb(&mut tracker, &positions, &[position(1, 0, 3)]).is_empty(), "the hub tells it after this");
    let older = fetched(Topic::Positions(ACCOUNT.into()), Source::Resync, &[position(1, 0, 5)]);
    assert!(absorb(&mut tracker, &older, &[position(1, 0, 3)]).is_empty(), "the hub's word is later");
    let told = absorb(&mut tracker, &positions, &[]);
    assert!(matches!(told[0].body, EventBody::Position(position) if position.size == 0), "{told:?}");
    assert_eq!((told.len(), tracker.open_positions(ACCOUNT.into()).count()), (1, 0));
    assert!(absorb(&mut tracker, &positions, &[]).is_empty());
}

#[test]
fn days_of_trading_do_not_grow() {
    let mut tracker = Tracker::default();
    let seed = fetched(Topic::Fills(ACCOUNT.into()), Source::Seed, &[]);
    absorb(&mut tracker, &seed, &[]);
    for number in 0..70_000i64 {
        let mut ended = order(number, OrderStatus::Filled, 3);
        if let EventBody::Order(order) = &mut ended.body {
            order.id = (number + 1).into();
        }
        assert!(tracker.take(ended, Source::Hub).is_some());
        assert!(tracker.take(fill(number, number, |_| ()), Source::Hub).is_some());
    }
    assert_eq!(tracker.remembered(), (4_096, 65_536));
    assert!(tracker.take(fill(0, 0, |_| ()), Source::Hub).is_none(), "what is forgotten counts as told");
}
