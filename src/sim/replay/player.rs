//! Sends the frames of a recording when their time comes.

use std::collections::HashSet;
use std::fs::File;
use std::io::BufReader;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::config::Replay;
use super::frames::{Frames, Group};
use super::subject::{Subject, of_call};
use super::survey::Survey;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::recording::Reader;
use crate::sim::gateway::Hub;
use crate::sim::hubs::invocation::Invocation;
use crate::sim::hubs::outbox::{Ending, Outbox};

/// The replay begins this long after the last subscription of the client that comes first, so that all of its
/// subscriptions get everything.
const PAUSE: Duration = Duration::from_millis(500);
/// Groups that are sent at once; a step of a stepped time lets the clients take them before it goes on.
const GROUPS_AT_ONCE: usize = 1024;
/// The replay waits for a client that has this many frames before it.
const FAR_BEHIND: usize = 4 * 1024;
/// How long it waits before such a client loses its connection.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most subscriptions of a connection.
const MOST_SUBJECTS: usize = 1024;
/// How often it looks whether such a client has come closer.
const PACE: Duration = Duration::from_millis(1);

/// A recording and those who listen to it.
pub(in crate::sim) struct Player {
    /// What the recording holds.
    pub(in crate::sim) survey: Survey,
    replay: Replay,
    state: Mutex<State>,
}

struct State {
    listeners: Vec<Listener>,
    progress: Progress,
    /// What is sent next.
    next: Option<Group>,
    frames: Option<Frames<BufReader<File>>>,
    /// Whether this round has led to something.
    has_played: bool,
    /// The recorded time of the first entry that leads to something.
    origin: Option<Timestamp>,
    /// The time at which the origin was played, or is to be.
    start: Timestamp,
    /// The clients that are far behind are waited for since then.
    waiting_since: Option<Instant>,
}

/// How far the replay is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    /// Nobody has subscribed yet.
    Unheard,
    /// It begins at `start`.
    Beginning,
    Playing,
    Over,
}

/// A hub connection.
struct Listener {
    outbox: Arc<Outbox>,
    hub: Hub,
    subjects: HashSet<Subject>,
}

impl Listener {
    fn wants(&self, group: &Group) -> bool {
        self.hub == group.hub
            && !self.subjects.is_empty()
            && (group.is_for_all || group.subjects.iter().any(|subject| self.subjects.contains(subject)))
    }
}

impl Player {
    /// A player that stands at the beginning.
    ///
    /// # Errors
    /// When the file is no recording, or damaged.
    pub(in crate::sim) fn new(replay: Replay, survey: Survey) -> Result<Player> {
        let frames = Frames::new(Reader::open(&replay.path)?);
        let state = State {
            listeners: Vec::new(),
            progress: Progress::Unheard,
            next: None,
            frames: Some(frames),
            has_played: false,
            origin: None,
            start: Timestamp::from_nanos(0),
            waiting_since: None,
        };
        Ok(Player { survey, replay, state: Mutex::new(state) })
    }

    /// Begins or ends a subscription. `confirm` runs before anything comes of it; the error is what the client is
    /// told. Any contract and account may be asked for, as at the gateway: what was not recorded stays silent.
    pub(in crate::sim) fn obey(
        &self,
        hub: Hub,
        call: &Invocation<'_>,
        outbox: &Arc<Outbox>,
        now: Timestamp,
        confirm: impl FnOnce(),
    ) -> std::result::Result<(), String> {
        let (subject, begins) = of_call(hub, call)?;
        let mut state = self.state.lock();
        let index = state.listeners.iter().position(|listener| listener.outbox.id == outbox.id);
        let index = index.unwrap_or_else(|| {
            state.listeners.push(Listener { outbox: outbox.clone(), hub, subjects: HashSet::new() });
            state.listeners.len() - 1
        });
        if begins && state.listeners[index].subjects.len() >= MOST_SUBJECTS {
            return Err(format!("a connection has {MOST_SUBJECTS} subscriptions at most"));
        }
        confirm();
        if !begins {
            state.listeners[index].subjects.remove(&subject);
            return Ok(());
        }
        state.listeners[index].subjects.insert(subject);
        if matches!(state.progress, Progress::Unheard | Progress::Beginning) {
            state.progress = Progress::Beginning;
            state.start = now.saturating_add(PAUSE);
        }
        Ok(())
    }

    /// Forgets a connection.
    pub(in crate::sim) fn leave(&self, outbox: &Outbox) {
        self.state.lock().listeners.retain(|listener| listener.outbox.id != outbox.id);
    }

    /// Sends what is due, some of it at a time, and gives the time of what comes next.
    pub(in crate::sim) fn advance(&self, until: Timestamp) -> Option<Timestamp> {
        let mut state = self.state.lock();
        match state.progress {
            Progress::Unheard | Progress::Over => return None,
            Progress::Beginning if until < state.start => return Some(state.start),
            Progress::Beginning => {
                state.progress = Progress::Playing;
                log::info!("simulator: the replay begins");
            }
            Progress::Playing => {}
        }
        for _ in 0..GROUPS_AT_ONCE {
            // A replay without a pace that nobody listens to would be over at once.
            if self.replay.speed <= 0.0 && state.listeners.is_empty() {
                return None;
            }
            if state.must_wait() {
                return Some(until.saturating_add(PACE));
            }
            let due = match self.next_due(&mut state) {
                Ok(due) => due?,
                Err(error) => {
                    log::error!("simulator: the replay ends: {error}");
                    state.progress = Progress::Over;
                    return None;
                }
            };
            if due > until {
                return Some(due);
            }
            let group = state.next.take()?;
            for listener in state.listeners.iter().filter(|listener| listener.wants(&group)) {
                group.frames.iter().for_each(|frame| listener.outbox.push(frame.clone()));
            }
        }
        Some(until)
    }

    /// When the next group is due; it is then in its place. `None` at the end.
    fn next_due(&self, state: &mut State) -> Result<Option<Timestamp>> {
        loop {
            if let Some(group) = &state.next {
                return Ok(Some(self.due(state, group.at)));
            }
            let Some(frames) = &mut state.frames else { return Ok(None) };
            let group = frames.next(|_, _| ())?;
            let latest = frames.latest;
            if let Some(group) = group {
                state.origin.get_or_insert(group.at);
                state.has_played = true;
                state.next = Some(group);
            } else if self.replay.is_repeated && std::mem::take(&mut state.has_played) {
                log::info!("simulator: the replay begins again");
                // Every round takes some time, so that the time gets on.
                let end = latest.filter(|_| self.replay.speed > 0.0).map(|latest| self.due(state, latest));
                state.start = state.start.saturating_add(PACE).max(end.unwrap_or(state.start));
                state.frames = Some(Frames::new(Reader::open(&self.replay.path)?));
            } else {
                log::info!("simulator: the replay is over; its hubs stay open and silent");
                state.frames = None;
                state.progress = Progress::Over;
            }
        }
    }

    /// When what was recorded at `at` is due.
    fn due(&self, state: &State, at: Timestamp) -> Timestamp {
        if self.replay.speed <= 0.0 {
            return state.start;
        }
        let origin = state.origin.unwrap_or(at).nanos();
        let after = at.nanos().saturating_sub(origin).max(0) as f64 / self.replay.speed;
        state.start.saturating_add(Duration::from_nanos(after as u64))
    }
}

impl State {
    /// Whether a client is so far behind that nothing may be sent now. One that stays so is ended.
    fn must_wait(&mut self) -> bool {
        let is_far = |listener: &&Listener| {
            listener.outbox.ending().is_none() && listener.outbox.waiting() >= FAR_BEHIND
        };
        if !self.listeners.iter().any(|listener| is_far(&listener)) {
            self.waiting_since = None;
            return false;
        }
        let since = *self.waiting_since.get_or_insert_with(Instant::now);
        if since.elapsed() < PATIENCE {
            return true;
        }
        self.listeners.iter().filter(is_far).for_each(|listener| listener.outbox.end(Ending::TooSlow));
        self.waiting_since = None;
        false
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;
    use crate::net::Waiter;
    use crate::recording::{Entry, Header, Hub as RecordedHub, IfExists, What, Writer};
    use crate::sim::hubs::invocation::{ClientRecord, parse};

    const COUNT: usize = 3 * FAR_BEHIND;
    const ZERO: Timestamp = Timestamp::from_nanos(0);

    /// A replay without a pace that begins now, and the outbox of the one client.
    fn begun() -> (tempfile::TempDir, Player, Arc<Outbox>) {
        begun_as(|replay| Replay { speed: 0.0, ..replay })
    }

    fn begun_as(settings: impl Fn(Replay) -> Replay) -> (tempfile::TempDir, Player, Arc<Outbox>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.lz4");
        let mut writer = Writer::create(&path, IfExists::Refuse, &Header::new(ZERO, "", "")).unwrap();
        let data = b"{\"type\":1,\"target\":\"GatewayQuote\",\"arguments\":[\"C\",{}]}\x1e";
        for _ in 0..COUNT {
            writer.append(&Entry { at: ZERO, hub: RecordedHub::Market, what: What::Received, data }).unwrap();
        }
        writer.sync().unwrap();
        let replay = settings(Replay::of(&path));
        let player = Player::new(replay, Survey::of(&path).unwrap()).unwrap();
        let outbox = Outbox::new(1, Waiter::new().unwrap().waker());
        assert_eq!(player.advance(ZERO), None);
        let call = r#"{"type":1,"target":"SubscribeContractQuotes","arguments":["C"]}"#;
        let Some(ClientRecord::Invocation(call)) = parse(call) else { panic!("{call}") };
        player.obey(Hub::Market, &call, &outbox, ZERO, || ()).unwrap();
        (folder, player, outbox)
    }

    #[test]
    fn a_client_that_is_far_behind_is_waited_for() {
        let (_folder, player, outbox) = begun();
        let (mut now, mut taken, mut waits) = (ZERO, VecDeque::new(), 0);
        while let Some(next) = player.advance(now) {
            assert!(outbox.waiting() <= FAR_BEHIND);
            if outbox.waiting() == FAR_BEHIND {
                waits += 1;
                outbox.take(&mut taken);
            }
            now = next;
        }
        outbox.take(&mut taken);
        assert_eq!((taken.len(), waits, outbox.ending()), (COUNT, COUNT / FAR_BEHIND, None));
    }

    #[test]
    fn a_round_that_takes_no_time_ends() {
        let (_folder, player, outbox) = begun_as(|replay| Replay { is_repeated: true, ..replay });
        let (now, mut taken) = (ZERO.saturating_add(PAUSE), VecDeque::new());
        let most = 10 * COUNT / GROUPS_AT_ONCE;
        let next = (0..most).find_map(|_| {
            outbox.take(&mut taken);
            player.advance(now).filter(|next| *next > now)
        });
        assert_eq!((next, taken.len()), (Some(now.saturating_add(PACE)), COUNT));
    }

    #[test]
    fn a_recording_that_is_emptied_ends_its_repetition() {
        let (folder, player, outbox) = begun_as(|replay| Replay { is_repeated: true, ..replay });
        let path = folder.path().join("a.lz4");
        std::fs::remove_file(&path).unwrap();
        let header = Header::new(ZERO, "", "");
        Writer::create(&path, IfExists::Refuse, &header).unwrap().sync().unwrap();
        let (mut now, mut taken) = (ZERO.saturating_add(PAUSE), VecDeque::new());
        while let Some(next) = player.advance(now) {
            outbox.take(&mut taken);
            now = next;
        }
        outbox.take(&mut taken);
        assert_eq!(taken.len(), COUNT);
    }

    #[test]
    fn a_client_that_takes_nothing_loses_its_connection() {
        let (_folder, player, outbox) = begun();
        let mut now = ZERO;
        while outbox.waiting() < FAR_BEHIND {
            now = player.advance(now).unwrap();
        }
        assert_eq!((player.advance(now).is_some(), outbox.ending()), (true, None));
        player.state.lock().waiting_since = Instant::now().checked_sub(PATIENCE);
        while player.advance(now).is_some() {}
        assert_eq!(outbox.ending(), Some(Ending::TooSlow));
    }
}
