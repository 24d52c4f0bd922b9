//! What stdout gets: tables for people, JSON for programs, and no panic when it cannot be written.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod cli_support;

use std::process::Stdio;

use cli_support::{Program, one_line};

#[test]
fn accounts_are_a_table() {
    let ended = Program::embedded().run("accounts");
    assert_eq!((ended.code, ended.lines.len()), (Some(0), 2), "{}", ended.stderr);
    assert!(ended.lines[0].contains("balance"), "{}", ended.lines[0]);
    assert!(ended.lines[1].contains("allowed"), "{}", ended.lines[1]);
}

#[test]
fn accounts_are_json() {
    let accounts = Program::embedded().json("accounts --all");
    let account = &accounts[0];
    assert!(account["id"].is_i64() && account["name"].is_string() && account["balance"].is_string());
    assert_eq!(account["canTrade"], true);
    assert!(account.get("event").is_none());
}

#[test]
fn contracts_are_found_by_text_and_by_id() {
    let program = Program::embedded();
    let found = program.json("contracts --search MES");
    let contract = found.iter().find(|contract| contract["symbolId"] == "F.US.MES").unwrap();
    assert_eq!((&contract["tickSize"], &contract["tickValue"]), (&"0.25".into(), &"1.25".into()));
    let id = contract["id"].as_str().unwrap();
    assert_eq!(program.json(&format!("contracts --id {id}")), std::slice::from_ref(contract));
    assert!(program.json("contracts --available").len() > found.len());
}

#[test]
fn an_empty_list_is_a_sentence_or_nothing() {
    let program = Program::embedded();
    assert_eq!(program.run("positions").lines, ["no open positions"]);
    assert!(program.json("positions").is_empty());
}

#[test]
fn help_and_version_succeed() {
    let program = Program::new(&[]);
    for (arguments, part) in
        [("--help", "watch"), ("order place --help", "--limit"), ("--version", "tradeforge ")]
    {
        let ended = program.run(arguments);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
        assert!(ended.lines.iter().any(|line| line.contains(part)), "{arguments}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let full = || Stdio::from(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    let told = |program: &Program, arguments: &str| {
        let ended = program.command(arguments).stdout(full()).output().unwrap();
        assert_eq!(ended.status.code(), Some(1), "{arguments}");
        one_line(&String::from_utf8(ended.stderr).unwrap())
    };
    let (_simulator, program) = cli_support::simulator("");
    for arguments in
        ["accounts", "contracts --available --json", "sim", "watch --quotes --duration 30", "--help"]
    {
        let line = told(&program, arguments);
        assert!(line.contains("stdout cannot be written"), "{arguments}: {line}");
    }
    let line = told(&program, "order place --side buy --type market --size 1");
    assert!(line.contains("was accepted") && line.contains("do not repeat"), "{line}");
    assert_eq!(program.json("order list").len(), 1);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let (_simulator, program) = cli_support::simulator("");
    let mut child =
        program.command("watch --quotes --depth --duration 30").stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), ended.stderr.len()), (Some(0), 0));
}
