//! Sockets and the transports over them: HTTP and WebSocket, with TLS, deadlines and an end on demand.

mod http;
mod resolve;
mod socket;
mod stream;
mod tls;
mod waiter;
mod ws;

pub use http::{Failure, Http, Reply};
pub use socket::{Accepted, Listener, Socket};
pub(crate) use stream::Attempt;
pub use tls::Tls;
pub use waiter::{Ready, Waiter, Waker};
pub(crate) use ws::Ws;
