//! What faults do to the events of one hub connection.

use std::collections::VecDeque;
use std::sync::Arc;

use super::fault::Fault;
use super::kind::FaultKind;
use super::member::Member;
use super::plan::{Plan, Point, Timer};
use crate::clock::{Deadline, Timestamp};
use crate::sim::gateway::Hub;
use crate::sim::hubs::outbox::Record;
use crate::sim::hubs::records::{MARK, Recorder};
use crate::sim::time::Time;

/// How a hub connection ends when a fault ends it, once everything before has been sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sim) enum Damage {
    /// Without a word.
    Cut,
    /// With a reset.
    Reset,
    /// In the middle of a frame with this record.
    Torn(Record),
    /// Not at all for the client: the connection is dead, for ever or until it is reset.
    Silent(Deadline),
    /// With a close record.
    Told { error: Option<String>, allow_reconnect: bool },
    /// In order.
    Closed,
}

impl Damage {
    /// Whether it waits for no client that takes nothing.
    pub(in crate::sim) fn is_abrupt(&self) -> bool {
        matches!(self, Damage::Cut | Damage::Reset | Damage::Silent(_))
    }
}

/// What becomes of what was to be sent.
pub(in crate::sim) enum Passage {
    /// These records go out, in this order.
    Through(Vec<Record>),
    /// These records go out, and the connection ends.
    End(Vec<Record>, Damage),
}

/// The line to one hub client, as faults see it.
#[derive(Debug)]
pub(in crate::sim) struct Line {
    pub(in crate::sim) hub: Hub,
    connection: u64,
    plan: Arc<Plan>,
    time: Arc<Time>,
    recorder: Recorder,
}

/// What a line holds back.
#[derive(Debug, Default)]
pub(in crate::sim) struct Held {
    /// Until when, and what.
    stalled: Option<(Timestamp, VecDeque<Record>)>,
    /// The event that lets the next one go first.
    swapped: Option<Record>,
}

impl Held {
    /// Whether nothing is held back and nothing that comes would be.
    pub(in crate::sim) fn is_empty(&self) -> bool {
        self.stalled.is_none() && self.swapped.is_none()
    }

    /// How many records are held back.
    pub(in crate::sim) fn len(&self) -> usize {
        self.stalled.as_ref().map_or(0, |(_, records)| records.len())
    }

    /// Gives back what is held until now or earlier.
    pub(in crate::sim) fn release(&mut self, now: Timestamp) -> Vec<Record> {
        match self.stalled.take_if(|(until, _)| *until <= now) {
            Some((_, records)) => records.into(),
            None => Vec::new(),
        }
    }

    /// Gives back everything.
    pub(in crate::sim) fn release_all(&mut self) -> Vec<Record> {
        let Held { stalled, swapped } = std::mem::take(self);
        stalled.into_iter().flat_map(|(_, records)| records).chain(swapped).collect()
    }
}

impl Line {
    pub(in crate::sim) fn new(
        hub: Hub,
        connection: u64,
        plan: Arc<Plan>,
        time: Arc<Time>,
        recorder: Recorder,
    ) -> Line {
        Line { hub, connection, plan, time, recorder }
    }

    /// What strikes an event; `None` for other records.
    pub(in crate::sim) fn strike(&self, record: &str) -> Option<Arc<Fault>> {
        let target = self.plan.is_armed().then(|| target_of(record)).flatten()?;
        self.plan.strike(Point::Event { hub: self.hub, connection: self.connection, target })?.fault
    }

    /// Passes a record that nothing strikes.
    pub(in crate::sim) fn pass(&self, held: &mut Held, record: Record) -> Vec<Record> {
        if target_of(&record).is_none() {
            return vec![record];
        }
        let mut passed = held.release(self.time.now());
        if let Some((_, records)) = &mut held.stalled {
            records.push_back(record);
        } else {
            passed.push(record);
            passed.extend(held.swapped.take());
        }
        passed
    }

    fn pass_on(&self, held: &mut Held, event: Option<Record>) -> Vec<Record> {
        event.map(|event| self.pass(held, event)).unwrap_or_default()
    }

    /// Lets a fault strike in the place of this event, or at a moment.
    pub(in crate::sim) fn suffer(&self, fault: &Fault, held: &mut Held, event: Option<Record>) -> Passage {
        match fault.kind() {
            FaultKind::Swallow => Passage::Through(Vec::new()),
            FaultKind::Duplicate => {
                let mut records = self.pass_on(held, event.clone());
                records.extend(self.pass_on(held, event));
                Passage::Through(records)
            }
            FaultKind::Reorder if held.swapped.is_none() && held.stalled.is_none() => {
                held.swapped = event;
                Passage::Through(Vec::new())
            }
            FaultKind::Stall => {
                let hold = fault.millis(Member::Hold).unwrap_or(std::time::Duration::from_secs(5));
                let until = self.time.now().saturating_add(hold);
                let mut records = held.release(self.time.now());
                let stalled = &mut held.stalled.get_or_insert_with(|| (until, VecDeque::new()));
                stalled.0 = until;
                stalled.1.extend(event);
                self.plan.schedule(until, Timer::Release(self.connection));
                records.extend(held.swapped.take());
                Passage::Through(records)
            }
            FaultKind::Garbage => {
                let text = match fault.text(Member::Form) {
                    Some("empty") => "",
                    Some("shape") => r#"{"type":1,"target":17,"arguments":{"data":"x"}}"#,
                    _ => "<html><body>502 Bad Gateway</body></html>",
                };
                Passage::Through(vec![format!("{text}{MARK}").into()])
            }
            FaultKind::Logout => {
                let message = fault.text(Member::Message).unwrap_or("Logged out by the simulator.");
                Passage::End(vec![self.recorder.logout(message)], Damage::Closed)
            }
            FaultKind::Drop => Passage::End(Vec::new(), Damage::Cut),
            FaultKind::Reset => Passage::End(Vec::new(), Damage::Reset),
            FaultKind::HalfOpen => {
                let until = fault.millis(Member::Hold).map_or(Deadline::NEVER, Deadline::after);
                Passage::End(Vec::new(), Damage::Silent(until))
            }
            FaultKind::CutFrame => {
                Passage::End(Vec::new(), Damage::Torn(event.unwrap_or_else(|| self.recorder.ping())))
            }
            FaultKind::Close => {
                let error = fault.text(Member::Error).map(str::to_owned);
                let allow_reconnect = fault.flag(Member::AllowReconnect).unwrap_or(false);
                Passage::End(Vec::new(), Damage::Told { error, allow_reconnect })
            }
            _ => Passage::Through(self.pass_on(held, event)),
        }
    }
}

/// The name of the event in a record; `None` for records of other types.
fn target_of(record: &str) -> Option<&str> {
    let rest = record.strip_prefix(r#"{"type":1,"target":""#)?;
    rest.split_once('"').map(|(target, _)| target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::config::SimConfig;

    #[test]
    fn events_are_known_by_their_names() {
        let recorder = Recorder::new(&SimConfig::default());
        assert_eq!(target_of(&recorder.logout("x")), Some("GatewayLogout"));
        assert_eq!(target_of(&recorder.ping()), None);
        assert_eq!(target_of(&recorder.completed("1")), None);
    }
}
