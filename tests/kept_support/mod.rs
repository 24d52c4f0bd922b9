//! A server that ends its first connection as a test wants, and serves every later one.
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tradeforge::{Client, Config, Deadline};

use crate::common::{PATIENCE, in_background};

/// How the first connection ends after the answer to its first request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Not at all.
    Never,
    /// The server closes its side; encrypted, it says so first.
    Fin,
    /// A reset.
    Reset,
    /// Bytes that nobody asked for; encrypted, the announcement of the end. The socket stays open.
    Word,
    /// When the next request has been read.
    Late,
    /// Encrypted: the answer and the announcement of the end at once. The socket stays open.
    Announced,
}

/// A request, and the connection that carried it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    pub connection: usize,
    pub path: String,
}

pub struct Server {
    address: SocketAddr,
    folder: tempfile::TempDir,
    is_encrypted: bool,
    served: Arc<Mutex<Vec<Served>>>,
    end: Sender<()>,
    ended: Receiver<SocketAddr>,
    left: Receiver<()>,
}

trait Wire: Read + Write {
    /// Tells an encrypted peer that nothing more will come, together with these bytes; false when there is no
    /// such word.
    fn say_goodbye(&mut self, last: &[u8]) -> bool;
    fn socket(&self) -> &TcpStream;
}

impl Wire for TcpStream {
    fn say_goodbye(&mut self, _: &[u8]) -> bool {
        false
    }

    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Wire for StreamOwned<ServerConnection, TcpStream> {
    fn say_goodbye(&mut self, last: &[u8]) -> bool {
        self.conn.writer().write_all(last).unwrap();
        self.conn.send_close_notify();
        self.conn.write_tls(&mut self.sock).unwrap();
        true
    }

    fn socket(&self) -> &TcpStream {
        &self.sock
    }
}

impl Server {
    pub fn start(ending: Ending, is_encrypted: bool) -> Server {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let config = is_encrypted.then(|| Arc::new(identity(&folder)));
        let served: Arc<Mutex<Vec<Served>>> = Arc::default();
        let (end, told) = mpsc::channel();
        let (tell_ended, ended) = mpsc::channel();
        let (tell_left, left) = mpsc::channel();
        let told = Arc::new(Mutex::new(told));
        let log = served.clone();
        // Ends with the process: nobody connects after the test.
        in_background(move || {
            for (connection, stream) in listener.incoming().map(Result::unwrap).enumerate() {
                let wire: Box<dyn Wire + Send> = match &config {
                    Some(config) => {
                        Box::new(StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream))
                    }
                    None => Box::new(stream),
                };
                let ending = if connection == 0 { ending } else { Ending::Never };
                let (log, told, tell_ended, tell_left) =
                    (log.clone(), told.clone(), tell_ended.clone(), tell_left.clone());
                in_background(move || {
                    let client = wire.socket().peer_addr().unwrap();
                    let note = |path| log.lock().unwrap().push(Served { connection, path });
                    serve(wire, ending, note, &told.lock().unwrap(), || tell_ended.send(client).unwrap());
                    // The test may be over.
                    let _ = tell_left.send(());
                });
            }
        });
        Server { address, folder, is_encrypted, served, end, ended, left }
    }

    /// Ends the first connection and waits until the client's system knows.
    pub fn end_the_first(&self) {
        self.end.send(()).unwrap();
        let client = self.ended.recv_timeout(PATIENCE).unwrap();
        let deadline = Deadline::after(PATIENCE);
        while is_quiet(client.port(), self.address.port()) {
            assert!(!deadline.is_past(), "the end does not arrive");
            std::thread::yield_now();
        }
    }

    pub fn wait_until_left(&self) {
        self.left.recv_timeout(PATIENCE).unwrap();
    }

    pub fn served(&self) -> Vec<Served> {
        self.served.lock().unwrap().clone()
    }

    pub fn client(&self) -> Client {
        let url = format!("{}://{}", if self.is_encrypted { "https" } else { "http" }, self.address);
        let mut config = Config::new();
        for (key, value) in [
            ("api_url", &*url),
            ("user_name", "jane"),
            ("api_key", "a-key-of-a-test"),
            ("cache_seconds", "0"),
            ("tls_ca_file", self.folder.path().join("ca.pem").to_str().unwrap()),
        ] {
            config.set(key, value).unwrap();
        }
        Client::new(&config).unwrap()
    }
}

/// Whether the system shows a connection from one port to the other as open and without bytes to read.
fn is_quiet(from: u16, to: u16) -> bool {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    table.lines().skip(1).any(|line| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let is_port = |column: &str, port: u16| column.ends_with(&format!(":{port:04X}"));
        let (is_open, is_empty) = (columns[3] == "01", columns[4].ends_with(":00000000"));
        is_port(columns[1], from) && is_port(columns[2], to) && is_open && is_empty
    })
}

/// A certificate for 127.0.0.1 that is its own authority.
fn identity(folder: &tempfile::TempDir) -> ServerConfig {
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().self_signed(&key).unwrap();
    std::fs::write(folder.path().join("ca.pem"), certificate.pem()).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap()
}

fn serve(
    mut wire: Box<dyn Wire + Send>,
    ending: Ending,
    note: impl Fn(String),
    told: &Receiver<()>,
    ended: impl FnOnce(),
) {
    let members = r#""success":true,"errorCode":0,"errorMessage":null"#;
    let account = r#"{"id":1,"name":"A","balance":1,"canTrade":true,"isVisible":true,"simulated":true}"#;
    let body = format!(r#"{{"token":"token","orderId":9057,"accounts":[{account}],{members}}}"#);
    let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    loop {
        let Some(path) = read_request(&mut *wire) else { return };
        note(path);
        if ending != Ending::Announced || !wire.say_goodbye(answer.as_bytes()) {
            wire.write_all(answer.as_bytes()).unwrap();
            wire.flush().unwrap();
        }
        match ending {
            Ending::Never => continue,
            Ending::Late => {
                note(read_request(&mut *wire).unwrap());
                return;
            }
            Ending::Announced => {}
            _ => told.recv().unwrap(),
        }
        match ending {
            Ending::Fin => {
                wire.say_goodbye(&[]);
                wire.socket().shutdown(std::net::Shutdown::Write).unwrap();
            }
            Ending::Word if !wire.say_goodbye(&[]) => {
                wire.write_all(b"HTTP/1.1 408 Request Timeout\r\n\r\n").unwrap();
            }
            Ending::Reset => {
                socket2::SockRef::from(wire.socket()).set_linger(Some(std::time::Duration::ZERO)).unwrap();
                drop(wire);
                return ended();
            }
            _ => {}
        }
        ended();
        // Whatever comes now is noted too: it was lost.
        while let Some(path) = read_request(&mut *wire) {
            note(path);
        }
        return;
    }
}

/// The path of the next request, whose body is read too.
fn read_request(wire: &mut dyn Wire) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        wire.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head
        .to_ascii_lowercase()
        .split("content-length: ")
        .nth(1)
        .map_or(0, |rest| rest.split("\r\n").next().unwrap().parse().unwrap());
    wire.read_exact(&mut vec![0; length]).ok()?;
    head.split(' ').nth(1).map(str::to_owned)
}
