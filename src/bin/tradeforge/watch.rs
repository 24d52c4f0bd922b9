//! `tradeforge watch`.

use std::time::Duration;

use tradeforge::model::LinkState;
use tradeforge::{Deadline, Event, EventBody, Polled, Stream};

use crate::args::Watch;
use crate::events::{self, Printer};
use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::session::Session;
use crate::topics;

/// How many events are printed before they are handed to the reader.
const BATCH: usize = 256;

/// Prints events until the time is over, the count is reached or a signal comes.
pub fn run(args: &Watch, timeout: Duration, output: &mut Output) -> Result<()> {
    let session = Session::new(timeout)?;
    topics::until_signal(&session.client, || {
        session.client.login(session.deadline)?;
        let chosen = topics::choose(&args.topics, &session)?;
        let stream = topics::subscribe(&chosen, &session)?;
        print(args, &session, &stream, output)
    })
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
