//! The client's side of the WebSocket upgrade.
//!
//! Written here because the request holds the token: `tungstenite` would write the whole request to the log
//! at trace level.

use std::io::{self, Read, Write};
use std::time::Duration;

use tungstenite::handshake::client::generate_key;
use tungstenite::handshake::derive_accept_key;
use tungstenite::http::{HeaderMap, HeaderName, Uri};

use super::retry_after::RetryAfter;
use super::stream::{Attempt, Stream, wait_on};
use super::waiter::Waiter;
use crate::clock::{Clock, SystemClock};
use crate::error::{Error, Kind, Result};

/// The longest head of an answer.
const HEAD_LIMIT: usize = 16 * 1024;
const MOST_HEADERS: usize = 64;
/// No server keeps a client away for longer.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// Asks the server to speak WebSocket from now on; gives what it said after its consent.
///
/// # Errors
/// [`Kind::Auth`] for HTTP 401 and 403, [`Kind::Unavailable`] for 5xx, [`Kind::RateLimit`] for 429,
/// [`Kind::Protocol`] for any other answer; [`Kind::Network`], [`Kind::Deadline`], [`Kind::Closed`].
pub(super) fn upgrade(
    stream: &mut Stream,
    uri: &Uri,
    waiter: &mut Waiter,
    attempt: Attempt<'_>,
) -> Result<Vec<u8>> {
    let key = generate_key();
    let host = uri.authority().map_or("", |authority| authority.as_str());
    // Written by `Display`: as a text it lacks the slash where a query follows the host.
    let target = uri.path_and_query().map_or("/".into(), ToString::to_string);
    let request = format!(
        "GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nUser-Agent: tradeforge/{}\r\n\r\n",
        env!("CARGO_PKG_VERSION")
    );
    let mut wait = || wait_on(waiter, attempt.deadline, attempt.stop, "the hub did not answer the upgrade");
    let mut unsent = request.as_bytes();
    while !unsent.is_empty() {
        match stream.write(unsent) {
            Ok(0) => return Err(broken(&io::ErrorKind::WriteZero.into())),
            Ok(count) => unsent = &unsent[count..],
            Err(error) => would_block(error).and_then(|()| wait())?,
        }
    }
    while let Err(error) = stream.flush() {
        would_block(error).and_then(|()| wait())?;
    }
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => {
                return Err(Error::new(Kind::Network, "the hub closed the connection instead of answering"));
            }
            Ok(count) => answer.extend_from_slice(&buffer[..count]),
            Err(error) => {
                would_block(error).and_then(|()| wait())?;
                continue;
            }
        }
        if let Some(head) = judge(&answer, &key)? {
            return Ok(answer.split_off(head));
        }
        if answer.len() > HEAD_LIMIT {
            return Err(Error::new(Kind::Protocol, "the hub's answer to the upgrade is longer than 16 KiB"));
        }
    }
}

/// The length of the head when it is complete and consents; `None` when more has to come.
fn judge(answer: &[u8], key: &str) -> Result<Option<usize>> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let head = match response.parse(answer) {
        Ok(httparse::Status::Complete(head)) => head,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => {
            return Err(Error::new(
                Kind::Protocol,
                format!("the hub's answer to the upgrade is not HTTP: {error}"),
            ));
        }
    };
    let header = |name: &str| {
        let mut found = response.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
        found.next().map(|header| header.value)
    };
    match response.code {
        Some(101) => {}
        status => {
            let pairs = response.headers.iter().filter_map(|header| {
                Some((header.name.parse::<HeaderName>().ok()?, header.value.try_into().ok()?))
            });
            return Err(refused(status.unwrap_or(0), &pairs.collect()));
        }
    }
    if header("Sec-WebSocket-Accept") != Some(derive_accept_key(key.as_bytes()).as_bytes()) {
        return Err(Error::new(Kind::Protocol, "the hub consents to the upgrade of somebody else"));
    }
    if header("Sec-WebSocket-Extensions").is_some() || header("Sec-WebSocket-Protocol").is_some() {
        return Err(Error::new(Kind::Protocol, "the hub wants an extension that was not asked for"));
    }
    Ok(Some(head))
}

fn refused(status: u16, headers: &HeaderMap) -> Error {
    let (kind, message) = match status {
        401 | 403 => (Kind::Auth, "the hub does not accept the token; log in again"),
        429 => (Kind::RateLimit, "the hub is asked too often; it is tried again"),
        500.. => (Kind::Unavailable, "the hub is failing; it is tried again"),
        _ => (Kind::Protocol, "the hub refused the connection; is its URL right?"),
    };
    let wait = RetryAfter::of(headers).map(|after| after.from(SystemClock.now()).min(LONGEST_WAIT));
    Error::new(kind, message).with_http(status, wait)
}

fn would_block(error: io::Error) -> Result<()> {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => Ok(()),
        _ => Err(broken(&error)),
    }
}

fn broken(error: &io::Error) -> Error {
    Error::new(Kind::Network, format!("the connection broke: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 6455, section 1.3.
    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    const CONSENT: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                           sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

    #[test]
    fn consent_is_taken_at_its_last_byte() {
        for cut in 0..CONSENT.len() {
            assert_eq!(judge(&CONSENT.as_bytes()[..cut], KEY).unwrap(), None, "{cut}");
        }
        let with_more = format!("{CONSENT}\u{1}");
        assert_eq!(judge(with_more.as_bytes(), KEY).unwrap(), Some(CONSENT.len()));
    }

    #[test]
    fn anything_else_is_refused() {
        for (answer, kind) in [
            ("HTTP/1.1 401 Unauthorized\r\n\r\n".to_owned(), Kind::Auth),
            ("HTTP/1.1 503 Busy\r\n\r\n".to_owned(), Kind::Unavailable),
            ("HTTP/1.1 429 Slow\r\n\r\n".to_owned(), Kind::RateLimit),
            ("HTTP/1.1 404 Not Found\r\n\r\n".to_owned(), Kind::Protocol),
            ("HTTP/1.1 200 OK\r\n\r\n<html>".to_owned(), Kind::Protocol),
            ("SSH-2.0-OpenSSH\r\n\r\n".to_owned(), Kind::Protocol),
            (CONSENT.replace("s3pP", "x3pP"), Kind::Protocol),
            (CONSENT.replace("Upgrade: websocket", "Sec-WebSocket-Extensions: x"), Kind::Protocol),
        ] {
            assert_eq!(judge(answer.as_bytes(), KEY).unwrap_err().kind(), kind, "{answer}");
        }
    }
}
