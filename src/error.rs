//! The one error type: what failed, on what, whose fault it is, and what may be done about it.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::secret::Secret;

/// What went wrong, by the cure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// An argument is missing or out of range. Mend the call.
    Argument,
    /// The call does not fit the present state, such as an order before the login.
    State,
    /// A setting is missing or wrong. Mend the configuration.
    Config,
    /// A file could not be read or written.
    File,
    /// No connection, or it broke.
    Network,
    /// The deadline passed first.
    Deadline,
    /// The encrypted connection could not be set up: certificate, name or protocol.
    Tls,
    /// The client was closed while the call was under way.
    Closed,
    /// The gateway does not accept the credentials or the token.
    Auth,
    /// Too many requests. Wait for [`Error::retry_after`].
    RateLimit,
    /// The gateway understood the request and refused it; nothing happened.
    Rejected,
    /// The gateway has the request and is not done with it: read back what became of it.
    Pending,
    /// The gateway knows no such thing.
    NotFound,
    /// The gateway answered with something that is not its protocol, an unpublished code included.
    Protocol,
    /// The gateway is failing (HTTP 5xx).
    Unavailable,
    /// A defect of this library. Please report it.
    Bug,
}

/// Who can mend an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The program or its settings.
    Caller,
    /// The network between here and the gateway.
    Network,
    /// The gateway.
    Gateway,
    /// This library.
    Library,
}

/// What became of a request that changes something: an order, a cancel, a close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The call only asks, so there is nothing to undo.
    Query,
    /// The request never left this machine, so nothing happened.
    NotSent,
    /// The gateway refused it, so nothing happened.
    Rejected,
    /// The request may have been carried out. Read back before anything else; never send it again blindly.
    Unknown,
}

/// An error of this library.
///
/// [`fmt::Display`] gives one line for people. Secrets are never part of it.
#[derive(Clone)]
pub struct Error(Box<Detail>);

/// The result of a call of this library.
pub type Result<T> = std::result::Result<T, Error>;

#[derive(Clone)]
struct Detail {
    kind: Kind,
    message: String,
    operation: Option<&'static str>,
    gateway: Option<GatewayCode>,
    gateway_text: Option<String>,
    http_status: Option<u16>,
    retry_after: Option<Duration>,
    outcome: Outcome,
    order_id: Option<i64>,
    client_tag: Option<String>,
}

/// The gateway's own number for a failure, with its published name. The numbers mean something else for
/// every operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GatewayCode {
    /// The number, as received.
    pub number: i32,
    /// The published name, `"Unlisted"` for a number that is not published.
    pub name: &'static str,
}

impl Error {
    /// An error of this kind with a message that says what failed and what to do.
    pub fn new(kind: Kind, message: impl Into<String>) -> Error {
        Error(Box::new(Detail {
            kind,
            message: message.into(),
            operation: None,
            gateway: None,
            gateway_text: None,
            http_status: None,
            retry_after: None,
            outcome: Outcome::Query,
            order_id: None,
            client_tag: None,
        }))
    }

    /// What went wrong, by the cure.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Who can mend it.
    pub fn fault(&self) -> Fault {
        match self.0.kind {
            Kind::Argument | Kind::State | Kind::Config | Kind::File | Kind::Closed => Fault::Caller,
            Kind::Network | Kind::Deadline | Kind::Tls => Fault::Network,
            Kind::Auth | Kind::RateLimit | Kind::Rejected | Kind::NotFound => Fault::Caller,
            Kind::Pending | Kind::Protocol | Kind::Unavailable => Fault::Gateway,
            Kind::Bug => Fault::Library,
        }
    }

    /// What failed and what to do, without operation and codes.
    pub fn message(&self) -> &str {
        shortened(&self.0.message)
    }

    /// The operation that failed, such as `Order/place`; `None` when it did not get that far.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The gateway's own code; `None` when the gateway gave none.
    pub fn gateway_code(&self) -> Option<GatewayCode> {
        self.0.gateway
    }

    /// The gateway's own words, untrusted, the first 2,000 bytes at most; `None` when it gave none.
    pub fn gateway_text(&self) -> Option<&str> {
        self.0.gateway_text.as_deref().map(shortened)
    }

    /// The HTTP status; `None` when no response was received.
    pub fn http_status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// How long to wait before the next request; `None` when nobody says.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// What became of the request.
    pub fn outcome(&self) -> Outcome {
        self.0.outcome
    }

    /// The order that the error is about. A rejected order has an id too.
    pub fn order_id(&self) -> Option<i64> {
        self.0.order_id
    }

    /// The client tag of the order that the error is about; the key to find an order of unknown outcome.
    pub fn client_tag(&self) -> Option<&str> {
        self.0.client_tag.as_deref()
    }

    /// Whether the same call may simply be made again later: the cause may pass, and nothing can happen
    /// twice.
    pub fn is_retriable(&self) -> bool {
        let passes = match self.0.kind {
            Kind::Network | Kind::Deadline | Kind::RateLimit | Kind::Unavailable => true,
            // A page in place of an answer may be gone the next time; a code or a wrong path stays.
            Kind::Protocol => self.0.gateway.is_none() && !matches!(self.0.http_status, Some(300..500)),
            _ => false,
        };
        passes && self.0.outcome != Outcome::Unknown
    }

    /// Whether an order may live at the gateway although the call failed.
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.outcome == Outcome::Unknown
    }

    /// Names the operation.
    #[must_use]
    pub fn in_operation(mut self, operation: &'static str) -> Error {
        self.0.operation = Some(operation);
        self
    }

    /// Adds a sentence about what was done until then.
    #[must_use]
    pub(crate) fn after(mut self, done: &str) -> Error {
        self.0.message = format!("{}; {done}", self.0.message);
        self
    }

    /// Adds what the gateway said.
    #[must_use]
    pub fn with_gateway(mut self, code: Option<GatewayCode>, text: Option<String>) -> Error {
        self.0.gateway = code;
        self.0.gateway_text = text;
        self
    }

    /// Adds the HTTP status and the wait that the gateway asks for.
    #[must_use]
    pub fn with_http(mut self, status: u16, retry_after: Option<Duration>) -> Error {
        self.0.http_status = Some(status);
        self.0.retry_after = retry_after;
        self
    }

    /// Adds how long to wait.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Error {
        self.0.retry_after = Some(wait);
        self
    }

    /// Strikes out what must not be seen, should the gateway have repeated it.
    #[must_use]
    pub(crate) fn hiding(mut self, secret: &Secret) -> Error {
        let plain = secret.expose();
        // As it stands within JSON, where a quotation mark has a backslash.
        let quoted = serde_json::to_string(plain).map(Zeroizing::new);
        let in_json = quoted.as_ref().map_or(plain, |text| text.trim_matches('"'));
        let texts = [Some(&mut self.0.message), self.0.gateway_text.as_mut()];
        for text in texts.into_iter().flatten() {
            for spelling in [plain, in_json] {
                if !spelling.is_empty() && text.contains(spelling) {
                    *text = text.replace(spelling, "***");
                }
            }
        }
        self
    }

    /// States what became of the request.
    #[must_use]
    pub fn with_outcome(mut self, outcome: Outcome) -> Error {
        self.0.outcome = outcome;
        self
    }

    /// Adds the order that the error is about.
    #[must_use]
    pub fn with_order(mut self, order_id: Option<i64>, client_tag: Option<String>) -> Error {
        self.0.order_id = order_id;
        self.0.client_tag = client_tag;
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = &*self.0;
        if let Some(operation) = detail.operation {
            write!(f, "{operation}: ")?;
        }
        f.write_str(self.message())?;
        if let Some(code) = detail.gateway {
            write!(f, " [gateway code {} {}]", code.number, code.name)?;
        }
        if let Some(text) = self.gateway_text() {
            write!(f, " [gateway says: {}]", OneLine(text))?;
        }
        // Every code comes with HTTP 200.
        if let (Some(status), None) = (detail.http_status, detail.gateway) {
            write!(f, " [HTTP {status}]")?;
        }
        match detail.outcome {
            Outcome::Query | Outcome::Rejected => Ok(()),
            Outcome::NotSent => f.write_str(" [not sent]"),
            Outcome::Unknown => f.write_str(" [outcome unknown: read back before sending again]"),
        }
    }
}

/// What is shown of a text of any length. It is kept whole, so that a secret in it is found whole.
fn shortened(text: &str) -> &str {
    const SHOWN: usize = 2_000;
    let end = (0..=SHOWN.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

/// A foreign text without line breaks and other control characters.
struct OneLine<'a>(&'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|letter| match letter.is_control() {
            true => write!(f, "{}", letter.escape_default()),
            false => write!(f, "{letter}"),
        })
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({self})", self.0.kind)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_one_pointer_wide() {
        assert_eq!(size_of::<Result<()>>(), size_of::<usize>());
    }

    #[test]
    fn reads_as_one_line() {
        let error = Error::new(Kind::Rejected, "the gateway refused the order; read its text")
            .in_operation("Order/place")
            .with_gateway(
                Some(GatewayCode { number: 2, name: "OrderRejected" }),
                Some("It's an\ninvalid symbol".into()),
            )
            .with_outcome(Outcome::Rejected)
            .with_order(Some(9057), Some("tag-1".into()));
        assert_eq!(
            error.to_string(),
            "Order/place: the gateway refused the order; read its text \
             [gateway code 2 OrderRejected] [gateway says: It's an\\ninvalid symbol]"
        );
        assert_eq!((error.order_id(), error.client_tag()), (Some(9057), Some("tag-1")));
        assert_eq!(error.fault(), Fault::Caller);
    }

    #[test]
    fn an_unknown_outcome_is_never_retriable() {
        let error = Error::new(Kind::Deadline, "no answer within 5 s");
        assert!(error.is_retriable());
        assert!(!error.clone().with_outcome(Outcome::Unknown).is_retriable());
        assert!(error.with_outcome(Outcome::NotSent).is_retriable());
    }
}
