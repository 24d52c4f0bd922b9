//! `tradeforge trades`.

use std::time::Duration;

use crate::args::Trades;
use crate::failure::Result;
use crate::output::Output;
use crate::session::Session;

/// Lists the fills.
pub fn run(args: &Trades, timeout: Duration, output: &mut Output) -> Result<()> {
    let session = Session::log_in(timeout)?;
    let account = session.account(args.account)?;
    output.list(&session.client.fills(account, args.since, session.deadline)?)
}
