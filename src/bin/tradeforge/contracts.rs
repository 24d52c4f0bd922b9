//! `tradeforge contracts`.

use std::time::Duration;

use crate::args::Contracts;
use crate::failure::Result;
use crate::output::Output;
use crate::session::Session;

/// Finds contracts by text, id or symbol, or lists all.
pub fn run(args: &Contracts, timeout: Duration, output: &mut Output) -> Result<()> {
    let session = Session::log_in(timeout)?;
    let (client, deadline) = (&session.client, session.deadline);
    let found = match (&args.id, &args.symbol, &args.search) {
        (Some(id), ..) => vec![client.contract(id, deadline)?],
        (None, Some(symbol), _) => vec![client.contract_by_symbol(symbol, args.live, deadline)?],
        (None, None, Some(text)) => client.search_contracts(text, args.live, deadline)?,
        (None, None, None) => client.available_contracts(args.live, deadline)?,
    };
    output.list(&found)
}
