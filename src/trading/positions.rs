//! Closing positions.

use crate::clock::Deadline;
use crate::error::{Kind, Result};
use crate::model::AccountId;
use crate::session::Session;

/// Closes every open position of an account with a market order each; gives how many.
///
/// A position that is gone by then counts as closed. After a failure the others are still closed.
///
/// # Errors
/// The first failure.
pub(crate) fn flatten(session: &Session, account: AccountId, deadline: Deadline) -> Result<usize> {
    let positions =
        session.query_urgently(deadline, |gateway, token| gateway.positions(token, account, deadline))?;
    let mut closed = 0;
    let mut failure = None;
    for position in &positions {
        let result = session.mutate_urgently(deadline, |gateway, token| {
            gateway.close_position(token, account, &position.contract, deadline)
        });
        match result {
            Ok(()) => closed += 1,
            Err(error) if error.kind() == Kind::NotFound => {}
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    failure.map_or(Ok(closed), Err)
}
