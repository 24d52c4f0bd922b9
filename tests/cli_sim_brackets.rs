//! `tradeforge sim --brackets`: whether orders may have brackets.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod cli_support;

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::TcpStream;

use cli_support::Program;
use serde_json::Value;

fn post(url: &str, token: &str, path: &str, body: &str) -> Value {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    let length = body.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {token}\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[test]
fn brackets_are_taken_when_asked_for() {
    for (options, success) in [("", false), ("--brackets position", false), ("--brackets auto-oco", true)] {
        let running = Program::new(&[]).start(&format!("sim {options}"));
        let lines = std::iter::from_fn(|| running.line().filter(|line| line != "ready"));
        let settings: HashMap<String, String> = lines
            .filter_map(|line| line.split_once("=").map(|(name, value)| (name.into(), value.into())))
            .collect();
        let (url, user, key) = (&settings["TS_API_URL"], &settings["TS_USERNAME"], &settings["TS_API_KEY"]);
        let login = format!(r#"{{"userName":"{user}","apiKey":"{key}"}}"#);
        let token = post(url, "", "/api/Auth/loginKey", &login)["token"].as_str().unwrap().to_owned();
        let order = format!(
            r#"{{"accountId":{},"contractId":"{}","type":2,"side":0,"size":1,"stopLossBracket":{{"ticks":-10,"type":4}}}}"#,
            settings["TS_ACCOUNT"], settings["TS_CONTRACT"]
        );
        assert_eq!(post(url, &token, "/api/Order/place", &order)["success"], success, "{options}");
    }
    assert_ne!(Program::new(&[]).start("sim --brackets both").end().code, Some(0));
}
