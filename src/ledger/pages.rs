//! The ledger's pages: what is known, what is followed, and what is held back while it is fetched.

use std::collections::HashMap;

use super::fetch::Want;
use super::known::Source;
use super::tracker::{Fetched, Tracker};
use crate::clock::Timestamp;
use crate::error::{Error, Kind, Result};
use crate::model::{Event, EventBody, Link, LinkState, Live, Topic};

/// Events that are held back at most. A fetch that takes longer than so many begins anew.
const MOST_HELD: usize = 65_536;

/// Everything under one lock.
#[derive(Debug, Default)]
pub(super) struct Pages {
    tracker: Tracker,
    follows: HashMap<Topic, Follow>,
    held: Option<Held>,
    /// When the connection was lost that is not whole again.
    lost: Option<Timestamp>,
    /// How many times following a topic has begun.
    beginnings: u64,
}

/// A topic that somebody subscribed.
#[derive(Debug, Default)]
struct Follow {
    /// Tells this following from an earlier one, for which something may still be fetched.
    number: u64,
    /// How many times it was asked for and not taken back.
    count: usize,
    /// Whether the hub tells its changes, while it is connected.
    is_confirmed: bool,
    /// Since when its state is known.
    since: Option<Timestamp>,
    /// From when on everything was listed when it was known first, and the latest time of that.
    listed: Option<(Timestamp, Timestamp)>,
    /// Why it is not known.
    trouble: Option<Error>,
    /// The gateway refused it: what is known of it grows old, and is compared when it is told again.
    is_refused: bool,
}

impl Follow {
    fn is_unknown(&self) -> bool {
        self.is_confirmed && (self.since.is_none() || self.is_refused)
    }
}

/// What the hub tells from a loss on until what was missed is fetched.
#[derive(Debug, Default)]
struct Held {
    events: Vec<Event>,
    has_overflowed: bool,
}

impl Pages {
    /// Takes what the hub tells; gives what streams shall see now.
    pub(super) fn take(&mut self, event: Event) -> Option<Event> {
        let Some(held) = &mut self.held else { return self.tracker.take(event, Source::Hub) };
        if held.events.len() >= MOST_HELD {
            held.events.clear();
            held.has_overflowed = true;
        }
        held.events.push(event);
        None
    }

    /// Notes a new state of the connection; gives what streams shall see before it.
    pub(super) fn link(&mut self, link: &Link, now: Timestamp) -> Vec<Event> {
        match link.state {
            LinkState::Connecting => {}
            LinkState::Connected => {
                self.lost = None;
                return self.release();
            }
            LinkState::Reconnecting => {
                self.lost.get_or_insert(now);
                // A connection begins anew, and all that this one told is fetched.
                self.held = Some(Held::default());
            }
            LinkState::Resyncing => {
                self.lost.get_or_insert(now);
                self.held.get_or_insert_default();
            }
            LinkState::Failed | LinkState::Closed => {
                self.lost.get_or_insert(now);
                return self.release();
            }
        }
        Vec::new()
    }

    /// Lets what is held back go its way.
    fn release(&mut self) -> Vec<Event> {
        let held = self.held.take().map_or_else(Vec::new, |held| held.events);
        held.into_iter().filter_map(|event| self.tracker.take(event, Source::Hub)).collect()
    }

    /// Somebody wants a topic.
    pub(super) fn follow(&mut self, topic: &Topic) {
        let follow = self.follows.entry(topic.clone()).or_insert_with(|| {
            self.beginnings += 1;
            Follow { number: self.beginnings, ..Follow::default() }
        });
        follow.count += 1;
    }

    /// Somebody does not want it any more.
    pub(super) fn unfollow(&mut self, topic: &Topic) {
        let Some(follow) = self.follows.get_mut(topic) else { return };
        follow.count -= 1;
        if follow.count == 0 {
            self.follows.remove(topic);
            self.tracker.forget(topic);
        }
    }

    /// The hub tells a topic's changes from now on.
    pub(super) fn confirm(&mut self, topic: &Topic) {
        if let Some(follow) = self.follows.get_mut(topic) {
            follow.is_confirmed = true;
        }
    }

    /// What a topic's state is cannot be told, and why.
    pub(super) fn fail(&mut self, topic: &Topic, error: &Error) {
        if let Some(follow) = self.follows.get_mut(topic) {
            follow.trouble = Some(error.clone());
        }
    }

    /// The gateway refuses a topic: what is known of it grows old.
    pub(super) fn refuse(&mut self, topic: &Topic, error: &Error) {
        self.fail(topic, error);
        if let Some(follow) = self.follows.get_mut(topic) {
            follow.is_confirmed = false;
            follow.is_refused = true;
        }
    }

    /// What to fetch for a topic that is followed and not known yet. While a connection is put back, all is
    /// fetched with it.
    pub(super) fn unknown(&self, topic: &Topic, now: Timestamp) -> Option<Want> {
        let is_unknown = self.follows.get(topic).is_some_and(Follow::is_unknown);
        (is_unknown && self.held.is_none()).then(|| self.want(topic, now))
    }

    /// Every followed topic that is not known.
    pub(super) fn all_unknown(&self) -> Vec<Topic> {
        let unknown = self.follows.iter().filter(|(_, follow)| follow.is_unknown());
        unknown.map(|(topic, _)| topic.clone()).collect()
    }

    /// What to fetch after a loss, in the order in which it is told: what was done before what came of it.
    pub(super) fn all_wants(&self, now: Timestamp) -> Vec<Want> {
        let confirmed = self.follows.iter().filter(|(_, follow)| follow.is_confirmed);
        let mut wants: Vec<Want> = confirmed.map(|(topic, _)| self.want(topic, now)).collect();
        wants.sort_by_key(|want| match want.topic {
            Topic::Fills(account) => (0, Some(account), 0),
            Topic::Orders(account) => (0, Some(account), 1),
            Topic::Positions(account) => (0, Some(account), 2),
            // Balances are what came of everything.
            _ => (1, None, 0),
        });
        wants
    }

    fn want(&self, topic: &Topic, now: Timestamp) -> Want {
        let follow = self.follows.get(topic);
        let since = follow.and_then(|follow| follow.since);
        let (account, working) = match topic {
            Topic::Orders(account) if since.is_some() => {
                (Some(*account), self.tracker.working_orders(*account).collect())
            }
            Topic::Orders(account) | Topic::Fills(account) => (Some(*account), Vec::new()),
            _ => (None, Vec::new()),
        };
        let listed = follow.and_then(|follow| follow.listed);
        let told = account.and_then(|account| self.tracker.latest(account));
        Want {
            topic: topic.clone(),
            number: follow.map_or(0, |follow| follow.number),
            source: if since.is_some() { Source::Resync } else { Source::Seed },
            latest: told.or(listed.map(|(_, latest)| latest)).filter(|_| since.is_some()),
            listed: listed.map(|(from, _)| from),
            followed: since.unwrap_or(now),
            working: working.iter().map(|known| (known.body.id, known.body.created)).collect(),
        }
    }

    /// Notes that a topic's state is known; false when its following has ended since it was asked for.
    fn known(&mut self, fetched: &Fetched) -> bool {
        let follow = self.follows.get_mut(&fetched.topic).filter(|follow| follow.number == fetched.number);
        let follow = follow.filter(|follow| follow.is_confirmed);
        let Some(follow) = follow else { return false };
        follow.since = Some(fetched.at);
        follow.trouble = None;
        follow.is_refused = false;
        if fetched.source == Source::Seed {
            follow.listed = fetched.listed;
        }
        true
    }

    /// Takes what was fetched of a topic that was not known. Nothing of it is news, unless it was known before the
    /// gateway refused it; gives that.
    pub(super) fn seed(&mut self, fetched: &Fetched) -> Vec<Event> {
        let mut told = Vec::new();
        if self.follows.get(&fetched.topic).is_some_and(Follow::is_unknown) && self.known(fetched) {
            let held = self.held.as_ref().map_or(&[][..], |held| &held.events);
            self.tracker.absorb(fetched, held, &mut |event| told.push(event));
        }
        told
    }

    /// Takes what was fetched after a loss and lets go what was held back; gives what streams shall see. `None`
    /// when too much was held back, so that it has to be fetched again.
    pub(super) fn resync(&mut self, all: &[Fetched]) -> Option<Vec<Event>> {
        let held = self.held.take().unwrap_or_default();
        if held.has_overflowed {
            self.held = Some(Held::default());
            return None;
        }
        let mut told = Vec::new();
        for fetched in all {
            if self.known(fetched) {
                self.tracker.absorb(fetched, &held.events, &mut |event| told.push(event));
            }
        }
        self.held = Some(held);
        told.extend(self.release());
        Some(told)
    }

    /// Reads the state of a topic.
    ///
    /// # Errors
    /// [`Kind::State`] when nobody follows it or it is not known yet.
    pub(super) fn read<T>(&self, topic: &Topic, read: impl FnOnce(&Tracker) -> Result<T>) -> Result<Live<T>> {
        let follow = self.follows.get(topic).ok_or_else(|| {
            let message = format!("{} are not followed: subscribe them on a stream first", named(topic));
            Error::new(Kind::State, message)
        })?;
        let since = follow.since.filter(|_| !follow.is_refused).ok_or_else(|| match &follow.trouble {
            None => Error::new(Kind::State, format!("{} are being fetched and not known yet", named(topic))),
            Some(trouble) => {
                let message = format!("{} are not known yet: {}", named(topic), trouble.message());
                Error::new(Kind::State, message)
            }
        })?;
        Ok(Live { state: read(&self.tracker)?, since, stale_since: self.lost })
    }
}

fn named(topic: &Topic) -> String {
    match topic {
        Topic::Orders(account) => format!("the orders of account {account}"),
        Topic::Positions(account) => format!("the positions of account {account}"),
        Topic::Fills(account) => format!("the fills of account {account}"),
        _ => "the accounts".to_owned(),
    }
}

/// Whether an event is about the user's side.
pub(super) fn is_of_user(body: &EventBody) -> bool {
    matches!(body, EventBody::Order(_) | EventBody::Fill(_) | EventBody::Position(_) | EventBody::Account(_))
}
