//! How patient a live connection is, and how it comes back.

use std::time::Duration;

/// The timers and limits of a live connection. `docs/STREAMS.md` tells what each is for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HubTiming {
    /// From the first packet to the answer to the handshake. Defaults to 15 s.
    pub connect: Duration,
    /// A ping goes out when nothing else did for so long. The gateway drops a client that is silent for 30 s.
    /// Defaults to 10 s.
    pub ping: Duration,
    /// So long without a byte is death. The gateway pings every 15 s. Defaults to 30 s.
    pub silence: Duration,
    /// How long a subscription may stay unconfirmed. Defaults to 10 s.
    pub call: Duration,
    /// The first delay before an attempt to come back lies between zero and this; it doubles with every failure.
    /// Defaults to 0.5 s.
    pub first_delay: Duration,
    /// No delay is longer. Defaults to 30 s.
    pub longest_delay: Duration,
    /// A connection that lived so long was good: the next delay starts small again. Defaults to 60 s.
    pub proven: Duration,
    /// Attempts to come back, in a row, before it is given up; 0 for no limit. Defaults to 0.
    pub attempts: u32,
}

impl Default for HubTiming {
    fn default() -> HubTiming {
        HubTiming {
            connect: Duration::from_secs(15),
            ping: Duration::from_secs(10),
            silence: Duration::from_secs(30),
            call: Duration::from_secs(10),
            first_delay: Duration::from_millis(500),
            longest_delay: Duration::from_secs(30),
            proven: Duration::from_secs(60),
            attempts: 0,
        }
    }
}
