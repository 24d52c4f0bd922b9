//! The samples of the user hub: in the envelope of the wire, and bare as they are documented.

use super::super::decode::decode_user;
use super::{RECEIVED, checked, event, invocation, money, price, sample, time};
use crate::model::{
    AccountEvent, Event, EventBody, EventFlags, FillEvent, OrderEvent, OrderStatus, OrderType, PositionEvent,
    PositionSide, Side, SymbolTable,
};

pub(super) const CHECKED: &[(&str, fn())] = checked![
    hub_user_account_doc
    hub_user_account_live
    hub_user_order_doc
    hub_user_order_live_filled_partial_fields
    hub_user_order_live_pending
    hub_user_position_doc
    hub_user_position_live_open
    hub_user_trade_doc
    hub_user_trade_live_open
];

/// The event of a user sample, and the texts of its symbols.
fn user(target: &str, arguments: &str) -> (Event, SymbolTable) {
    let symbols = SymbolTable::new();
    let event = decode_user(&symbols, RECEIVED, target, arguments).unwrap().unwrap();
    (event, symbols)
}

fn user_record(name: &str) -> (Event, SymbolTable) {
    let (target, arguments) = invocation(name);
    user(&target, &arguments)
}

fn user_bare(target: &str, name: &str) -> (Event, SymbolTable) {
    user(target, &format!("[{}]", sample(name)))
}

fn account_event(event: Event) -> AccountEvent {
    assert_eq!((event.at, event.instrument, event.flags), (None, None, EventFlags::NONE));
    match event.body {
        EventBody::Account(account) => account,
        other => panic!("{other:?}"),
    }
}

#[test]
fn hub_user_account_doc() {
    let (event, symbols) = user_bare("GatewayUserAccount", "hub_user_account_doc");
    let expected = AccountEvent {
        id: 123.into(),
        name: symbols.find("Main Trading Account").unwrap(),
        balance: Some(money("10000.5")),
        can_trade: true,
        is_visible: true,
        simulated: Some(false),
        action: None,
    };
    assert_eq!(account_event(event), expected);
}

#[test]
fn hub_user_account_live() {
    let (event, symbols) = user_record("hub_user_account_live");
    let expected = AccountEvent {
        id: 20_000_002.into(),
        name: symbols.find("150KTC-V2-100002-20000002").unwrap(),
        balance: Some(money("150175.38")),
        can_trade: true,
        is_visible: true,
        simulated: Some(true),
        action: Some(1),
    };
    assert_eq!(account_event(event), expected);
}

/// A buy order without anything that an order may lack.
fn buy(id: i64, account: i64, status: OrderStatus, order_type: OrderType, size: i32) -> OrderEvent {
    OrderEvent {
        id: id.into(),
        account: account.into(),
        status,
        order_type,
        side: Side::Buy,
        size,
        fill_volume: Some(0),
        limit_price: None,
        stop_price: None,
        filled_price: None,
        trail_distance: None,
        trail_price: None,
        parent: None,
        linked: None,
        client_tag: None,
        created: None,
        action: Some(1),
    }
}

#[test]
fn hub_user_order_doc() {
    let (found, symbols) = user_bare("GatewayUserOrder", "hub_user_order_doc");
    let body = EventBody::Order(OrderEvent {
        limit_price: Some(price("2100.5")),
        client_tag: symbols.find("strategy-1"),
        created: time(1_721_569_500_000_000_000),
        action: None,
        ..buy(789, 123, OrderStatus::Open, OrderType::Limit, 1)
    });
    assert!(symbols.find("strategy-1").is_some());
    assert_eq!(found, event(1_721_569_560_000_000_000, &symbols, "CON.F.US.EP.U25", body));
}

#[test]
fn hub_user_order_live_pending() {
    let (found, symbols) = user_record("hub_user_order_live_pending");
    let body = EventBody::Order(OrderEvent {
        created: time(1_778_074_563_496_279_400),
        ..buy(2_934_939_764, 20_000_002, OrderStatus::Pending, OrderType::Market, 15)
    });
    assert_eq!(found, event(1_778_074_563_496_279_400, &symbols, "CON.F.US.MYM.M26", body));
}

#[test]
fn hub_user_order_live_filled_partial_fields() {
    let (found, symbols) = user_record("hub_user_order_live_filled_partial_fields");
    let body = EventBody::Order(OrderEvent {
        fill_volume: Some(1),
        filled_price: Some(price("24466.5")),
        ..buy(2_669_189_964, 20_000_004, OrderStatus::Pending, OrderType::Market, 1)
    });
    let expected = Event { at: None, ..event(0, &symbols, "CON.F.US.MNQ.M26", body) };
    assert_eq!(found, expected, "a time that did not come is absent");
}

#[test]
fn hub_user_position_doc() {
    let (found, symbols) = user_bare("GatewayUserPosition", "hub_user_position_doc");
    let body = EventBody::Position(PositionEvent {
        id: 456.into(),
        account: 123.into(),
        side: PositionSide::Long,
        size: 2,
        average_price: price("2100.25"),
        created: time(1_721_569_500_000_000_000),
        display_name: None,
        action: None,
    });
    assert_eq!(found, Event { at: None, ..event(0, &symbols, "CON.F.US.EP.U25", body) });
}

#[test]
fn hub_user_position_live_open() {
    let (found, symbols) = user_record("hub_user_position_live_open");
    let body = EventBody::Position(PositionEvent {
        id: 703_034_494.into(),
        account: 20_000_002.into(),
        side: PositionSide::Long,
        size: 15,
        average_price: price("49909"),
        created: time(1_778_074_563_624_733_500),
        display_name: Some(symbols.find("MYMM26").unwrap()),
        action: Some(1),
    });
    assert_eq!(found, Event { at: None, ..event(0, &symbols, "CON.F.US.MYM.M26", body) });
}

#[test]
fn hub_user_trade_doc() {
    let (found, symbols) = user_bare("GatewayUserTrade", "hub_user_trade_doc");
    let body = EventBody::Fill(FillEvent {
        id: 101_112.into(),
        order: 789.into(),
        account: 123.into(),
        price: price("2100.75"),
        profit_and_loss: Some(money("50.25")),
        fees: money("2.5"),
        commissions: None,
        side: Side::Buy,
        size: 1,
        voided: false,
        action: None,
    });
    assert_eq!(found, event(1_721_569_620_000_000_000, &symbols, "CON.F.US.EP.U25", body));
}

#[test]
fn hub_user_trade_live_open() {
    let (found, symbols) = user_record("hub_user_trade_live_open");
    let body = EventBody::Fill(FillEvent {
        id: 2_555_492_505.into(),
        order: 2_934_939_816.into(),
        account: 20_000_002.into(),
        price: price("49909"),
        profit_and_loss: None,
        fees: money("5.55"),
        commissions: Some(money("3.75")),
        side: Side::Buy,
        size: 15,
        voided: false,
        action: Some(0),
    });
    assert_eq!(found, event(1_778_074_563_618_567_600, &symbols, "CON.F.US.MYM.M26", body));
}
