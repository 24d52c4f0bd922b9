//! Sockets and the transports over them: HTTP and WebSocket, with TLS, deadlines and an end on demand.

mod socket;
mod waiter;

pub use socket::{Accepted, Listener, Socket};
pub use waiter::{Ready, Waiter, Waker};
