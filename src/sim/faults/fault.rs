//! A fault as it is asked for.

use std::collections::BTreeMap;
use std::time::Duration;

use super::kind::{FaultKind, Place};
use super::member::{Member, Value};
use crate::sim::gateway::Hub;

/// What wrong thing a request or a hub gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Garbage {
    /// A page for people, which is no JSON.
    Html,
    /// Random bytes, as many as 64 to 256. For requests only.
    Bytes,
    /// Nothing: an empty body, or a record without text.
    Empty,
    /// JSON of a wrong shape.
    Shape,
}

/// Something that is to go wrong: what, where, when, and how often.
///
/// ```
/// use std::time::Duration;
/// use tradeforge::sim::{Fault, FaultKind, Sim, SimConfig};
///
/// let sim = Sim::start(SimConfig::default())?;
/// // The next order is carried out, and its answer is lost.
/// sim.inject(Fault::new(FaultKind::LostReply).on("/api/Order/place"))?;
/// // For a minute one answer in ten takes 200 to 300 ms.
/// sim.inject(
///     Fault::new(FaultKind::Latency)
///         .delay(Duration::from_millis(200))
///         .jitter(Duration::from_millis(100))
///         .probability(0.1)
///         .lasting(Duration::from_secs(60)),
/// )?;
/// # Ok::<(), tradeforge::Error>(())
/// ```
///
/// What does not go together is refused by [`Sim::inject`](crate::sim::Sim::inject). Times are counted in
/// whole milliseconds; parts of one are cut.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    kind: FaultKind,
    values: BTreeMap<Member, Value>,
}

impl Fault {
    /// A fault that strikes once, at the first chance.
    pub fn new(kind: FaultKind) -> Fault {
        Fault { kind, values: BTreeMap::new() }
    }

    /// What goes wrong.
    pub fn kind(&self) -> FaultKind {
        self.kind
    }

    /// What it strikes: paths such as `/api/Order/*`, event names such as `GatewayUser*`, or names of hub
    /// methods. `*` stands for any text, and case does not matter. Further calls add further patterns.
    /// Defaults to everything under `/api/`, or to every event or method.
    #[must_use]
    pub fn on(mut self, pattern: impl Into<String>) -> Fault {
        let patterns = self.values.entry(Member::On).or_insert_with(|| Value::Patterns(Vec::new()));
        if let Value::Patterns(patterns) = patterns {
            patterns.push(pattern.into());
        }
        self
    }

    /// Which hub it strikes. Defaults to both.
    #[must_use]
    pub fn hub(self, hub: Hub) -> Fault {
        self.set(Member::Hub, Value::Text(hub.name().to_owned()))
    }

    /// How many requests, events or calls pass unharmed first. Defaults to 0.
    #[must_use]
    pub fn after(self, count: u32) -> Fault {
        self.set(Member::After, Value::Whole(count.into()))
    }

    /// How often it strikes, at least once. Defaults to 1, and to [`Fault::always`] with
    /// [`Fault::lasting`].
    #[must_use]
    pub fn times(self, count: u32) -> Fault {
        self.set(Member::Times, Value::Whole(count.into()))
    }

    /// Lets it strike until it is cleared.
    #[must_use]
    pub fn always(self) -> Fault {
        self.set(Member::Times, Value::Always)
    }

    /// When it begins, in simulator time from now. Defaults to at once.
    #[must_use]
    pub fn at(self, offset: Duration) -> Fault {
        self.set_time(Member::At, offset)
    }

    /// How long it is there, in simulator time. Defaults to until it has struck as often as it may.
    #[must_use]
    pub fn lasting(self, duration: Duration) -> Fault {
        self.set_time(Member::For, duration)
    }

    /// Repeats what strikes at a moment, 10 ms or longer apart, as often as [`Fault::times`] says.
    #[must_use]
    pub fn every(self, pause: Duration) -> Fault {
        self.set_time(Member::Every, pause)
    }

    /// How likely it strikes each time, above 0 and up to 1. Drawn from the simulator's seed, so the same
    /// calls are struck in every run. Defaults to 1.
    #[must_use]
    pub fn probability(self, probability: f64) -> Fault {
        self.set(Member::Probability, Value::Fraction(probability))
    }

    /// How late an answer is. Defaults to 250 ms; a handshake's to 1 s.
    #[must_use]
    pub fn delay(self, delay: Duration) -> Fault {
        self.set_time(Member::Delay, delay)
    }

    /// The most that is added to [`Fault::delay`], drawn from the simulator's seed. Defaults to 0.
    #[must_use]
    pub fn jitter(self, jitter: Duration) -> Fault {
        self.set_time(Member::Jitter, jitter)
    }

    /// How long a hub holds its events back (defaults to 5 s), or for how long it is half open before it is
    /// reset (defaults to until the client leaves or the simulator stops).
    #[must_use]
    pub fn hold(self, hold: Duration) -> Fault {
        self.set_time(Member::Hold, hold)
    }

    /// How many bytes of a slow answer come at once. Defaults to 16.
    #[must_use]
    pub fn chunk(self, bytes: u32) -> Fault {
        self.set(Member::Chunk, Value::Whole(bytes.into()))
    }

    /// The pause between two parts of a slow answer. Defaults to 50 ms.
    #[must_use]
    pub fn pause(self, pause: Duration) -> Fault {
        self.set_time(Member::Pause, pause)
    }

    /// How many bytes of the body a cut answer has, at most all but one. Defaults to half of them.
    #[must_use]
    pub fn keep(self, bytes: u32) -> Fault {
        self.set(Member::Keep, Value::Whole(bytes.into()))
    }

    /// Whether the request is carried out all the same. Defaults to true for reset, stall and garbage, and
    /// to false for a status.
    #[must_use]
    pub fn carried_out(self, is_carried_out: bool) -> Fault {
        self.set(Member::CarriedOut, Value::Flag(is_carried_out))
    }

    /// The HTTP status, from 200 to 599. Defaults to 503. With 200 and [`Fault::body`] it is the gateway's
    /// own refusal, such as `{"success":false,"errorCode":6}`.
    #[must_use]
    pub fn status(self, status: u16) -> Fault {
        self.set(Member::Status, Value::Whole(status.into()))
    }

    /// Adds a `Retry-After` header in whole seconds.
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Fault {
        self.set(Member::RetryAfter, Value::Whole(i64::try_from(wait.as_secs()).unwrap_or(i64::MAX)))
    }

    /// Adds a `Retry-After` header with the date that comes after this time.
    #[must_use]
    pub fn retry_after_date(self, wait: Duration) -> Fault {
        self.retry_after(wait).set(Member::RetryAfterAs, Value::Text("date".to_owned()))
    }

    /// The text of the answer, JSON when it begins with a brace. Defaults to what such a status usually says; a 401 and a 429 say nothing.
    #[must_use]
    pub fn body(self, text: impl Into<String>) -> Fault {
        self.set(Member::Body, Value::Text(text.into()))
    }

    /// What comes instead. Defaults to [`Garbage::Html`].
    #[must_use]
    pub fn form(self, form: Garbage) -> Fault {
        let word = match form {
            Garbage::Html => "html",
            Garbage::Bytes => "bytes",
            Garbage::Empty => "empty",
            Garbage::Shape => "shape",
        };
        self.set(Member::Form, Value::Text(word.to_owned()))
    }

    /// What `GatewayLogout` says.
    #[must_use]
    pub fn message(self, text: impl Into<String>) -> Fault {
        self.set(Member::Message, Value::Text(text.into()))
    }

    /// The error of a close record (defaults to none) or of a failed call.
    #[must_use]
    pub fn error(self, text: impl Into<String>) -> Fault {
        self.set(Member::Error, Value::Text(text.into()))
    }

    /// Whether a close record lets the client come back. Defaults to leaving that out, which means no.
    #[must_use]
    pub fn allow_reconnect(self, is_allowed: bool) -> Fault {
        self.set(Member::AllowReconnect, Value::Flag(is_allowed))
    }

    /// Whether hub connections are cut when their tokens expire. Defaults to false.
    #[must_use]
    pub fn cut_sockets(self, are_cut: bool) -> Fault {
        self.set(Member::CutSockets, Value::Flag(are_cut))
    }

    /// How many milliseconds the gateway's clock is ahead; negative when it is behind. Defaults to 60 000.
    #[must_use]
    pub fn skew_ms(self, milliseconds: i64) -> Fault {
        self.set(Member::Skew, Value::Whole(milliseconds))
    }

    /// How long a restart takes, in simulator time. Defaults to 2 s.
    #[must_use]
    pub fn down_for(self, duration: Duration) -> Fault {
        self.set_time(Member::Down, duration)
    }

    /// Whether tokens outlive a restart. Defaults to false.
    #[must_use]
    pub fn keep_tokens(self, are_kept: bool) -> Fault {
        self.set(Member::KeepTokens, Value::Flag(are_kept))
    }

    pub(super) fn set(mut self, member: Member, value: Value) -> Fault {
        self.values.insert(member, value);
        self
    }

    fn set_time(self, member: Member, duration: Duration) -> Fault {
        let millis = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        self.set(member, Value::Whole(millis))
    }

    /// Where it strikes, or what does not go together.
    pub(super) fn check(&self) -> Result<Place, String> {
        let place = self.place()?;
        for (&member, value) in &self.values {
            self.check_member(place, member)?;
            if !member.takes(value) {
                return Err(format!("`{}` must be {}", member.name(), member.wants()));
            }
        }
        for pattern in self.patterns() {
            let is_path = pattern.starts_with('/') || pattern == "*";
            match place {
                Place::Requests if !is_path => {
                    return Err(format!("`{}` strikes paths, which begin with `/`: {pattern}", self.name()));
                }
                Place::Hubs | Place::Calls if pattern.starts_with('/') => {
                    return Err(format!("`{}` strikes names, not paths: {pattern}", self.name()));
                }
                _ => {}
            }
        }
        if place == Place::Hubs && self.text(Member::Form) == Some("bytes") {
            return Err("`form` of a hub must be \"html\" or \"empty\" or \"shape\"".to_owned());
        }
        if self.values.contains_key(&Member::RetryAfterAs) && !self.values.contains_key(&Member::RetryAfter) {
            return Err("`retry_after_as` needs `retry_after_s`".to_owned());
        }
        let is_repeated = matches!(self.values.get(&Member::Times), Some(value) if *value != Value::Whole(1));
        if self.is_moment(place) && is_repeated && !self.values.contains_key(&Member::Every) {
            return Err("what strikes at a moment needs `every_ms` to strike more than once".to_owned());
        }
        Ok(place)
    }

    fn place(&self) -> Result<Place, String> {
        let places = self.kind.places();
        if let [place] = places {
            return Ok(*place);
        }
        let paths = self.patterns().iter().filter(|pattern| pattern.starts_with('/')).count();
        let has_hub = self.values.contains_key(&Member::Hub);
        match (paths, self.patterns().len()) {
            (paths, all) if paths > 0 && (paths < all || has_hub) => Err(format!(
                "`{}` strikes paths or a hub, not both: `on` begins with `/` for paths",
                self.name()
            )),
            (0, 0) if !has_hub => Err(format!(
                "`{}` strikes requests or hubs: say which with `on` (paths begin with `/`) or `hub`",
                self.name()
            )),
            (0, _) => Ok(Place::Hubs),
            _ => Ok(Place::Requests),
        }
    }

    /// Whether it strikes whole connections or the gateway at a moment, and waits for no event.
    pub(super) fn is_moment(&self, place: Place) -> bool {
        let waits = [Member::On, Member::After, Member::Probability];
        match place {
            Place::Gateway => true,
            Place::Hubs => {
                !self.kind.needs_event() && !waits.iter().any(|member| self.values.contains_key(member))
            }
            _ => false,
        }
    }

    fn check_member(&self, place: Place, member: Member) -> Result<(), String> {
        let allowed = self.allowed(place);
        if allowed.contains(&member) {
            return Ok(());
        }
        Err(format!("`{}` takes no `{}` here; {}", self.name(), member.name(), self.taken(&allowed)))
    }

    /// What may be said, for people who said something else.
    pub(super) fn taken_anywhere(&self) -> String {
        let mut all: Vec<Member> = Vec::new();
        for &place in self.kind.places() {
            all.extend(self.allowed(place));
        }
        self.taken(&all)
    }

    fn taken(&self, members: &[Member]) -> String {
        let mut names: Vec<&str> = members.iter().map(|member| member.name()).collect();
        names.sort_unstable();
        names.dedup();
        format!("`{}` takes {}", self.name(), names.join(", "))
    }

    fn allowed(&self, place: Place) -> Vec<Member> {
        let mut allowed = vec![Member::Times, Member::At];
        allowed.extend_from_slice(match place {
            Place::Requests if self.kind == FaultKind::RefuseUpgrade => {
                &[Member::On, Member::Hub, Member::After, Member::For, Member::Probability]
            }
            Place::Requests => &[Member::On, Member::After, Member::For, Member::Probability],
            Place::Hubs if self.is_moment(place) => {
                &[Member::Hub, Member::Every, Member::On, Member::After, Member::Probability]
            }
            Place::Hubs | Place::Calls => {
                &[Member::On, Member::Hub, Member::After, Member::For, Member::Probability]
            }
            Place::Handshakes => &[Member::Hub, Member::After, Member::For, Member::Probability],
            Place::Gateway if self.kind == FaultKind::ClockSkew => &[Member::For],
            Place::Gateway => &[Member::Every],
        });
        allowed.extend_from_slice(self.kind.members(place));
        allowed
    }

    /// The name of its kind in scripts.
    pub(super) fn name(&self) -> &'static str {
        self.kind.name()
    }

    /// What it strikes; empty when nothing is said.
    pub(super) fn patterns(&self) -> &[String] {
        match self.values.get(&Member::On) {
            Some(Value::Patterns(patterns)) => patterns,
            _ => &[],
        }
    }

    /// The hub that it strikes; `None` for both.
    pub(super) fn only_hub(&self) -> Option<&str> {
        self.text(Member::Hub)
    }

    pub(super) fn whole(&self, member: Member) -> Option<i64> {
        match self.values.get(&member) {
            Some(Value::Whole(number)) => Some(*number),
            _ => None,
        }
    }

    pub(super) fn millis(&self, member: Member) -> Option<Duration> {
        self.whole(member).map(|millis| Duration::from_millis(millis.max(0).unsigned_abs()))
    }

    pub(super) fn flag(&self, member: Member) -> Option<bool> {
        match self.values.get(&member) {
            Some(Value::Flag(flag)) => Some(*flag),
            _ => None,
        }
    }

    pub(super) fn text(&self, member: Member) -> Option<&str> {
        match self.values.get(&member) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The chance of each strike.
    pub(super) fn chance(&self) -> f64 {
        match self.values.get(&Member::Probability) {
            Some(Value::Fraction(fraction)) => *fraction,
            _ => 1.0,
        }
    }

    /// How often it may strike; `None` for always.
    pub(super) fn limit(&self) -> Option<u64> {
        match self.values.get(&Member::Times) {
            Some(Value::Whole(count)) => Some(count.unsigned_abs()),
            Some(Value::Always) => None,
            _ if self.values.contains_key(&Member::For) || self.kind == FaultKind::Maintenance => None,
            _ => Some(1),
        }
    }
}
