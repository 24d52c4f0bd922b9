//! `tradeforge trades`.

use std::time::Duration;

use tradeforge::TimeRange;

use crate::args::Trades;
use crate::failure::Result;
use crate::output::Output;
use crate::session::Session;

/// Lists the fills.
pub fn run(args: &Trades, timeout: Duration, output: &mut Output) -> Result<()> {
    let session = Session::log_in(timeout)?;
    let account = session.account(args.account)?;
    let range = TimeRange { from: args.since, until: args.until };
    output.list(&session.client.fills(account, range, session.deadline)?)
}
