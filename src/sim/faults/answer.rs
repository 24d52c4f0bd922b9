//! What faults do to requests and their answers.

use std::time::Duration;

use super::fault::Fault;
use super::kind::FaultKind;
use super::member::Member;
use super::plan::Strike;
use crate::clock::Timestamp;
use crate::sim::gateway::Gateway;
use crate::sim::market::random::Random;
use crate::sim::server::accept::Reply;
use crate::sim::server::date::http_date;
use crate::sim::server::http::{Request, Response, reason, send};
use crate::sim::server::peer::{End, Peer};

/// What became of a request that a fault struck.
pub(in crate::sim) enum Fate {
    /// This answers it.
    Answered(Peer, Reply),
    /// It was answered.
    Sent(Peer),
    /// The connection is over.
    Over,
}

/// Lets a fault strike a request. `carry_out` does what the request asks for.
pub(in crate::sim) fn suffer(
    gateway: &Gateway,
    mut peer: Peer,
    request: &Request,
    strike: Strike,
    carry_out: impl FnOnce() -> Reply,
) -> Fate {
    let Strike { delay, fault, seed } = strike;
    if delay > Duration::ZERO && peer.pause(delay).is_err() {
        return Fate::Over;
    }
    let Some(fault) = fault else { return Fate::Answered(peer, carry_out()) };
    let is_carried_out = match fault.kind() {
        FaultKind::Refused => false,
        FaultKind::Status | FaultKind::RefuseUpgrade | FaultKind::Maintenance => {
            fault.flag(Member::CarriedOut).unwrap_or(false)
        }
        _ => fault.flag(Member::CarriedOut).unwrap_or(true),
    };
    let reply = is_carried_out.then(carry_out);
    match (fault.kind(), reply) {
        (FaultKind::Reset, _) => peer.reset(),
        (FaultKind::Stall, _) => peer.wait_until_gone(),
        (FaultKind::Cut, Some(Reply::Response(response))) => {
            // The connection ends in any case.
            let _ = send_cut(&mut peer, &response, &fault);
        }
        (FaultKind::Slow, Some(Reply::Response(response))) => {
            return match trickle(&mut peer, &response.to_bytes(request.keep_alive), &fault) {
                Ok(()) => Fate::Sent(peer),
                Err(_) => Fate::Over,
            };
        }
        (FaultKind::Slow, Some(upgrade)) => return Fate::Answered(peer, upgrade),
        (FaultKind::Garbage, _) => {
            return Fate::Answered(peer, Reply::Response(garbage(&fault, seed)));
        }
        (FaultKind::Status | FaultKind::RefuseUpgrade | FaultKind::Maintenance, _) => {
            return Fate::Answered(peer, Reply::Response(refusal(&fault, gateway.time.stamp())));
        }
        // A lost reply, or a connection that ends before anything is done.
        _ => {}
    }
    Fate::Over
}

fn send_cut(peer: &mut Peer, response: &Response, fault: &Fault) -> Result<(), End> {
    let mut bytes = response.to_bytes(true);
    let body = response.body_length();
    let kept = fault.whole(Member::Keep).and_then(|kept| usize::try_from(kept).ok());
    let kept = kept.unwrap_or(body / 2).min(body.saturating_sub(1));
    bytes.truncate(bytes.len() - body + kept);
    send(peer, &bytes)
}

fn trickle(peer: &mut Peer, bytes: &[u8], fault: &Fault) -> Result<(), End> {
    let chunk = fault.whole(Member::Chunk).and_then(|chunk| usize::try_from(chunk).ok()).unwrap_or(16);
    let pause = fault.millis(Member::Pause).unwrap_or(Duration::from_millis(50));
    for (index, part) in bytes.chunks(chunk.max(1)).enumerate() {
        if index > 0 {
            peer.pause(pause)?;
        }
        send(peer, part)?;
    }
    Ok(())
}

fn garbage(fault: &Fault, seed: u64) -> Response {
    match fault.text(Member::Form) {
        Some("empty") => Response::empty(200),
        Some("shape") => {
            Response::with_body(200, "application/json", r#"["an answer of another shape",{"success":"no"}]"#)
        }
        Some("bytes") => {
            let mut random = Random::new(seed);
            let count = random.between(64, 256);
            let bytes: Vec<u8> = (0..count).map(|_| random.between(0, 255) as u8).collect();
            Response::with_body(200, "application/json", bytes)
        }
        _ => {
            let page = "<!DOCTYPE html><html><body><h1>Checking your browser</h1></body></html>";
            Response::with_body(200, "text/html", page)
        }
    }
}

fn refusal(fault: &Fault, now: Timestamp) -> Response {
    let status = fault.whole(Member::Status).and_then(|status| u16::try_from(status).ok()).unwrap_or(503);
    let body = match (fault.text(Member::Body), status) {
        (Some(body), _) => body,
        (None, 200..500) => "",
        (None, _) => reason(status),
    };
    let mut response = match body {
        "" => Response::empty(status),
        json if json.starts_with('{') => Response::with_body(status, "application/json", json),
        body => Response::with_body(status, "text/plain", body),
    };
    if status == 401 {
        let challenge = r#"Bearer error="invalid_token", error_description="The token is expired""#;
        response = response.header("WWW-Authenticate", challenge);
    }
    let Some(seconds) = fault.whole(Member::RetryAfter) else { return response };
    let text = match fault.text(Member::RetryAfterAs) {
        Some("date") => http_date(now.saturating_add(Duration::from_secs(seconds.unsigned_abs()))),
        _ => seconds.to_string(),
    };
    response.header("Retry-After", text)
}

impl Fault {
    /// What a struck call of a hub method is told.
    pub(in crate::sim) fn call_error(&self, method: &str) -> String {
        let error = self.text(Member::Error).map(str::to_owned);
        error.unwrap_or_else(|| format!("Failed to invoke '{method}' due to an error on the server."))
    }

    /// How late a struck handshake is answered.
    pub(in crate::sim) fn handshake_delay(&self) -> Duration {
        self.millis(Member::Delay).unwrap_or(Duration::from_secs(1))
    }
}
