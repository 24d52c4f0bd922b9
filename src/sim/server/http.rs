//! HTTP/1.1 as far as a gateway needs it: one request after the other, with limits on everything.

use std::time::Duration;

use crate::clock::Deadline;
use crate::sim::server::peer::{End, Peer};

/// Longest head of a request in bytes.
const MAX_HEAD: usize = 16 * 1024;
/// Longest body of a request in bytes.
const MAX_BODY: usize = 1024 * 1024;
/// Longest line of a chunk's size or of a trailer in bytes.
const MAX_CHUNK_LINE: usize = 1024;
/// Most headers of a request.
const MAX_HEADERS: usize = 64;
/// How long a connection may stay without a request.
const IDLE: Duration = Duration::from_secs(130);
/// How long a request may take to arrive once it has begun, and an answer to leave.
const TRANSFER: Duration = Duration::from_secs(30);

/// A request that arrived whole.
#[derive(Debug)]
pub(in crate::sim) struct Request {
    pub(in crate::sim) method: String,
    /// Path in lower case, percent-decoded, without a slash at the end; paths are matched without regard to
    /// case.
    pub(in crate::sim) path: String,
    query: String,
    headers: Vec<(String, String)>,
    pub(in crate::sim) body: Vec<u8>,
    /// Whether the client wants to go on after the answer.
    pub(in crate::sim) keep_alive: bool,
}

impl Request {
    /// The first header of this name, which is matched without regard to case.
    pub(in crate::sim) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    /// Whether a header lists this word, as `Connection: keep-alive, Upgrade` lists two.
    pub(in crate::sim) fn header_lists(&self, name: &str, word: &str) -> bool {
        let mut values = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        values.any(|(_, value)| value.split(',').any(|part| part.trim().eq_ignore_ascii_case(word)))
    }

    /// The first value of this name in the query, percent-decoded; the case of the name does not matter.
    pub(in crate::sim) fn query(&self, name: &str) -> Option<String> {
        let mut pairs = self.query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        pairs
            .find(|(known, _)| percent_decode(known).eq_ignore_ascii_case(name))
            .map(|(_, value)| percent_decode(value))
    }

    /// The token of the `Authorization: Bearer` header.
    pub(in crate::sim) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("authorization")?.trim().split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }
}

/// An answer to a request.
#[derive(Debug)]
pub(in crate::sim) struct Response {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Response {
    /// An answer without a body.
    pub(in crate::sim) fn empty(status: u16) -> Response {
        Response { status, headers: Vec::new(), body: Vec::new() }
    }

    /// An answer with a body of this media type.
    pub(in crate::sim) fn with_body(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Response {
        let content_type = format!("{media_type}; charset=utf-8");
        Response { status, headers: vec![("Content-Type", content_type)], body: body.into() }
    }

    /// Adds a header.
    pub(in crate::sim) fn header(mut self, name: &'static str, value: impl Into<String>) -> Response {
        self.headers.push((name, value.into()));
        self
    }

    /// How many bytes the body has.
    pub(in crate::sim) fn body_length(&self) -> usize {
        self.body.len()
    }

    /// The answer on the wire; `keep_alive` when further requests may come.
    pub(in crate::sim) fn to_bytes(&self, keep_alive: bool) -> Vec<u8> {
        let mut text = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            text.extend([name, ": ", value, "\r\n"]);
        }
        if self.status != 101 {
            if self.status != 204 {
                text.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
            }
            if !keep_alive {
                text.push_str("Connection: close\r\n");
            }
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// What a status means.
pub(in crate::sim) fn reason(status: u16) -> &'static str {
    match status {
        101 => "Switching Protocols",
        200 => "OK",
        204 => "No Content",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        413 => "Payload Too Large",
        415 => "Unsupported Media Type",
        417 => "Expectation Failed",
        426 => "Upgrade Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        _ => "Error",
    }
}

/// Why there is no further request.
#[derive(Debug)]
pub(in crate::sim) enum Failure {
    /// The request is broken; this status answers it, and the connection ends.
    Refused(u16),
    /// There is nobody to answer.
    Ended(End),
}

impl From<End> for Failure {
    fn from(end: End) -> Failure {
        Failure::Ended(end)
    }
}

/// Sends an answer.
pub(in crate::sim) fn respond(peer: &mut Peer, response: &Response, keep_alive: bool) -> Result<(), End> {
    send(peer, &response.to_bytes(keep_alive))
}

/// Sends a part of an answer.
pub(in crate::sim) fn send(peer: &mut Peer, bytes: &[u8]) -> Result<(), End> {
    peer.send(bytes, Deadline::after(TRANSFER))
}

/// Reads the next request, body included.
pub(in crate::sim) fn read_request(peer: &mut Peer) -> Result<Request, Failure> {
    while peer.buffer().is_empty() {
        peer.fill(Deadline::after(IDLE))?;
    }
    let deadline = Deadline::after(TRANSFER);
    let (mut request, framing) = loop {
        if let Some((request, framing, length)) = parse_head(peer.buffer())? {
            peer.consume(length);
            break (request, framing);
        }
        if peer.buffer().len() > MAX_HEAD {
            return Err(Failure::Refused(431));
        }
        fill(peer, deadline)?;
    };
    if request.header_lists("expect", "100-continue") && framing != Framing::Length(0) {
        peer.send(b"HTTP/1.1 100 Continue\r\n\r\n", deadline)?;
    }
    request.body = match framing {
        Framing::Length(length) => {
            while peer.buffer().len() < length {
                fill(peer, deadline)?;
            }
            let body = peer.buffer()[..length].to_vec();
            peer.consume(length);
            body
        }
        Framing::Chunked => read_chunks(peer, deadline)?,
    };
    Ok(request)
}

/// Waits for more of a request that has begun.
fn fill(peer: &mut Peer, deadline: Deadline) -> Result<(), Failure> {
    match peer.fill(deadline) {
        Err(End::TimedOut) => Err(Failure::Refused(408)),
        other => Ok(other?),
    }
}

/// How long the body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Length(usize),
    Chunked,
}

/// The head, how its body comes, and how long the head is; `None` while it is incomplete.
fn parse_head(bytes: &[u8]) -> Result<Option<(Request, Framing, usize)>, Failure> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    let length = match head.parse(bytes) {
        Ok(httparse::Status::Complete(length)) if length > MAX_HEAD => return Err(Failure::Refused(431)),
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(Failure::Refused(431)),
        Err(httparse::Error::Version) => return Err(Failure::Refused(505)),
        Err(_) => return Err(Failure::Refused(400)),
    };
    let (Some(method), Some(target), Some(version)) = (head.method, head.path, head.version) else {
        return Err(Failure::Refused(400));
    };
    let target = origin_form(target);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = head.headers.iter().map(|header| {
        // Bytes beyond ASCII mean nothing in any header that is read here.
        (header.name.to_owned(), String::from_utf8_lossy(header.value).into_owned())
    });
    let mut request = Request {
        method: method.to_owned(),
        path: percent_decode(path).trim_end_matches('/').to_ascii_lowercase(),
        query: query.to_owned(),
        headers: headers.collect(),
        body: Vec::new(),
        keep_alive: false,
    };
    request.keep_alive = match version {
        0 => request.header_lists("connection", "keep-alive"),
        _ => !request.header_lists("connection", "close"),
    };
    let framing = framing(&request)?;
    Ok(Some((request, framing, length)))
}

/// A target from its path on: clients that think of a proxy send the whole URL.
fn origin_form(target: &str) -> &str {
    match target.split_once("://") {
        Some((scheme, rest)) if matches!(&*scheme.to_ascii_lowercase(), "http" | "https") => {
            rest.find('/').map_or("/", |start| &rest[start..])
        }
        _ => target,
    }
}

fn framing(request: &Request) -> Result<Framing, Failure> {
    let mut lengths = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = lengths.next().map(|(_, value)| value.trim());
    // Two lengths, or a length beside chunks, could mean different bodies to different readers.
    if lengths.any(|(_, value)| Some(value.trim()) != length) {
        return Err(Failure::Refused(400));
    }
    match (request.header("transfer-encoding"), length) {
        (Some(_), Some(_)) => Err(Failure::Refused(400)),
        (Some(coding), None) if coding.trim().eq_ignore_ascii_case("chunked") => Ok(Framing::Chunked),
        (Some(_), None) => Err(Failure::Refused(501)),
        (None, None) => Ok(Framing::Length(0)),
        (None, Some(length)) => {
            if length.is_empty() || !length.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(Failure::Refused(400));
            }
            match length.parse() {
                Ok(length) if length <= MAX_BODY => Ok(Framing::Length(length)),
                _ => Err(Failure::Refused(413)),
            }
        }
    }
}

fn read_chunks(peer: &mut Peer, deadline: Deadline) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    loop {
        let (line, size) = loop {
            match httparse::parse_chunk_size(peer.buffer()) {
                Ok(httparse::Status::Complete(found)) => break found,
                Ok(httparse::Status::Partial) if peer.buffer().len() <= MAX_CHUNK_LINE => {}
                _ => return Err(Failure::Refused(400)),
            }
            fill(peer, deadline)?;
        };
        peer.consume(line);
        if size == 0 {
            break;
        }
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        if size > MAX_BODY - body.len() {
            return Err(Failure::Refused(413));
        }
        while peer.buffer().len() < size + 2 {
            fill(peer, deadline)?;
        }
        if &peer.buffer()[size..size + 2] != b"\r\n" {
            return Err(Failure::Refused(400));
        }
        body.extend_from_slice(&peer.buffer()[..size]);
        peer.consume(size + 2);
    }
    // Trailers end with an empty line, like a head.
    let mut left = MAX_HEADERS;
    loop {
        let Some(end) = peer.buffer().windows(2).position(|pair| pair == b"\r\n") else {
            if peer.buffer().len() > MAX_CHUNK_LINE {
                return Err(Failure::Refused(431));
            }
            fill(peer, deadline)?;
            continue;
        };
        peer.consume(end + 2);
        if end == 0 {
            return Ok(body);
        }
        left -= 1;
        if left == 0 {
            return Err(Failure::Refused(431));
        }
    }
}

fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        let value = pair.filter(|_| bytes[at] == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok());
        decoded.push(value.unwrap_or(bytes[at]));
        at += if value.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> Result<(Request, Framing), u16> {
        match parse_head(text.as_bytes()) {
            Ok(Some((request, framing, _))) => Ok((request, framing)),
            Ok(None) => Err(0),
            Err(Failure::Refused(status)) => Err(status),
            Err(Failure::Ended(end)) => panic!("{end:?}"),
        }
    }

    #[test]
    fn reads_a_head() {
        let (request, framing) = head(
            "POST /HUBS/User/?id=a%2Bb&access_token=x.y%2ez&flag HTTP/1.1\r\nHost: h\r\n\
             authorization: bearer  abc \r\nConnection: keep-alive, Upgrade\r\nContent-Length: 3\r\n\r\n",
        )
        .unwrap();
        assert_eq!((&*request.method, &*request.path), ("POST", "/hubs/user"));
        assert_eq!(request.query("id").as_deref(), Some("a+b"));
        assert_eq!(request.query("access_token").as_deref(), Some("x.y.z"));
        assert_eq!(request.query("flag").as_deref(), Some(""));
        assert_eq!(request.query("none"), None);
        assert_eq!(request.bearer(), Some("abc"));
        assert!(request.header_lists("connection", "upgrade") && request.keep_alive);
        assert_eq!(framing, Framing::Length(3));
    }

    #[test]
    fn reads_targets_in_every_spelling() {
        for (target, path) in [
            ("http://127.0.0.1:80/api/Order/place?a=1", "/api/order/place"),
            ("https://h", ""),
            ("/api/%4Frder/pl%61ce", "/api/order/place"),
            ("/a?b=http://c/d", "/a"),
        ] {
            let (request, _) = head(&format!("POST {target} HTTP/1.1\r\n\r\n")).unwrap();
            assert_eq!(request.path, path, "{target}");
        }
        let (request, _) = head("GET /a?Access_Token=x HTTP/1.1\r\n\r\n").unwrap();
        assert_eq!(request.query("access_token").as_deref(), Some("x"));
    }

    #[test]
    fn refuses_what_is_broken_or_ambiguous() {
        let with = |headers: &str| head(&format!("POST / HTTP/1.1\r\n{headers}\r\n")).map(|(_, f)| f);
        assert_eq!(with("Transfer-Encoding: chunked\r\n"), Ok(Framing::Chunked));
        assert_eq!(with("Content-Length: 2\r\nContent-Length: 2\r\n"), Ok(Framing::Length(2)));
        assert_eq!(with("Content-Length: 2\r\nContent-Length: 3\r\n"), Err(400));
        assert_eq!(with("Content-Length: +2\r\n"), Err(400));
        assert_eq!(with("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n"), Err(400));
        assert_eq!(with("Transfer-Encoding: gzip\r\n"), Err(501));
        assert_eq!(with("Content-Length: 99999999999999999999\r\n"), Err(413));
        assert_eq!(with(&"A: b\r\n".repeat(65)), Err(431));
        assert_eq!(with(&format!("A: {}\r\n", "b".repeat(MAX_HEAD))), Err(431));
        assert_eq!(head("POST / HTTP/2.0\r\n\r\n").map(|_| ()), Err(505));
        assert_eq!(head("\u{1}\u{2}\r\n\r\n").map(|_| ()), Err(400));
        assert_eq!(head("GET / HT").map(|_| ()), Err(0));
    }

    #[test]
    fn percent_decoding_leaves_broken_escapes() {
        assert_eq!(percent_decode("a%2Eb%"), "a.b%");
        assert_eq!(percent_decode("%zz%4"), "%zz%4");
    }
}
