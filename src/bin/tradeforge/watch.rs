//! `tradeforge watch`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tradeforge::model::LinkState;
use tradeforge::{ContractId, Deadline, Event, EventBody, Kind, Kinds, Polled, Stream, StreamOptions};

use crate::args::Watch;
use crate::events::{self, Printer};
use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::session::Session;
use crate::signals;

/// How many events are printed before they are handed to the reader.
const BATCH: usize = 256;

/// Prints events until the time is over, the count is reached or a signal comes.
pub fn run(args: &Watch, timeout: Duration, output: &mut Output) -> Result<()> {
    let session = Session::new(timeout)?;
    let contracts = contracts(args, &session)?;
    // A signal closes the client. That ends whatever call is under way, and the stream after its last event.
    let is_ending = Arc::new(AtomicBool::new(false));
    let (ending, client) = (is_ending.clone(), session.client.clone());
    let end = move || {
        ending.store(true, Ordering::SeqCst);
        client.close();
    };
    signals::on_end(end).map_err(Failure::System)?;

    let watched =
        subscribe(args, &session, &contracts).and_then(|stream| print(args, &session, &stream, output));
    match watched {
        Err(Failure::Client(error)) if error.kind() == Kind::Closed && is_ending.load(Ordering::SeqCst) => {
            Ok(())
        }
        watched => watched,
    }
}

/// The contracts to watch; none when only the account is watched.
fn contracts(args: &Watch, session: &Session) -> Result<Vec<ContractId>> {
    if market_kinds(args).is_empty() {
        return Ok(Vec::new());
    }
    match &args.contracts[..] {
        [] => Ok(vec![session.contract(None)?]),
        chosen => Ok(chosen.to_vec()),
    }
}

fn market_kinds(args: &Watch) -> Kinds {
    let wanted = [(args.quotes, Kinds::QUOTES), (args.trades, Kinds::TRADES), (args.depth, Kinds::DEPTH)];
    wanted.iter().filter(|(is_wanted, _)| *is_wanted).fold(Kinds::default(), |kinds, (_, kind)| kinds | *kind)
}

fn subscribe(args: &Watch, session: &Session, contracts: &[ContractId]) -> Result<Stream> {
    let (client, deadline) = (&session.client, session.deadline);
    client.login(deadline)?;
    let stream = client.stream(&StreamOptions::default())?;
    for contract in contracts {
        // The hubs take any id and stay silent about one that they do not know.
        client.contract(contract, deadline)?;
        stream.subscribe(contract, market_kinds(args), deadline)?;
    }
    if args.user {
        stream.subscribe_account(session.account(args.account)?, Kinds::USER, deadline)?;
    }
    Ok(stream)
}

fn print(args: &Watch, session: &Session, stream: &Stream, output: &mut Output) -> Result<()> {
    let end = args.duration.map_or(Deadline::NEVER, Deadline::after);
    let printer = Printer::new(&session.client);
    let mut left = args.count.unwrap_or(u64::MAX);
    let mut batch: Vec<Event> = Vec::with_capacity(BATCH);
    while !end.is_past() {
        let polled = stream.poll_each(BATCH, end, |event| batch.push(event))?;
        if matches!(polled, Polled::TimedOut | Polled::Closed) {
            return Ok(());
        }
        for event in batch.drain(..) {
            match output.is_json() {
                true => output.line(printer.json(&event))?,
                false => output.line(printer.line(&event))?,
            }
            left -= u64::from(events::is_data(&event));
            if left == 0 {
                return Ok(());
            }
            if let EventBody::Link(link) = &event.body
                && link.state == LinkState::Failed
            {
                // Such a connection brings nothing any more.
                output.flush()?;
                return Err(Failure::Advice(printer.given_up(link)));
            }
        }
        output.flush()?;
    }
    Ok(())
}
