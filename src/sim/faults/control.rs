//! `/_sim/…`: faults, state and time of the simulator over HTTP, for tests in other languages.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::member::Member;
use super::plan::{FaultStrike, Standing};
use super::script;
use crate::error::Kind;
use crate::sim::Shape;
use crate::sim::faults::{Fault, FaultKind};
use crate::sim::gateway::{Gateway, Hub};
use crate::sim::hubs::outbox::Outbox;
use crate::sim::server::http::{Request, Response};
use crate::sim::simulator::step;
use crate::sim::state::SimState;
use crate::sim::wire::json::{Json, Object, Style, Value};

/// Begins every path of the control endpoint.
const ROOT: &str = "/_sim/";

/// Longest step over HTTP: a day.
const MAX_STEP_MS: u64 = 24 * 60 * 60 * 1000;

/// Whether a path belongs to the control endpoint.
pub(in crate::sim) fn is_path(path: &str) -> bool {
    path.starts_with(ROOT)
}

/// Answers a request to the control endpoint. It needs no token: the port is only open to this machine.
pub(in crate::sim) fn answer(gateway: &Gateway, request: &Request) -> Response {
    // A page in a browser on this machine is not the one who runs the simulator.
    if request.header("origin").is_some() {
        return refused(403, "the control endpoint does not answer pages of a browser");
    }
    let path = request.path.strip_prefix(ROOT).unwrap_or_default();
    match (path, &*request.method) {
        ("faults", "GET") => Response::with_body(200, "application/json", faults(gateway)),
        ("faults", "POST") => add(gateway, request),
        ("faults", "DELETE") => {
            gateway.clear_faults();
            Response::empty(204)
        }
        ("state", "GET") => Response::with_body(200, "application/json", state(gateway)),
        ("step", "POST") => take_step(gateway, request),
        ("drop", "POST") => at_once(gateway, request, FaultKind::Drop),
        ("logout", "POST") => at_once(gateway, request, FaultKind::Logout),
        ("faults", _) => Response::empty(405).header("Allow", "GET, POST, DELETE"),
        ("state", _) => Response::empty(405).header("Allow", "GET"),
        ("step" | "drop" | "logout", _) => Response::empty(405).header("Allow", "POST"),
        _ => Response::empty(404),
    }
}

fn style() -> Style {
    Style::rest(Shape::default())
}

fn refused(status: u16, error: &str) -> Response {
    let text = Json::object_text(style(), |answer| {
        answer.member("error", error);
    });
    Response::with_body(status, "application/json", text)
}

fn add(gateway: &Gateway, request: &Request) -> Response {
    let Ok(text) = std::str::from_utf8(&request.body) else { return refused(400, "a script must be UTF-8") };
    match script::parse(text).and_then(|faults| gateway.inject(faults)) {
        Ok(numbers) => added(&numbers),
        Err(error) => refused(400, &error),
    }
}

fn added(numbers: &[u64]) -> Response {
    let text = Json::object_text(style(), |answer| {
        answer.array("faults", numbers.iter().map(|&number| whole(number)));
    });
    Response::with_body(200, "application/json", text)
}

/// A count or a number of ours, which never comes near the limit.
fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What `POST /_sim/step`, `/_sim/drop` and `/_sim/logout` take.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    ms: Option<u64>,
    hub: Option<String>,
    message: Option<String>,
}

fn order(request: &Request) -> Result<Order, Response> {
    if request.body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Order::default());
    }
    serde_json::from_slice(&request.body).map_err(|error| refused(400, &error.to_string()))
}

fn take_step(gateway: &Gateway, request: &Request) -> Response {
    let order = match order(request) {
        Ok(order) => order,
        Err(response) => return response,
    };
    let Some(millis) = order.ms.filter(|millis| *millis <= MAX_STEP_MS) else {
        return refused(400, &format!("`ms` must be a whole number from 0 to {MAX_STEP_MS}"));
    };
    // A restart ends this connection too, so nobody here waits for it.
    match step(gateway, Duration::from_millis(millis), || Ok(())) {
        Ok(()) => {
            let text = Json::object_text(style(), |answer| {
                answer.member("time", gateway.time.now());
            });
            Response::with_body(200, "application/json", text)
        }
        Err(error) if error.kind() == Kind::State => refused(409, error.message()),
        Err(error) => refused(504, error.message()),
    }
}

/// Lets a fault strike the hub connections now.
fn at_once(gateway: &Gateway, request: &Request, kind: FaultKind) -> Response {
    let order = match order(request) {
        Ok(order) => order,
        Err(response) => return response,
    };
    let mut fault = Fault::new(kind);
    match order.hub.as_deref() {
        None => {}
        Some("user") => fault = fault.hub(Hub::User),
        Some("market") => fault = fault.hub(Hub::Market),
        Some(_) => return refused(400, "`hub` must be \"user\" or \"market\""),
    }
    if let Some(message) = order.message {
        fault = fault.message(message);
    }
    match gateway.inject(vec![fault]) {
        Ok(numbers) => added(&numbers),
        Err(error) => refused(400, &error),
    }
}

fn faults(gateway: &Gateway) -> String {
    Json::object_text(style(), |answer| {
        answer
            .member("time", gateway.time.now())
            .array("faults", gateway.faults.standings())
            .array("strikes", gateway.faults.history());
    })
}

fn state(gateway: &Gateway) -> String {
    let mut outboxes = gateway.outboxes();
    outboxes.sort_unstable_by_key(|outbox| outbox.id);
    let connections: Vec<Connection> = gateway.read(|exchange| {
        let connection = |outbox: &Arc<Outbox>| Connection {
            id: outbox.id,
            hub: outbox.line().map_or("", |line| line.hub.name()),
            subscriptions: exchange.subscribers.count(outbox),
        };
        outboxes.iter().map(connection).collect()
    });
    let standings = gateway.faults.standings();
    let active = standings.iter().filter(|standing| standing.state != "done").count();
    let state =
        gateway.read(|exchange| SimState::of(exchange, connections.len(), gateway.hub_connections_so_far()));
    Json::object_text(style(), |answer| {
        answer
            .member("time", state.now)
            .member("isStepped", gateway.time.is_stepped())
            .array("connections", connections)
            .member("orders", count(state.orders))
            .member("workingOrders", count(state.working_orders))
            .member("fills", count(state.fills))
            .member("positions", count(state.positions))
            .member("skippedMoments", whole(state.skipped_moments))
            .member("activeFaults", count(active));
    })
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A hub connection in the state.
struct Connection {
    id: u64,
    hub: &'static str,
    subscriptions: usize,
}

impl Value for Connection {
    fn write(&self, json: &mut Json) {
        json.object(|connection| {
            connection
                .member("id", whole(self.id))
                .member("hub", self.hub)
                .member("subscriptions", count(self.subscriptions));
        });
    }
}

impl Value for Standing {
    fn write(&self, json: &mut Json) {
        json.object(|standing| {
            standing.member("number", whole(self.number)).member("fault", self.fault.kind().name());
            target(standing, &self.fault);
            standing
                .member("state", self.state)
                .member("seen", whole(self.seen))
                .member("struck", whole(self.struck));
        });
    }
}

/// What a fault is aimed at.
fn target(standing: &mut Object<'_>, fault: &Fault) {
    if !fault.patterns().is_empty() {
        standing.array("on", fault.patterns());
    }
    if let Some(hub) = fault.text(Member::Hub) {
        standing.member("hub", hub);
    }
}

impl Value for FaultStrike {
    fn write(&self, json: &mut Json) {
        json.object(|strike| {
            strike
                .member("number", whole(self.fault))
                .member("fault", self.kind.name())
                .member("target", &*self.target);
            if let Some(connection) = self.connection {
                strike.member("connection", whole(connection));
            }
            strike.member("time", self.time);
        });
    }
}
