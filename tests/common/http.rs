//! A scripted HTTP server.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::listener::Listening;

#[derive(Debug, Clone)]
pub struct Request {
    pub path: String,
    pub authorization: Option<String>,
    pub body: Value,
}

impl Request {
    /// The token that it carries, empty if none.
    pub fn token(&self) -> &str {
        self.authorization.as_deref().and_then(|text| text.strip_prefix("Bearer ")).unwrap_or("")
    }
}

pub enum Reply {
    /// A whole answer with this status; the connection stays open.
    Json(u16, String),
    /// These bytes, and the end of the connection.
    Bytes(String),
    /// These bytes, then silence until the client leaves.
    Silence(String),
    /// These bytes, then the others over and over until the client leaves.
    Endless(&'static str, &'static str),
    /// A reset instead of an answer.
    Reset,
}

pub struct HttpServer {
    listening: Listening,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl HttpServer {
    pub fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> HttpServer {
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let seen = requests.clone();
        let listening = Listening::start(move |_, stream| {
            serve(stream, |request| {
                seen.lock().unwrap().push(request.clone());
                answer(request)
            });
        });
        HttpServer { listening, requests }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.listening.address())
    }

    /// The requests to this path so far.
    pub fn requests(&self, path: &str) -> Vec<Request> {
        self.requests.lock().unwrap().iter().filter(|request| request.path == path).cloned().collect()
    }

    pub fn count(&self, path: &str) -> usize {
        self.requests(path).len()
    }
}

/// Answers the requests of one connection until either side ends it.
fn serve(mut stream: TcpStream, answer: impl Fn(&Request) -> Reply) {
    while let Some((request, last_byte_waits)) = read_request(&mut stream) {
        let sent = match answer(&request) {
            // What was sent and not read makes the system answer the close with a reset.
            Reply::Reset => return,
            Reply::Json(status, body) => {
                take(&mut stream, last_byte_waits);
                let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n", body.len());
                stream.write_all((head + &body).as_bytes()).is_ok()
            }
            Reply::Bytes(bytes) => {
                take(&mut stream, last_byte_waits);
                let _ = stream.write_all(bytes.as_bytes());
                let _ = stream.shutdown(Shutdown::Write);
                take_all(&mut stream);
                return;
            }
            Reply::Endless(head, part) => {
                take(&mut stream, last_byte_waits);
                let _ = stream.write_all(head.as_bytes());
                let parts = part.repeat(10_000);
                while stream.write_all(parts.as_bytes()).is_ok() {}
                return;
            }
            Reply::Silence(bytes) => {
                take(&mut stream, last_byte_waits);
                let _ = stream.write_all(bytes.as_bytes());
                take_all(&mut stream);
                return;
            }
        };
        if !sent {
            return;
        }
    }
}

/// The next request, and whether the last byte of its body is seen but not yet taken.
fn read_request(stream: &mut TcpStream) -> Option<(Request, bool)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then(|| value.to_owned())
        })
    };
    let length: usize = header("content-length").map_or(0, |text| text.parse().unwrap());
    let mut body = vec![0; length];
    if let Some((last, rest)) = body.split_last_mut() {
        stream.read_exact(rest).ok()?;
        stream.peek(std::slice::from_mut(last)).ok()?;
    }
    let request = Request {
        path: head.split(' ').nth(1).unwrap().to_owned(),
        authorization: header("authorization"),
        body: if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() },
    };
    Some((request, length > 0))
}

fn take(stream: &mut TcpStream, last_byte_waits: bool) {
    if last_byte_waits {
        let _ = stream.read_exact(&mut [0]);
    }
}

/// Reads until the client ends the connection.
fn take_all(stream: &mut TcpStream) {
    let mut buffer = [0; 64];
    while matches!(stream.read(&mut buffer), Ok(1..)) {}
}
