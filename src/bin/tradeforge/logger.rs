//! The log on stderr.

use std::io::{self, Write};

use log::{LevelFilter, Log, Metadata, Record};
use tradeforge::Timestamp;

use crate::text::printable;

/// Writes a line for each record of this program and its library.
///
/// Other crates are left out: at their finest levels they show requests with the token in them.
struct Logger;

/// Starts the log at this level.
pub fn start(level: LevelFilter) {
    // Fails only when there is a log already, and this is called once.
    if log::set_logger(&Logger).is_ok() {
        log::set_max_level(level);
    }
}

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let crate_name = metadata.target().split("::").next();
        crate_name == Some("tradeforge")
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let message = printable(&record.args().to_string());
            // A log that cannot be written is no reason to fail.
            let _ = writeln!(io::stderr().lock(), "{} {:<5} {message}", Timestamp::now(), record.level());
        }
    }

    fn flush(&self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_records_are_shown() {
        let shown = |target| Logger.enabled(&Metadata::builder().target(target).build());
        assert!(shown("tradeforge") && shown("tradeforge::signalr::hub"));
        assert!(!shown("tungstenite::handshake::client") && !shown("ureq_proto") && !shown("tradeforger"));
    }
}
