//! No key and no token is ever shown: not in the log at its finest, not in errors, not by `Debug`.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod session_support;

use std::sync::Mutex;

use log::{Log, Metadata, Record};
use session_support::{Bench, HOUR, MINUTE, PATIENCE};
use tradeforge::sim::{Fault, FaultKind, Shape};
use tradeforge::{AppLogin, Kinds, StreamOptions};

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps what this library logs. The libraries below show requests; our own loggers leave them out.
struct Keep;

impl Log for Keep {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("tradeforge")
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let line = format!("{} {} {}", record.level(), record.target(), record.args());
            LINES.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(line);
        }
    }

    fn flush(&self) {}
}

#[test]
fn keys_and_tokens_are_never_shown() {
    log::set_logger(&Keep).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let bench = Bench::logged_out(Shape::default(), &[]);
    let (password, app, verify_key) = bench.sim.app_credentials();
    let mut seen = Vec::new();
    let mut see = |shown: String| seen.push(shown);
    // What the gateway says is foreign: it repeats what it was told.
    let key = bench.sim.api_key();
    let echo = |path: &str| {
        Fault::new(FaultKind::Status).status(400).on(path).body(format!(r#"{{"title":"bad key {key}"}}"#))
    };
    bench.sim.inject(echo("/api/Auth/loginKey")).unwrap();
    see(format!("{:?}", bench.client.login(PATIENCE).unwrap_err()));
    bench.sim.refuse_logins(3);
    see(format!("{:?}", bench.client.login(PATIENCE).unwrap_err()));
    bench.sim.refuse_logins(0);
    bench.client.login(PATIENCE).unwrap();
    let stream = bench.client.stream(&StreamOptions::default()).unwrap();
    let contract = (&*bench.sim.default_contract()).into();
    stream.subscribe(&contract, Kinds::QUOTES, PATIENCE).unwrap();
    bench.sim.drop_hub_connections();
    // A refresh that fails, one that works, a token that is over, and one that is refused.
    bench.sim.inject(Fault::new(FaultKind::Status).status(500).on("/api/Auth/validate")).unwrap();
    bench.step(HOUR * 23 + MINUTE * 40);
    bench.query().unwrap();
    bench.step(MINUTE);
    bench.query().unwrap();
    bench.step(HOUR * 25);
    bench.query().unwrap();
    bench.sim.inject(Fault::new(FaultKind::TokenExpiry)).unwrap();
    see(format!("{:?}", bench.order().unwrap_err()));
    let login = AppLogin::new(bench.sim.user_name(), password, "desk", app, verify_key);
    see(format!("{login:?} {:?}", bench.client));
    bench.client.login_app(&login, PATIENCE).unwrap();
    bench.client.logout(PATIENCE).unwrap();
    bench.client.close();
    let lines = LINES.lock().unwrap().clone();
    assert!(lines.iter().any(|line| line.contains("logged in")), "the log was not kept: {lines:?}");
    assert!(lines.iter().any(|line| line.contains("could not be refreshed")), "{lines:?}");
    for line in lines.iter().chain(&seen) {
        // Every token of the simulator is a JWT, and all begin with the same header.
        for secret in [key, password, verify_key, "eyJ", "Bearer "] {
            assert!(!line.contains(secret), "{secret} is in: {line}");
        }
    }
}
