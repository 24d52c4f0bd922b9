//! A plain client for tests of the simulator: raw HTTP and a bare WebSocket, nothing of the library.
#![allow(dead_code, unreachable_pub, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, reason = "a broken promise fails the test")]

pub mod desk;

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;
use tradeforge::sim::{Sim, SimConfig};
use tungstenite::protocol::Role;
use tungstenite::{Message, WebSocket};

const PATIENCE: Duration = Duration::from_secs(20);

/// A simulator and a session on it.
pub struct Client {
    pub sim: Sim,
    pub token: String,
    pub contract: String,
    pub account: i32,
}

/// An HTTP answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: String,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

impl Client {
    /// Logs in to a simulator whose market does not move, so that nothing fills by itself.
    pub fn start() -> Client {
        Client::with(SimConfig { speed: 0.0, ..SimConfig::default() })
    }

    pub fn with(config: SimConfig) -> Client {
        Client::of(Sim::start(config).unwrap())
    }

    pub fn of(sim: Sim) -> Client {
        let (contract, account) = (sim.default_contract(), sim.default_account());
        let mut client = Client { sim, token: String::new(), contract, account };
        client.log_in();
        client
    }

    /// Gets a new token.
    pub fn log_in(&mut self) {
        let body = format!(r#"{{"userName":"{}","apiKey":"{}"}}"#, self.sim.user_name(), self.sim.api_key());
        let answer = self.post_as(None, "/api/Auth/loginKey", &body).json();
        self.token = answer["token"].as_str().unwrap().to_owned();
    }

    pub fn post(&self, path: &str, body: &str) -> Answer {
        self.post_as(Some(&self.token), path, body)
    }

    pub fn post_as(&self, token: Option<&str>, path: &str, body: &str) -> Answer {
        self.request(token, "POST", path, Some(body))
    }

    pub fn request(&self, token: Option<&str>, method: &str, path: &str, body: Option<&str>) -> Answer {
        let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n"));
        let content =
            body.map(|body| format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()));
        self.raw(&format!(
            "{method} {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{}{}\r\n{}",
            authorization.unwrap_or_default(),
            content.unwrap_or_default(),
            body.unwrap_or_default()
        ))
    }

    /// Sends these bytes on a connection of their own and reads the answer to its end.
    pub fn raw(&self, request: &str) -> Answer {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (headers, text) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = headers.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Answer { status, headers: headers.to_owned(), text: text.to_owned() }
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.sim.port())).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Places an order with these members besides account and contract.
    pub fn place(&self, members: &str) -> Value {
        let (account, contract) = (self.account, &self.contract);
        let body = format!(r#"{{"accountId":{account},"contractId":"{contract}",{members}}}"#);
        self.post("/api/Order/place", &body).json()
    }

    /// Asks with the account and these members, which begin with a comma.
    pub fn ask(&self, path: &str, members: &str) -> Value {
        self.post(path, &format!(r#"{{"accountId":{}{members}}}"#, self.account)).json()
    }

    /// A hub connection with its handshake made.
    pub fn hub(&self, name: &str) -> HubClient {
        let mut hub = self.hub_at(&format!("/hubs/{name}?access_token={}", self.token)).unwrap();
        hub.send(r#"{"protocol":"json","version":1}"#);
        assert_eq!(hub.next_text(), "{}");
        hub
    }

    /// Upgrades a connection at this path, or gives the status that refuses it.
    pub fn hub_at(&self, path: &str) -> Result<HubClient, u16> {
        let mut stream = self.connect();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Protocol: json\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
        if status != 101 {
            return Err(status);
        }
        assert!(head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
        assert!(
            !head.contains("Sec-WebSocket-Extensions") && !head.contains("Sec-WebSocket-Protocol"),
            "{head}"
        );
        let socket = WebSocket::from_raw_socket(stream, Role::Client, None);
        Ok(HubClient { socket, records: VecDeque::new(), joined_frames: 0 })
    }
}

/// A hub connection.
pub struct HubClient {
    pub socket: WebSocket<TcpStream>,
    records: VecDeque<String>,
    /// Frames that held more than one record.
    pub joined_frames: usize,
}

impl HubClient {
    /// Sends a record.
    pub fn send(&mut self, record: &str) {
        self.socket.send(Message::text(format!("{record}\u{1e}"))).unwrap();
    }

    /// Calls a method and checks its completion, which comes before anything that it brings about.
    pub fn call(&mut self, target: &str, arguments: &str) {
        self.send(&format!(r#"{{"type":1,"target":"{target}","arguments":{arguments},"invocationId":"7"}}"#));
        loop {
            let record = self.next_text();
            if record.contains(r#""type":3"#) {
                assert_eq!(record, r#"{"type":3,"invocationId":"7","result":0}"#);
                return;
            }
        }
    }

    /// Every event that came before the completion of this call, which has the invocation id 7.
    pub fn so_far(&mut self, call: &str) -> Vec<Value> {
        self.send(call);
        let mut events = Vec::new();
        loop {
            let record = self.next();
            if record["type"] == 3 {
                return events;
            }
            events.push(record);
        }
    }

    /// The text of the next record; panics when the connection ends.
    pub fn next_text(&mut self) -> String {
        self.try_next().unwrap()
    }

    /// The text of the next record, or why there is none.
    pub fn try_next(&mut self) -> Result<String, tungstenite::Error> {
        while self.records.is_empty() {
            if let Message::Text(text) = self.socket.read()? {
                assert!(text.ends_with('\u{1e}'), "{text}");
                let records: Vec<&str> = text.trim_end_matches('\u{1e}').split('\u{1e}').collect();
                self.joined_frames += usize::from(records.len() > 1);
                self.records.extend(records.into_iter().map(str::to_owned));
            }
        }
        Ok(self.records.pop_front().unwrap())
    }

    /// The next record that is no ping.
    pub fn next(&mut self) -> Value {
        loop {
            let record: Value = serde_json::from_str(&self.next_text()).unwrap();
            if record["type"] != 6 {
                return record;
            }
        }
    }

    /// The next event of this name.
    pub fn next_of(&mut self, target: &str) -> Value {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            let record = self.next();
            if record["target"] == target {
                return record;
            }
        }
        panic!("no {target} in time");
    }
}
