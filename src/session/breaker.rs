//! Stops asking where the answer is known.

use crate::error::{Error, Kind};

/// After so many refusals in a row nothing is tried any more.
const MOST_REFUSALS: u32 = 3;

/// Counts refusals of the credentials that will not pass by themselves.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    refusals: u32,
    last: Option<Error>,
}

impl Breaker {
    /// Starts anew.
    pub(super) fn close(&mut self) {
        *self = Breaker::default();
    }

    /// Notes why the gateway let nobody in. What may pass, such as a lost connection, does not count.
    pub(super) fn note(&mut self, error: &Error) {
        if !matches!(error.kind(), Kind::Auth | Kind::Argument) {
            return;
        }
        self.refusals += 1;
        self.last = Some(error.clone());
        if self.refusals == MOST_REFUSALS {
            log::error!(
                "the gateway refused {MOST_REFUSALS} times in a row, so it is not asked again: {error}"
            );
        }
    }

    /// The reason why nothing is tried any more, if so.
    pub(super) fn reason(&self) -> Option<Error> {
        let last = self.last.as_ref().filter(|_| self.refusals >= MOST_REFUSALS)?;
        let message = format!(
            "the gateway refused {} times in a row, so nothing is sent until login is called again; the last \
             time: {}",
            self.refusals,
            last.message()
        );
        let error = Error::new(Kind::Auth, message)
            .with_gateway(last.gateway_code(), last.gateway_text().map(str::to_owned));
        Some(match last.operation() {
            Some(operation) => error.in_operation(operation),
            None => error,
        })
    }
}
