//! SignalR over WebSocket: a codec without I/O, and the hub thread that drives one connection with it.

mod connection;
mod frame;
mod handshake;
mod hub;
mod message;
mod text;

pub(crate) use hub::{Call, Handler, HubSettings, HubThread, TokenSource};
pub(crate) use text::Text;
