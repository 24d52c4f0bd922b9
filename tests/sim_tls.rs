//! The simulator over TLS: our own client and other people's, and those who do not speak it.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod common;

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{PATIENCE, stream, wait_for, wait_for_link};
use tradeforge::model::{AccountId, ContractId, Hub, LinkState};
use tradeforge::sim::{Shape, Sim, SimConfig, SimTls};
use tradeforge::{
    Client, Config, EventBody, Kind, Kinds, OrderRequest, QueuePolicy, Side, Stream, StreamOptions,
};

fn simulator() -> Sim {
    Sim::start(SimConfig { tls: Some(SimTls::default()), ..SimConfig::default() }).unwrap()
}

fn settings(sim: &Sim) -> Config {
    let mut config = Config::new();
    for (key, value) in sim.settings() {
        config.set(key, &value).unwrap();
    }
    config
}

fn logged_in(sim: &Sim) -> Client {
    let client = Client::new(&settings(sim)).unwrap();
    client.login(PATIENCE).unwrap();
    client
}

/// A stream that has the quotes of the default contract and the orders of the default account.
fn subscribed(sim: &Sim, client: &Client) -> Stream {
    let stream = stream(client);
    let (contract, account) = ids(sim);
    stream.subscribe(&contract, Kinds::QUOTES, PATIENCE).unwrap();
    stream.subscribe_account(account, Kinds::ORDERS, PATIENCE).unwrap();
    stream
}

fn ids(sim: &Sim) -> (ContractId, AccountId) {
    (sim.default_contract().as_str().into(), AccountId::new(sim.default_account().into()))
}

fn place(sim: &Sim, client: &Client) {
    let (contract, account) = ids(sim);
    client.place(&OrderRequest::market(account, contract, Side::Buy, 1), PATIENCE).unwrap();
}

fn wait_for_quote(stream: &Stream) {
    wait_for(stream, |event| matches!(event.body, EventBody::Quote(_)).then_some(()));
}

fn wait_for_order(stream: &Stream) {
    wait_for(stream, |event| matches!(event.body, EventBody::Order(_)).then_some(()));
}

/// Whether a tool of the system is there.
fn has(tool: &str) -> bool {
    let found =
        Command::new(tool).arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    assert!(found || std::env::var_os("TF_REQUIRE_TOOLS").is_none(), "{tool} is not installed");
    found
}

#[test]
fn a_client_trades_over_both_hubs_and_comes_back_after_a_drop() {
    let sim = simulator();
    assert!(sim.api_url().starts_with("https://127.0.0.1:") && sim.user_hub_url().starts_with("https://"));
    let client = logged_in(&sim);
    let stream = subscribed(&sim, &client);
    wait_for_quote(&stream);
    place(&sim, &client);
    wait_for_order(&stream);

    sim.drop_hub_connections();
    let mut lost = Vec::new();
    while lost.len() < 2 {
        let link = wait_for_link(&stream, LinkState::Reconnecting);
        if !lost.contains(&link.hub) {
            lost.push(link.hub);
        }
    }
    assert!(lost.contains(&Hub::Market) && lost.contains(&Hub::User), "{lost:?}");
    wait_for_quote(&stream);
    let fills = client.fills(ids(&sim).1, tradeforge::Timestamp::from_nanos(0), PATIENCE).unwrap();
    assert_eq!(fills.len(), 1);
    client.close();
    sim.stop();
}

#[test]
fn a_stop_tells_the_clients_that_it_is_no_break() {
    let sim = simulator();
    let client = logged_in(&sim);
    let stream = subscribed(&sim, &client);
    sim.stop();
    wait_for_link(&stream, LinkState::Reconnecting);
    client.close();
}

#[test]
fn without_the_authority_the_client_refuses_and_says_what_to_do() {
    let sim = simulator();
    let mut config = settings(&sim);
    config.set("tls_ca_file", "").unwrap();
    let client = Client::new(&config).unwrap();
    let error = client.login(PATIENCE).unwrap_err();
    assert_eq!(error.kind(), Kind::Tls, "{error}");
    assert!(error.to_string().contains("TS_TLS_CA_FILE"), "{error}");

    // The authority of another simulator is none either.
    let other = simulator();
    config.set("tls_ca_file", other.ca_file().unwrap().to_str().unwrap()).unwrap();
    let error = Client::new(&config).unwrap().login(PATIENCE).unwrap_err();
    assert_eq!(error.kind(), Kind::Tls, "{error}");
}

#[test]
fn a_flood_over_tls_reaches_those_who_read() {
    const QUOTES: usize = 50_000;
    let sim = Sim::start(SimConfig {
        speed: 0.0,
        tls: Some(SimTls::default()),
        shape: Shape { partial_quotes: false, ..Shape::default() },
        ..SimConfig::default()
    })
    .unwrap();
    let client = logged_in(&sim);
    let mut options = tradeforge::StreamOptions::default();
    options.capacity = 2 * QUOTES;
    let stream = client.stream(&options).unwrap();
    stream.subscribe(&ids(&sim).0, Kinds::QUOTES, PATIENCE).unwrap();
    wait_for_quote(&stream);
    sim.publish_quotes(&sim.default_contract(), QUOTES).unwrap();
    let mut seen = 0;
    wait_for(&stream, |event| {
        seen += usize::from(matches!(event.body, EventBody::Quote(_)));
        (seen == QUOTES).then_some(())
    });
}

#[test]
fn who_reads_too_slowly_loses_the_connection() {
    let sim =
        Sim::start(SimConfig { speed: 0.0, tls: Some(SimTls::default()), ..SimConfig::default() }).unwrap();
    let client = logged_in(&sim);
    let news = stream(&client);
    news.subscribe(&ids(&sim).0, Kinds::QUOTES, PATIENCE).unwrap();
    wait_for_link(&news, LinkState::Connected);
    // A full stream that must lose nothing: its connection is not read.
    let mut options = StreamOptions::default();
    (options.capacity, options.policy) = (1, QueuePolicy::Block);
    let full = client.stream(&options).unwrap();
    full.subscribe(&ids(&sim).0, Kinds::QUOTES, PATIENCE).unwrap();
    sim.flood_quotes(&sim.default_contract(), 400_000).unwrap();
    let end = Instant::now() + PATIENCE;
    while sim.hub_connections() > 0 {
        assert!(Instant::now() < end, "it may read as slowly as it likes");
        std::thread::yield_now();
    }
    full.close();
    wait_for_link(&news, LinkState::Reconnecting);
    wait_for_link(&news, LinkState::Connected);
}

#[test]
fn a_client_that_never_finishes_the_handshake_is_closed() {
    let tls = SimTls { handshake_timeout: Duration::from_millis(50), ..SimTls::default() };
    let sim = Sim::start(SimConfig { tls: Some(tls), ..SimConfig::default() }).unwrap();
    for begun in [&b""[..], b"\x16\x03\x01\x02\x00"] {
        let mut socket = connect(&sim);
        socket.write_all(begun).unwrap();
        match socket.read(&mut [0; 64]) {
            Ok(0) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            other => panic!("{begun:?}: {other:?}"),
        }
    }
}

#[test]
fn stop_does_not_wait_for_a_handshake() {
    let tls = SimTls { handshake_timeout: Duration::from_secs(3600), ..SimTls::default() };
    let sim = Sim::start(SimConfig { tls: Some(tls), ..SimConfig::default() }).unwrap();
    let mut mute = connect(&sim);
    let mut begun = connect(&sim);
    begun.write_all(b"\x16\x03\x01").unwrap();
    // A third that is served shows that the first two were accepted.
    logged_in(&sim);
    sim.stop();
    for socket in [&mut mute, &mut begun] {
        assert!(matches!(socket.read(&mut [0; 8]), Ok(0) | Err(_)));
    }
}

#[test]
fn plain_http_is_told_to_use_tls() {
    let sim = simulator();
    let mut socket = connect(&sim);
    socket.write_all(b"POST /api/Auth/loginKey HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}").unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(
        body.contains("https://") && head.contains(&format!("Content-Length: {}\r\n", body.len())),
        "{answer}"
    );

    let mut config = settings(&sim);
    config.set("api_url", &sim.api_url().replace("https", "http")).unwrap();
    let error = Client::new(&config).unwrap().login(PATIENCE).unwrap_err();
    assert!(error.gateway_text().is_some_and(|text| text.contains("https://")), "{error}");
}

#[test]
fn the_certificate_is_in_the_file_that_was_asked_for_and_no_key_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my ca.pem");
    let tls = SimTls { ca_file: Some(path.clone()), ..SimTls::default() };
    let sim = Sim::start(SimConfig { tls: Some(tls), ..SimConfig::default() }).unwrap();
    assert_eq!(sim.ca_file(), Some(path.as_path()));
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(sim.ca_certificate(), Some(text.as_str()));
    assert_eq!(text.matches("BEGIN").count(), 1, "{text}");
    assert!(text.contains("BEGIN CERTIFICATE") && !text.contains("PRIVATE"), "{text}");
    logged_in(&sim);
}

#[test]
fn curl_trusts_the_file() {
    if !has("curl") {
        return;
    }
    let sim = simulator();
    let body = format!(r#"{{"userName":"{}","apiKey":"{}"}}"#, sim.user_name(), sim.api_key());
    for (host, version) in [("127.0.0.1", "1.3"), ("localhost", "1.2")] {
        let curl = |ca: Option<&Path>| {
            let mut command = Command::new("curl");
            command.args([
                "-sS",
                "--noproxy",
                "*",
                "--tls-max",
                version,
                "--max-time",
                "30",
                "-H",
                "Content-Type: application/json",
            ]);
            if let Some(ca) = ca {
                command.arg("--cacert").arg(ca);
            }
            let url = format!("https://{host}:{}/api/Auth/loginKey", sim.port());
            command.args(["-d", &body, &url]).output().unwrap()
        };
        let trusted = curl(sim.ca_file());
        let shown = String::from_utf8_lossy(&trusted.stdout);
        assert!(trusted.status.success(), "{}", String::from_utf8_lossy(&trusted.stderr));
        assert!(shown.contains(r#""success":true"#), "{shown}");
        assert!(!curl(None).status.success(), "nobody trusts it unasked");
    }
}

#[test]
fn openssl_verifies_the_chain_and_sees_the_end() {
    if !has("openssl") {
        return;
    }
    let sim = simulator();
    let mut openssl = Command::new("openssl")
        .args(["s_client", "-verify_return_error", "-verify_ip", "127.0.0.1", "-ign_eof", "-CAfile"])
        .arg(sim.ca_file().unwrap())
        .args(["-connect", &format!("127.0.0.1:{}", sim.port())])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let request = b"GET /nothing HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    openssl.stdin.take().unwrap().write_all(request).unwrap();
    let output = openssl.wait_with_output().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(shown.contains("Verify return code: 0 (ok)") && shown.contains("HTTP/1.1 404"), "{shown}");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !told.contains("unexpected eof"), "{told}");
}

fn connect(sim: &Sim) -> TcpStream {
    let socket = TcpStream::connect(("127.0.0.1", sim.port())).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}
