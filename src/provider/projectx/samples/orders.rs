//! The samples about orders, sent through the client's own requests.

use serde_json::{Value, json};

use super::{answered, checked, price, sample, time};
use crate::clock::{Deadline, Timestamp};
use crate::error::{Error, Kind, Outcome, Result};
use crate::model::{Order, OrderId, OrderPage, OrderQuery, OrderRequest, OrderStatus, OrderType, Side};
use crate::provider::{Gateway, Legs, NewOrder};
use crate::secret::Secret;

pub(super) const CHECKED: &[(&str, fn())] = checked![
    rest_order_place_ok
    rest_order_place_rejected_brackets
    rest_order_place_rejected_sign_long
    rest_order_place_rejected_tag
    rest_order_place_rejected_trail
    rest_order_place_request_market
    rest_order_search_2025
    rest_order_search_doc
    rest_order_search_live_bracket_sl
    rest_order_search_live_untagged
    rest_order_searchbyid_notfound
    rest_order_searchopen_doc
    rest_order_v2_query_ok
    rest_validation_400
];

/// The orders of a sample.
fn orders(name: &str) -> Vec<Order> {
    let since = Timestamp::from_nanos(1_735_678_800_000_000_000);
    let ask =
        |rest: &dyn Gateway, token: &Secret, deadline| rest.orders(token, 704.into(), since.into(), deadline);
    let (found, asked) = answered(200, name, ask);
    assert_eq!(asked.path, "/api/Order/search");
    assert_eq!(asked.body, json!({"accountId": 704, "startTimestamp": "2024-12-31T21:00:00Z"}));
    found.unwrap()
}

fn market_order(tag: &str) -> impl FnOnce(&dyn Gateway, &Secret, Deadline) -> Result<OrderId> {
    let request = OrderRequest::market(465.into(), "CON.F.US.DA6.M25".into(), Side::Sell, 1);
    place(request, tag, Legs::default())
}

fn place(
    request: OrderRequest,
    tag: &str,
    legs: Legs,
) -> impl FnOnce(&dyn Gateway, &Secret, Deadline) -> Result<OrderId> {
    move |rest, token, deadline| rest.place(token, &NewOrder { request: &request, tag, legs }, deadline)
}

/// The error of an order that the gateway refused with this sample.
fn refused_order(name: &str) -> Error {
    let (result, asked) = answered(200, name, market_order("tag-1"));
    let error = result.unwrap_err();
    assert_eq!((asked.path.as_str(), error.operation()), ("/api/Order/place", Some("Order/place")));
    assert_eq!((error.kind(), error.outcome()), (Kind::Rejected, Outcome::Rejected));
    let code = error.gateway_code().unwrap();
    assert_eq!((code.number, code.name), (2, "OrderRejected"));
    assert_eq!(error.http_status(), Some(200));
    error
}

#[test]
fn rest_order_place_ok() {
    let (id, asked) = answered(200, "rest_order_place_ok", market_order("tag-1"));
    assert_eq!(id.unwrap(), OrderId::new(9056));
    assert_eq!(asked.path, "/api/Order/place");
    assert_eq!(asked.authorization.as_deref(), Some("Bearer a.b.c"));
}

/// The sample carries explicit nulls, which the client does not send: a member that is absent means the same
/// as null. It gives the ticks of its brackets without a sign, which the gateway does not take. All other
/// members must be spelled alike.
#[test]
fn rest_order_place_request_market() {
    let request = OrderRequest::market(465.into(), "CON.F.US.DA6.M25".into(), Side::Sell, 1);
    let legs = Legs { stop_loss: Some(10), take_profit: Some(20) };
    let (_, asked) = answered(200, "rest_order_place_ok", place(request, "tag-1", legs));
    let mut expected: Value = serde_json::from_str(&sample("rest_order_place_request_market")).unwrap();
    let members = expected.as_object_mut().unwrap();
    assert_eq!(
        (&members["stopLossBracket"]["ticks"], &members["takeProfitBracket"]["ticks"]),
        (&json!(10), &json!(20))
    );
    members["takeProfitBracket"]["ticks"] = json!(-20);
    assert_eq!(members.insert("customTag".into(), "tag-1".into()), Some(Value::Null));
    for absent in ["limitPrice", "stopPrice", "trailPrice"] {
        assert_eq!(members.remove(absent), Some(Value::Null), "{absent}");
    }
    assert_eq!(asked.body, expected);

    let limit = OrderRequest::limit(465.into(), "CON.F.US.DA6.M25".into(), Side::Buy, 2, price("0.0000005"));
    let asked = answered(200, "rest_order_place_ok", place(limit, "tag-2", Legs::default())).1;
    let expected = "{\"accountId\":465,\"contractId\":\"CON.F.US.DA6.M25\",\"type\":1,\"side\":0,\"size\":2,\
                    \"limitPrice\":0.0000005,\"customTag\":\"tag-2\"}";
    assert_eq!(asked.body, serde_json::from_str::<Value>(expected).unwrap());
}

#[test]
fn rest_order_place_rejected_brackets() {
    let error = refused_order("rest_order_place_rejected_brackets");
    let text = "Brackets cannot be used with Position Brackets. You must enable Auto OCO Brackets.";
    assert_eq!((error.order_id(), error.gateway_text()), (Some(9057), Some(text)));
}

#[test]
fn rest_order_place_rejected_sign_long() {
    let error = refused_order("rest_order_place_rejected_sign_long");
    let text = "Invalid stop loss ticks (40). Ticks should be less than zero when longing.";
    assert_eq!((error.order_id(), error.gateway_text()), (Some(3_408_995_740), Some(text)));
}

#[test]
fn rest_order_place_rejected_tag() {
    let error = refused_order("rest_order_place_rejected_tag");
    let text = "Specified custom tag is already in use";
    assert_eq!((error.order_id(), error.gateway_text()), (Some(3_408_995_742), Some(text)));
}

#[test]
fn rest_order_place_rejected_trail() {
    let error = refused_order("rest_order_place_rejected_trail");
    let text = "Trail Distance exceeds maximum (1000)";
    assert_eq!((error.order_id(), error.gateway_text()), (Some(9058), Some(text)));
}

#[test]
fn rest_validation_400() {
    let (result, _) = answered(400, "rest_validation_400", market_order("tag-1"));
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (Kind::Argument, Outcome::Rejected));
    assert_eq!((error.http_status(), error.gateway_code()), (Some(400), None));
    let text =
        "One or more validation errors occurred. {\"accountId\":[\"The accountId field is required.\"]}";
    assert_eq!(error.gateway_text(), Some(text));
}

/// A filled market order without anything that an order may lack.
fn filled(id: i64, account: i64, contract: &str, nanos: i64, side: Side) -> Order {
    Order {
        id: id.into(),
        account: account.into(),
        contract: contract.into(),
        symbol_id: None,
        created: time(nanos),
        updated: time(nanos),
        status: OrderStatus::Filled,
        order_type: OrderType::Market,
        side,
        size: 1,
        limit_price: None,
        stop_price: None,
        fill_volume: None,
        filled_price: None,
        client_tag: None,
        trail_distance: None,
        trail_price: None,
        parent: None,
        linked: None,
    }
}

#[test]
fn rest_order_search_2025() {
    let contract = "CON.F.US.EP.M25";
    assert_eq!(
        orders("rest_order_search_2025"),
        [
            Order { updated: None, ..filled(26060, 545, contract, 1_744_652_950_142_532_000, Side::Buy) },
            Order { updated: None, ..filled(26062, 545, contract, 1_744_652_993_043_234_000, Side::Sell) },
        ]
    );
}

#[test]
fn rest_order_search_doc() {
    let expected = Order {
        symbol_id: Some("F.US.EP".into()),
        fill_volume: Some(1),
        filled_price: Some(price("6335.25")),
        ..filled(36598, 704, "CON.F.US.EP.U25", 1_752_872_401_268_009_000, Side::Buy)
    };
    assert_eq!(orders("rest_order_search_doc"), [expected]);
}

#[test]
fn rest_order_searchopen_doc() {
    let expected = Order {
        status: OrderStatus::Open,
        order_type: OrderType::Stop,
        stop_price: Some(price("5138")),
        ..filled(26970, 212, "CON.F.US.EP.M25", 1_745_264_752_105_808_000, Side::Sell)
    };
    let ask = |rest: &dyn Gateway, token: &Secret, deadline| rest.resting_orders(token, 212.into(), deadline);
    let (found, asked) = answered(200, "rest_order_searchopen_doc", ask);
    assert_eq!(found.unwrap(), [expected]);
    assert_eq!((asked.path.as_str(), asked.body), ("/api/Order/searchOpen", json!({"accountId": 212})));
}

#[test]
fn rest_order_search_live_bracket_sl() {
    let tag = "tag-00000000-0000-4000-8000-000000000001";
    let entry = Order {
        symbol_id: Some("F.US.MNQ".into()),
        fill_volume: Some(1),
        filled_price: Some(price("30199.25")),
        client_tag: Some(tag.into()),
        ..filled(3_408_995_735, 20_000_001, "CON.F.US.MNQ.U26", 1_786_922_762_156_730_000, Side::Buy)
    };
    let stop_loss = Order {
        id: 3_408_995_736.into(),
        updated: time(1_786_922_762_175_078_000),
        order_type: OrderType::Stop,
        side: Side::Sell,
        stop_price: Some(price("30196.75")),
        filled_price: Some(price("30196.25")),
        client_tag: Some(format!("{tag}-SL")),
        parent: Some(3_408_995_735.into()),
        ..entry.clone()
    };
    let take_profit = Order {
        id: 3_408_995_737.into(),
        updated: time(1_786_922_820_301_751_000),
        status: OrderStatus::Cancelled,
        order_type: OrderType::Limit,
        side: Side::Sell,
        limit_price: Some(price("30203.5")),
        fill_volume: Some(0),
        filled_price: None,
        client_tag: Some(format!("{tag}-TP")),
        parent: Some(3_408_995_735.into()),
        linked: Some(3_408_995_736.into()),
        ..entry.clone()
    };
    assert_eq!(orders("rest_order_search_live_bracket_sl"), [entry, stop_loss, take_profit]);
}

#[test]
fn rest_order_search_live_untagged() {
    let expected = Order {
        symbol_id: Some("F.US.MNQ".into()),
        fill_volume: Some(1),
        filled_price: Some(price("30197.25")),
        ..filled(3_409_227_297, 20_000_001, "CON.F.US.MNQ.U26", 1_786_926_191_427_691_000, Side::Sell)
    };
    assert_eq!(orders("rest_order_search_live_untagged"), [expected]);
}

/// The client does not send this query yet; its orders are those of the other searches.
#[test]
fn rest_order_v2_query_ok() {
    let expected = Order {
        symbol_id: Some("F.US.MNQ".into()),
        status: OrderStatus::Suspended,
        order_type: OrderType::Limit,
        fill_volume: Some(0),
        client_tag: Some("tag-1-TP".into()),
        parent: Some(3_408_995_735.into()),
        linked: Some(3_408_995_736.into()),
        ..filled(3_408_995_737, 42, "CON.F.US.MNQ.U26", 1_786_922_762_156_730_000, Side::Sell)
    };
    let query = OrderQuery { page_size: 1, page_offset: 7, ..OrderQuery::new(42.into()) };
    let ask = |rest: &dyn Gateway, token: &Secret, deadline| rest.order_page(token, &query, deadline);
    let (page, asked) = answered(200, "rest_order_v2_query_ok", ask);
    // The page is full, so there may be another.
    assert_eq!(page.unwrap(), OrderPage { orders: vec![expected], total: Some(1), next_offset: Some(8) });
    let plain = json!({
        "filter": {"accountId": 42}, "pageSize": 1, "pageOffset": 7, "sortBy": 1, "sortDirection": 0,
    });
    assert_eq!((asked.path.as_str(), asked.body), ("/api/Order/v2/query", plain));
}

#[test]
fn rest_order_searchbyid_notfound() {
    let ask =
        |rest: &dyn Gateway, token: &Secret, deadline| rest.order(token, 465.into(), 26974.into(), deadline);
    let (found, asked) = answered(200, "rest_order_searchbyid_notfound", ask);
    let error = found.unwrap_err();
    let code = error.gateway_code().unwrap();
    assert_eq!((error.kind(), code.number, code.name), (Kind::NotFound, 1, "OrderNotFound"));
    assert_eq!(asked.path, "/api/Order/searchById");
    assert_eq!(asked.body, json!({"accountId": 465, "orderId": 26974}));
}
