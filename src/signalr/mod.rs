//! SignalR over WebSocket: a codec without I/O, and the hub thread that drives one connection with it.

mod connection;
mod extent;
mod frame;
mod handshake;
mod hub;
mod message;
mod text;

pub(crate) use extent::value_end;
#[cfg(test)]
pub(crate) use handshake::{HANDSHAKE, handshake_answer};
pub(crate) use hub::{Call, Handler, HubSettings, HubThread, TokenSource};
#[cfg(test)]
pub(crate) use message::{Record, encode_invocation, encode_ping};
pub(crate) use text::Text;
