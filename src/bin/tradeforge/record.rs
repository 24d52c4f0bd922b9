//! `tradeforge record`.

use std::path::Path;
use std::time::Duration;

use tradeforge::model::LinkState;
use tradeforge::recording::{IfExists, Recorded, Recorder};
use tradeforge::{Deadline, EventBody, Polled, Stream};

use crate::args::Record;
use crate::events::Printer;
use crate::failure::{Failure, Result};
use crate::json::Object;
use crate::output::Output;
use crate::session::Session;
use crate::topics;

/// Events taken off the stream at once.
const BATCH: usize = 256;
/// How often the recording is looked after when no event comes.
const PACE: Duration = Duration::from_secs(1);

/// Records until the time is over, a signal comes or nothing can come any more.
pub fn run(args: &Record, timeout: Duration, output: &mut Output) -> Result<()> {
    let session = Session::new(timeout)?;
    topics::until_signal(&session.client, || {
        session.client.login(session.deadline)?;
        let chosen = topics::choose(&args.topics, &session)?;
        let if_exists = if args.force { IfExists::Replace } else { IfExists::Refuse };
        // Before the first subscription, so that it has the connections from their beginning.
        let recorder = session.client.record_to(&args.out, if_exists).map_err(|error| {
            let is_there = !args.force && args.out.exists();
            let advice = if is_there { "; replace it with --force" } else { "" };
            Failure::Advice(format!("{error}{advice}"))
        })?;
        let watched =
            topics::subscribe(&chosen, &session).and_then(|stream| wait(args, &session, &stream, &recorder));
        // The end of the connections belongs to the recording.
        session.client.close();
        let recorded = recorder.stop();
        output.tell(&json(&args.out, &recorded), sentence(&args.out, &recorded))?;
        output.flush()?;
        match recorded.trouble {
            Some(trouble) => Err(Failure::Advice(format!("{trouble}; {} entries are lost", recorded.lost))),
            None => watched,
        }
    })
}

/// Takes events off the stream, which would keep those of the account for ever.
fn wait(args: &Record, session: &Session, stream: &Stream, recorder: &Recorder) -> Result<()> {
    let end = args.duration.map_or(Deadline::NEVER, Deadline::after);
    let mut given_up = None;
    while !end.is_past() && recorder.is_running() {
        let polled = stream.poll_each(BATCH, end.min(Deadline::after(PACE)), |event| {
            if let EventBody::Link(link) = event.body
                && link.state == LinkState::Failed
            {
                given_up = Some(link);
            }
        })?;
        if let Some(link) = given_up {
            return Err(Failure::Advice(Printer::new(&session.client).given_up(&link)));
        }
        if matches!(polled, Polled::Closed) {
            break;
        }
    }
    Ok(())
}

fn sentence(path: &Path, recorded: &Recorded) -> String {
    let Recorded { received, entries, text_bytes, file_bytes, .. } = recorded;
    format!(
        "{}: {received} messages in {entries} entries, {text_bytes} bytes in a file of {file_bytes}",
        path.display()
    )
}

fn json(path: &Path, recorded: &Recorded) -> Object {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    Object::new()
        .with("file", path.to_string_lossy().as_ref())
        .with("received", number(recorded.received))
        .with("entries", number(recorded.entries))
        .with("textBytes", number(recorded.text_bytes))
        .with("fileBytes", number(recorded.file_bytes))
        .with("lost", number(recorded.lost))
}
