//! Sockets and the transports over them: HTTP and WebSocket, with TLS, deadlines and an end on demand.

mod http;
#[cfg(feature = "sim")]
mod listener;
mod resolve;
mod retry_after;
mod socket;
mod stream;
mod tls;
mod transport;
mod upgrade;
mod waiter;
mod ws;

pub use http::{Delivery, Failure, Http, Reply};
#[cfg(feature = "sim")]
pub use listener::{Accepted, Listener};
pub(crate) use stream::Attempt;
#[cfg(feature = "sim")]
pub(crate) use stream::Stream;
pub use tls::Tls;
pub use waiter::{Waiter, Waker};
pub(crate) use ws::Ws;
