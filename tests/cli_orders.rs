//! An order from its placing to the flat position, each step a command of its own.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod cli_support;

use cli_support::{Program, simulator};
use serde_json::Value;

/// Waits until the order has this status, by asking again; the pace is that of the processes.
fn wait_for(program: &Program, id: i64, status: i64) -> Value {
    for _ in 0..200 {
        let mut found = program.json(&format!("order show --id {id}"));
        if found[0]["status"] == status {
            return found.remove(0);
        }
    }
    panic!("order {id} did not get status {status}");
}

#[test]
fn a_market_order_fills_and_its_position_closes() {
    let (_simulator, program) = simulator("");
    let placed = program.json("order place --side buy --type market --size 2 --tag first");
    let [placed] = &placed[..] else { panic!("{placed:?}") };
    assert_eq!(placed["customTag"], "first");
    let id = placed["orderId"].as_i64().unwrap();

    let order = wait_for(&program, id, 2);
    assert_eq!(order["accountId"], placed["accountId"]);
    assert_eq!((&order["side"], &order["type"], &order["size"]), (&0.into(), &2.into(), &2.into()));
    assert_eq!((&order["fillVolume"], &order["customTag"]), (&2.into(), &"first".into()));
    assert!(order["filledPrice"].is_string() && order.get("limitPrice").is_none(), "{order}");
    assert!(order["creationTimestamp"].as_str().unwrap().ends_with('Z'), "{order}");

    let positions = program.json("positions");
    assert_eq!(positions.len(), 1);
    assert_eq!((&positions[0]["type"], &positions[0]["size"]), (&1.into(), &2.into()));
    assert_eq!(positions[0]["averagePrice"], order["filledPrice"]);

    let closed = program.json("positions close");
    assert_eq!(closed[0]["contractId"], order["contractId"]);
    // The list leaves out the closing order until it has filled.
    let mut lists = std::iter::repeat_with(|| program.json("order list --since 1h")).take(200);
    let orders = lists.find(|orders| orders.len() == 2).unwrap();
    wait_for(&program, orders[1]["id"].as_i64().unwrap(), 2);
    assert!(program.json("positions").is_empty());
}

#[test]
fn flatten_closes_everything() {
    let (_simulator, program) = simulator("");
    let placed = program.json("order place --side sell --type market --size 1");
    wait_for(&program, placed[0]["orderId"].as_i64().unwrap(), 2);
    assert_eq!(program.json("positions flatten")[0]["closed"], 1);
}

#[test]
fn a_limit_order_keeps_its_exact_price() {
    let (_simulator, program) = simulator("");
    // Far enough below the market to rest, and within the exchange's price band.
    let quote = program.json("watch --quotes --count 1").into_iter().find(|event| event["event"] == "quote");
    let bid = quote.unwrap()["bestBid"].as_str().unwrap().split('.').next().unwrap().parse::<i64>().unwrap();
    let limit = bid - 100;
    let placed = program.json(&format!("order place --side buy --type limit --size 1 --limit {limit}.250"));
    let order = wait_for(&program, placed[0]["orderId"].as_i64().unwrap(), 1);
    assert_eq!(order["limitPrice"], format!("{limit}.25"));
    assert!(placed[0]["customTag"].as_str().unwrap().starts_with("tf-"));

    let id = placed[0]["orderId"].as_i64().unwrap();
    assert!(program.refusal(&format!("order modify --id {id}")).contains("changes nothing"));
    program.json(&format!("order modify --id {id} --size 2 --limit {limit}.5"));
    let open = program.json("order list --open");
    assert_eq!((open.len(), &open[0]["size"]), (1, &2.into()));
    assert_eq!(open[0]["limitPrice"], format!("{limit}.5"));
    for line in ["--resting", "--status open,suspended", "--status pending --status open --contract CONTRACT"]
    {
        let line = line.replace("CONTRACT", open[0]["contractId"].as_str().unwrap());
        assert_eq!(program.json(&format!("order list {line}")), open, "{line}");
    }
    for line in ["--status filled", "--contract CON.F.US.EP.Z26", "--since 7d --until 1d"] {
        assert!(program.json(&format!("order list {line}")).is_empty(), "{line}");
    }
    let off = program.refusal(&format!("order modify --id {id} --limit {limit}.1"));
    assert!(off.contains(&format!("its neighbours on it are {limit} and {limit}.25")), "{off}");
    program.json(&format!("order cancel --id {id}"));
    assert!(program.json("order list --open").is_empty());
    assert_eq!(wait_for(&program, id, 3)["fillVolume"], 0);
    assert!(program.refusal(&format!("order cancel --id {id}")).contains("OrderNotFound"));
}

#[test]
fn trades_tell_both_halves_oldest_first() {
    let (_simulator, program) = simulator("");
    let placed = program.json("order place --side sell --type market --size 2");
    wait_for(&program, placed[0]["orderId"].as_i64().unwrap(), 2);
    let contract = program.json("positions")[0]["contractId"].as_str().unwrap().to_owned();
    let line = program.refusal(&format!("positions close --contract {contract} --size 3"));
    assert!(line.contains("InvalidCloseSize"), "{line}");
    program.json(&format!("positions close --contract {contract} --size 2"));
    let fills = loop {
        let fills = program.json("trades");
        if fills.len() == 2 {
            break fills;
        }
    };
    assert_eq!((&fills[0]["side"], &fills[1]["side"]), (&1.into(), &0.into()));
    assert!(fills[0].get("profitAndLoss").is_none(), "the opening fill has no result");
    assert!(fills[1]["profitAndLoss"].is_string() && fills[1]["fees"].is_string());
    let last = fills[1]["creationTimestamp"].as_str().unwrap();
    assert_eq!(program.json(&format!("trades --until {last}")), fills[..1]);
    assert_eq!(program.json(&format!("trades --since {last}")), fills[1..]);
}

#[test]
fn a_tag_that_was_used_is_refused_with_the_orders_id() {
    let (_simulator, program) = simulator("");
    program.json("order place --side buy --type market --size 1 --tag once");
    let line = program.refusal("order place --side buy --type market --size 1 --tag once");
    assert!(line.contains("OrderRejected") && line.contains("[tag once]"), "{line}");
}
