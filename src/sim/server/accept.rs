//! The port: accepts connections and gives each a thread.

use std::io;
use std::sync::Arc;

use crate::clock::Deadline;
use crate::net::{Accepted, Listener, Waiter};
use crate::sim::gateway::{Gateway, Hub};
use crate::sim::hubs::connection::HubConnection;
use crate::sim::rest;
use crate::sim::server::http::{Failure, Request, Response, read_request, respond};
use crate::sim::server::keys::Claims;
use crate::sim::server::negotiate::{hub_of, negotiate, upgrade};
use crate::sim::server::peer::{End, Peer};
use crate::sync::{OnStop, Thread, spawn};

/// Most connections at once; further ones are closed.
const MAX_CONNECTIONS: usize = 4096;

/// The accepting side of a gateway, and the threads of its connections.
pub(in crate::sim) struct Server {
    pub(in crate::sim) gateway: Arc<Gateway>,
    pub(in crate::sim) listener: Listener,
    pub(in crate::sim) waiter: Waiter,
    /// Keeps the waker of the stop token in place.
    pub(in crate::sim) on_stop: OnStop,
}

impl Server {
    /// Accepts until the gateway stops, then waits for the end of every connection.
    pub(in crate::sim) fn run(mut self) {
        let mut connections: Vec<Thread> = Vec::new();
        while !self.gateway.stop.is_stopped() {
            connections.retain(|thread| !thread.is_finished());
            match self.listener.accept() {
                Ok((accepted, _)) if connections.len() < MAX_CONNECTIONS => {
                    let gateway = self.gateway.clone();
                    match spawn("tf-sim-conn", move || serve(&gateway, accepted)) {
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
                    let pause = std::time::Duration::from_millis(20);
                    self.gateway.stop.wait(Deadline::after(pause));
                }
            }
        }
        drop(self.on_stop);
        connections.into_iter().for_each(Thread::join);
    }
}

/// Serves one connection: requests until it ends or becomes a WebSocket.
fn serve(gateway: &Gateway, accepted: Accepted) {
    let mut peer = match Peer::new(accepted, gateway.stop.clone(), gateway.identity.as_ref()) {
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
        let response = match answer(gateway, &request) {
            Reply::Response(response) => response,
            Reply::Upgrade(hub, response, claims) => {
                if respond(&mut peer, &response, true).is_ok() {
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
enum Reply {
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
        None => Reply::Response(rest::answer(gateway, request)),
    }
}
