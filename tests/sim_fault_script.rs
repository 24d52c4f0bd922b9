//! Scripts of faults: what they do, that they repeat, and what is said about broken ones.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod sim_client;

use std::time::Duration;

use sim_client::Client;
use tradeforge::sim::{Fault, FaultKind, FaultStrike, Hub, Sim, SimClock, SimConfig};
use tradeforge::{Kind, Timestamp};

fn config(seed: u64) -> SimConfig {
    let clock = SimClock::Stepped(Timestamp::parse("2026-11-20T15:00:00Z").unwrap());
    SimConfig { clock, seed, speed: 0.0, rate_limit: false, ..SimConfig::default() }
}

const SCRIPT: &str = r#"[
  { "fault": "status", "status": 503, "on": ["/api/Status/*", "/api/Account/*"], "after": 1, "times": 2 },
  { "fault": "status", "status": 429, "retry_after_s": 3, "at_ms": 1000, "for_ms": 500 },
  { "fault": "logout", "hub": "user", "at_ms": 2000, "message": "bye" },
  { "fault": "duplicate", "on": "GatewayQuote", "times": "always" }
]"#;

#[test]
fn steps_happen_in_their_order_and_time() {
    let client = Client::with(config(1));
    assert_eq!(client.sim.run_script(SCRIPT).unwrap(), [1, 2, 3, 4]);
    let ping = || client.request(None, "GET", "/api/Status/ping", None).status;
    assert_eq!([ping(), ping(), ping(), ping()], [200, 503, 503, 200]);
    let mut user = client.hub("user");
    client.sim.step(Duration::from_millis(1_000)).unwrap();
    assert_eq!([ping(), ping()], [429, 429]);
    client.sim.step(Duration::from_millis(500)).unwrap();
    assert_eq!(ping(), 200);
    user.call("SubscribeAccounts", "[]");
    client.sim.step(Duration::from_millis(500)).unwrap();
    assert_eq!(user.next_of("GatewayLogout")["arguments"][0], "bye");
    // One step alone is a script too.
    assert_eq!(client.sim.run_script(r#"{"fault":"refused"}"#).unwrap(), [5]);
}

/// Which of 200 requests are struck, and the random bytes that some get.
fn struck_with(seed: u64) -> (Vec<u16>, Vec<FaultStrike>) {
    let client = Client::with(config(seed));
    let script = r#"[{"fault":"status","probability":0.25,"times":"always"},
                     {"fault":"status","status":500,"probability":0.25,"times":"always"}]"#;
    client.sim.run_script(script).unwrap();
    let ping = |_| client.request(None, "GET", "/api/Status/ping", None).status;
    ((0..200).map(ping).collect(), client.sim.fault_strikes())
}

#[test]
fn chances_repeat_with_the_seed() {
    let (first, strikes) = struck_with(1);
    assert_eq!((first.clone(), strikes.clone()), struck_with(1));
    assert_ne!(first, struck_with(2).0);
    assert!(strikes.len() > 50 && first.contains(&200) && first.contains(&500), "{first:?}");
}

#[test]
fn broken_scripts_are_refused_with_a_reason() {
    let sim = Sim::start(config(1)).unwrap();
    for (script, parts) in [
        ("", &["not valid JSON"] as &[&str]),
        ("[", &["not valid JSON", "line 1"]),
        ("17", &["a list of steps"]),
        ("\"x\"", &["a list of steps"]),
        ("[1]", &["step 1", "must be an object"]),
        ("[{}]", &["line 1, step 1", "`fault` is missing", "lost_reply", "maintenance"]),
        ("[{\"fault\":7}]", &["`fault` must be one of"]),
        ("[{\"fault\":\"explode\"}]", &["unknown fault `explode`", "half_open"]),
        (
            "[\n{\"fault\":\"drop\"},\n{\"fault\":\"slow\",\n\"chnk\":1}]",
            &["line 4, step 2", "`chnk`", "chunk, for_ms"],
        ),
        ("[{\"fault\":\"slow\",\"chunk\":0}]", &["`chunk` must be a whole number from 1 to 65536"]),
        ("[{\"fault\":\"slow\",\"chunk\":1.0}]", &["`chunk` must be a whole number"]),
        ("[{\"fault\":\"slow\",\"chunk\":\"1\"}]", &["`chunk` must be a whole number"]),
        ("[{\"fault\":\"slow\",\"chunk\":1,\"chunk\":2}]", &["`chunk` comes twice"]),
        ("[{\"fault\":\"slow\",\"fault\":\"slow\"}]", &["`fault` comes twice"]),
        ("[{\"fault\":\"slow\",\"times\":0}]", &["`times` must be", "\"always\""]),
        ("[{\"fault\":\"slow\",\"times\":\"often\"}]", &["`times` must be"]),
        ("[{\"fault\":\"slow\",\"probability\":0}]", &["above 0 and up to 1"]),
        ("[{\"fault\":\"slow\",\"probability\":1.1}]", &["above 0 and up to 1"]),
        ("[{\"fault\":\"slow\",\"probability\":null}]", &["above 0 and up to 1"]),
        ("[{\"fault\":\"slow\",\"at_ms\":-1}]", &["`at_ms` must be"]),
        ("[{\"fault\":\"slow\",\"at_ms\":1e400}]", &["`at_ms` must be"]),
        ("[{\"fault\":\"slow\",\"for_ms\":99999999999999999999}]", &["`for_ms` must be"]),
        ("[{\"fault\":\"slow\",\"on\":[]}]", &["`on` must be"]),
        ("[{\"fault\":\"slow\",\"on\":[1]}]", &["`on` must be"]),
        ("[{\"fault\":\"slow\",\"on\":\"\"}]", &["`on` must be"]),
        ("[{\"fault\":\"slow\",\"on\":\"GatewayQuote\"}]", &["strikes paths"]),
        ("[{\"fault\":\"slow\",\"hub\":\"user\"}]", &["takes no `hub`"]),
        ("[{\"fault\":\"slow\",\"status\":500}]", &["takes no `status`", "pause_ms"]),
        ("[{\"fault\":\"status\",\"status\":199}]", &["from 200 to 599"]),
        ("[{\"fault\":\"status\",\"retry_after_as\":\"date\"}]", &["needs `retry_after_s`"]),
        ("[{\"fault\":\"drop\",\"hub\":\"both\"}]", &["`hub` must be \"user\" or \"market\""]),
        ("[{\"fault\":\"drop\",\"on\":\"/hubs/user\"}]", &["names, not paths"]),
        ("[{\"fault\":\"drop\",\"times\":3}]", &["needs `every_ms`"]),
        ("[{\"fault\":\"drop\",\"every_ms\":1,\"times\":3}]", &["`every_ms` must be"]),
        ("[{\"fault\":\"reset\"}]", &["say which with `on`"]),
        ("[{\"fault\":\"stall\",\"on\":\"/api/*\",\"hub\":\"user\"}]", &["not both"]),
        ("[{\"fault\":\"stall\",\"on\":[\"/api/*\",\"GatewayQuote\"]}]", &["not both"]),
        ("[{\"fault\":\"stall\",\"on\":\"/api/*\",\"hold_ms\":5}]", &["takes no `hold_ms`"]),
        ("[{\"fault\":\"garbage\",\"hub\":\"user\",\"form\":\"bytes\"}]", &["`form` of a hub"]),
        ("[{\"fault\":\"garbage\",\"hub\":\"user\",\"form\":\"xml\"}]", &["\"html\" or \"bytes\""]),
        ("[{\"fault\":\"token_expiry\",\"for_ms\":5}]", &["takes no `for_ms`", "cut_sockets"]),
        ("[{\"fault\":\"clock_skew\",\"every_ms\":50}]", &["takes no `every_ms`"]),
        ("[{\"fault\":\"restart\",\"keep_tokens\":\"yes\"}]", &["true or false"]),
        ("[{\"fault\":\"slow\"},]", &["not valid JSON"]),
        ("[{\"fault\":\"slow\"}] x", &["not valid JSON"]),
        ("[[{\"fault\":\"slow\"}]]", &["step 1", "must be an object"]),
        ("{\"steps\":[]}", &["`fault` is missing"]),
    ] {
        let error = sim.run_script(script).unwrap_err();
        assert_eq!(error.kind(), Kind::Argument);
        for part in parts {
            assert!(
                error.message().contains(part),
                "`{part}` is missing in `{}` for {script}",
                error.message()
            );
        }
        assert!(error.message().len() < 1000, "{}", error.message());
    }
    // Of a script with one bad step nothing happens.
    assert!(sim.run_script(r#"[{"fault":"refused"},{"fault":"none"}]"#).is_err());
    assert_eq!(sim.run_script("[]").unwrap(), [0u64; 0]);
    assert_eq!(sim.run_script(r#"{"fault":"refused"}"#).unwrap(), [1]);
}

#[test]
fn no_input_makes_it_panic() {
    let sim = Sim::start(config(1)).unwrap();
    // Every part of a good script, and every one with a byte changed.
    for end in (0..SCRIPT.len()).filter(|&end| SCRIPT.is_char_boundary(end)) {
        assert!(sim.run_script(&SCRIPT[..end]).is_err());
    }
    for at in 0..SCRIPT.len() {
        for byte in [b'"', b'{', b']', b'0', b'-', b'\\', 0x01, b' '] {
            let mut bytes = SCRIPT.as_bytes().to_vec();
            bytes[at] = byte;
            let _ = sim.run_script(std::str::from_utf8(&bytes).unwrap());
        }
        sim.clear_faults();
    }
    for long in [
        "[".repeat(100_000),
        format!("[{}]", "{\"fault\":\"refused\"},".repeat(1000) + "{\"fault\":\"refused\"}"),
        format!("{{\"fault\":\"{}\"}}", "é".repeat(400_000)),
        format!("{{\"fault\":\"refused\",\"on\":\"/{}\"}}", "*".repeat(5000)),
        format!("{{\"fault\":\"refused\",\"{}\":{}}}", "a".repeat(1000), "[".repeat(200) + &"]".repeat(200)),
        " ".repeat(1024 * 1024 + 1),
        "\u{0}\u{feff}[]".to_owned(),
    ] {
        let error = sim.run_script(&long).unwrap_err();
        assert!(error.message().len() < 2000, "{}", error.message().len());
    }
}

#[test]
fn faults_of_the_program_are_checked_as_well() {
    let sim = Sim::start(config(1)).unwrap();
    for (fault, part) in [
        (Fault::new(FaultKind::Slow).chunk(0), "`chunk` must be"),
        (Fault::new(FaultKind::Slow).probability(f64::NAN), "above 0"),
        (Fault::new(FaultKind::Slow).times(0), "`times` must be"),
        (Fault::new(FaultKind::Slow).delay(Duration::MAX), "takes no `delay_ms`"),
        (Fault::new(FaultKind::Latency).delay(Duration::MAX), "`delay_ms` must be"),
        (Fault::new(FaultKind::Status).status(199), "`status` must be"),
        (Fault::new(FaultKind::Swallow).on("/api/*"), "names, not paths"),
        (Fault::new(FaultKind::Restart).hub(Hub::User), "takes no `hub`"),
        (Fault::new(FaultKind::Drop).every(Duration::ZERO), "`every_ms` must be"),
        (Fault::new(FaultKind::ClockSkew).skew_ms(i64::MIN), "`skew_ms` must be"),
    ] {
        let error = sim.inject(fault).unwrap_err();
        assert_eq!(error.kind(), Kind::Argument);
        assert!(error.message().contains(part), "`{part}` is missing in {}", error.message());
    }
    for &kind in FaultKind::ALL {
        assert_eq!(FaultKind::from_name(kind.name()), Some(kind));
        // Each is possible with a place at most.
        let bare = Fault::new(kind);
        assert!(sim.inject(bare.clone()).is_ok() || sim.inject(bare.on("/api/*")).is_ok(), "{kind:?}");
    }
}
