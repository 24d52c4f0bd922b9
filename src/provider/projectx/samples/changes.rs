//! The samples about changing and listing orders, sent through the client's own requests.

use serde_json::{Value, json};

use super::{answered, checked, price, sample};
use crate::clock::{Deadline, Timestamp};
use crate::error::{Kind, Outcome};
use crate::model::{OrderChange, OrderPage, OrderQuery, OrderSort, OrderStatus};
use crate::provider::Gateway;
use crate::secret::Secret;

pub(super) const CHECKED: &[(&str, fn())] = checked![
    rest_order_cancel_follower
    rest_order_cancel_request
    rest_order_modify_request
    rest_order_v2_query_request
];

#[test]
fn rest_order_modify_request() {
    let change = OrderChange {
        size: Some(1),
        stop_price: Some(price("1604")),
        ..OrderChange::new(465.into(), 26974.into())
    };
    let ask = |rest: &dyn Gateway, token: &Secret, deadline: Deadline| rest.modify(token, &change, deadline);
    let (result, asked) = answered(200, "rest_envelope_ok", ask);
    result.unwrap();
    assert_eq!(asked.path, "/api/Order/modify");
    let mut expected: Value = serde_json::from_str(&sample("rest_order_modify_request")).unwrap();
    // Absent means the same as null.
    for absent in ["limitPrice", "trailPrice"] {
        assert_eq!(expected.as_object_mut().unwrap().remove(absent), Some(Value::Null), "{absent}");
    }
    assert_eq!(asked.body, expected);
}

#[test]
fn rest_order_cancel_request() {
    let ask = |rest: &dyn Gateway, token: &Secret, deadline: Deadline| {
        rest.cancel(token, 465.into(), 26974.into(), deadline)
    };
    let (result, asked) = answered(200, "rest_envelope_ok", ask);
    result.unwrap();
    assert_eq!(asked.path, "/api/Order/cancel");
    assert_eq!(asked.body, serde_json::from_str::<Value>(&sample("rest_order_cancel_request")).unwrap());
}

#[test]
fn rest_order_cancel_follower() {
    let ask = |rest: &dyn Gateway, token: &Secret, deadline: Deadline| {
        rest.cancel(token, 465.into(), 26974.into(), deadline)
    };
    let error = answered(200, "rest_order_cancel_follower", ask).0.unwrap_err();
    let code = error.gateway_code().unwrap();
    assert_eq!((error.kind(), error.outcome()), (Kind::Rejected, Outcome::Rejected));
    assert_eq!((code.number, code.name), (6, "AccountRejected"));
    assert_eq!(error.gateway_text(), Some("Follower accounts cannot cancel orders"));
    assert_eq!(error.order_id(), Some(26974));
}

#[test]
fn rest_order_v2_query_request() {
    let time = |text| Timestamp::parse(text);
    let query = OrderQuery {
        statuses: vec![OrderStatus::Open, OrderStatus::Suspended],
        contract: Some("CON.F.US.MNQ.M26".into()),
        created_after: time("2026-07-01T00:00:00Z"),
        created_before: time("2026-07-02T00:00:00Z"),
        sort_by: OrderSort::CreatedAt,
        is_descending: true,
        with_total: true,
        ..OrderQuery::new(42.into())
    };
    let ask = |rest: &dyn Gateway, token: &Secret, deadline| rest.order_page(token, &query, deadline);
    let (page, asked) = answered(200, "rest_order_v2_query_ok", ask);
    assert_eq!(asked.path, "/api/Order/v2/query");
    assert_eq!(asked.body, serde_json::from_str::<Value>(&sample("rest_order_v2_query_request")).unwrap());
    // The gateway is known to pass over the contract, and to count what it passed over.
    assert_eq!(page.unwrap(), OrderPage { orders: vec![], total: Some(1), next_offset: None });
}

#[test]
fn open_orders_are_those_of_all_live_states() {
    let ask =
        |rest: &dyn Gateway, token: &Secret, deadline: Deadline| rest.open_orders(token, 42.into(), deadline);
    let (found, asked) = answered(200, "rest_order_v2_query_ok", ask);
    assert_eq!(found.unwrap().len(), 1);
    let expected = json!({
        "filter": {"accountId": 42, "statuses": [1, 6, 7, 8]},
        "pageSize": 100, "pageOffset": 0, "sortBy": 1, "sortDirection": 0,
    });
    assert_eq!((asked.path.as_str(), asked.body), ("/api/Order/v2/query", expected));
}
