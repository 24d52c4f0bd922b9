//! The simulator's TLS as a bare client sees it: pieces, ends in order and broken lines.
#![cfg(feature = "sim")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tradeforge::sim::{Sim, SimConfig, SimTls};
use tungstenite::{Error, Message, WebSocket};

type Tls = StreamOwned<ClientConnection, TcpStream>;

const PATIENCE: Duration = Duration::from_secs(30);

fn simulator() -> Sim {
    Sim::start(SimConfig { tls: Some(SimTls::default()), ..SimConfig::default() }).unwrap()
}

/// A session that trusts the simulator's authority and nobody else.
fn session(sim: &Sim) -> ClientConnection {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(sim.ca_certificate().unwrap().as_bytes()) {
        roots.add(certificate.unwrap()).unwrap();
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    ClientConnection::new(Arc::new(config), "localhost".try_into().unwrap()).unwrap()
}

fn socket(sim: &Sim) -> TcpStream {
    let socket = TcpStream::connect(("127.0.0.1", sim.port())).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.set_nodelay(true).unwrap();
    socket
}

fn connect(sim: &Sim) -> Tls {
    StreamOwned::new(session(sim), socket(sim))
}

/// Logs in on a connection of its own, which must end in order.
fn token(sim: &Sim, mut tls: Tls) -> String {
    let body = format!(r#"{{"userName":"{}","apiKey":"{}"}}"#, sim.user_name(), sim.api_key());
    write!(
        tls,
        "POST /api/Auth/loginKey HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    tls.read_to_string(&mut answer).expect("the connection ends in order");
    let (_, json) = answer.split_once("\r\n\r\n").unwrap();
    let json: serde_json::Value = serde_json::from_str(json).unwrap();
    json["token"].as_str().unwrap().to_owned()
}

/// A hub connection with its handshake made.
fn hub(sim: &Sim) -> WebSocket<Tls> {
    let url = format!("ws://localhost/hubs/user?access_token={}", token(sim, connect(sim)));
    let (mut hub, _) = tungstenite::client(url, connect(sim)).unwrap();
    hub.send(Message::text("{\"protocol\":\"json\",\"version\":1}\u{1e}")).unwrap();
    assert_eq!(hub.read().unwrap(), Message::text("{}\u{1e}"));
    hub
}

#[test]
fn a_handshake_may_come_byte_by_byte() {
    let sim = simulator();
    let (mut session, mut socket) = (session(&sim), socket(&sim));
    let mut hello = Vec::new();
    session.write_tls(&mut hello).unwrap();
    for byte in hello {
        socket.write_all(&[byte]).unwrap();
    }
    assert!(!token(&sim, StreamOwned::new(session, socket)).is_empty());
}

#[test]
fn a_broken_line_breaks_without_a_word() {
    let sim = simulator();
    let mut hub = hub(&sim);
    sim.drop_hub_connections();
    match hub.read() {
        Err(Error::Io(error)) => assert!(
            matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset),
            "{error:?}"
        ),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_close_in_order_ends_every_layer() {
    let sim = simulator();
    let mut hub = hub(&sim);
    sim.log_out_hub_clients("bye");
    let mut told = Vec::new();
    let end = loop {
        match hub.read() {
            Ok(message) => told.push(message),
            Err(error) => break error,
        }
    };
    assert!(matches!(end, Error::ConnectionClosed), "{end:?}");
    let texts: String = told.iter().filter_map(|message| message.to_text().ok()).collect();
    assert!(texts.contains("GatewayLogout") && texts.contains("bye"), "{texts}");
    assert!(matches!(told.last(), Some(Message::Close(_))), "{told:?}");
    // The end of the encryption comes too; without it this would be an error.
    assert_eq!(hub.get_mut().read(&mut [0; 8]).unwrap(), 0);
}

#[test]
fn rubbish_instead_of_a_handshake_ends_the_connection() {
    let sim = simulator();
    let mut socket = socket(&sim);
    socket.write_all(&[22, 3, 1, 0, 4, 1, 0, 0, 0]).unwrap();
    let mut answer = Vec::new();
    // An alert, and then the end.
    let ended = socket.read_to_end(&mut answer);
    assert!(ended.is_ok() || ended.unwrap_err().kind() == ErrorKind::ConnectionReset);
    assert_eq!(answer.first(), Some(&21), "{answer:?}");
    assert!(!token(&sim, connect(&sim)).is_empty(), "others are served");
}
