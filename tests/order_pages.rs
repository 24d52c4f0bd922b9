//! Orders by state, contract and time, in pages; fills of a range.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![cfg(feature = "sim")]

mod order_support;

use std::time::Duration;

use order_support::{Desk, PATIENCE};
use tradeforge::model::{Order, OrderSort};
use tradeforge::{
    BracketPrice, Kind, OrderId, OrderPage, OrderQuery, OrderRequest, OrderStatus, Side, StopLoss, Timestamp,
};

fn ids(orders: &[Order]) -> Vec<OrderId> {
    orders.iter().map(|order| order.id).collect()
}

fn page(desk: &Desk, query: &OrderQuery) -> OrderPage {
    desk.client.order_page(query, PATIENCE).unwrap()
}

#[test]
fn pages_give_every_order_once() {
    let desk = Desk::still();
    let cancelled = |number: usize| {
        let id = desk.place(&desk.resting(&format!("tag-{number}")));
        desk.settle();
        desk.client.cancel(desk.account, id, PATIENCE).unwrap();
        id
    };
    let made: Vec<_> = (0..230).map(cancelled).collect();
    desk.settle();
    let query = OrderQuery {
        statuses: vec![OrderStatus::Cancelled],
        with_total: true,
        ..OrderQuery::new(desk.account)
    };
    let first = page(&desk, &query);
    assert_eq!((first.orders.len(), first.total, first.next_offset), (100, Some(230), Some(100)));
    let second = page(&desk, &OrderQuery { page_offset: 100, ..query.clone() });
    let third = page(&desk, &OrderQuery { page_offset: 200, with_total: false, ..query.clone() });
    assert_eq!((third.orders.len(), third.total, third.next_offset), (30, None, None));
    let all: Vec<_> = [first, second, third].iter().flat_map(|page| ids(&page.orders)).collect();
    assert_eq!(all, made);

    let latest = OrderQuery { is_descending: true, page_size: 3, ..query };
    let newest: Vec<_> = made.iter().rev().take(3).copied().collect();
    for sort_by in [OrderSort::Id, OrderSort::CreatedAt] {
        assert_eq!(ids(&page(&desk, &OrderQuery { sort_by, ..latest.clone() }).orders), newest);
    }
    for page_size in [0, 101] {
        let error =
            desk.client.order_page(&OrderQuery { page_size, ..latest.clone() }, PATIENCE).unwrap_err();
        assert_eq!(error.kind(), Kind::Argument, "{error}");
    }
}

#[test]
fn resting_orders_are_neither_pending_nor_suspended() {
    let desk = Desk::still();
    let entry = OrderRequest {
        stop_loss: Some(StopLoss::fixed(BracketPrice::Ticks(10))),
        take_profit: Some(BracketPrice::Ticks(10)),
        ..desk.resting("entry")
    };
    let entry = desk.place(&entry);
    desk.settle();
    assert_eq!(ids(&desk.client.resting_orders(desk.account, PATIENCE).unwrap()), [entry]);
    assert_eq!(desk.client.open_orders(desk.account, PATIENCE).unwrap().len(), 3);
    let suspended = OrderQuery { statuses: vec![OrderStatus::Suspended], ..OrderQuery::new(desk.account) };
    let legs = page(&desk, &suspended).orders;
    assert!(legs.len() == 2 && legs.iter().all(|leg| leg.parent == Some(entry)), "{legs:?}");

    let elsewhere = OrderQuery { contract: Some("CON.F.US.EP.Z26".into()), ..suspended.clone() };
    assert_eq!(page(&desk, &elsewhere).orders, []);
    let here = OrderQuery { contract: Some(desk.contract.id.clone()), ..suspended };
    assert_eq!(page(&desk, &here).orders, legs);
}

#[test]
fn a_range_begins_at_its_start_and_ends_before_its_end() {
    let desk = Desk::still();
    let mut made = Vec::new();
    for number in 0..4 {
        let id = desk.place(&desk.resting(&format!("tag-{number}")));
        made.push((id, desk.order(id).created.unwrap()));
        desk.settle();
    }
    let times: Vec<Timestamp> = made.iter().map(|(_, time)| *time).collect();
    let orders = |from: usize, until: usize| {
        let found = desk.client.orders(desk.account, times[from]..times[until], PATIENCE).unwrap();
        ids(&found)
    };
    assert_eq!(orders(0, 3), [made[0].0, made[1].0, made[2].0]);
    assert_eq!(orders(1, 2), [made[1].0]);
    let open_end = desk.client.orders(desk.account, times[2].., PATIENCE).unwrap();
    assert_eq!(ids(&open_end), [made[2].0, made[3].0]);

    let backwards = [times[1]..times[0], times[0]..times[0]];
    for range in backwards {
        let orders = desk.client.orders(desk.account, range.clone(), PATIENCE).unwrap_err();
        let fills = desk.client.fills(desk.account, range, PATIENCE).unwrap_err();
        assert_eq!((orders.kind(), fills.kind()), (Kind::Argument, Kind::Argument), "{orders} {fills}");
    }

    let half = Duration::from_millis(500);
    let query = OrderQuery {
        created_after: Some(times[0].saturating_add(half)),
        created_before: Some(times[2].saturating_add(half)),
        ..OrderQuery::new(desk.account)
    };
    assert_eq!(ids(&page(&desk, &query).orders), [made[1].0, made[2].0]);
}

#[test]
fn fills_of_a_range() {
    let desk = Desk::still();
    let start = Timestamp::from_nanos(0);
    let bought = desk.place(&desk.market(Side::Buy));
    desk.until(bought, OrderStatus::Filled);
    let all = desk.client.fills(desk.account, start, PATIENCE).unwrap();
    let (last, before) = all.split_last().unwrap();
    assert_eq!((last.order, before.len()), (bought, 2), "one bought and sold before");
    let until = last.created.unwrap();
    assert_eq!(desk.client.fills(desk.account, start..until, PATIENCE).unwrap(), before);
    assert_eq!(desk.client.fills(desk.account, until.., PATIENCE).unwrap(), std::slice::from_ref(last));
}
