//! What the gateway refuses, and how it says so.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, reason = "a broken promise fails the test")]

mod sim_client;

use std::time::Duration;

use serde_json::json;
use sim_client::Client;
use tradeforge::Timestamp;
use tradeforge::sim::{SimClock, SimConfig};

#[test]
fn a_rejected_order_has_an_id_and_a_record() {
    let client = Client::start();
    let mut hub = client.hub("user");
    hub.call("SubscribeOrders", &format!("[{}]", client.account));
    for (members, message) in [
        (r#""type":2,"side":0,"size":0"#, "Invalid order size specified"),
        (r#""type":2,"side":0,"size":51"#, "Not enough margin."),
        (r#""type":3,"side":0,"size":1"#, "Invalid order type specified"),
        (r#""type":0,"side":0,"size":1"#, "Invalid order type specified"),
        (r#""type":99,"side":1,"size":1"#, "Invalid order type specified"),
        (
            r#""type":2,"side":0,"size":1,"stopLossBracket":{"ticks":-10,"type":4}"#,
            "Brackets cannot be used with Position Brackets. You must enable Auto OCO Brackets.",
        ),
        (
            r#""type":1,"side":0,"size":1,"limitPrice":7000.1"#,
            "Invalid limit price. Price is not aligned to tick size.",
        ),
        (
            r#""type":1,"side":0,"size":1,"limitPrice":7000.0000000000001"#,
            "Invalid limit price. Price is not aligned to tick size.",
        ),
        (r#""type":1,"side":0,"size":1,"limitPrice":1"#, "Invalid price. Price is outside allowed range."),
    ] {
        let answer = client.place(members);
        assert_eq!((&answer["success"], &answer["errorCode"]), (&json!(false), &json!(2)), "{members}");
        assert_eq!(answer["errorMessage"], message);
        let id = &answer["orderId"];
        let row = client.ask("/api/Order/searchById", &format!(r#","orderId":{id}"#));
        assert_eq!(row["order"]["status"], 5, "{members}");
        for status in [6, 5] {
            let data = hub.next_of("GatewayUserOrder")["arguments"][0]["data"].clone();
            assert_eq!((&data["id"], &data["status"]), (id, &json!(status)), "{members}");
        }
    }
    assert!(client.place(r#""type":2,"side":2,"size":1"#)["orderId"].is_null());
}

#[test]
fn a_rejection_is_stamped_two_milliseconds_after_the_order() {
    let start = Timestamp::parse("2026-11-18T15:00:00Z").unwrap();
    let client = Client::with(SimConfig { clock: SimClock::Stepped(start), ..SimConfig::default() });
    let id = client.place(r#""type":2,"side":0,"size":0"#)["orderId"].clone();
    client.sim.step(Duration::from_millis(10)).unwrap();
    let row = client.ask("/api/Order/searchById", &format!(r#","orderId":{id}"#));
    let at = |member: &str| Timestamp::parse(row["order"][member].as_str().unwrap()).unwrap().nanos();
    let gap = at("updateTimestamp") - at("creationTimestamp");
    assert!((2_300_000..=2_400_000).contains(&gap), "{gap}");
}

#[test]
fn a_tag_is_used_once_even_by_a_rejected_order() {
    let client = Client::start();
    assert_eq!(client.place(r#""type":2,"side":0,"size":0,"customTag":"a""#)["errorCode"], 2);
    let answer = client.place(r#""type":2,"side":0,"size":1,"customTag":"a""#);
    assert_eq!(answer["errorMessage"], "Specified custom tag is already in use");
    assert_eq!(client.place(r#""type":2,"side":0,"size":1,"customTag":"b""#)["success"], true);
}

#[test]
fn unknown_things_have_codes() {
    let client = Client::start();
    let account = client.account;
    let contract = &client.contract;
    let product = contract.rsplit_once('.').unwrap().0;
    let available = client.post("/api/Contract/available", r#"{"live":false}"#).json();
    assert!(available["contracts"].as_array().unwrap().len() >= 10);
    // The month before the front month is the expired one.
    let expired = ["H", "M", "U", "Z"]
        .iter()
        .flat_map(|letter| (25..30).map(move |year| format!("{product}.{letter}{year}")))
        .find(|id| {
            let body = format!(r#"{{"contractId":"{id}"}}"#);
            let found = client.post("/api/Contract/searchById", &body).json();
            found["contract"]["activeContract"] == false
        });
    let expired = expired.unwrap();
    for (path, members, code) in [
        ("place", format!(r#""accountId":1,"contractId":"{contract}","type":2,"side":0,"size":1"#), 1),
        (
            "place",
            format!(r#""accountId":20000002,"contractId":"{contract}","type":2,"side":0,"size":1"#),
            10,
        ),
        ("place", format!(r#""accountId":{account},"contractId":"nonsense","type":2,"side":0,"size":1"#), 8),
        ("place", format!(r#""accountId":{account},"contractId":"{expired}","type":2,"side":0,"size":1"#), 9),
        ("cancel", r#""accountId":1,"orderId":1"#.to_owned(), 1),
        ("cancel", format!(r#""accountId":{account},"orderId":1"#), 2),
        ("modify", format!(r#""accountId":{account},"orderId":1"#), 2),
        ("searchOpen", r#""accountId":1"#.to_owned(), 1),
        ("searchById", format!(r#""accountId":{account},"orderId":1"#), 1),
    ] {
        let answer = client.post(&format!("/api/Order/{path}"), &format!("{{{members}}}")).json();
        assert_eq!(
            (&answer["success"], &answer["errorCode"]),
            (&json!(false), &json!(code)),
            "{path} {members}"
        );
    }
    for (path, members, code) in [
        ("closeContract", format!(r#","contractId":"{contract}""#), 2),
        ("closeContract", r#","contractId":"nonsense""#.to_owned(), 3),
        ("closeContract", format!(r#","contractId":"{expired}""#), 4),
        ("partialCloseContract", format!(r#","contractId":"{contract}","size":1"#), 2),
    ] {
        let answer = client.ask(&format!("/api/Position/{path}"), &members);
        assert_eq!(answer["errorCode"], code, "{path} {members}");
    }
}

#[test]
fn a_body_that_does_not_bind_is_a_problem() {
    let client = Client::start();
    for (path, body, told) in [
        ("/api/Account/search", "{}", "'onlyActiveAccounts'"),
        ("/api/Account/search", "", "A non-empty request body is required."),
        ("/api/Account/search", "{", "not valid"),
        ("/api/Account/search", r#"{"onlyActiveAccounts":"yes"}"#, "$.onlyActiveAccounts"),
        (
            "/api/Order/place",
            r#"{"accountId":1,"contractId":"c","type":"Market","side":0,"size":1}"#,
            "$.type",
        ),
        ("/api/Order/place", r#"{"accountId":1,"contractId":"c","type":2,"side":0}"#, "'size'"),
        ("/api/Order/search", r#"{"accountId":1,"startTimestamp":"yesterday"}"#, "$.startTimestamp"),
        ("/api/Auth/loginKey", r#"{"userName":"a"}"#, "'apiKey'"),
    ] {
        let answer = client.post(path, body);
        assert_eq!(answer.status, 400, "{path} {body}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json; charset=utf-8"));
        let problem = answer.json();
        assert_eq!(
            (&problem["status"], problem["title"].as_str()),
            (&json!(400), Some("One or more validation errors occurred."))
        );
        assert!(problem["errors"].to_string().contains(told), "{}", answer.text);
    }
    assert_eq!(client.post("/api/Order/Nothing", "{}").status, 404);
    assert_eq!(client.request(Some(&client.token), "GET", "/api/Order/place", None).status, 405);
    assert_eq!(client.request(None, "HEAD", "/hubs/user/negotiate", None).status, 405);
    let unmarked = "POST /api/Account/search HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 2\r\n\
                    Authorization: Bearer TOKEN\r\n\r\n{}";
    assert_eq!(client.raw(&unmarked.replace("TOKEN", &client.token)).status, 415);
}

#[test]
fn too_many_requests_wait() {
    let client = Client::start();
    let ping = || client.post("/api/Account/search", r#"{"onlyActiveAccounts":true}"#);
    for _ in 0..200 {
        assert_eq!(ping().status, 200);
    }
    let answer = ping();
    assert_eq!(answer.status, 429);
    assert!(answer.header("retry-after").is_some_and(|wait| (1..=60).contains(&wait.parse().unwrap_or(0))));
}

#[test]
fn contested_refusals_follow_their_switches() {
    for code in [2, 3, 5] {
        let shape = tradeforge::sim::Shape {
            finished_order_code: code,
            long_tag_message: true,
            ..tradeforge::sim::Shape::default()
        };
        let config = tradeforge::sim::SimConfig { speed: 0.0, shape, ..Default::default() };
        let client = Client::with(config);
        let id = client.place(r#""type":2,"side":0,"size":0,"customTag":"a""#)["orderId"].clone();
        for path in ["cancel", "modify"] {
            let answer = client.ask(&format!("/api/Order/{path}"), &format!(r#","orderId":{id}"#));
            assert_eq!(answer["errorCode"], code);
            let unknown = client.ask(&format!("/api/Order/{path}"), r#","orderId":1"#);
            assert_eq!(unknown["errorCode"], 2);
        }
        let message = client.place(r#""type":2,"side":0,"size":1,"customTag":"a""#)["errorMessage"].clone();
        assert_eq!(
            message,
            "Specified custom tag is already in use: custom tag should be unique per account"
        );
    }
}
