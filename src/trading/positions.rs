//! Closing positions.

use super::pace::fair_share;
use crate::clock::Deadline;
use crate::error::{Error, Kind, Result};
use crate::model::AccountId;
use crate::session::Session;

/// Closes every open position of an account with a market order each; gives how many.
///
/// A position that is gone by then counts as closed. After a failure the others are still closed, and a close
/// that hangs leaves them their share of the time.
///
/// # Errors
/// The first failure, one of unknown outcome before all others; it names the contract.
pub(crate) fn flatten(session: &Session, account: AccountId, deadline: Deadline) -> Result<usize> {
    let positions =
        session.query_urgently(deadline, |gateway, token| gateway.positions(token, account, deadline))?;
    let mut closed = 0;
    let mut failure: Option<Error> = None;
    for (index, position) in positions.iter().enumerate() {
        let deadline = fair_share(deadline, positions.len() - index);
        let result = session.mutate_urgently(deadline, |gateway, token| {
            gateway.close_position(token, account, &position.contract, deadline)
        });
        match result {
            Ok(()) => closed += 1,
            Err(error) if error.kind() == Kind::NotFound => {}
            Err(error) => {
                let error = error.after(&format!("the position was {}", position.contract));
                // What nobody knows must not hide behind what surely did not happen.
                let is_worse = failure
                    .as_ref()
                    .is_none_or(|first| error.is_outcome_unknown() && !first.is_outcome_unknown());
                if is_worse {
                    failure = Some(error);
                }
            }
        }
    }
    failure.map_or(Ok(closed), Err)
}
