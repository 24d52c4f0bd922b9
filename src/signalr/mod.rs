//! SignalR over WebSocket: a codec without I/O, and the hub thread that drives one connection with it.

mod calls;
mod connection;
mod extent;
mod frame;
mod handler;
mod handshake;
mod hub;
#[cfg(test)]
mod hub_tests;
mod message;
mod overlap;
mod remote;
mod renewal;
mod rotation;
mod rules;
mod serve;
mod text;
mod thread;
mod wanted;

pub(crate) use extent::value_end;
#[cfg(feature = "bench")]
pub(crate) use frame::RecordSplitter;
pub(crate) use handler::{Handler, Heard, HubSettings, Readiness, TokenSource};
#[cfg(test)]
pub(crate) use handshake::{HANDSHAKE, handshake_answer};
#[cfg(any(test, feature = "bench"))]
pub(crate) use message::{Record, plain_invocation};
#[cfg(test)]
pub(crate) use message::{encode_invocation, encode_ping};
pub(crate) use overlap::Seam;
pub(crate) use remote::{Epoch, HubRemote, Message};
pub(crate) use text::Text;
pub(crate) use thread::HubThread;
pub(crate) use wanted::Call;
