//! All operations of the gateway are there, in any case of their path.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, reason = "a broken promise fails the test")]

mod sim_client;

use std::time::Duration;

use sim_client::Client;
use tradeforge::Timestamp;
use tradeforge::sim::{SimClock, SimConfig};

#[test]
fn all_twenty_one_operations_work_in_any_case() {
    let start = Timestamp::parse("2026-11-18T15:00:00Z").unwrap();
    let client = Client::with(SimConfig { clock: SimClock::Stepped(start), ..SimConfig::default() });
    let (account, contract) = (client.account, client.contract.clone());
    let (user, key) = (client.sim.user_name(), client.sim.api_key());
    let (password, app, verify) = client.sim.app_credentials();
    let resting = client.place(r#""type":1,"side":0,"size":1,"limitPrice":7000"#)["orderId"].clone();
    client.place(r#""type":2,"side":0,"size":3"#);
    client.sim.step(Duration::from_secs(1)).unwrap();

    let in_account = format!(r#""accountId":{account}"#);
    let of_contract = format!(r#""contractId":"{contract}""#);
    let since = r#""startTimestamp":"2026-11-18""#;
    let window = r#""startTime":"2026-11-18T14:00:00Z","endTime":"2026-11-18T15:00:00Z""#;
    let operations = [
        ("Account/search", r#""onlyActiveAccounts":true"#.to_owned()),
        ("Auth/loginKey", format!(r#""userName":"{user}","apiKey":"{key}""#)),
        (
            "Auth/loginApp",
            format!(
                r#""userName":"{user}","password":"{password}","deviceId":"d","appId":"{app}","verifyKey":"{verify}""#
            ),
        ),
        ("Auth/validate", String::new()),
        ("Contract/search", r#""searchText":"ES","live":false"#.to_owned()),
        ("Contract/searchById", of_contract.clone()),
        ("Contract/available", r#""live":false"#.to_owned()),
        (
            "History/retrieveBars",
            format!(
                r#"{of_contract},"live":false,{window},"unit":2,"unitNumber":1,"limit":10,"includePartialBar":false"#
            ),
        ),
        ("Order/search", format!("{in_account},{since}")),
        ("Order/searchOpen", in_account.clone()),
        ("Order/searchById", format!(r#"{in_account},"orderId":{resting}"#)),
        ("Order/v2/query", format!(r#""filter":{{{in_account}}}"#)),
        ("Order/place", format!(r#"{in_account},{of_contract},"type":2,"side":0,"size":1"#)),
        ("Order/modify", format!(r#"{in_account},"orderId":{resting},"size":2"#)),
        ("Order/cancel", format!(r#"{in_account},"orderId":{resting}"#)),
        ("Position/searchOpen", in_account.clone()),
        ("Position/partialCloseContract", format!(r#"{in_account},{of_contract},"size":1"#)),
        ("Position/closeContract", format!("{in_account},{of_contract}")),
        ("Trade/search", format!("{in_account},{since}")),
        ("Auth/logout", String::new()),
    ];
    for (operation, members) in &operations {
        // The closes wait for what was sent before them.
        client.sim.step(Duration::from_secs(1)).unwrap();
        let path = format!("/API/{}/", operation.to_uppercase());
        let body = if members.is_empty() { String::new() } else { format!("{{{members}}}") };
        let answer = client.post(&path, &body);
        assert_eq!(answer.status, 200, "{operation}: {}", answer.text);
        assert_eq!(answer.json()["success"], true, "{operation}: {}", answer.text);
        assert_eq!(client.request(Some(&client.token), "GET", &path, None).status, 405, "{operation}");
    }
    assert_eq!(client.request(None, "GET", "/api/status/PING", None).text, "pong");
    assert_eq!(operations.len() + 1, 21);
    assert_eq!(client.post("/api/Order/none", "{}").status, 404);
}
