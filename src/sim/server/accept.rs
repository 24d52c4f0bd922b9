//! The port: accepts connections and gives each a thread.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Deadline;
use crate::net::{Accepted, Listener, Waiter};
use crate::sim::faults::answer::{Fate, suffer};
use crate::sim::faults::control;
use crate::sim::faults::plan::Point;
use crate::sim::gateway::{Gateway, Hub};
use crate::sim::hubs::connection::HubConnection;
use crate::sim::rest;
use crate::sim::server::date::http_date;
use crate::sim::server::http::{Failure, Request, Response, read_request, respond};
use crate::sim::server::keys::Claims;
use crate::sim::server::negotiate::{hub_of, negotiate, upgrade};
use crate::sim::server::peer::{End, Peer};
use crate::sync::{OnStop, StopToken, Thread, spawn};

/// Most connections at once; further ones are closed.
const MAX_CONNECTIONS: usize = 4096;
/// Time between two tries to accept, or to get the port back.
const PAUSE: Duration = Duration::from_millis(20);

/// The accepting side of a gateway, and the threads of its connections.
pub(in crate::sim) struct Server {
    pub(in crate::sim) gateway: Arc<Gateway>,
    pub(in crate::sim) address: SocketAddr,
    pub(in crate::sim) waiter: Waiter,
    /// Keeps the waker of the stop token in place.
    pub(in crate::sim) _on_stop: OnStop,
}

impl Server {
    /// Serves until the gateway stops; a restart closes the port for a while.
    pub(in crate::sim) fn run(mut self, listener: Listener) {
        let mut open = Some(listener);
        while let Some(listener) = open {
            let lines = StopToken::new();
            let connections = self.accept(&listener, &lines);
            drop(listener);
            lines.stop();
            connections.into_iter().for_each(Thread::join);
            self.gateway.door.has_closed();
            open = self.reopen();
        }
        self.gateway.door.give_up();
    }

    /// Accepts until the gateway stops or the port is to be closed. The connections end with `lines`.
    fn accept(&mut self, listener: &Listener, lines: &StopToken) -> Vec<Thread> {
        let mut connections: Vec<Thread> = Vec::new();
        while !self.gateway.stop.is_stopped() && !self.gateway.door.is_to_close() {
            connections.retain(|thread| !thread.is_finished());
            match listener.accept() {
                Ok((accepted, _)) if connections.len() < MAX_CONNECTIONS => {
                    let (gateway, lines) = (self.gateway.clone(), lines.clone());
                    match spawn("tf-sim-conn", move || serve(&gateway, accepted, lines)) {
                        Ok(thread) => connections.push(thread),
                        Err(error) => log::warn!("simulator: a connection is refused: {error}"),
                    }
                }
                Ok(_) => log::warn!("simulator: more than {MAX_CONNECTIONS} connections; one is refused"),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if let Err(error) = self.waiter.wait(Deadline::NEVER) {
                        log::error!("simulator: the port cannot be watched: {error}");
                        break;
                    }
                }
                // A client that left before it was accepted, or no descriptor for now.
                Err(error) => {
                    log::warn!("simulator: a connection was lost: {error}");
                    self.gateway.stop.wait(Deadline::after(PAUSE));
                }
            }
        }
        connections
    }

    /// Waits until the port is to be open again and takes it; `None` when the gateway stops.
    fn reopen(&mut self) -> Option<Listener> {
        let Server { gateway, address, waiter, .. } = self;
        while !gateway.stop.is_stopped() {
            let mut pause = Deadline::NEVER;
            if gateway.door.is_to_close() {
                // It is closed already: a restart within a restart only opens it at another time.
                gateway.door.has_closed();
            }
            if gateway.door.is_to_open() {
                match Listener::bind(*address, waiter) {
                    Ok(listener) => {
                        gateway.door.has_opened();
                        return Some(listener);
                    }
                    Err(error) => {
                        log::warn!("simulator: {address} is not free again: {error}");
                        pause = Deadline::after(PAUSE);
                    }
                }
            }
            if let Err(error) = waiter.wait(pause) {
                log::error!("simulator: the port stays closed: {error}");
                return None;
            }
        }
        None
    }
}

/// Serves one connection: requests until it ends or becomes a WebSocket.
fn serve(gateway: &Gateway, accepted: Accepted, lines: StopToken) {
    let mut peer = match Peer::new(accepted, lines, gateway.identity.as_ref()) {
        Ok(peer) => peer,
        Err(End::NotEncrypted(why)) => {
            return log::warn!("simulator: a client is turned away: {why}");
        }
        Err(End::TimedOut) => {
            return log::info!("simulator: a client does not finish the TLS handshake and is closed");
        }
        Err(end) => return log::debug!("simulator: a connection ended before it began: {end:?}"),
    };
    loop {
        let request = match read_request(&mut peer) {
            Ok(request) => request,
            Err(Failure::Refused(status)) => {
                log::info!("simulator: a broken request is answered with {status}");
                if respond(&mut peer, &Response::empty(status), false).is_ok() {
                    peer.linger();
                }
                return;
            }
            Err(Failure::Ended(end)) => return log::debug!("simulator: a connection ended: {end:?}"),
        };
        let reply = match gateway.faults.strike(Point::Request(&request.path)) {
            Some(strike) => match suffer(gateway, peer, &request, strike, || answer(gateway, &request)) {
                Fate::Answered(same, reply) => {
                    peer = same;
                    reply
                }
                Fate::Sent(same) => {
                    peer = same;
                    if !request.keep_alive {
                        return peer.say_goodbye();
                    }
                    continue;
                }
                Fate::Over => return,
            },
            None => answer(gateway, &request),
        };
        let dated = |response: Response| response.header("Date", http_date(gateway.time.stamp()));
        let response = match reply {
            Reply::Response(response) => dated(response),
            Reply::Upgrade(hub, response, claims) => {
                if respond(&mut peer, &dated(response), true).is_ok() {
                    HubConnection::new(gateway, hub, &claims, peer).run();
                }
                return;
            }
        };
        if respond(&mut peer, &response, request.keep_alive).is_err() {
            return;
        }
        if !request.keep_alive {
            return peer.say_goodbye();
        }
    }
}

/// What becomes of a request.
pub(in crate::sim) enum Reply {
    Response(Response),
    /// The connection becomes a WebSocket of this hub for whoever has this token.
    Upgrade(Hub, Response, Claims),
}

fn answer(gateway: &Gateway, request: &Request) -> Reply {
    match hub_of(&request.path) {
        Some((hub, true)) => Reply::Response(negotiate(gateway, hub, request)),
        Some((hub, false)) => match upgrade(gateway, hub, request) {
            Ok((response, claims)) => Reply::Upgrade(hub, response, claims),
            Err(response) => Reply::Response(response),
        },
        None if control::is_path(&request.path) => Reply::Response(control::answer(gateway, request)),
        None => Reply::Response(rest::answer(gateway, request)),
    }
}
