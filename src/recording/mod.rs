//! Recordings: what came over the hub connections, byte for byte, in a file.
//!
//! A file is a row of blocks. Each block is a whole LZ4 frame with a checksum of its content, so `lz4 -dc` reads the
//! file as text. The first line names the format:
//!
//! ```text
//! tradeforge-recording 1 created=1795265190123456789 market=rtc.topstepx.com user=rtc.topstepx.com
//! ```
//!
//! Every further line is an [`Entry`]: time in nanoseconds since 1970 (UTC), hub, what happened, how many bytes
//! follow after the next space, and those bytes as they came, several records of the hub included:
//!
//! ```text
//! 1795265190456789012 market received 11 {"type":6}
//! ```
//!
//! A block holds whole lines and needs no other block. It is written at the latest one second after its first entry,
//! and never changed: whatever happens to the program, everything up to the last whole block can be read, and
//! [`Reader::lost`] says what cannot. A recording never holds a token or a key; those are in no frame. That of a user
//! hub holds what the gateway sends about the accounts.

mod block;
mod entry;
mod header;
mod reader;
mod recorder;
mod tap;
mod writer;

#[cfg(test)]
mod tests;

pub use entry::{Entry, Hub, What};
pub use header::Header;
pub use reader::{Lost, Reader};
pub use recorder::{Recorded, Recorder};
pub(crate) use tap::{HubTap, Tap};
pub use writer::{IfExists, Writer};
