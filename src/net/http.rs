//! HTTP over `ureq`, on connections that a deadline or a stop can end.

use std::cell::Cell;
use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;

use ureq::config::Config;
use ureq::http::{HeaderValue, Response, Uri};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport,
};
use ureq::{Agent, Body};
use zeroize::Zeroizing;

use super::retry_after::RetryAfter;
use super::socket::stopped;
use super::stream::{Attempt, Origin, Stream, wait_on};
use super::tls::Tls;
use super::waiter::Waiter;
use crate::clock::Deadline;
use crate::error::{Error, Kind, Result};
use crate::secret::Secret;
use crate::sync::{OnStop, StopToken};

/// The largest response that is read: 32 MiB. The longest list of bars takes about 3 MiB.
const RESPONSE_LIMIT: u64 = 32 * 1024 * 1024;

thread_local! {
    /// Whether the call of this thread has handed bytes of its request to the system.
    static SENT: Cell<bool> = const { Cell::new(false) };
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
    pub fn new(base: &str, tls: Arc<Tls>, stop: StopToken) -> Result<Http> {
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
            .build();
        let connector = StreamConnector { tls, stop: stop.clone() };
        let resolver = StoppableResolver { stop: stop.clone() };
        Ok(Http { agent: Agent::with_parts(config, connector, resolver), base, stop })
    }

    /// Sends `body` as JSON and reads the whole answer, whatever its status. Never sends twice.
    ///
    /// # Errors
    /// A [`Failure`] that tells whether the request may have arrived.
    pub fn post(
        &self,
        path: &str,
        token: Option<&Secret>,
        body: &str,
        deadline: Deadline,
    ) -> std::result::Result<Reply, Failure> {
        self.begin()?;
        let mut request = self
            .agent
            .post(format!("{}{path}", self.base))
            .header("content-type", "application/json")
            .config()
            .timeout_global(deadline.remaining())
            .build();
        if let Some(token) = token {
            request = request.header("authorization", bearer(token)?);
        }
        finish(request.send(body))
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
        finish(request.call())
    }

    /// A connection kept from an earlier call would carry a request without waiting for anything, so the end
    /// is looked for here too.
    fn begin(&self) -> std::result::Result<(), Failure> {
        SENT.set(false);
        if self.stop.is_stopped() {
            return Err(Failure { error: stopped(), sent: false });
        }
        Ok(())
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Http").field(&self.base).finish()
    }
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

/// Reads the whole answer.
fn finish(response: std::result::Result<Response<Body>, ureq::Error>) -> std::result::Result<Reply, Failure> {
    let answer = response.and_then(|mut response| {
        Ok(Reply {
            status: response.status().as_u16(),
            retry_after: RetryAfter::of(response.headers()),
            body: response.body_mut().with_config().limit(RESPONSE_LIMIT).read_to_vec()?,
        })
    });
    answer.map_err(|error| Failure { error: explain(error), sent: SENT.get() })
}

fn explain(error: ureq::Error) -> Error {
    match error {
        ureq::Error::Other(inner) => match inner.downcast::<Error>() {
            Ok(ours) => *ours,
            Err(other) => Error::new(Kind::Network, other.to_string()),
        },
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

fn wrap(error: Error) -> ureq::Error {
    ureq::Error::Other(Box::new(error))
}

fn deadline_of(timeout: NextTimeout) -> Deadline {
    match timeout.not_zero() {
        Some(left) => Deadline::after(*left),
        None => Deadline::NEVER,
    }
}

/// The lookup that a stop can end.
#[derive(Debug)]
struct StoppableResolver {
    stop: StopToken,
}

impl Resolver for StoppableResolver {
    fn resolve(
        &self,
        uri: &Uri,
        _: &Config,
        timeout: NextTimeout,
    ) -> std::result::Result<ResolvedSocketAddrs, ureq::Error> {
        let origin = Origin::of(uri).map_err(wrap)?;
        let found = super::resolve::resolve(&origin.host, origin.port, deadline_of(timeout), &self.stop);
        let mut addresses = self.empty();
        for address in found.map_err(wrap)?.into_iter().take(8) {
            addresses.push(address);
        }
        Ok(addresses)
    }
}

struct StreamConnector {
    tls: Arc<Tls>,
    stop: StopToken,
}

impl fmt::Debug for StreamConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamConnector")
    }
}

impl Connector for StreamConnector {
    type Out = StreamTransport;

    fn connect(
        &self,
        details: &ConnectionDetails,
        _: Option<()>,
    ) -> std::result::Result<Option<StreamTransport>, ureq::Error> {
        let origin = Origin::of(details.uri).map_err(wrap)?;
        let mut waiter = Waiter::new().map_err(wrap)?;
        let on_stop = waiter.wake_on_stop(&self.stop);
        let attempt = Attempt { tls: &self.tls, deadline: deadline_of(details.timeout), stop: &self.stop };
        let stream = Stream::connect_to(&details.addrs, &origin, &mut waiter, attempt).map_err(wrap)?;
        let buffers =
            LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Some(StreamTransport { stream, waiter, stop: self.stop.clone(), _on_stop: on_stop, buffers }))
    }
}

/// One connection with the waiter of its own that lets another thread end a call.
struct StreamTransport {
    stream: Stream,
    waiter: Waiter,
    stop: StopToken,
    _on_stop: OnStop,
    buffers: LazyBuffers,
}

impl fmt::Debug for StreamTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamTransport")
    }
}

impl StreamTransport {
    fn wait(&mut self, timeout: NextTimeout, deadline: Deadline) -> std::result::Result<(), ureq::Error> {
        match wait_on(&mut self.waiter, deadline, &self.stop, "the gateway did not answer") {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == Kind::Deadline => Err(ureq::Error::Timeout(timeout.reason)),
            Err(error) => Err(wrap(error)),
        }
    }
}

impl Transport for StreamTransport {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(
        &mut self,
        amount: usize,
        timeout: NextTimeout,
    ) -> std::result::Result<(), ureq::Error> {
        let deadline = deadline_of(timeout);
        SENT.set(true);
        let mut done = 0;
        loop {
            let result = match &self.buffers.output()[done..amount] {
                [] => self.stream.flush().map(|()| 0),
                rest => self.stream.write(rest),
            };
            match result {
                Ok(0) if done == amount => return Ok(()),
                Ok(0) => return Err(io::Error::from(io::ErrorKind::WriteZero).into()),
                Ok(count) => done += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.wait(timeout, deadline)?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> std::result::Result<bool, ureq::Error> {
        let deadline = deadline_of(timeout);
        loop {
            // An answer that never ends may never make this wait.
            if self.stop.is_stopped() {
                return Err(wrap(stopped()));
            }
            match self.stream.read(self.buffers.input_append_buf()) {
                Ok(count) => {
                    self.buffers.input_appended(count);
                    return Ok(count > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.wait(timeout, deadline)?,
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn is_open(&mut self) -> bool {
        self.stream.is_quiet()
    }

    fn is_tls(&self) -> bool {
        self.stream.is_encrypted()
    }
}
