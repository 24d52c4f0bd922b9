//! Name lookup that a deadline or a stop can end.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::clock::Deadline;
use crate::error::{Error, Kind, Result};
use crate::net::socket::stopped;
use crate::sync::{StopToken, answer, spawn};

/// The addresses of `host`.
///
/// The system's lookup cannot be interrupted, so it runs on a thread of its own. When the caller no longer
/// waits, that thread ends by itself once the system answers.
///
/// # Errors
/// [`Kind::Closed`] when `stop` stops, [`Kind::Deadline`], [`Kind::Network`] when the name is unknown.
pub(crate) fn resolve(
    host: &str,
    port: u16,
    deadline: Deadline,
    stop: &StopToken,
) -> Result<Vec<SocketAddr>> {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = literal.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let (found, awaited) = answer();
    let found = Arc::new(Mutex::new(Some(found)));
    let give = {
        let found = found.clone();
        move |addresses| {
            // The first answer counts, and nobody may be waiting any more.
            if let Some(found) = found.lock().take() {
                found.give(addresses);
            }
        }
    };
    let _on_stop = stop.on_stop({
        let give = give.clone();
        move || give(Err(stopped()))
    });
    let name = host.to_owned();
    spawn("tf-resolve", move || {
        give((name.as_str(), port).to_socket_addrs().map(Vec::from_iter).map_err(|error| {
            Error::new(Kind::Network, format!("the host name {name} cannot be resolved: {error}"))
        }));
    })?
    .detach();
    awaited.wait(deadline).unwrap_or_else(|_| {
        Err(Error::new(Kind::Deadline, format!("the host name {host} was not resolved in time")))
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn literals_need_no_lookup() {
        let stop = StopToken::new();
        for (host, address) in [("127.0.0.1", "127.0.0.1:80"), ("[::1]", "[::1]:80"), ("::1", "[::1]:80")] {
            let found = resolve(host, 80, Deadline::after(Duration::ZERO), &stop).unwrap();
            assert_eq!(found, [address.parse().unwrap()]);
        }
    }

    #[test]
    fn stop_ends_a_lookup() {
        let stop = StopToken::new();
        stop.stop();
        let error = resolve("name.invalid", 80, Deadline::NEVER, &stop).unwrap_err();
        assert!(matches!(error.kind(), Kind::Closed | Kind::Network), "{error}");
    }
}
