//! A scripted hub: WebSocket, records, calls.

use std::io::Write;
use std::net::TcpStream;

use crossbeam_channel::{Receiver, Sender, unbounded};
use serde_json::{Value, json};
use tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tungstenite::{Message, WebSocket};

use super::PATIENCE;
use super::listener::Listening;

pub const END: char = '\u{1e}';

/// A call of the client.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Which connection it came over, the first being 0.
    pub connection: usize,
    pub method: String,
    pub arguments: Value,
    pub id: Option<String>,
}

pub struct HubServer {
    listening: Listening,
    calls: Receiver<Call>,
    tokens: Receiver<String>,
}

impl HubServer {
    /// Runs `script` for each connection once the handshake of the hub is done. When it returns, the connection
    /// is dropped.
    pub fn start(script: impl Fn(&mut HubConnection) + Send + Sync + 'static) -> HubServer {
        HubServer::guarded(|_| 200, script)
    }

    /// Takes connections only with a token for which `admit` gives 200; else it answers what `admit` gives.
    pub fn guarded(
        admit: impl Fn(&str) -> u16 + Send + Sync + 'static,
        script: impl Fn(&mut HubConnection) + Send + Sync + 'static,
    ) -> HubServer {
        let (call_log, calls) = unbounded();
        let (token_log, tokens) = unbounded();
        let listening = Listening::start(move |number, stream| {
            if let Some(socket) = upgrade(stream, &admit, &token_log) {
                let mut connection = HubConnection { number, socket, log: call_log.clone() };
                if connection.shake_hands() {
                    script(&mut connection);
                }
            }
        });
        HubServer { listening, calls, tokens }
    }

    pub fn url(&self) -> String {
        format!("http://{}/hubs/test", self.listening.address())
    }

    /// The next call that any connection received.
    pub fn next_call(&self) -> Call {
        self.calls.recv_timeout(PATIENCE).expect("a call of the client")
    }

    /// The token of the next attempt to connect.
    pub fn next_token(&self) -> String {
        self.tokens.recv_timeout(PATIENCE).expect("an attempt to connect")
    }
}

#[allow(clippy::result_large_err, reason = "the type is tungstenite's")]
fn upgrade(
    stream: TcpStream,
    admit: &impl Fn(&str) -> u16,
    log: &Sender<String>,
) -> Option<WebSocket<TcpStream>> {
    let check = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
        let query = request.uri().query().unwrap_or("");
        let token = query.strip_prefix("access_token=").unwrap_or("");
        // The test may have ended.
        let _ = log.send(token.to_owned());
        match admit(token) {
            200 => Ok(response),
            status => {
                let mut refusal = ErrorResponse::new(None);
                *refusal.status_mut() = tungstenite::http::StatusCode::from_u16(status).unwrap();
                Err(refusal)
            }
        }
    };
    tungstenite::accept_hdr(stream, check).ok()
}

pub struct HubConnection {
    pub number: usize,
    socket: WebSocket<TcpStream>,
    log: Sender<Call>,
}

impl HubConnection {
    fn shake_hands(&mut self) -> bool {
        let Some(first) = self.read() else { return false };
        assert_eq!(first, format!("{{\"protocol\":\"json\",\"version\":1}}{END}"));
        self.send_text(&format!("{{}}{END}"))
    }

    fn read(&mut self) -> Option<String> {
        loop {
            match self.socket.read().ok()? {
                Message::Text(text) => return Some(text.to_string()),
                Message::Close(_) => return None,
                _ => {}
            }
        }
    }

    /// The next call; `None` when the client has ended the connection.
    pub fn next_call(&mut self) -> Option<Call> {
        loop {
            let frame = self.read()?;
            let record: Value =
                serde_json::from_str(frame.strip_suffix(END).expect("one record a frame")).unwrap();
            if record["type"] == 1 {
                let call = Call {
                    connection: self.number,
                    method: record["target"].as_str().unwrap().to_owned(),
                    arguments: record["arguments"].clone(),
                    id: record["invocationId"].as_str().map(str::to_owned),
                };
                // The test may have ended.
                let _ = self.log.send(call.clone());
                return Some(call);
            }
            assert_eq!(record["type"], 6, "{record}");
        }
    }

    /// Sends these bytes as they are.
    pub fn send_raw(&mut self, frames: &[u8]) {
        self.socket.get_mut().write_all(frames).unwrap();
    }

    /// Sends these bytes over and over, as they are, until the client ends the connection.
    pub fn flood(&mut self, frames: &[u8]) {
        let frames = frames.repeat(20_000);
        while self.socket.get_mut().write_all(&frames).is_ok() {}
    }

    /// Confirms every call until the client ends the connection.
    pub fn confirm_all(&mut self) {
        while let Some(call) = self.next_call() {
            self.confirm(&call);
        }
    }

    pub fn confirm(&mut self, call: &Call) -> bool {
        self.send_text(&confirmation(call))
    }

    pub fn refuse(&mut self, call: &Call, reason: &str) -> bool {
        self.send(&json!({"type": 3, "invocationId": call.id, "error": reason}))
    }

    pub fn send(&mut self, record: &Value) -> bool {
        self.send_text(&format!("{record}{END}"))
    }

    /// Sends one frame; false when the client is gone.
    pub fn send_text(&mut self, text: &str) -> bool {
        self.socket.send(Message::text(text)).is_ok()
    }
}

/// The record that confirms a call.
pub fn confirmation(call: &Call) -> String {
    format!("{}{END}", json!({"type": 3, "invocationId": call.id, "result": 0}))
}

/// The record of an event.
pub fn event(target: &str, arguments: &Value) -> Value {
    json!({"type": 1, "target": target, "arguments": arguments})
}

pub fn quote(contract: &str, members: &Value) -> Value {
    event("GatewayQuote", &json!([contract, members]))
}

/// An open order of an account with this id.
pub fn order(id: i64, account: i64) -> Value {
    let data = json!({
        "id": id, "accountId": account, "contractId": "CON.F.US.MES.Z26", "status": 1, "type": 1, "side": 0,
        "size": 1, "limitPrice": 5000.25, "fillVolume": 0,
    });
    event("GatewayUserOrder", &json!([{"action": 1, "data": data}]))
}
