//! `tradeforge accounts`.

use std::time::Duration;

use crate::args::Accounts;
use crate::failure::Result;
use crate::output::Output;
use crate::session::Session;

/// Lists the accounts.
pub fn run(args: &Accounts, timeout: Duration, output: &mut Output) -> Result<()> {
    let session = Session::log_in(timeout)?;
    output.list(&session.client.accounts(!args.all, session.deadline)?)
}
