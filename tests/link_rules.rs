//! The rules of `docs/STREAMS.md`: what follows each way in which a connection can end or fail.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod link_support;

use std::net::TcpListener;
use std::time::Duration;

use link_support::{PATIENCE, Session, client, failure, in_background, next_link, words};
use tradeforge::model::{Link, LinkState};
use tradeforge::sim::{Fault, FaultKind, Hub, Sim, SimConfig, SimTls};
use tradeforge::{Client, Kind, Kinds, Stream, StreamOptions};
use tungstenite::Message;

/// A client whose market hub is elsewhere, and a stream that waits for it.
fn elsewhere(sim: &Sim, hub_url: &str, settings: &[(&str, &str)]) -> (Client, Stream) {
    let given = sim.settings();
    let given = given.iter().map(|(key, value)| (*key, value.as_str()));
    let client = client(given.chain([("market_hub_url", hub_url)]).chain(settings.iter().copied()));
    client.login(PATIENCE).unwrap();
    let stream = client.stream(&StreamOptions::default()).unwrap();
    stream.subscribe(&sim.default_contract().as_str().into(), Kinds::QUOTES, Duration::ZERO).unwrap();
    (client, stream)
}

fn sim() -> Sim {
    Sim::start(SimConfig { speed: 0.0, ..SimConfig::default() }).unwrap()
}

/// The first loss of a stream that was just made.
fn first_loss(stream: &Stream) -> Link {
    assert_eq!(next_link(stream).state, LinkState::Connecting);
    next_link(stream)
}

#[test]
fn an_end_without_a_word_is_followed_by_an_attempt_at_once() {
    for kind in [FaultKind::Drop, FaultKind::Reset, FaultKind::CutFrame] {
        let session = Session::start(&[]).quotes();
        session.sim.inject(Fault::new(kind).hub(Hub::Market)).unwrap();
        let lost = session.comes_back();
        assert_eq!((lost.reason, lost.attempt), (Some(Kind::Network), 1), "{kind:?}");
        assert!(lost.delay_ms <= 10, "{kind:?}: {lost:?}");
    }
}

#[test]
fn a_restart_of_the_gateway_is_waited_out() {
    let session = Session::start(&[]).quotes();
    session.sim.restart(Duration::from_millis(300)).unwrap();
    let mut attempts = Vec::new();
    loop {
        let link = session.next_link();
        match link.state {
            LinkState::Reconnecting => attempts.push(link.attempt),
            LinkState::Connected => break,
            LinkState::Resyncing => {}
            other => panic!("{other:?}"),
        }
        assert!(link.delay_ms <= 40, "{link:?}");
    }
    assert!(attempts.len() > 1, "the port was closed for a while");
    assert!(attempts.iter().copied().eq(1..=attempts.len() as u32), "{attempts:?}");
}

#[test]
fn a_logout_counts_as_a_loss_and_needs_no_new_token() {
    let session = Session::start(&[]).quotes();
    session.sim.log_out_hub_clients("another device");
    let lost = session.comes_back();
    assert_eq!(lost.reason, Some(Kind::Network));
    assert!(session.words(&lost).contains("logged"), "{}", session.words(&lost));
    assert!(lost.delay_ms <= 10, "{lost:?}");
}

#[test]
fn a_server_that_ends_and_does_not_ask_to_come_back_is_left_alone() {
    for (may_come_back, least, most) in [(true, 0, 10), (false, 100, 110)] {
        let session = Session::start(&[]).quotes();
        let close = Fault::new(FaultKind::Close).error("maintenance").allow_reconnect(may_come_back);
        session.sim.inject(close.hub(Hub::Market)).unwrap();
        let lost = session.comes_back();
        assert!((least..=most).contains(&lost.delay_ms), "{may_come_back}: {lost:?}");
        let words = session.words(&lost);
        assert!(words.contains("Network") && words.contains("maintenance"), "{words}");
    }
}

#[test]
fn a_refused_token_is_replaced_at_once() {
    for status in [401, 403] {
        let session = Session::start(&[]);
        let refuse = Fault::new(FaultKind::RefuseUpgrade).status(status).hub(Hub::Market);
        session.sim.inject(refuse).unwrap();
        let session = session.quotes();
        assert_eq!(session.sim.fault_strikes().len(), 1);
    }
}

#[test]
fn tokens_that_are_refused_again_and_again_are_given_up() {
    let session = Session::start(&[]);
    let refuse = Fault::new(FaultKind::RefuseUpgrade).status(401).hub(Hub::Market);
    session.sim.inject(refuse.always()).unwrap();
    session.stream.subscribe(&session.contract, Kinds::QUOTES, Duration::ZERO).unwrap();
    assert_eq!(failure(&session.stream), (3, Some(Kind::Auth)));
    let error = session.stream.subscribe(&session.contract, Kinds::TRADES, PATIENCE).unwrap_err();
    assert_eq!(error.kind(), Kind::Auth, "{error}");
}

#[test]
fn a_busy_gateway_is_asked_again_when_it_says() {
    for (status, kind) in [(503, Kind::Unavailable), (429, Kind::RateLimit)] {
        let session = Session::start(&[]);
        let busy = Fault::new(FaultKind::RefuseUpgrade).status(status).retry_after(Duration::from_secs(7));
        session.sim.inject(busy.hub(Hub::Market)).unwrap();
        session.stream.subscribe(&session.contract, Kinds::QUOTES, Duration::ZERO).unwrap();
        let lost = first_loss(&session.stream);
        assert_eq!(lost.reason, Some(kind));
        assert!((7000..=7010).contains(&lost.delay_ms), "{lost:?}");
    }
}

#[test]
fn a_path_that_is_not_there_now_may_be_there_later() {
    let session = Session::start(&[]);
    let missing = Fault::new(FaultKind::RefuseUpgrade).status(404).hub(Hub::Market);
    session.sim.inject(missing).unwrap();
    session.stream.subscribe(&session.contract, Kinds::QUOTES, Duration::ZERO).unwrap();
    assert_eq!(first_loss(&session.stream).reason, Some(Kind::Protocol));
    session.wait_for_state(LinkState::Connected);
}

#[test]
fn a_name_that_is_not_found_is_looked_up_again_until_the_limit() {
    let sim = sim();
    let (client, stream) = elsewhere(&sim, "https://hub.invalid/hubs/market", &[("reconnect_attempts", "1")]);
    let lost = first_loss(&stream);
    assert_eq!((lost.state, lost.reason, lost.attempt), (LinkState::Reconnecting, Some(Kind::Network), 1));
    assert!(words(&client, &lost).contains("hub.invalid"), "{}", words(&client, &lost));
    let given_up = next_link(&stream);
    assert_eq!((given_up.state, given_up.reason), (LinkState::Failed, Some(Kind::Network)));
    assert_eq!(given_up.attempt, 2, "the first one and one more");
    assert!(words(&client, &given_up).contains("limited to 1"), "{}", words(&client, &given_up));
}

#[test]
fn a_certificate_that_nobody_trusts_is_given_up_at_once() {
    let sim = sim();
    let other = Sim::start(SimConfig { tls: Some(SimTls::default()), ..SimConfig::default() }).unwrap();
    let (client, stream) = elsewhere(&sim, &other.market_hub_url(), &[]);
    let failed = first_loss(&stream);
    assert_eq!((failed.state, failed.reason, failed.attempt), (LinkState::Failed, Some(Kind::Tls), 1));
    assert!(words(&client, &failed).contains("TS_TLS_CA_FILE"), "{}", words(&client, &failed));
}

#[test]
fn an_encrypted_connection_that_breaks_while_it_is_set_up_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/hubs/market", listener.local_addr().unwrap());
    let (ends, ended) = crossbeam_channel::bounded::<()>(0);
    let thread = in_background(move || {
        for stream in listener.incoming() {
            // Read first, so that the end is no reset.
            let _ = std::io::Read::read(&mut stream.unwrap(), &mut [0; 512]);
            if ended.try_recv() == Err(crossbeam_channel::TryRecvError::Disconnected) {
                return;
            }
        }
    });
    // The simulator's authority, so that there is one.
    let sim =
        Sim::start(SimConfig { speed: 0.0, tls: Some(SimTls::default()), ..SimConfig::default() }).unwrap();
    let (client, stream) = elsewhere(&sim, &url, &[]);
    let lost = first_loss(&stream);
    assert_eq!((lost.state, lost.reason), (LinkState::Reconnecting, Some(Kind::Network)));
    drop(ends);
    thread.join().unwrap();
    client.close();
}

/// A hub that does this with every connection after its upgrade.
fn hub(serve: impl Fn(&mut tungstenite::WebSocket<std::net::TcpStream>) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hubs/market", listener.local_addr().unwrap());
    // Ends with the process of the test.
    in_background(move || {
        for stream in listener.incoming() {
            if let Ok(mut socket) = tungstenite::accept(stream.unwrap()) {
                serve(&mut socket);
            }
        }
    });
    url
}

#[test]
fn a_refused_handshake_is_tried_again_and_told_in_the_servers_words() {
    let url = hub(|socket| {
        socket.read().unwrap();
        let refusal = "{\"error\":\"Requested protocol 'json' is not available.\"}\u{1e}";
        let _ = socket.send(Message::text(refusal));
        let _ = socket.read();
    });
    let sim = sim();
    let (client, stream) = elsewhere(&sim, &url, &[]);
    let lost = first_loss(&stream);
    assert_eq!((lost.state, lost.reason), (LinkState::Reconnecting, Some(Kind::Protocol)));
    assert!(words(&client, &lost).contains("is not available"), "{}", words(&client, &lost));
    assert_eq!(next_link(&stream).attempt, 2);
}

#[test]
fn a_handshake_without_an_answer_is_given_up_in_time() {
    let session = Session::start(&[("hub_connect_ms", "200")]);
    let slow = Fault::new(FaultKind::SlowHandshake).delay(Duration::from_secs(2)).hub(Hub::Market);
    session.sim.inject(slow).unwrap();
    session.stream.subscribe(&session.contract, Kinds::QUOTES, Duration::ZERO).unwrap();
    let lost = first_loss(&session.stream);
    assert_eq!(lost.reason, Some(Kind::Deadline));
    assert!(session.words(&lost).contains("handshake within 0.2 s"), "{}", session.words(&lost));
    session.wait_for_state(LinkState::Connected);
}

#[test]
fn frames_that_break_the_protocol_or_its_limits_end_the_connection_with_a_reason() {
    const TOO_LONG: &[u8] = b"\x81\x7f\x00\x00\x00\x00\x01\x00\x00\x01";
    for (bytes, reason) in [(TOO_LONG, "more than 16 MiB"), (b"\x83\x00", "WebSocket protocol")] {
        let url = hub(move |socket| {
            socket.read().unwrap();
            let _ = socket.send(Message::text("{}\u{1e}"));
            let _ = std::io::Write::write_all(socket.get_mut(), bytes);
            while socket.read().is_ok() {}
        });
        let sim = sim();
        let (client, stream) = elsewhere(&sim, &url, &[]);
        // Until the frame comes it is a connection as any other.
        let loss = || loop {
            let link = next_link(&stream);
            if link.state == LinkState::Reconnecting {
                return link;
            }
        };
        let lost = loss();
        assert_eq!((lost.reason, lost.attempt), (Some(Kind::Protocol), 1), "{reason}");
        assert!(words(&client, &lost).contains(reason), "{}", words(&client, &lost));
        assert_eq!(loss().attempt, 2);
    }
}
