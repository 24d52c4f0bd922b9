//! The faults that are to strike, and those that did.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use super::control;
use super::fault::Fault;
use super::kind::{FaultKind, Place};
use super::member::Member;
use super::pattern::fits;
use super::script::MAX_STEPS;
use crate::clock::Timestamp;
use crate::sim::gateway::Hub;
use crate::sim::market::random::Random;
use crate::sim::time::Time;

/// Most strikes that are remembered.
const MAX_HISTORY: usize = 1000;

/// A point at which a fault may strike.
#[derive(Debug, Clone, Copy)]
pub(in crate::sim) enum Point<'a> {
    /// A request with this path.
    Request(&'a str),
    /// An event of this name for a connection.
    Event { hub: Hub, connection: u64, target: &'a str },
    /// A call of this method.
    Call { hub: Hub, connection: u64, method: &'a str },
    /// A handshake.
    Handshake { hub: Hub, connection: u64 },
}

/// What strikes a point.
#[derive(Debug, Default)]
pub(in crate::sim) struct Strike {
    /// How long the answer waits first.
    pub(in crate::sim) delay: Duration,
    /// What else goes wrong.
    pub(in crate::sim) fault: Option<Arc<Fault>>,
    /// Decides random bytes.
    pub(in crate::sim) seed: u64,
}

/// Something that happens at a moment of the simulator's time.
#[derive(Debug, Clone)]
pub(in crate::sim) enum Timer {
    /// A fault strikes.
    Strike(u64),
    /// A hub connection sends what it held back.
    Release(u64),
    /// The clock is right again, unless a later fault has set it.
    EndSkew(u64),
    /// The port opens.
    Open,
}

/// A strike that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaultStrike {
    /// Number of the fault, as [`Sim::inject`](crate::sim::Sim::inject) gave it.
    pub fault: u64,
    /// What went wrong.
    pub kind: FaultKind,
    /// What was struck: a path, the name of an event or a method, `handshake`, `connection` or `gateway`.
    pub target: String,
    /// Number of the hub connection, if one was struck.
    pub connection: Option<u64>,
    /// When, in simulator time.
    pub time: Timestamp,
}

/// How a fault stands.
#[derive(Debug, Clone)]
pub(in crate::sim) struct Standing {
    pub(in crate::sim) number: u64,
    pub(in crate::sim) fault: Arc<Fault>,
    /// Matching requests, events or calls so far.
    pub(in crate::sim) seen: u64,
    pub(in crate::sim) struck: u64,
    pub(in crate::sim) state: &'static str,
}

/// All faults of a gateway. While there are none, asking costs one look at a flag.
#[derive(Debug)]
pub(in crate::sim) struct Plan {
    is_armed: AtomicBool,
    seed: u64,
    time: Arc<Time>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    faults: BTreeMap<u64, Armed>,
    added: u64,
    history: VecDeque<FaultStrike>,
    timers: BTreeMap<(Timestamp, u64), Timer>,
    next_timer: u64,
    /// The fault that set the clock last.
    skewed_by: u64,
}

#[derive(Debug)]
struct Armed {
    fault: Arc<Fault>,
    place: Place,
    is_moment: bool,
    from: Timestamp,
    until: Option<Timestamp>,
    seen: u64,
    struck: u64,
    random: Random,
}

impl Plan {
    /// A plan without faults.
    pub(in crate::sim) fn new(seed: u64, time: Arc<Time>) -> Plan {
        Plan { is_armed: AtomicBool::new(false), seed, time, state: Mutex::default() }
    }

    /// Adds faults, all or none, and gives their numbers; the error says what is wrong with one.
    pub(super) fn add(&self, faults: Vec<Fault>) -> Result<Vec<u64>, String> {
        let mut checked = Vec::with_capacity(faults.len());
        for fault in faults {
            let place = fault.check()?;
            checked.push((Arc::new(fault), place));
        }
        let now = self.time.now();
        let mut state = self.state.lock();
        state.forget_finished(now, checked.len());
        if state.faults.len() + checked.len() > MAX_STEPS {
            return Err(format!("there are at most {MAX_STEPS} faults at once"));
        }
        let numbers = checked.into_iter().map(|(fault, place)| {
            state.added += 1;
            let number = state.added;
            let from = now.saturating_add(fault.millis(Member::At).unwrap_or_default());
            let armed = Armed {
                place,
                is_moment: fault.is_moment(place),
                until: fault.millis(Member::For).map(|length| from.saturating_add(length)),
                from,
                seen: 0,
                struck: 0,
                random: Random::named(self.seed, &format!("fault {number}")),
                fault,
            };
            if armed.is_moment {
                state.schedule(from, Timer::Strike(number));
            }
            state.faults.insert(number, armed);
            number
        });
        let numbers = numbers.collect();
        self.is_armed.store(state.waits_for_points(), Ordering::SeqCst);
        Ok(numbers)
    }

    /// Forgets every fault, and all that was to happen but the opening of the port.
    pub(super) fn clear(&self) {
        let mut state = self.state.lock();
        state.faults.clear();
        state.timers.retain(|_, timer| matches!(timer, Timer::Open));
        self.is_armed.store(false, Ordering::SeqCst);
    }

    /// Whether any fault waits for requests, events, calls or handshakes.
    pub(in crate::sim) fn is_armed(&self) -> bool {
        self.is_armed.load(Ordering::Relaxed)
    }

    /// What strikes this point, if anything does.
    pub(in crate::sim) fn strike(&self, point: Point<'_>) -> Option<Strike> {
        if !self.is_armed() {
            return None;
        }
        let now = self.time.now();
        let mut state = self.state.lock();
        let state = &mut *state;
        let mut strike: Option<Strike> = None;
        for (&number, armed) in &mut state.faults {
            if !armed.fits(point) || !armed.is_open(now) {
                continue;
            }
            armed.seen += 1;
            let is_delay = armed.fault.kind() == FaultKind::Latency;
            // One fault does the harm; only delays add up.
            let is_taken = !is_delay && strike.as_ref().is_some_and(|strike| strike.fault.is_some());
            if is_taken || !armed.is_due() {
                continue;
            }
            armed.struck += 1;
            let struck = strike.get_or_insert_with(Strike::default);
            if is_delay {
                struck.delay = struck.delay.saturating_add(armed.delay());
            } else {
                struck.fault = Some(armed.fault.clone());
                struck.seed = armed.random.between(0, i64::MAX - 1).unsigned_abs();
            }
            let (target, connection) = point.named();
            let entry = FaultStrike {
                fault: number,
                kind: armed.fault.kind(),
                target: target.to_owned(),
                connection,
                time: now,
            };
            remember(&mut state.history, entry);
        }
        if strike.is_some() && !state.waits_for_points() {
            self.is_armed.store(false, Ordering::SeqCst);
        }
        strike
    }

    /// A fault whose moment has come. It is asked for its next moment, and counted where it strikes.
    pub(super) fn at_its_moment(&self, number: u64) -> Option<Arc<Fault>> {
        let mut state = self.state.lock();
        let armed = state.faults.get_mut(&number)?;
        armed.seen += 1;
        let fault = armed.fault.clone();
        let has_more = fault.limit().is_none_or(|limit| armed.seen < limit);
        if let Some(pause) = fault.millis(Member::Every).filter(|_| has_more) {
            let due = self.time.now().saturating_add(pause);
            state.schedule(due, Timer::Strike(number));
        }
        Some(fault)
    }

    /// Counts a strike of a moment.
    pub(super) fn record(&self, number: u64, target: &str, connection: Option<u64>) {
        let time = self.time.now();
        let mut state = self.state.lock();
        let Some(armed) = state.faults.get_mut(&number) else { return };
        armed.struck += 1;
        let kind = armed.fault.kind();
        let entry = FaultStrike { fault: number, kind, target: target.to_owned(), connection, time };
        remember(&mut state.history, entry);
    }

    /// Remembers the fault that set the clock last.
    pub(super) fn set_skewed_by(&self, number: u64) {
        self.state.lock().skewed_by = number;
    }

    /// Whether this fault set the clock last.
    pub(super) fn is_skewed_by(&self, number: u64) -> bool {
        self.state.lock().skewed_by == number
    }

    /// Forgets when the port was to open.
    pub(super) fn forget_openings(&self) {
        self.state.lock().timers.retain(|_, timer| !matches!(timer, Timer::Open));
    }

    /// Lets a timer go off later.
    pub(in crate::sim) fn schedule(&self, due: Timestamp, timer: Timer) {
        self.state.lock().schedule(due, timer);
    }

    /// The first timer that is due by `now`.
    pub(super) fn take_timer(&self, now: Timestamp) -> Option<Timer> {
        let mut state = self.state.lock();
        let entry = state.timers.first_entry().filter(|entry| entry.key().0 <= now)?;
        Some(entry.remove())
    }

    /// When the next timer goes off.
    pub(in crate::sim) fn next_timer(&self) -> Option<Timestamp> {
        self.state.lock().timers.first_key_value().map(|((due, _), _)| *due)
    }

    /// Every fault, the finished ones too.
    pub(super) fn standings(&self) -> Vec<Standing> {
        let now = self.time.now();
        let state = self.state.lock();
        let standing = |(&number, armed): (&u64, &Armed)| Standing {
            number,
            fault: armed.fault.clone(),
            seen: armed.seen,
            struck: armed.struck,
            state: if armed.is_finished(now) {
                "done"
            } else if now < armed.from {
                "waiting"
            } else {
                "active"
            },
        };
        state.faults.iter().map(standing).collect()
    }

    /// The latest strikes, oldest first.
    pub(in crate::sim) fn history(&self) -> Vec<FaultStrike> {
        self.state.lock().history.iter().cloned().collect()
    }
}

fn remember(history: &mut VecDeque<FaultStrike>, strike: FaultStrike) {
    log::info!("simulator: fault {} ({}) strikes {}", strike.fault, strike.kind.name(), strike.target);
    if history.len() == MAX_HISTORY {
        history.pop_front();
    }
    history.push_back(strike);
}

impl State {
    fn schedule(&mut self, due: Timestamp, timer: Timer) {
        self.next_timer += 1;
        self.timers.insert((due, self.next_timer), timer);
    }

    /// Makes room for `count` faults among those that are finished.
    fn forget_finished(&mut self, now: Timestamp, count: usize) {
        while self.faults.len() + count > MAX_STEPS {
            let finished = self.faults.iter().find(|(_, armed)| armed.is_finished(now));
            let Some(number) = finished.map(|(&number, _)| number) else { return };
            self.faults.remove(&number);
        }
    }

    fn waits_for_points(&self) -> bool {
        self.faults.values().any(|armed| !armed.is_moment && !armed.is_used_up())
    }
}

impl Armed {
    fn fits(&self, point: Point<'_>) -> bool {
        let fits_hub = |hub: Hub| self.fault.only_hub().is_none_or(|only| only == hub.name());
        let is_here = match (self.place, point) {
            // What controls the faults is never struck.
            (Place::Requests, Point::Request(path)) if !control::is_path(path) => {
                self.fault.only_hub().is_none_or(|only| fits(&format!("/hubs/{only}*"), path))
            }
            (Place::Hubs, Point::Event { hub, .. }) => !self.is_moment && fits_hub(hub),
            (Place::Calls, Point::Call { hub, .. }) | (Place::Handshakes, Point::Handshake { hub, .. }) => {
                fits_hub(hub)
            }
            _ => false,
        };
        let (target, _) = point.named();
        let patterns = self.fault.patterns();
        is_here
            && match patterns.is_empty() {
                true => fits(self.fault.kind().usual_target(), target) || self.place == Place::Hubs,
                false => patterns.iter().any(|pattern| fits(pattern, target)),
            }
    }

    /// Whether its time has come and is not over, and it may still strike.
    fn is_open(&self, now: Timestamp) -> bool {
        now >= self.from && self.until.is_none_or(|until| now < until) && !self.is_used_up()
    }

    fn is_used_up(&self) -> bool {
        let count = if self.is_moment { self.seen } else { self.struck };
        self.fault.limit().is_some_and(|limit| count >= limit)
    }

    fn is_finished(&self, now: Timestamp) -> bool {
        self.is_used_up() || self.until.is_some_and(|until| now >= until)
    }

    /// Whether it strikes what it has just seen.
    fn is_due(&mut self) -> bool {
        const WHOLE: i64 = 1 << 53;
        let skipped = self.fault.whole(Member::After).unwrap_or(0).unsigned_abs();
        let chance = self.fault.chance();
        self.seen > skipped
            && (chance >= 1.0 || (self.random.between(0, WHOLE - 1) as f64) < chance * WHOLE as f64)
    }

    /// How late an answer is this time.
    fn delay(&mut self) -> Duration {
        let delay = self.fault.whole(Member::Delay).unwrap_or(250);
        let jitter = self.fault.whole(Member::Jitter).unwrap_or(0);
        Duration::from_millis((delay + self.random.between(0, jitter)).unsigned_abs())
    }
}

impl<'a> Point<'a> {
    /// What is struck, and the connection.
    fn named(self) -> (&'a str, Option<u64>) {
        match self {
            Point::Request(path) => (path, None),
            Point::Event { target, connection, .. } => (target, Some(connection)),
            Point::Call { method, connection, .. } => (method, Some(connection)),
            Point::Handshake { connection, .. } => ("handshake", Some(connection)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::config::SimClock;

    fn plan(seed: u64) -> (Plan, Arc<Time>) {
        let time = Arc::new(Time::new(SimClock::Stepped(Timestamp::from_nanos(0))));
        (Plan::new(seed, time.clone()), time)
    }

    /// Which of `count` requests are struck.
    fn struck(plan: &Plan, path: &str, count: usize) -> Vec<usize> {
        (0..count).filter(|_| plan.strike(Point::Request(path)).is_some()).collect()
    }

    #[test]
    fn strikes_after_some_and_so_many_times() {
        let (plan, _) = plan(1);
        assert!(!plan.is_armed.load(Ordering::SeqCst));
        let fault = Fault::new(FaultKind::Refused).on("/api/order/*").after(2).times(3);
        assert_eq!(plan.add(vec![fault]), Ok(vec![1]));
        assert_eq!(struck(&plan, "/api/account/search", 5), Vec::<usize>::new());
        assert_eq!(struck(&plan, "/api/order/place", 9), [2, 3, 4]);
        assert!(!plan.is_armed.load(Ordering::SeqCst), "nothing is left to strike");
        let standing = &plan.standings()[0];
        assert_eq!((standing.seen, standing.struck, standing.state), (5, 3, "done"));
        assert_eq!(plan.history().len(), 3);
    }

    #[test]
    fn strikes_in_its_time() {
        let (plan, time) = plan(1);
        let fault =
            Fault::new(FaultKind::Refused).at(Duration::from_secs(5)).lasting(Duration::from_secs(10));
        plan.add(vec![fault]).unwrap();
        for (second, count, state) in
            [(4, 0, "waiting"), (5, 2, "active"), (14, 2, "active"), (15, 0, "done")]
        {
            time.reach(Timestamp::from_nanos(second * 1_000_000_000));
            assert_eq!(struck(&plan, "/api/x", 2).len(), count, "second {second}");
            assert_eq!(plan.standings()[0].state, state);
        }
    }

    #[test]
    fn chance_repeats_with_the_seed() {
        let draw = |seed| {
            let (plan, _) = plan(seed);
            plan.add(vec![Fault::new(FaultKind::Refused).probability(0.3).always()]).unwrap();
            struck(&plan, "/api/x", 1000)
        };
        let first = draw(1);
        assert!((200..400).contains(&first.len()), "{}", first.len());
        assert_eq!(first, draw(1));
        assert_ne!(first, draw(2));
    }

    #[test]
    fn delays_add_up_and_one_fault_does_the_harm() {
        let (plan, _) = plan(1);
        let delay = |millis| Fault::new(FaultKind::Latency).delay(Duration::from_millis(millis));
        let faults =
            vec![delay(5), Fault::new(FaultKind::Refused), Fault::new(FaultKind::LostReply), delay(7)];
        plan.add(faults).unwrap();
        let strike = plan.strike(Point::Request("/api/x")).unwrap();
        assert_eq!(strike.delay, Duration::from_millis(12));
        assert_eq!(strike.fault.unwrap().kind(), FaultKind::Refused);
        let strike = plan.strike(Point::Request("/api/x")).unwrap();
        assert_eq!(strike.fault.unwrap().kind(), FaultKind::LostReply);
    }

    #[test]
    fn there_is_room_for_so_many() {
        let (plan, _) = plan(1);
        let fault = || Fault::new(FaultKind::Refused).on("/a");
        plan.add((0..MAX_STEPS).map(|_| fault()).collect()).unwrap();
        assert!(plan.add(vec![fault()]).is_err());
        assert_eq!(struck(&plan, "/a", 1), [0]);
        assert_eq!(plan.add(vec![fault()]), Ok(vec![MAX_STEPS as u64 + 1]), "in the place of a finished one");
    }
}
