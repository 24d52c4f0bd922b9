//! `tradeforge sim --script` lets go wrong what the file asks for.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod cli_support;

use cli_support::simulator;

#[test]
fn a_script_strikes_another_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("faults.json");
    std::fs::write(&path, r#"[{"fault":"lost_reply","on":"/api/Order/place"}]"#).unwrap();
    let (_simulator, program) = simulator(&format!("--speed 0 --script {}", path.display()));
    // One that rests: the list leaves out what waits for its fill.
    let order = "order place --side buy --type limit --limit 7000 --size 1 --tag";
    let told = program.refusal(&format!("{order} mine"));
    assert!(told.contains("[tag mine]") && told.contains("order resolve --tag"), "{told}");
    // The order is there all the same, and the next one is answered.
    let tags = || {
        let orders = program.json("order list");
        orders.iter().map(|order| order["customTag"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(tags(), ["mine"]);
    assert_eq!(program.json("order resolve --tag mine")[0]["resolution"], "accepted");
    program.json(&format!("{order} next"));
    assert_eq!(tags(), ["mine", "next"]);
}
