//! One line of a recording.

use std::io::Write;

use crate::clock::Timestamp;

/// The most bytes that an entry may hold: as many as a message of a hub may have.
pub(super) const LONGEST_DATA: usize = 16 * 1024 * 1024;
/// More bytes than anything that stands before an entry's data.
const LONGEST_PREFIX: usize = 64;

/// The hub that an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hub {
    /// Orders, positions, fills and balances.
    User,
    /// Market data.
    Market,
}

impl Hub {
    const ALL: [Hub; 2] = [Hub::User, Hub::Market];

    /// Its name in a recording.
    pub fn name(self) -> &'static str {
        match self {
            Hub::User => "user",
            Hub::Market => "market",
        }
    }
}

/// What happened on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum What {
    /// It was opened. No data.
    Opened,
    /// It ended. The data says why, in words for people.
    Closed,
    /// A WebSocket message came; the data is its payload.
    Received,
    /// A WebSocket message was sent; the data is its payload.
    Sent,
}

impl What {
    const ALL: [What; 4] = [What::Opened, What::Closed, What::Received, What::Sent];

    /// Its name in a recording.
    pub fn name(self) -> &'static str {
        match self {
            What::Opened => "opened",
            What::Closed => "closed",
            What::Received => "received",
            What::Sent => "sent",
        }
    }
}

/// Something that happened on a hub connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// When it was received or sent, by the clock of the machine that recorded.
    pub at: Timestamp,
    /// On which hub.
    pub hub: Hub,
    /// What happened.
    pub what: What,
    /// The bytes that belong to it, 16 MiB at most.
    pub data: &'a [u8],
}

impl<'a> Entry<'a> {
    /// Appends it as a line.
    pub(super) fn write(&self, text: &mut Vec<u8>) {
        let (hub, what) = (self.hub.name(), self.what.name());
        // Writing to memory does not fail.
        let _ = write!(text, "{} {hub} {what} {} ", self.at.nanos(), self.data.len());
        text.extend_from_slice(self.data);
        text.push(b'\n');
    }

    /// Reads the line at the start of `text`, and gives what follows it; `None` when there is no such line.
    pub(super) fn read(text: &'a [u8]) -> Option<(Entry<'a>, &'a [u8])> {
        let mut rest = text;
        let mut word = || {
            let end = rest.iter().take(LONGEST_PREFIX).position(|byte| *byte == b' ')?;
            let word = std::str::from_utf8(&rest[..end]).ok()?;
            rest = &rest[end + 1..];
            Some(word)
        };
        let at = Timestamp::from_nanos(word()?.parse().ok()?);
        let name = word()?;
        let hub = Hub::ALL.into_iter().find(|hub| hub.name() == name)?;
        let name = word()?;
        let what = What::ALL.into_iter().find(|what| what.name() == name)?;
        let length: usize = word()?.parse().ok().filter(|length| *length <= LONGEST_DATA)?;
        let (data, rest) = rest.split_at_checked(length)?;
        Some((Entry { at, hub, what, data }, rest.strip_prefix(b"\n")?))
    }
}
