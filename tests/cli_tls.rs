//! `tradeforge sim --tls`: the printed block is all that a client needs.
#![cfg(all(unix, feature = "cli"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod cli_support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;

use cli_support::{Program, simulator};

/// A variable of the printed block.
fn variable(program: &Program, name: &str) -> String {
    let command = program.command("");
    let found = command.get_envs().find(|(known, _)| *known == name).and_then(|(_, value)| value);
    found.unwrap().to_str().unwrap().to_owned()
}

#[test]
fn the_printed_block_leads_to_an_encrypted_simulator() {
    let (simulator, program) = simulator("--tls");
    assert!(variable(&program, "TS_API_URL").starts_with("https://"));
    let ca_file = PathBuf::from(variable(&program, "TS_TLS_CA_FILE"));
    assert!(ca_file.is_absolute() && ca_file.is_file(), "{}", ca_file.display());
    let ended = program.start("accounts").end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    simulator.signal("TERM");
    assert_eq!(simulator.end().code, Some(0));
    assert!(!ca_file.exists(), "{} is left", ca_file.display());
}

#[test]
fn the_file_is_where_it_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let (_simulator, program) = simulator(&format!("--tls --tls-ca {}", path.display()));
    assert_eq!(variable(&program, "TS_TLS_CA_FILE"), path.to_str().unwrap());
    let ended = program.start("accounts").end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}

#[test]
fn a_file_without_encryption_is_refused() {
    let ended = Program::new(&[]).start("sim --tls-ca ca.pem").end();
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("--tls"), "{}", ended.stderr);
}

#[test]
fn the_log_tells_of_plain_http_and_of_a_client_that_does_not_trust() {
    let (simulator, mut program) = simulator("--tls --log warn");
    let port: u16 = variable(&program, "TS_API_URL").rsplit(':').next().unwrap().parse().unwrap();
    let mut plain = TcpStream::connect(("127.0.0.1", port)).unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    plain.read_to_end(&mut Vec::new()).unwrap();
    program.set("TS_TLS_CA_FILE", "");
    assert!(program.refusal("accounts").contains("TS_TLS_CA_FILE"));
    simulator.signal("TERM");
    let told = simulator.end().stderr;
    assert!(told.contains("speaks no TLS"), "{told}");
    assert!(told.contains("does it trust the authority in"), "{told}");
}
