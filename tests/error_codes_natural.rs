//! The codes that the simulator gives by itself, by doing what earns them.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod error_support;

use std::time::Duration;

use error_support::{Bench, ORDER, PATIENCE, TAG, table};
use tradeforge::model::{BarRequest, BarUnit};
use tradeforge::sim::{AccountRules, Calendar, Shape, SimClock, SimConfig};
use tradeforge::{
    AccountId, AppLogin, ContractId, Error, OrderChange, OrderId, OrderRequest, OrderStatus, Outcome, Side,
    Timestamp,
};

const NOBODY: AccountId = AccountId::new(1);
/// An account that may not trade.
const INACTIVE: AccountId = AccountId::new(20_000_002);

/// The error has this code, and is what the documentation says of it. Gives it back.
fn check<T: std::fmt::Debug>(result: Result<T, Error>, operation: &str, number: i32) -> Error {
    let error = result.unwrap_err();
    let code = error.gateway_code().map(|code| code.number);
    assert_eq!((error.operation(), code), (Some(operation), Some(number)), "{error}");
    let rows = table("| operation | code | name | kind | outcome |");
    let row = rows.iter().find(|row| row[0] == operation && row[1] == number.to_string()).unwrap();
    assert_eq!(error.gateway_code().unwrap().name, row[2], "{error}");
    assert_eq!(
        (error.kind(), error.outcome()),
        (error_support::kind(&row[3]), error_support::outcome(&row[4]))
    );
    error
}

/// The contract that expired last.
fn expired(bench: &Bench) -> ContractId {
    let product = bench.contract.as_str().rsplit_once('.').unwrap().0;
    let months =
        ["H", "M", "U", "Z"].iter().flat_map(|month| (25..30).map(move |year| format!("{month}{year}")));
    let mut ids = months.map(|month| ContractId::new(format!("{product}.{month}")));
    ids.find(|id| bench.client.contract(id, PATIENCE).is_ok_and(|contract| !contract.is_active)).unwrap()
}

fn to_contract(order: &OrderRequest, contract: &str) -> OrderRequest {
    OrderRequest { contract: ContractId::new(contract), client_tag: None, ..order.clone() }
}

fn resize(account: AccountId, order: OrderId, size: i32) -> OrderChange {
    OrderChange { size: Some(size), ..OrderChange::new(account, order) }
}

#[test]
fn logins() {
    let bench = Bench::start();
    for code in 1..=10 {
        bench.sim.refuse_logins(code);
        let error = check(bench.client.login(PATIENCE), "Auth/loginKey", code);
        assert_eq!(error.gateway_text().is_some(), code == 7, "{error}");
    }
    bench.sim.refuse_logins(0);
    let (password, app, key) = bench.sim.app_credentials();
    let user = bench.sim.user_name();
    for (code, login) in [
        (1, AppLogin::new("nobody", password, "desk", app, key)),
        (2, AppLogin::new(user, "wrong", "desk", app, key)),
        (4, AppLogin::new(user, password, "desk", "wrong", key)),
        (5, AppLogin::new(user, password, "desk", app, "wrong")),
        (6, AppLogin::new(user, password, " ", app, key)),
    ] {
        check(bench.client.login_app(&login, PATIENCE), "Auth/loginApp", code);
    }
}

#[test]
fn questions_about_what_is_not_there() {
    let bench = Bench::start();
    let (client, long_ago) = (&bench.client, Timestamp::from_nanos(0));
    check(client.contract(&"nonsense".into(), PATIENCE), "Contract/searchById", 1);
    check(client.order(bench.account, ORDER, PATIENCE), "Order/searchById", 1);
    check(client.orders(NOBODY, long_ago, PATIENCE), "Order/search", 1);
    check(client.open_orders(NOBODY, PATIENCE), "Order/v2/query", 1);
    check(client.positions(NOBODY, PATIENCE), "Position/searchOpen", 1);
    check(client.fills(NOBODY, long_ago, PATIENCE), "Trade/search", 1);
    let bars = bench.bars();
    let wrong = BarRequest { contract: "nonsense".into(), ..bars.clone() };
    check(client.bars(&wrong, PATIENCE), "History/retrieveBars", 1);
    let wrong = BarRequest { unit: BarUnit::Other(8), ..bars.clone() };
    check(client.bars(&wrong, PATIENCE), "History/retrieveBars", 2);
    let wrong = BarRequest { unit_number: 1_441, ..bars };
    check(client.bars(&wrong, PATIENCE), "History/retrieveBars", 3);
}

#[test]
fn orders() {
    let bench = Bench::start();
    let (client, order) = (&bench.client, bench.order());
    let place = |order: &OrderRequest| client.place(order, PATIENCE);
    check(place(&OrderRequest { account: NOBODY, ..order.clone() }), "Order/place", 1);
    let error = check(place(&OrderRequest { size: 51, ..order.clone() }), "Order/place", 2);
    assert_eq!((error.gateway_text(), error.client_tag()), (Some("Not enough margin."), Some(TAG)));
    let rejected = OrderId::new(error.order_id().unwrap());
    assert_eq!(client.order(bench.account, rejected, PATIENCE).unwrap().status, OrderStatus::Rejected);
    let error = check(place(&order), "Order/place", 2);
    assert_eq!(error.gateway_text(), Some("Specified custom tag is already in use"));
    check(place(&to_contract(&order, "nonsense")), "Order/place", 8);
    check(place(&to_contract(&order, expired(&bench).as_str())), "Order/place", 9);
    check(place(&OrderRequest { account: INACTIVE, ..order.clone() }), "Order/place", 10);
    // The clock stands still, so the order stays pending.
    let pending = place(&OrderRequest { client_tag: None, ..order }).unwrap().order_id;
    for (account, order, size, code) in [
        (NOBODY, ORDER, 2, 1),
        (bench.account, ORDER, 2, 2),
        (bench.account, pending, 2, 4),
        (INACTIVE, ORDER, 2, 6),
    ] {
        check(client.modify(&resize(account, order, size), PATIENCE), "Order/modify", code);
        check(client.cancel(account, order, PATIENCE), "Order/cancel", code);
    }
    let far = "6000".parse().unwrap();
    let limit = OrderRequest::limit(bench.account, bench.contract.clone(), Side::Buy, 1, far);
    let resting = place(&limit).unwrap().order_id;
    bench.sim.step(Duration::from_secs(1)).unwrap();
    let error = check(client.modify(&resize(bench.account, resting, 100), PATIENCE), "Order/modify", 3);
    assert_eq!((error.gateway_text(), error.order_id()), (Some("Not enough margin."), Some(resting.get())));
}

#[test]
fn orders_that_are_final() {
    for code in [2, 3, 5] {
        let bench = Bench::of(SimConfig {
            shape: Shape { finished_order_code: code, ..Shape::default() },
            ..SimConfig::default()
        });
        let filled = bench.client.place(&bench.order(), PATIENCE).unwrap().order_id;
        bench.sim.step(Duration::from_secs(1)).unwrap();
        check(bench.client.cancel(bench.account, filled, PATIENCE), "Order/cancel", code);
        check(bench.client.modify(&resize(bench.account, filled, 2), PATIENCE), "Order/modify", code);
    }
}

#[test]
fn positions() {
    let bench = Bench::start();
    let (client, account) = (&bench.client, bench.account);
    let close = |account, contract: &ContractId| client.close_position(account, contract, PATIENCE);
    let reduce =
        |account, contract: &ContractId, size| client.reduce_position(account, contract, size, PATIENCE);
    let expired = expired(&bench);
    let refuse = |account, contract: &ContractId, code: i32, partial: i32| {
        check(close(account, contract), "Position/closeContract", code);
        check(reduce(account, contract, 1), "Position/partialCloseContract", partial);
    };
    refuse(NOBODY, &bench.contract, 1, 1);
    refuse(account, &bench.contract, 2, 2);
    refuse(account, &"nonsense".into(), 3, 3);
    refuse(account, &expired, 4, 4);
    refuse(INACTIVE, &bench.contract, 8, 9);
    client.place(&bench.order(), PATIENCE).unwrap();
    bench.sim.step(Duration::from_secs(1)).unwrap();
    check(reduce(account, &bench.contract, 2), "Position/partialCloseContract", 5);
    close(account, &bench.contract).unwrap();
    // The close is under way.
    refuse(account, &bench.contract, 6, 7);
}

#[test]
fn a_closed_market() {
    let start = SimClock::Stepped(Timestamp::parse("2026-11-20T21:59:00Z").unwrap());
    let shape = Shape { closed_market_code: 5, ..Shape::default() };
    let bench = Bench::of(SimConfig { clock: start, calendar: Calendar::Cme, shape, ..SimConfig::default() });
    bench.client.place(&bench.order(), PATIENCE).unwrap();
    bench.sim.step(Duration::from_secs(90)).unwrap();
    let late = OrderRequest { client_tag: None, ..bench.order() };
    let error = check(bench.client.place(&late, PATIENCE), "Order/place", 5);
    assert_eq!(
        (error.gateway_text(), error.outcome()),
        (Some("Outside of trading hours."), Outcome::Rejected)
    );
    assert!(error.order_id().is_some(), "a rejected order has an id");
    check(bench.call("Position/closeContract"), "Position/closeContract", 5);
    check(bench.call("Position/partialCloseContract"), "Position/partialCloseContract", 6);
}

#[test]
fn an_account_that_broke_a_rule() {
    let rules = AccountRules { max_loss: Some("1".parse().unwrap()), ..AccountRules::default() };
    let bench = Bench::of(SimConfig { rules, ..SimConfig::default() });
    // The spread and the fees are more than it may lose.
    bench.client.place(&OrderRequest { size: 10, ..bench.order() }, PATIENCE).unwrap();
    bench.sim.step(Duration::from_secs(5)).unwrap();
    let error = check(
        bench.client.place(&OrderRequest { client_tag: None, ..bench.order() }, PATIENCE),
        "Order/place",
        4,
    );
    assert_eq!(error.order_id(), None);
}
