//! Whatever goes wrong ends with exit code 1 and one line on stderr that says what to do.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod cli_support;

use cli_support::{Program, server, server_that_answers};

/// The line must hold all the parts.
fn assert_holds(line: &str, parts: &[&str]) {
    for part in parts {
        assert!(line.contains(part), "`{part}` is missing in: {line}");
    }
}

#[test]
fn missing_credentials_name_the_variables() {
    let line = Program::new(&[]).refusal("accounts");
    assert_holds(&line, &["TS_USERNAME", "TS_API_KEY", "TS_ENVIRONMENT=SIM"]);
}

#[test]
fn a_missing_contract_names_the_option_and_the_variable() {
    let line = Program::embedded().refusal("order place --side buy --type market --size 1");
    assert_holds(&line, &["--contract ID", "TS_CONTRACT", "--search"]);
}

#[test]
fn an_unknown_contract_is_told() {
    let program = Program::embedded();
    for verb in [
        "contracts --id CON.F.US.NONE.Z26",
        "watch --contract CON.F.US.NONE.Z26 --quotes --duration 5",
        "order place --contract CON.F.US.NONE.Z26 --side buy --type market --size 1",
    ] {
        assert_holds(&program.refusal(verb), &["no such contract", "search", "ContractNotFound"]);
    }
}

#[test]
fn a_size_of_zero_is_not_sent() {
    let (_simulator, program) = cli_support::simulator("");
    let line = program.refusal("order place --side buy --type market --size 0");
    assert_holds(&line, &["size is 0", "not sent"]);
    assert!(program.json("order list").is_empty());
}

#[test]
fn a_price_off_the_tick_is_not_sent() {
    let (_simulator, program) = cli_support::simulator("");
    let line = program.refusal("order place --side buy --type limit --size 1 --limit 5000.1");
    assert_holds(&line, &["5000.1", "tick", "neighbours on it are 5000 and 5000.25", "not sent"]);
}

#[test]
fn a_price_that_a_type_needs_is_told() {
    let (_simulator, program) = cli_support::simulator("");
    let line = program.refusal("order place --side sell --type trailing --size 1");
    assert_holds(&line, &["TrailingStop", "needs a trail price"]);
}

#[test]
fn an_unknown_order_is_told() {
    let (_simulator, program) = cli_support::simulator("");
    assert_holds(&program.refusal("order show --id 1"), &["OrderNotFound"]);
}

#[test]
fn a_position_that_is_not_there_cannot_be_closed() {
    let (_simulator, program) = cli_support::simulator("");
    assert_holds(&program.refusal("positions close"), &["PositionNotFound"]);
}

#[test]
fn a_url_without_a_scheme_is_told() {
    let line = Program::against("api.topstepx.com").refusal("accounts");
    assert_holds(&line, &["TS_API_URL", "api.topstepx.com", "https://"]);
}

#[test]
fn a_gateway_that_answers_html_is_told() {
    let url = server_that_answers(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 13\r\nconnection: close\r\n\r\n<html></html>",
    );
    assert_holds(&Program::against(&url).refusal("accounts"), &["HTML", "TS_API_URL"]);
}

#[test]
fn a_gateway_that_closes_at_once_is_told() {
    let line = Program::against(&server(drop)).refusal("accounts");
    assert_holds(&line, &["Auth/loginKey", "check the network", "TS_API_URL"]);
}

#[test]
fn a_gateway_that_says_nothing_is_given_up_in_time() {
    // The stream goes back to the test, so that it stays open.
    let (keeper, _kept) = std::sync::mpsc::channel();
    let url = server(move |stream| keeper.send(stream).unwrap());
    let line = Program::against(&url).refusal("accounts --timeout 0.2");
    assert_holds(&line, &["in time", "--timeout"]);
}

#[test]
fn the_key_is_never_shown() {
    let url =
        server_that_answers("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let ended = Program::against(&url).run("accounts --log trace");
    assert_eq!(ended.code, Some(1));
    assert!(!ended.stderr.contains("very-secret-key"), "{}", ended.stderr);
}

#[test]
fn wrong_arguments_end_with_2() {
    let ended = Program::embedded().run("order place --side hold");
    assert_eq!(ended.code, Some(2));
    assert_holds(&ended.stderr, &["hold", "buy, sell"]);
}

#[test]
fn a_broken_script_names_the_file_and_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("faults.json");
    let sim = format!("sim --script {}", path.display());
    assert_holds(&Program::new(&[]).refusal(&sim), &["faults.json"]);
    std::fs::write(&path, "[\n{\"fault\":\"lost_reply\",\"onn\":\"/api/*\"}]").unwrap();
    assert_holds(&Program::new(&[]).refusal(&sim), &["faults.json", "line 2, step 1", "`onn`"]);
}
