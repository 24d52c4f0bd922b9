//! What can go wrong, and how it is told: one line on stderr that says what to do.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use tradeforge::{Error, Kind};

use crate::text::printable;

/// The result of a step of a verb.
pub type Result<T> = std::result::Result<T, Failure>;

/// Why a verb failed.
#[derive(Debug)]
pub enum Failure {
    /// The library or the gateway refused.
    Client(Error),
    /// Something is missing; the text says what to give.
    Advice(String),
    /// Stdout cannot be written.
    Output(io::Error),
    /// Stdout cannot be written, and this has been done already.
    Untold(String, io::Error),
    /// The system refused what the program needs.
    System(io::Error),
}

impl Failure {
    /// Tells the failure and gives the exit code.
    ///
    /// A reader of stdout that went away is no failure, as it got what it wanted.
    pub fn report(self) -> ExitCode {
        if let Failure::Output(error) | Failure::Untold(_, error) = &self
            && error.kind() == io::ErrorKind::BrokenPipe
        {
            return ExitCode::SUCCESS;
        }
        // A stderr that cannot be written leaves nobody to tell.
        let _ = writeln!(io::stderr().lock(), "tradeforge: {}", printable(&self.to_string()));
        ExitCode::FAILURE
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Client(error) => {
                write!(f, "{error}")?;
                if let Some(id) = error.order_id() {
                    write!(f, " [order {id}]")?;
                }
                if let Some(tag) = error.client_tag() {
                    write!(f, " [tag {tag}]")?;
                }
                f.write_str(advice(error))
            }
            Failure::Advice(advice) => f.write_str(advice),
            Failure::Output(error) => {
                write!(f, "stdout cannot be written: {error}; send the output elsewhere")
            }
            Failure::Untold(done, error) => {
                write!(f, "{done}, but stdout cannot be written: {error}; do not repeat the command")
            }
            Failure::System(error) => write!(f, "the system refused a thread or a signal: {error}"),
        }
    }
}

/// What to do, where the library's own words do not say it.
fn advice(error: &Error) -> &'static str {
    match error.kind() {
        _ if error.is_outcome_unknown() && error.client_tag().is_some() => {
            "; `tradeforge order resolve --tag` tells what became of it"
        }
        _ if error.is_outcome_unknown() => "; look with `tradeforge order list` and `tradeforge positions`",
        Kind::Network | Kind::Tls => "; check the network, TS_API_URL, TS_MARKET_HUB_URL and TS_USER_HUB_URL",
        Kind::Deadline => "; try again, or give it more time with --timeout",
        Kind::Unavailable => "; try again later",
        _ => "",
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Client(error)
    }
}

#[cfg(test)]
mod tests {
    use tradeforge::Outcome;

    use super::*;

    #[test]
    fn an_unknown_outcome_names_the_tag() {
        let error = Error::new(Kind::Deadline, "no answer")
            .with_outcome(Outcome::Unknown)
            .with_order(None, Some("tf-1".into()));
        let told = Failure::from(error).to_string();
        assert!(
            told.contains("read back before sending again] [tag tf-1]; `tradeforge order resolve"),
            "{told}"
        );
    }

    #[test]
    fn what_may_pass_comes_with_advice() {
        for (kind, part) in [
            (Kind::Network, "TS_API_URL"),
            (Kind::Deadline, "--timeout"),
            (Kind::Unavailable, "try again later"),
        ] {
            let told = Failure::from(Error::new(kind, "it failed")).to_string();
            assert!(told.starts_with("it failed; ") && told.contains(part), "{told}");
        }
        assert_eq!(Failure::from(Error::new(Kind::Rejected, "read its text")).to_string(), "read its text");
    }

    #[test]
    fn what_was_done_is_told_although_the_output_is_lost() {
        let full = || io::Error::from(io::ErrorKind::StorageFull);
        let told = Failure::Untold("order 7 was accepted".into(), full()).to_string();
        assert!(told.starts_with("order 7 was accepted, but stdout"), "{told}");
        assert!(Failure::Output(full()).to_string().contains("send the output elsewhere"));
    }
}
