//! `tradeforge positions`.

use std::time::Duration;

use crate::args::{PositionAction, Positions};
use crate::failure::{Failure, Result};
use crate::json::Object;
use crate::output::Output;
use crate::session::Session;

/// Lists or closes positions.
pub fn run(args: &Positions, timeout: Duration, output: &mut Output) -> Result<()> {
    let session = Session::new(timeout)?;
    let contract = match &args.action {
        Some(PositionAction::Close { contract, size }) => Some((session.contract(contract.as_ref())?, *size)),
        _ => None,
    };
    session.client.login(session.deadline)?;
    let account = session.account(args.account)?;
    let (json, done) = match (&args.action, contract) {
        (None, _) => return output.list(&session.client.positions(account, session.deadline)?),
        (_, Some((contract, size))) => {
            match size {
                Some(size) => session.client.reduce_position(account, &contract, size, session.deadline)?,
                None => session.client.close_position(account, &contract, session.deadline)?,
            }
            let json = Object::new().with("accountId", account).with("contractId", &contract);
            (json, format!("the close of {contract} was accepted"))
        }
        (_, None) => {
            let closed = session.client.flatten(account, session.deadline)?;
            // As many positions as the account can hold fit.
            let count = u64::try_from(closed).unwrap_or(u64::MAX);
            let json = Object::new().with("accountId", account).with("closed", count);
            (json, closed_in_words(closed))
        }
    };
    let told = output.tell(&json, &done).and_then(|()| output.flush());
    told.map_err(|failure| match failure {
        Failure::Output(error) => Failure::Untold(done, error),
        failure => failure,
    })
}

fn closed_in_words(count: usize) -> String {
    match count {
        0 => "there was no open position".into(),
        1 => "the close of 1 position was accepted".into(),
        _ => format!("the close of {count} positions was accepted"),
    }
}
