//! HTTP over `ureq`, on connections that a deadline or a stop can end.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ureq::config::Config;
use ureq::http::{HeaderValue, Response, Uri};
use ureq::{Agent, Body, Timeout};
use zeroize::Zeroizing;

use super::retry_after::RetryAfter;
use super::socket::stopped;
use super::stream::Origin;
use super::tls::Tls;
use super::transport::{NoLookup, PROGRESS, Progress, StreamConnector};
use crate::clock::Deadline;
use crate::config::{Patience, without_secrets};
use crate::error::{Error, Kind, Result};
use crate::secret::Secret;
use crate::sync::StopToken;

/// The largest response that is read: 32 MiB. The longest list of bars takes about 3 MiB.
const RESPONSE_LIMIT: u64 = 32 * 1024 * 1024;

/// How long a connection may have been idle to carry what may be asked again. The gateway's kind of server
/// keeps idle connections for 130 s, proxies before it for 60 s or more.
const IDLE: Duration = Duration::from_secs(30);

/// The same for what must arrive once. A server that closes an idle connection while the request is on its way
/// leaves nobody knowing whether it was read. No common server closes one that was idle for less than 5 s, so
/// that this cannot be. The price is a new connection for an order after a pause.
const IDLE_ONCE: Duration = Duration::from_secs(4);

/// Whether a request may go out again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It changes something.
    Once,
    /// It asks.
    Repeatable,
}

/// A server that takes JSON by POST and answers a GET. Connections are kept and used again. Clones share them.
#[derive(Clone)]
pub struct Http {
    agent: Agent,
    base: String,
    stop: StopToken,
}

/// What the server answered.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// The wait that the server asks for, in `Retry-After`.
    pub retry_after: Option<RetryAfter>,
    /// Where a redirect points to, without query and user name.
    pub location: Option<String>,
}

/// Why there is no answer.
#[derive(Debug)]
pub struct Failure {
    /// What went wrong.
    pub error: Error,
    /// Whether a part of the request may have reached the server.
    pub sent: bool,
}

impl Http {
    /// Requests to `base`, such as `https://api.topstepx.com`, until `stop` stops. Nothing is sent yet.
    ///
    /// # Errors
    /// [`Kind::Config`] when `base` is no URL of a server.
    pub fn new(base: &str, tls: Arc<Tls>, patience: Patience, stop: StopToken) -> Result<Http> {
        let base = base.trim_end_matches('/').to_owned();
        let uri: Uri = base.parse().map_err(|error| {
            Error::new(Kind::Config, format!("\"{}\" is no URL: {error}", base.escape_debug()))
        })?;
        Origin::of(&uri)?;
        let config = Config::builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("tradeforge/", env!("CARGO_PKG_VERSION")))
            .accept("application/json")
            .max_idle_age(IDLE)
            .timeout_connect(patience.connect)
            .timeout_per_read(patience.read)
            .timeout_per_write(patience.read)
            .build();
        let connector = StreamConnector { tls, stop: stop.clone() };
        Ok(Http { agent: Agent::with_parts(config, connector, NoLookup), base, stop })
    }

    /// Sends `body` as JSON and reads the whole answer, whatever its status.
    ///
    /// What is repeatable goes out once more, on a new connection, when a kept one ends without a byte of an
    /// answer: the server closed it while the request was on its way. Nothing else is ever sent twice.
    ///
    /// # Errors
    /// A [`Failure`] that tells whether the request may have arrived.
    pub fn post(
        &self,
        path: &str,
        token: Option<&Secret>,
        body: &str,
        delivery: Delivery,
        deadline: Deadline,
    ) -> std::result::Result<Reply, Failure> {
        if delivery == Delivery::Once {
            return self.post_once(path, token, body, IDLE_ONCE, deadline);
        }
        match self.post_once(path, token, body, IDLE, deadline) {
            Err(failure) if failure.error.kind() == Kind::Network && was_kept_and_silent() => {
                log::debug!("a kept connection had ended: {}", failure.error);
                self.post_once(path, token, body, Duration::ZERO, deadline)
            }
            result => result,
        }
    }

    /// Sends on a connection that was idle for less than `idle`, or on a new one.
    fn post_once(
        &self,
        path: &str,
        token: Option<&Secret>,
        body: &str,
        idle: Duration,
        deadline: Deadline,
    ) -> std::result::Result<Reply, Failure> {
        self.begin()?;
        let mut request = self
            .agent
            .post(format!("{}{path}", self.base))
            .header("content-type", "application/json")
            .config()
            .timeout_global(deadline.remaining())
            .max_idle_age(idle)
            .build();
        if let Some(token) = token {
            request = request.header("authorization", bearer(token)?);
        }
        self.finish(request.send(body))
    }

    /// Asks for `path` without a token and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// A [`Failure`], as [`Http::post`].
    pub fn get(&self, path: &str, deadline: Deadline) -> std::result::Result<Reply, Failure> {
        self.begin()?;
        let request = self
            .agent
            .get(format!("{}{path}", self.base))
            .config()
            .timeout_global(deadline.remaining())
            .build();
        self.finish(request.call())
    }

    /// Closes the connections that are kept. Later calls fail; those under way end by the stop token.
    pub fn close(&self) {
        self.agent.clone().shutdown();
    }

    /// A connection kept from an earlier call would carry a request without waiting for anything, so the end
    /// is looked for here too.
    fn begin(&self) -> std::result::Result<(), Failure> {
        PROGRESS.set(Progress::default());
        if self.stop.is_stopped() {
            return Err(Failure { error: stopped(), sent: false });
        }
        Ok(())
    }

    /// Reads the whole answer.
    fn finish(
        &self,
        response: std::result::Result<Response<Body>, ureq::Error>,
    ) -> std::result::Result<Reply, Failure> {
        let answer = response.and_then(|mut response| {
            // One that says so is not read at all.
            if response.body().content_length().is_some_and(|length| length > RESPONSE_LIMIT) {
                return Err(ureq::Error::BodyExceedsLimit(RESPONSE_LIMIT));
            }
            Ok(Reply {
                status: response.status().as_u16(),
                retry_after: RetryAfter::of(response.headers()),
                location: location(&response),
                body: response.body_mut().with_config().limit(RESPONSE_LIMIT).read_to_vec()?,
            })
        });
        answer.map_err(|error| Failure {
            // The end of the kept connections must not look like a fault of the network.
            error: if self.stop.is_stopped() { stopped() } else { explain(error) },
            sent: PROGRESS.get().has_sent,
        })
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Http").field(&self.base).finish()
    }
}

/// Whether the call of this thread used a kept connection and heard nothing there.
fn was_kept_and_silent() -> bool {
    let Progress { has_connected, has_heard, .. } = PROGRESS.get();
    !has_connected && !has_heard
}

/// The header that shows the token, marked so that nobody below shows it.
fn bearer(token: &Secret) -> std::result::Result<HeaderValue, Failure> {
    let text = Zeroizing::new(format!("Bearer {}", token.expose()));
    let mut value = HeaderValue::from_str(&text).map_err(|_| Failure {
        error: Error::new(Kind::Protocol, "the gateway gave a token that cannot be a header"),
        sent: false,
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// Where a redirect points to, in one short line.
fn location(response: &Response<Body>) -> Option<String> {
    /// Enough for a host and a path.
    const MOST: usize = 200;
    let text = response.headers().get("location").filter(|_| response.status().is_redirection())?;
    let shown = without_secrets(text.to_str().ok()?);
    Some(shown.escape_debug().take(MOST).collect())
}

fn explain(error: ureq::Error) -> Error {
    match error {
        ureq::Error::Other(inner) => match inner.downcast::<Error>() {
            Ok(ours) => *ours,
            Err(other) => Error::new(Kind::Network, other.to_string()),
        },
        ureq::Error::Timeout(Timeout::PerRead | Timeout::PerWrite) => {
            Error::new(Kind::Deadline, "the gateway was silent for longer than read_seconds allows")
        }
        ureq::Error::Timeout(_) => Error::new(Kind::Deadline, "the gateway did not answer in time"),
        ureq::Error::Io(error) => Error::new(Kind::Network, format!("the connection broke: {error}")),
        ureq::Error::BodyExceedsLimit(limit) => {
            Error::new(Kind::Protocol, format!("the gateway's answer is longer than {limit} bytes"))
        }
        error @ (ureq::Error::Protocol(_) | ureq::Error::Http(_) | ureq::Error::LargeResponseHeader(..)) => {
            Error::new(Kind::Protocol, format!("the gateway's answer is not HTTP: {error}"))
        }
        error => Error::new(Kind::Network, error.to_string()),
    }
}
