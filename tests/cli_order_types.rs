//! Types of orders, brackets, confirmed cancels and lost orders on the command line.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod cli_support;

use cli_support::{Program, Running, simulator};
use serde_json::Value;

fn start() -> (Running, Program) {
    simulator("--brackets auto-oco --no-rate-limit --speed 0")
}

/// The whole points of the last price.
fn last(program: &Program) -> i64 {
    let quote = program.json("watch --quotes --count 1").into_iter().find(|event| event["event"] == "quote");
    quote.unwrap()["lastPrice"].as_str().unwrap().split('.').next().unwrap().parse().unwrap()
}

fn id(placed: &[Value]) -> i64 {
    placed[0]["orderId"].as_i64().unwrap()
}

#[test]
fn every_type_is_placed_and_shown() {
    let (_simulator, program) = start();
    let last = last(&program);
    let (below, above) = (last - 50, last + 50);
    for (options, number, price) in [
        (format!("--side buy --type limit --limit {below}"), 1, Some(("limitPrice", below))),
        (format!("--side buy --type stop --stop {above}"), 4, Some(("stopPrice", above))),
        (format!("--side sell --type trailing --trail {below}"), 5, None),
        ("--side buy --type join-bid".into(), 6, None),
        ("--side sell --type join-ask".into(), 7, None),
    ] {
        let placed = program.json(&format!("order place --size 1 {options}"));
        let shown = program.json(&format!("order show --id {}", id(&placed))).remove(0);
        assert_eq!((&shown["type"], &shown["status"]), (&number.into(), &1.into()), "{shown}");
        if let Some((name, price)) = price {
            assert_eq!(shown[name], price.to_string(), "{shown}");
        }
        if number == 5 {
            let ticks = shown["trailDistance"].as_i64().unwrap();
            assert!((190..=210).contains(&ticks) && shown["trailPrice"].is_string(), "{shown}");
            program.json(&format!("order modify --id {} --trail {}", id(&placed), below - 50));
            let moved = program.json(&format!("order show --id {}", id(&placed))).remove(0);
            assert_eq!(moved["trailDistance"].as_i64(), Some(ticks + 200));
        }
    }
    for (options, part) in [
        ("--type stop", "a Stop order needs a stop price"),
        ("--type market --trail 5000", "takes no trail price"),
        ("--type market --stop-loss 3", "4 is the least"),
        ("--type market --take-profit -20", "no sign"),
    ] {
        let line = program.refusal(&format!("order place --side buy --size 1 {options}"));
        assert!(line.contains(part) && line.contains("not sent"), "{line}");
    }
}

#[test]
fn a_family_is_listed_and_cancelled() {
    let (_simulator, program) = start();
    let limit = last(&program) - 50;
    let options = "--stop-loss 10 --trailing-stop-loss --take-profit 20 --tag family";
    let placed =
        program.json(&format!("order place --side buy --size 1 --type limit --limit {limit} {options}"));
    let open = program.json("order list --open");
    let legs: Vec<_> = open.iter().filter(|order| order["parentOrderId"] == placed[0]["orderId"]).collect();
    assert_eq!((open.len(), legs.len()), (3, 2));
    assert_eq!((&legs[0]["type"], &legs[0]["trailDistance"]), (&5.into(), &(-10).into()));
    assert_eq!((&legs[1]["type"], &legs[1]["trailDistance"]), (&1.into(), &20.into()));
    assert_eq!((&legs[0]["status"], &legs[0]["customTag"]), (&8.into(), &"family-SL".into()));
    assert_eq!(legs[1]["linkedOrderId"], legs[0]["id"]);

    assert!(program.json("order cancel --all --contract CON.F.US.NONE.Z26").is_empty());
    let cancelled = program.json("order cancel --all");
    assert_eq!(cancelled.len(), 3);
    assert!(cancelled.iter().all(|order| order["outcome"] == "confirmed" && order["status"] == 3));
    assert!(program.json("order list --open").is_empty());
    assert_eq!(program.run("order cancel --all").lines, ["there was no order to cancel"]);
}

#[test]
fn a_cancel_is_confirmed_or_came_too_late() {
    let (_simulator, program) = start();
    let limit = last(&program) - 50;
    let resting = id(&program.json(&format!("order place --side buy --size 1 --type limit --limit {limit}")));
    let cancelled = program.json(&format!("order cancel --id {resting} --confirm"));
    assert_eq!((&cancelled[0]["outcome"], &cancelled[0]["status"]), (&"confirmed".into(), &3.into()));
    assert_eq!(cancelled[0]["id"], resting);
    let filled = id(&program.json("order place --side buy --size 1 --type market"));
    let late = program.json(&format!("order cancel --id {filled} --confirm"));
    assert_eq!((&late[0]["outcome"], &late[0]["status"]), (&"filled first".into(), &2.into()));
    assert!(program.refusal("order cancel --id 1 --confirm").contains("OrderNotFound"));
}

#[test]
fn a_lost_order_is_resolved() {
    let (_simulator, mut program) = start();
    program.set("TS_RESOLVE_SECONDS", "0");
    let limit = last(&program) - 50;
    let placed =
        program.json(&format!("order place --side buy --size 1 --type limit --limit {limit} --tag mine"));
    let found = program.json("order resolve --tag mine");
    assert_eq!((&found[0]["resolution"], &found[0]["id"]), (&"accepted".into(), &placed[0]["orderId"]));
    let size = "--size 100000 --tag big";
    program.refusal(&format!("order place --side buy --type limit --limit {limit} {size}"));
    assert_eq!(program.json("order resolve --tag big --since 1h")[0]["resolution"], "rejected");
    assert_eq!(program.json("order resolve --tag nobody")[0]["resolution"], "not there");
    assert_eq!(program.run("order resolve --tag nobody").lines, ["there is no order with the tag nobody"]);
}
