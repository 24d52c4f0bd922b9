//! The way into a hub: negotiation and the upgrade to a WebSocket.

use tungstenite::handshake::derive_accept_key;

use crate::sim::gateway::{Gateway, Hub};
use crate::sim::rest::unauthorized;
use crate::sim::server::http::{Request, Response};
use crate::sim::server::keys::Claims;
use crate::sim::shape::{Shape, WaysIn};
use crate::sim::wire::json::{Json, Style, Value};

/// The hub of a path, and whether the path negotiates.
pub(in crate::sim) fn hub_of(path: &str) -> Option<(Hub, bool)> {
    match path {
        "/hubs/user" => Some((Hub::User, false)),
        "/hubs/market" => Some((Hub::Market, false)),
        "/hubs/user/negotiate" => Some((Hub::User, true)),
        "/hubs/market/negotiate" => Some((Hub::Market, true)),
        _ => None,
    }
}

/// Answers a negotiation: version 1 names a token for the upgrade, version 0 has the id serve for it.
pub(in crate::sim) fn negotiate(gateway: &Gateway, hub: Hub, request: &Request) -> Response {
    if request.method != "POST" {
        return Response::empty(405).header("Allow", "POST");
    }
    if gateway.config.shape.ways_in == WaysIn::Direct {
        return Response::empty(404);
    }
    if let Err(error) = gateway.authenticate(request, true) {
        return unauthorized(error);
    }
    let version = request.query("negotiateVersion").and_then(|version| version.parse().ok()).unwrap_or(0);
    let key = gateway.expect_connection(hub);
    let style = Style::rest(Shape::default());
    let text = Json::object_text(style, |answer| {
        if version > 0 {
            answer
                .member("negotiateVersion", 1)
                .member("connectionId", gateway.keys.id())
                .member("connectionToken", key);
        } else {
            answer.member("negotiateVersion", 0).member("connectionId", key);
        }
        answer.array("availableTransports", [WebSockets]);
    });
    Response::with_body(200, "application/json", text)
}

/// The only transport there is.
struct WebSockets;

impl Value for WebSockets {
    fn write(&self, json: &mut Json) {
        json.object(|transport| {
            transport.member("transport", "WebSockets").array("transferFormats", ["Text", "Binary"]);
        });
    }
}

/// Checks an upgrade: the answer that switches protocols and whom it lets in, or the answer that refuses.
///
/// No extension and no subprotocol is ever agreed on.
pub(in crate::sim) fn upgrade(
    gateway: &Gateway,
    hub: Hub,
    request: &Request,
) -> Result<(Response, Claims), Response> {
    if request.method != "GET" {
        return Err(Response::empty(405).header("Allow", "GET"));
    }
    let claims = gateway.authenticate(request, true).map_err(unauthorized)?;
    let asks = request.header_lists("connection", "upgrade") && request.header_lists("upgrade", "websocket");
    let key = request.header("sec-websocket-key").map(str::trim).filter(|key| !key.is_empty());
    let Some(key) = key.filter(|_| asks) else { return Err(Response::empty(400)) };
    if request.header("sec-websocket-version").map(str::trim) != Some("13") {
        return Err(Response::empty(426).header("Sec-WebSocket-Version", "13"));
    }
    // Without an id the client came straight here.
    match request.query("id").filter(|id| !id.is_empty()) {
        Some(id) if !gateway.take_expected(hub, &id) => return Err(Response::empty(404)),
        None if gateway.config.shape.ways_in == WaysIn::Negotiated => return Err(Response::empty(400)),
        _ => {}
    }
    let response = Response::empty(101)
        .header("Upgrade", "websocket")
        .header("Connection", "Upgrade")
        .header("Sec-WebSocket-Accept", derive_accept_key(key.as_bytes()));
    Ok((response, claims))
}
