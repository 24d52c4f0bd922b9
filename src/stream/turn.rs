//! The right to take a stream's events.

use std::sync::Arc;

use crate::clock::{Clock, Deadline};
use crate::model::{Event, EventBody, EventFlags, Gap};
use crate::sync::{Consumer, Hold, Lost, Pop, Queue};

/// Whoever holds it takes the events of a stream; nobody else does meanwhile.
pub(crate) struct Turn {
    consumer: Consumer<Event>,
    queue: Arc<Queue<Event>>,
    clock: Arc<dyn Clock>,
}

impl Turn {
    /// The turn of a queue, unless somebody has it.
    pub(super) fn take(queue: &Arc<Queue<Event>>, clock: &Arc<dyn Clock>, hold: Hold) -> Option<Turn> {
        Some(Turn { consumer: queue.consumer(hold)?, queue: queue.clone(), clock: clock.clone() })
    }

    /// Hands up to `limit` events to `sink`; waits until `deadline` for the first. `sink` runs under the
    /// queue's lock and must do no more than copy.
    pub(crate) fn poll(&self, limit: usize, deadline: Deadline, mut sink: impl FnMut(Event)) -> Pop {
        self.consumer.poll(limit, deadline, |seq, item| sink(self.numbered(seq, item)))
    }

    /// The next event if one waits, and neither a wake nor a recall stands.
    pub(crate) fn next(&self) -> Option<Event> {
        self.consumer.next().map(|(seq, item)| self.numbered(seq, item))
    }

    /// How many events wait.
    pub(crate) fn depth(&self) -> usize {
        self.queue.counts().waiting
    }

    /// Closes the queue and gives the turn back.
    pub(super) fn close(self) {
        self.queue.close();
    }

    fn numbered(&self, seq: u64, item: Result<Event, Lost>) -> Event {
        match item {
            Ok(event) => Event { seq, ..event },
            Err(lost) => Event {
                seq,
                received: self.clock.now(),
                at: None,
                instrument: None,
                flags: EventFlags::NONE,
                body: EventBody::Gap(Gap { dropped: lost.dropped, first_seq: lost.first_seq }),
            },
        }
    }
}
