//! Every operation of the gateway once: what goes out, and every member of what comes back.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use common::http::{HttpServer, Reply};
use common::{ACCOUNT, CONTRACT, PATIENCE, contract, success};
use serde_json::{Value, json};
use tradeforge::model::{
    Account, Bar, BarRequest, BarUnit, Contract, Date, Fill, Order, OrderSort, Position, PositionSide, Volume,
};
use tradeforge::{
    AppLogin, BracketPrice, Client, Money, OrderChange, OrderPage, OrderQuery, OrderRequest, OrderStatus,
    OrderType, Price, Side, StopLoss, Timestamp,
};

/// A server that logs in and answers everything else with these members, and its client.
fn answering(members: Value) -> (HttpServer, Client) {
    let server = HttpServer::start(move |request| match request.path.as_str() {
        "/api/Auth/loginKey" | "/api/Auth/loginApp" => success(json!({"token": "token-1"})),
        "/api/Status/ping" => Reply::Bytes("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\npong".into()),
        _ => success(members.clone()),
    });
    let client = common::client(&server.url(), "http://127.0.0.1:1/hubs/none");
    client.login(PATIENCE).unwrap();
    (server, client)
}

/// The one request to this path, with the token that it needs.
fn sent(server: &HttpServer, path: &str) -> Value {
    let [request] = &server.requests(path)[..] else { panic!("{path} was not asked once") };
    assert_eq!(request.token(), "token-1", "{path}");
    request.body.clone()
}

fn price(text: &str) -> Option<Price> {
    Some(Price::parse(text).unwrap())
}

fn money(text: &str) -> Money {
    Money::parse(text).unwrap()
}

fn time(text: &str) -> Option<Timestamp> {
    Some(Timestamp::parse(text).unwrap())
}

/// A range of a day, and its ends on the wire.
fn day() -> std::ops::Range<Timestamp> {
    time("2026-11-19T22:00:00Z").unwrap()..time("2026-11-20T21:00:00Z").unwrap()
}

fn day_request() -> Value {
    json!({
        "accountId": ACCOUNT, "startTimestamp": "2026-11-19T22:00:00Z", "endTimestamp": "2026-11-20T21:00:00Z",
    })
}

/// An order with every member, numbers without names among them.
fn order_sent() -> Value {
    let text = r#"{"id":3408995737,"accountId":20000001,"contractId":"CON.F.US.MES.Z26","symbolId":"F.US.MES",
        "creationTimestamp":"2026-11-20T15:26:02.15673+00:00","updateTimestamp":"2026-11-20T15:26:03.1+00:00",
        "status":9,"type":12,"side":7,"size":3,"limitPrice":5000.250000000,"stopPrice":4999.5,"fillVolume":1,
        "filledPrice":29398.3333333333,"customTag":"tag-1-TP","trailDistance":-99,"trailPrice":-24.75,
        "parentOrderId":3408995735,"linkedOrderId":3408995736,"aNewMember":{"x":[1]}}"#;
    serde_json::from_str(text).unwrap()
}

fn order_read() -> Order {
    Order {
        id: 3_408_995_737.into(),
        account: ACCOUNT.into(),
        contract: contract(),
        symbol_id: Some("F.US.MES".into()),
        created: time("2026-11-20T15:26:02.15673Z"),
        updated: time("2026-11-20T15:26:03.1Z"),
        status: OrderStatus::Other(9),
        order_type: OrderType::Other(12),
        side: Side::Other(7),
        size: 3,
        limit_price: price("5000.25"),
        stop_price: price("4999.5"),
        fill_volume: Some(1),
        filled_price: price("29398.333333333"),
        client_tag: Some("tag-1-TP".into()),
        trail_distance: Some(-99),
        trail_price: price("-24.75"),
        parent: Some(3_408_995_735.into()),
        linked: Some(3_408_995_736.into()),
    }
}

fn contract_sent() -> Value {
    json!({
        "id": CONTRACT, "name": "MESZ6", "description": "Micro E-mini S&P 500: December 2026", "tickSize": 0.25,
        "tickValue": 1.25, "activeContract": true, "symbolId": "F.US.MES",
    })
}

fn contract_read() -> Contract {
    Contract {
        id: contract(),
        name: "MESZ6".into(),
        description: "Micro E-mini S&P 500: December 2026".into(),
        tick_size: Price::parse("0.25").unwrap(),
        tick_value: money("1.25"),
        is_active: true,
        symbol_id: Some("F.US.MES".into()),
    }
}

#[test]
fn auth_login_key() {
    let (server, _client) = answering(json!({}));
    let [request] = &server.requests("/api/Auth/loginKey")[..] else { panic!("one login") };
    assert_eq!(request.body, json!({"userName": "jane", "apiKey": "a-key-of-a-test"}));
    assert_eq!(request.authorization, None);
}

#[test]
fn auth_login_app() {
    let (server, client) = answering(json!({}));
    client.login_app(&AppLogin::new("admin", "secret", "desk 1", "app-id", "verify"), PATIENCE).unwrap();
    let [request] = &server.requests("/api/Auth/loginApp")[..] else { panic!("one login") };
    let expected = json!({
        "userName": "admin", "password": "secret", "deviceId": "desk 1", "appId": "app-id", "verifyKey": "verify",
    });
    assert_eq!((&request.body, &request.authorization), (&expected, &None));
}

#[test]
fn auth_validate() {
    let (server, client) = answering(json!({"newToken": "token-2"}));
    client.validate(PATIENCE).unwrap();
    assert_eq!(sent(&server, "/api/Auth/validate"), Value::Null);
    client.validate(PATIENCE).unwrap();
    assert_eq!(server.requests("/api/Auth/validate")[1].token(), "token-2");
}

#[test]
fn auth_logout() {
    let (server, client) = answering(json!({}));
    client.logout(PATIENCE).unwrap();
    assert_eq!(sent(&server, "/api/Auth/logout"), Value::Null);
}

#[test]
fn status_ping() {
    let (server, client) = answering(json!({}));
    client.ping(PATIENCE).unwrap();
    assert_eq!(server.requests("/api/Status/ping")[0].authorization, None);
}

#[test]
fn account_search() {
    let (server, client) = answering(json!({"accounts": [
        {"id": ACCOUNT, "name": "PRAC-1", "balance": 50000.12, "canTrade": true, "isVisible": false, "simulated": true},
        {"id": 2, "name": "X", "canTrade": false, "isVisible": true},
    ]}));
    let expected = [
        Account {
            id: ACCOUNT.into(),
            name: "PRAC-1".into(),
            balance: Some(money("50000.12")),
            can_trade: true,
            is_visible: false,
            simulated: Some(true),
        },
        Account {
            id: 2.into(),
            name: "X".into(),
            balance: None,
            can_trade: false,
            is_visible: true,
            simulated: None,
        },
    ];
    assert_eq!(client.accounts(false, PATIENCE).unwrap(), expected);
    assert_eq!(sent(&server, "/api/Account/search"), json!({"onlyActiveAccounts": false}));
}

#[test]
fn contract_search() {
    let (server, client) = answering(json!({"contracts": [contract_sent()]}));
    assert_eq!(client.search_contracts("MES", true, PATIENCE).unwrap(), [contract_read()]);
    assert_eq!(sent(&server, "/api/Contract/search"), json!({"searchText": "MES", "live": true}));
}

#[test]
fn contract_available() {
    let (server, client) = answering(json!({"contracts": [contract_sent()]}));
    assert_eq!(client.available_contracts(false, PATIENCE).unwrap(), [contract_read()]);
    assert_eq!(sent(&server, "/api/Contract/available"), json!({"live": false}));
}

#[test]
fn contract_search_by_id() {
    // It once answered with a list of one.
    for members in [json!({"contract": contract_sent()}), json!({"contracts": [contract_sent()]})] {
        let (server, client) = answering(members);
        assert_eq!(client.contract(&contract(), PATIENCE).unwrap(), contract_read());
        assert_eq!(sent(&server, "/api/Contract/searchById"), json!({"contractId": CONTRACT}));
    }
}

#[test]
fn history_retrieve_bars() {
    let row = json!({
        "t": "2026-11-20T15:00:00+00:00", "o": 5000.250000000, "h": 5001, "l": 4999.5, "c": 5e3,
        "v": 9007199254740993_i64, "d": "2026-11-20", "k": 5,
    });
    let (server, client) = answering(json!({"bars": [row]}));
    let request = BarRequest {
        unit_number: 4,
        limit: Some(1),
        include_partial: true,
        live: true,
        ..BarRequest::new(contract(), BarUnit::Hour, day().start, day().end)
    };
    let expected = Bar {
        start: time("2026-11-20T15:00:00Z").unwrap(),
        open: Price::parse("5000.25").unwrap(),
        high: Price::parse("5001").unwrap(),
        low: Price::parse("4999.5").unwrap(),
        close: Price::parse("5000").unwrap(),
        volume: Volume::new(9_007_199_254_740_993),
        day: Date::parse("2026-11-20"),
        k: Some(5),
    };
    assert_eq!(client.bars(&request, PATIENCE).unwrap(), [expected]);
    let body = json!({
        "contractId": CONTRACT, "live": true, "startTime": "2026-11-19T22:00:00Z", "endTime": "2026-11-20T21:00:00Z",
        "unit": 3, "unitNumber": 4, "limit": 2,
        "includePartialBar": true,
    });
    assert_eq!(sent(&server, "/api/History/retrieveBars"), body);
}

#[test]
fn order_search() {
    let (server, client) = answering(json!({"orders": [order_sent()]}));
    assert_eq!(client.orders(ACCOUNT.into(), day(), PATIENCE).unwrap(), [order_read()]);
    assert_eq!(sent(&server, "/api/Order/search"), day_request());
}

#[test]
fn order_search_open() {
    let (server, client) = answering(json!({"orders": [order_sent()]}));
    assert_eq!(client.resting_orders(ACCOUNT.into(), PATIENCE).unwrap(), [order_read()]);
    assert_eq!(sent(&server, "/api/Order/searchOpen"), json!({"accountId": ACCOUNT}));
}

#[test]
fn order_search_by_id() {
    let (server, client) = answering(json!({"order": order_sent()}));
    assert_eq!(client.order(ACCOUNT.into(), 3_408_995_737.into(), PATIENCE).unwrap(), order_read());
    let expected = json!({"accountId": ACCOUNT, "orderId": 3_408_995_737_i64});
    assert_eq!(sent(&server, "/api/Order/searchById"), expected);
}

#[test]
fn order_v2_query() {
    let (server, client) = answering(json!({"orders": [order_sent()], "totalCount": 7}));
    let query = OrderQuery {
        statuses: vec![OrderStatus::Suspended, OrderStatus::Other(9)],
        contract: Some(contract()),
        created_after: Some(day().start),
        created_before: Some(day().end),
        sort_by: OrderSort::CreatedAt,
        is_descending: true,
        page_size: 50,
        page_offset: 150,
        with_total: true,
        ..OrderQuery::new(ACCOUNT.into())
    };
    let expected = OrderPage { orders: vec![order_read()], total: Some(7), next_offset: None };
    assert_eq!(client.order_page(&query, PATIENCE).unwrap(), expected);
    let body = json!({
        "filter": {
            "accountId": ACCOUNT, "statuses": [8, 9], "contractId": CONTRACT,
            "createdAfter": "2026-11-19T22:00:00Z", "createdBefore": "2026-11-20T21:00:00Z",
        },
        "pageSize": 50, "pageOffset": 150, "sortBy": 0, "sortDirection": 1, "includeTotalCount": true,
    });
    assert_eq!(sent(&server, "/api/Order/v2/query"), body);
}

#[test]
fn order_place() {
    let (server, client) = answering(json!({"orderId": 3_408_995_735_i64}));
    let request = OrderRequest {
        stop_loss: Some(StopLoss::trailing(BracketPrice::Ticks(10))),
        take_profit: Some(BracketPrice::Ticks(20)),
        client_tag: Some("tag-1".into()),
        ..OrderRequest::limit(ACCOUNT.into(), contract(), Side::Sell, 2, Price::parse("5000.250").unwrap())
    };
    let placed = client.place(&request, PATIENCE).unwrap();
    assert_eq!((placed.order_id.get(), placed.client_tag.as_str()), (3_408_995_735, "tag-1"));
    let expected = json!({
        "accountId": ACCOUNT, "contractId": CONTRACT, "type": 1, "side": 1, "size": 2, "limitPrice": 5000.25,
        "customTag": "tag-1", "stopLossBracket": {"ticks": 10, "type": 5}, "takeProfitBracket": {"ticks": -20, "type": 1},
    });
    assert_eq!(sent(&server, "/api/Order/place"), expected);
    // The other prices, each with its own type.
    let at = price("5000.5");
    for (name, request) in [
        ("stopPrice", OrderRequest { order_type: OrderType::Stop, stop_price: at, ..request.clone() }),
        ("trailPrice", OrderRequest { order_type: OrderType::TrailingStop, trail_price: at, ..request }),
    ] {
        client.place(&OrderRequest { limit_price: None, ..request }, PATIENCE).unwrap();
        let requests = server.requests("/api/Order/place");
        let body = &requests[requests.len() - 1].body;
        assert_eq!((&body[name], body.get("limitPrice")), (&json!(5000.5), None));
    }
}

#[test]
fn order_modify() {
    let (server, client) = answering(json!({}));
    let change = OrderChange {
        size: Some(3),
        limit_price: price("5000.25"),
        stop_price: price("4999.5"),
        trail_price: price("4998"),
        ..OrderChange::new(ACCOUNT.into(), 7.into())
    };
    client.modify(&change, PATIENCE).unwrap();
    let expected = json!({
        "accountId": ACCOUNT, "orderId": 7, "size": 3, "limitPrice": 5000.25, "stopPrice": 4999.5, "trailPrice": 4998,
    });
    assert_eq!(sent(&server, "/api/Order/modify"), expected);
}

#[test]
fn order_cancel() {
    let (server, client) = answering(json!({}));
    client.cancel(ACCOUNT.into(), 7.into(), PATIENCE).unwrap();
    assert_eq!(sent(&server, "/api/Order/cancel"), json!({"accountId": ACCOUNT, "orderId": 7}));
}

#[test]
fn position_search_open() {
    let (server, client) = answering(json!({"positions": [{
        "id": 6124, "accountId": ACCOUNT, "contractId": CONTRACT, "contractDisplayName": "MESZ26",
        "creationTimestamp": "2026-11-20T15:26:02.1567+00:00", "type": 2, "size": 2, "averagePrice": 5000.3333333333,
    }]}));
    let expected = Position {
        id: 6124.into(),
        account: ACCOUNT.into(),
        contract: contract(),
        display_name: Some("MESZ26".into()),
        created: time("2026-11-20T15:26:02.1567Z"),
        side: PositionSide::Short,
        size: 2,
        average_price: Price::parse("5000.333333333").unwrap(),
    };
    assert_eq!(client.positions(ACCOUNT.into(), PATIENCE).unwrap(), [expected]);
    assert_eq!(sent(&server, "/api/Position/searchOpen"), json!({"accountId": ACCOUNT}));
}

#[test]
fn position_close_contract() {
    let (server, client) = answering(json!({}));
    client.close_position(ACCOUNT.into(), &contract(), PATIENCE).unwrap();
    let expected = json!({"accountId": ACCOUNT, "contractId": CONTRACT});
    assert_eq!(sent(&server, "/api/Position/closeContract"), expected);
}

#[test]
fn position_partial_close_contract() {
    let (server, client) = answering(json!({}));
    client.reduce_position(ACCOUNT.into(), &contract(), 2, PATIENCE).unwrap();
    let expected = json!({"accountId": ACCOUNT, "contractId": CONTRACT, "size": 2});
    assert_eq!(sent(&server, "/api/Position/partialCloseContract"), expected);
}

#[test]
fn trade_search() {
    let row = |id: i64, result: Value| {
        json!({
            "id": id, "accountId": ACCOUNT, "contractId": CONTRACT,
            "creationTimestamp": "2026-11-20T15:26:02.1567+00:00", "price": 5000.25, "profitAndLoss": result,
            "fees": 1.4000, "commissions": 0.5, "side": 1, "size": 2, "voided": true, "orderId": 3_408_995_735_i64,
        })
    };
    let (server, client) =
        answering(json!({"trades": [row(3_005_729_833, json!(-12.5)), row(1, Value::Null)]}));
    let fill = |id: i64, result: Option<&str>| Fill {
        id: id.into(),
        account: ACCOUNT.into(),
        contract: contract(),
        created: time("2026-11-20T15:26:02.1567Z"),
        price: Price::parse("5000.25").unwrap(),
        profit_and_loss: result.map(money),
        fees: money("1.4"),
        commissions: Some(money("0.5")),
        side: Side::Sell,
        size: 2,
        voided: true,
        order: 3_408_995_735.into(),
    };
    // The gateway gives the newest first.
    let expected = [fill(1, None), fill(3_005_729_833, Some("-12.5"))];
    assert_eq!(client.fills(ACCOUNT.into(), day(), PATIENCE).unwrap(), expected);
    assert_eq!(sent(&server, "/api/Trade/search"), day_request());
}
