//! The frames of a recording that a replay sends.

use std::io::Read;

use super::record::{Meaning, Record};
use super::subject::Subject;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::recording::{Hub as RecordedHub, Reader, What};
use crate::sim::gateway::Hub;
use crate::sim::hubs::outbox::Record as Frame;
use crate::sim::hubs::records::MARK;

/// A record may be cut into frames, up to this size and this many together.
const LONGEST_CUT: usize = 16 * 1024 * 1024;
const MOST_CUTS: usize = 1024;

/// Frames that are sent together: one, or those into which a record was cut.
#[derive(Debug)]
pub(super) struct Group {
    /// When the last of them was received.
    pub(super) at: Timestamp,
    pub(super) hub: Hub,
    pub(super) frames: Vec<Frame>,
    /// What its events are about.
    pub(super) subjects: Vec<Subject>,
    /// Whether it is for everybody on the hub.
    pub(super) is_for_all: bool,
}

/// Reads groups out of a recording.
pub(super) struct Frames<R> {
    reader: Reader<R>,
    /// The frames of a record whose end has not come, by hub.
    cut: [Vec<Vec<u8>>; 2],
    /// The time of the last entry.
    pub(super) latest: Option<Timestamp>,
}

impl<R: Read> Frames<R> {
    pub(super) fn new(reader: Reader<R>) -> Frames<R> {
        Frames { reader, cut: [Vec::new(), Vec::new()], latest: None }
    }

    pub(super) fn reader(&self) -> &Reader<R> {
        &self.reader
    }

    /// The next group, whose records are shown to `look` too; `None` at the end.
    ///
    /// # Errors
    /// When the file cannot be read or is damaged.
    pub(super) fn next(&mut self, mut look: impl FnMut(Timestamp, &Record<'_>)) -> Result<Option<Group>> {
        while let Some(entry) = self.reader.next_entry()? {
            let (at, what) = (entry.at, entry.what);
            self.latest = Some(self.latest.map_or(at, |latest| latest.max(at)));
            let (hub, index) = match entry.hub {
                RecordedHub::User => (Hub::User, 0),
                RecordedHub::Market => (Hub::Market, 1),
            };
            let cut = &mut self.cut[index];
            match what {
                What::Opened | What::Closed => cut.clear(),
                What::Sent => {}
                What::Received => {
                    let is_whole = entry.data.ends_with(&[MARK as u8]);
                    cut.push(entry.data.to_vec());
                    if !is_whole {
                        if cut.len() > MOST_CUTS || cut.iter().map(Vec::len).sum::<usize>() > LONGEST_CUT {
                            cut.clear();
                        }
                        continue;
                    }
                    if let Some(group) = group(at, hub, std::mem::take(cut), &mut look) {
                        return Ok(Some(group));
                    }
                }
            }
        }
        Ok(None)
    }
}

/// What of these frames is sent; `None` when nothing is.
fn group(
    at: Timestamp,
    hub: Hub,
    frames: Vec<Vec<u8>>,
    mut look: impl FnMut(Timestamp, &Record<'_>),
) -> Option<Group> {
    let text = String::from_utf8(frames.concat()).ok()?;
    let mut group = Group { at, hub, frames: Vec::new(), subjects: Vec::new(), is_for_all: false };
    let mut kept = String::new();
    let mut is_unchanged = true;
    for record in text.split_terminator(MARK) {
        let parsed = Record::parse(record);
        let meaning = parsed.as_ref().map_or(Meaning::Unknown, |parsed| {
            look(at, parsed);
            parsed.meaning()
        });
        match meaning {
            Meaning::Connection => {
                is_unchanged = false;
                continue;
            }
            Meaning::Event(subject) => {
                if !group.subjects.contains(&subject) {
                    group.subjects.push(subject);
                }
            }
            Meaning::Unknown => group.is_for_all = true,
        }
        kept.push_str(record);
        kept.push(MARK);
    }
    if kept.is_empty() {
        return None;
    }
    group.frames = match is_unchanged {
        true => as_they_came(frames).unwrap_or_else(|| vec![text.into()]),
        false => vec![kept.into()],
    };
    Some(group)
}

/// Each frame by itself; `None` when one is cut within a letter, so that they can only be sent in one piece.
fn as_they_came(frames: Vec<Vec<u8>>) -> Option<Vec<Frame>> {
    frames.into_iter().map(|frame| String::from_utf8(frame).ok().map(Frame::from)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::{Entry, Header, Writer};

    const QUOTE: &str =
        "{\"type\":1,\"target\":\"GatewayQuote\",\"arguments\":[\"C\",{\"bestBid\":1.50}]}\u{1e}";
    const TRADE: &str = "{ \"type\":1, \"target\":\"GatewayTrade\",\"arguments\":[\"D\",[]]}\u{1e}";

    fn groups(frames: &[&str]) -> Vec<Group> {
        let now = Timestamp::from_nanos(5);
        let mut writer = Writer::new(Vec::new(), &Header::new(now, "", "")).unwrap();
        for frame in frames {
            let data = frame.as_bytes();
            writer.append(&Entry { at: now, hub: RecordedHub::Market, what: What::Received, data }).unwrap();
        }
        let file = writer.finish().unwrap();
        let mut frames = Frames::new(Reader::new(&file[..]).unwrap());
        std::iter::from_fn(|| frames.next(|_, _| ()).unwrap()).collect()
    }

    fn texts(group: &Group) -> Vec<&str> {
        group.frames.iter().map(|frame| frame.as_str()).collect()
    }

    #[test]
    fn events_stay_as_they_were_framed_and_what_is_the_connections_is_left_out() {
        let both = format!("{QUOTE}{TRADE}");
        let mixed = format!("{QUOTE}{{\"type\":3,\"invocationId\":\"1\"}}\u{1e}{TRADE}{{\"type\":6}}\u{1e}");
        let groups = groups(&["{}\u{1e}", QUOTE, &both, "{\"type\":6}\u{1e}", &mixed, "nonsense\u{1e}"]);
        assert_eq!(groups.len(), 4);
        let subjects = [Subject::Quotes("C".into()), Subject::Trades("D".into())];
        assert_eq!((texts(&groups[0]), &groups[0].subjects[..]), (vec![QUOTE], &subjects[..1]));
        assert_eq!((texts(&groups[1]), &groups[1].subjects[..]), (vec![&*both], &subjects[..]));
        assert_eq!(texts(&groups[2]), [&*both]);
        assert!(groups[3].is_for_all && !groups[2].is_for_all);
    }

    #[test]
    fn a_record_that_was_cut_stays_cut() {
        let (one, two) = QUOTE.split_at(30);
        let joined = format!("{two}{TRADE}");
        let groups = groups(&[one, &joined, TRADE, one]);
        assert_eq!(groups.len(), 2);
        assert_eq!(texts(&groups[0]), [one, &joined]);
        assert_eq!(groups[0].subjects.len(), 2);
    }
}
