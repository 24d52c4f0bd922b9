//! Which paths there are, who may call them, and what an answer looks like.

use super::{accounts, contracts, history, orders, positions, sessions};
use crate::sim::gateway::Gateway;
use crate::sim::server::http::{Request, Response};
use crate::sim::server::keys::{Claims, TokenError};
use crate::sim::server::limits::Window;
use crate::sim::wire::body::{BindError, Body};
use crate::sim::wire::json::{Json, Object, Style};

/// A request whose caller is known and whose body is an object.
pub(super) struct Call<'a> {
    pub(super) gateway: &'a Gateway,
    pub(super) body: Body<'a>,
}

/// The JSON text of an answer, or why the body does not bind.
pub(super) type Answer = Result<String, BindError>;

/// What answers a path.
enum Route {
    /// Open to everybody; the body is an object.
    Login(fn(&Gateway, &Body<'_>) -> Answer),
    /// Needs a token and no body.
    Bare(fn(&Gateway, &Claims) -> String),
    /// Needs a token and a body.
    Call(fn(&Call<'_>) -> Answer),
}

/// Paths in lower case below `/api/`, all of them POST.
const ROUTES: &[(&str, Route)] = &[
    ("account/search", Route::Call(accounts::search)),
    ("auth/loginapp", Route::Login(sessions::login_app)),
    ("auth/loginkey", Route::Login(sessions::login_key)),
    ("auth/logout", Route::Bare(sessions::logout)),
    ("auth/validate", Route::Bare(sessions::validate)),
    ("contract/available", Route::Call(contracts::available)),
    ("contract/search", Route::Call(contracts::search)),
    ("contract/searchbyid", Route::Call(contracts::search_by_id)),
    ("history/retrievebars", Route::Call(history::retrieve_bars)),
    ("order/cancel", Route::Call(orders::cancel)),
    ("order/modify", Route::Call(orders::modify)),
    ("order/place", Route::Call(orders::place)),
    ("order/search", Route::Call(orders::search)),
    ("order/searchbyid", Route::Call(orders::search_by_id)),
    ("order/searchopen", Route::Call(orders::search_open)),
    ("order/v2/query", Route::Call(orders::query)),
    ("position/closecontract", Route::Call(positions::close)),
    ("position/partialclosecontract", Route::Call(positions::partial_close)),
    ("position/searchopen", Route::Call(positions::search_open)),
    ("trade/search", Route::Call(positions::search_trades)),
];

/// Answers a request.
pub(in crate::sim) fn answer(gateway: &Gateway, request: &Request) -> Response {
    let Some(path) = request.path.strip_prefix("/api/") else { return Response::empty(404) };
    if path == "status/ping" {
        return match &*request.method {
            // Four bare bytes, unless a JSON text is asked for.
            "GET" if accepts_only_json(request) => {
                Response::with_body(200, "application/json", "\"pong\"".to_owned())
            }
            "GET" => Response::with_body(200, "text/plain", "pong".to_owned()),
            _ => Response::empty(405).header("Allow", "GET"),
        };
    }
    let Some((_, route)) = ROUTES.iter().find(|(known, _)| *known == path) else {
        return Response::empty(404);
    };
    if request.method != "POST" {
        return Response::empty(405).header("Allow", "POST");
    }
    let claims = match route {
        Route::Login(_) => None,
        Route::Bare(_) | Route::Call(_) => match gateway.authenticate(request, false) {
            Ok(claims) => Some(claims),
            Err(error) => return unauthorized(error),
        },
    };
    // Logins have no token yet and share one count.
    let window = if path.starts_with("history/") { Window::Bars } else { Window::Rest };
    if let Err(wait) = gateway.admit(window, claims.as_ref().map_or("login", |claims| &claims.jti)) {
        let refusal = Response::empty(429);
        return match gateway.config.shape.retry_after {
            true => refusal.header("Retry-After", (wait.as_secs() + 1).to_string()),
            false => refusal,
        };
    }
    let answer = match (route, &claims) {
        (Route::Bare(answer), Some(claims)) => Ok(answer(gateway, claims)),
        _ if !is_json(request) => return Response::empty(415),
        (Route::Login(answer), _) => Body::parse(&request.body).and_then(|body| answer(gateway, &body)),
        (Route::Call(answer), Some(_)) => {
            Body::parse(&request.body).and_then(|body| answer(&Call { gateway, body }))
        }
        (Route::Bare(_) | Route::Call(_), None) => return unauthorized(TokenError::Missing),
    };
    match answer {
        Ok(text) => {
            let wants_text = request.header("accept").is_some_and(|accept| accept.trim() == "text/plain");
            Response::with_body(200, if wants_text { "text/plain" } else { "application/json" }, text)
        }
        Err(error) => problem(gateway, &error),
    }
}

/// The answer to a request without a valid token.
pub(in crate::sim) fn unauthorized(error: TokenError) -> Response {
    let challenge = match error {
        TokenError::Missing => "Bearer",
        TokenError::Invalid => {
            r#"Bearer error="invalid_token", error_description="The signature key was not found""#
        }
        TokenError::Expired => r#"Bearer error="invalid_token", error_description="The token is expired""#,
    };
    Response::empty(401).header("WWW-Authenticate", challenge)
}

/// The answer to a body that does not bind.
fn problem(gateway: &Gateway, error: &BindError) -> Response {
    let text = Json::object_text(gateway.style(), |problem| {
        problem
            .member("type", "https://tools.ietf.org/html/rfc9110#section-15.5.1")
            .member("title", "One or more validation errors occurred.")
            .member("status", 400)
            .object("errors", |errors| {
                errors.array(&error.path, [&*error.message]);
                // As at the gateway, what cannot be read also counts as a request that is missing.
                if error.path.is_empty() || error.path.starts_with('$') {
                    errors.array("request", ["The request field is required."]);
                }
            })
            .member("traceId", gateway.keys.id());
    });
    Response::with_body(400, "application/problem+json", text)
}

fn accepts_only_json(request: &Request) -> bool {
    request.header("accept").is_some_and(|accept| accept.trim().eq_ignore_ascii_case("application/json"))
}

fn is_json(request: &Request) -> bool {
    let media_type = request.header("content-type").and_then(|value| value.split(';').next()).unwrap_or("");
    let media_type = media_type.trim().to_ascii_lowercase();
    matches!(&*media_type, "application/json" | "text/json")
        || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

/// An answer that says that it worked, with what `payload` adds.
pub(super) fn success(style: Style, payload: impl FnOnce(&mut Object<'_>)) -> String {
    envelope(style, 0, None, payload)
}

/// An answer that says that it failed, with what `payload` adds.
pub(super) fn failure(
    style: Style,
    code: i32,
    message: Option<&str>,
    payload: impl FnOnce(&mut Object<'_>),
) -> String {
    envelope(style, code, message, payload)
}

/// For answers without a payload.
pub(super) fn nothing(_: &mut Object<'_>) {}

fn envelope(style: Style, code: i32, message: Option<&str>, payload: impl FnOnce(&mut Object<'_>)) -> String {
    Json::object_text(style, |answer| {
        match code == 0 || style.shape().null_payload {
            true => payload(answer),
            false => drop(answer.without_nulls(payload)),
        }
        answer.member("success", code == 0).member("errorCode", code).member("errorMessage", message);
    })
}
