//! The keeper under a clock that moves when told, against an authority that answers as told.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use parking_lot::Mutex;

use super::keeper::Keeper;
use super::lifetime::tests::token;
use crate::clock::{Clock, Deadline, ManualClock, Timestamp};
use crate::error::{Error, Kind, Result};
use crate::model::{AppLogin, Credentials};
use crate::provider::Authority;
use crate::secret::Secret;
use crate::sync::spawn;

const HOUR: Duration = Duration::from_secs(3_600);
const MINUTE: Duration = Duration::from_secs(60);
const NEVER: Deadline = Deadline::NEVER;

/// Gives tokens of a day, and says how often it was asked for what.
struct Desk {
    clock: ManualClock,
    asked: Mutex<Vec<&'static str>>,
    /// How the next requests end, the first one first; then with success.
    ends: Mutex<Vec<Result<()>>>,
    gives_newer: bool,
    /// Told at the next request, which then waits.
    pause: Mutex<Option<(Sender<()>, Receiver<()>)>>,
}

impl Desk {
    fn answer(&self, name: &'static str) -> Result<Secret> {
        let count = {
            let mut asked = self.asked.lock();
            asked.push(name);
            asked.len()
        };
        // Not held while waiting: others may ask meanwhile.
        let pause = self.pause.lock().take();
        if let Some((arrived, go_on)) = pause {
            arrived.send(()).unwrap();
            go_on.recv().unwrap();
        }
        let mut ends = self.ends.lock();
        if !ends.is_empty() {
            ends.remove(0)?;
        }
        let now = self.clock.now().nanos() / 1_000_000_000;
        Ok(token(&format!(r#"{{"exp":{},"jti":{count}}}"#, now + 86_400)))
    }
}

impl Authority for Desk {
    fn log_in(&self, credentials: &Credentials, _: Deadline) -> Result<Secret> {
        self.answer(match credentials {
            Credentials::Key { .. } => "key",
            Credentials::App(_) => "app",
        })
    }

    fn validate(&self, _: &Secret, _: Deadline) -> Result<Option<Secret>> {
        self.answer("validate").map(|token| self.gives_newer.then_some(token))
    }

    fn log_out(&self, _: &Secret, _: Deadline) -> Result<()> {
        self.answer("logout").map(drop)
    }

    fn ping(&self, _: Deadline) -> Result<()> {
        self.answer("ping").map(drop)
    }
}

struct Office {
    desk: Arc<Desk>,
    keeper: Arc<Keeper>,
    clock: ManualClock,
}

impl Office {
    /// A keeper that is logged in by key since now.
    fn open(gives_newer: bool) -> Office {
        let clock = ManualClock::new(Timestamp::parse("2026-11-21T12:00:00Z").unwrap());
        let desk = Arc::new(Desk {
            clock: clock.clone(),
            asked: Mutex::default(),
            ends: Mutex::default(),
            gives_newer,
            pause: Mutex::default(),
        });
        let keeper = Arc::new(Keeper::new(desk.clone(), Arc::new(clock.clone())));
        keeper.log_in(&key(), NEVER).unwrap();
        desk.asked.lock().clear();
        Office { desk, keeper, clock }
    }

    fn token(&self) -> Result<Secret> {
        self.keeper.fresh(false, NEVER)
    }

    /// What the desk was asked since the last time.
    fn asked(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.desk.asked.lock())
    }

    fn next_end(&self, kind: Kind) {
        self.desk.ends.lock().push(Err(Error::new(kind, "as told")));
    }

    /// Lets the next request wait: tells when it arrived, and lets it go on.
    fn pause(&self) -> (Receiver<()>, Sender<()>) {
        let (arrived, arrival) = bounded(1);
        let (go_on, start) = bounded(1);
        *self.desk.pause.lock() = Some((arrived, start));
        (arrival, go_on)
    }
}

fn key() -> Arc<Credentials> {
    Arc::new(Credentials::Key { user_name: "jane".into(), api_key: Secret::new("k") })
}

#[test]
fn a_token_is_exchanged_half_an_hour_before_its_end() {
    let office = Office::open(true);
    let first = office.token().unwrap();
    office.clock.advance(HOUR * 23 + MINUTE * 29);
    assert_eq!(office.token().unwrap(), first);
    office.clock.advance(MINUTE);
    let second = office.token().unwrap();
    assert!(second != first);
    assert_eq!(office.asked(), ["validate"]);
    office.clock.advance(HOUR * 23);
    assert_eq!((office.token().unwrap(), office.asked()), (second, vec![]), "the newer one has its own end");
}

#[test]
fn without_a_newer_token_the_old_one_stays_until_a_login() {
    let office = Office::open(false);
    let first = office.token().unwrap();
    office.clock.advance(HOUR * 23 + MINUTE * 30);
    assert_eq!((office.token().unwrap(), office.asked()), (first.clone(), vec!["validate"]));
    office.clock.advance(MINUTE * 14);
    assert_eq!((office.token().unwrap(), office.asked()), (first.clone(), vec![]));
    office.clock.advance(MINUTE);
    assert!(office.token().unwrap() != first);
    assert_eq!(office.asked(), ["key"], "in time for the end, 15 minutes later");
}

#[test]
fn a_refresh_that_fails_is_tried_again_and_does_not_fail_the_call() {
    let office = Office::open(true);
    let first = office.token().unwrap();
    office.clock.advance(HOUR * 23 + MINUTE * 30);
    office.next_end(Kind::Network);
    assert_eq!((office.token().unwrap(), office.asked()), (first.clone(), vec!["validate"]));
    assert_eq!((office.token().unwrap(), office.asked()), (first.clone(), vec![]));
    office.clock.advance(MINUTE / 2);
    office.next_end(Kind::Auth);
    assert!(office.token().unwrap() != first);
    assert_eq!(office.asked(), ["validate", "key"], "a token that is refused is followed by a login");
}

#[test]
fn others_go_on_with_the_old_token_while_one_refreshes() {
    let office = Office::open(true);
    let first = office.token().unwrap();
    office.clock.advance(HOUR * 23 + MINUTE * 31);
    let (arrival, go_on) = office.pause();
    let refreshing = {
        let keeper = office.keeper.clone();
        spawn("tf-test", move || drop(keeper.fresh(false, NEVER).unwrap())).unwrap()
    };
    arrival.recv().unwrap();
    assert_eq!(office.token().unwrap(), first);
    assert_eq!(office.keeper.fresh(true, NEVER).unwrap(), first);
    go_on.send(()).unwrap();
    refreshing.join();
    assert!(office.token().unwrap() != first);
    assert_eq!(office.asked(), ["validate"]);
}

#[test]
fn when_the_token_is_over_all_wait_for_one_login() {
    let office = Office::open(true);
    let first = office.token().unwrap();
    office.clock.advance(HOUR * 25);
    let (arrival, go_on) = office.pause();
    let (given, received) = crossbeam_channel::unbounded();
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (keeper, given) = (office.keeper.clone(), given.clone());
            spawn("tf-test", move || given.send(keeper.fresh(false, NEVER).unwrap()).unwrap()).unwrap()
        })
        .collect();
    arrival.recv().unwrap();
    let late = office.keeper.fresh(false, Deadline::after(Duration::ZERO)).unwrap_err();
    assert_eq!(late.kind(), Kind::Deadline);
    assert!(received.is_empty());
    go_on.send(()).unwrap();
    threads.into_iter().for_each(|thread| thread.join());
    drop(given);
    let tokens: Vec<Secret> = received.iter().collect();
    assert!(tokens.len() == 8 && tokens.iter().all(|token| *token == tokens[0] && *token != first));
    assert_eq!(office.asked(), ["key"]);
}

#[test]
fn an_urgent_call_does_not_wait_for_a_refresh_ahead() {
    let office = Office::open(true);
    office.clock.advance(HOUR * 23 + MINUTE * 59);
    office.keeper.fresh(true, NEVER).unwrap();
    assert!(office.asked().is_empty());
    office.clock.advance(MINUTE);
    office.keeper.fresh(true, NEVER).unwrap();
    assert_eq!(office.asked(), ["key"]);
}

#[test]
fn an_older_answer_does_not_overwrite_a_newer_token() {
    let office = Office::open(true);
    let (arrival, go_on) = office.pause();
    let validating = {
        let keeper = office.keeper.clone();
        spawn("tf-test", move || keeper.validate(NEVER).unwrap()).unwrap()
    };
    arrival.recv().unwrap();
    office.keeper.log_in(&key(), NEVER).unwrap();
    let newest = office.token().unwrap();
    go_on.send(()).unwrap();
    validating.join();
    assert_eq!(office.token().unwrap(), newest);
    assert_eq!(office.asked(), ["validate", "key"]);
}

#[test]
fn three_refusals_end_all_attempts_until_a_login() {
    let office = Office::open(true);
    office.clock.advance(HOUR * 25);
    // What may pass does not count.
    for kind in [Kind::Auth, Kind::Network, Kind::Auth, Kind::Unavailable, Kind::Deadline, Kind::Auth] {
        office.next_end(kind);
        assert_eq!(office.token().unwrap_err().kind(), kind);
    }
    assert_eq!(office.asked().len(), 6);
    let error = office.token().unwrap_err();
    assert_eq!(error.kind(), Kind::Auth);
    assert!(error.to_string().contains("as told") && error.to_string().contains("until login"), "{error}");
    assert!(office.asked().is_empty());
    office.keeper.log_in(&key(), NEVER).unwrap();
    office.token().unwrap();
    assert_eq!(office.asked(), ["key"]);
}

#[test]
fn a_token_that_is_good_is_used_although_logins_are_refused() {
    let office = Office::open(false);
    let first = office.token().unwrap();
    office.clock.advance(HOUR * 23 + MINUTE * 30);
    office.token().unwrap();
    for _ in 0..3 {
        office.next_end(Kind::Auth);
    }
    office.clock.advance(MINUTE * 15);
    while office.clock.now() < Timestamp::parse("2026-11-22T11:59:30Z").unwrap() {
        assert_eq!(office.token().unwrap(), first);
        office.clock.advance(MINUTE / 2);
    }
    assert_eq!(office.asked(), ["validate", "key", "key", "key"], "no hammering");
    office.clock.advance(MINUTE);
    assert_eq!(office.token().unwrap_err().kind(), Kind::Auth);
    assert!(office.asked().is_empty());
}

#[test]
fn new_tokens_that_are_refused_count_as_refusals() {
    let office = Office::open(true);
    let refusal = Error::new(Kind::Auth, "no").with_http(401, None);
    for login in 0..4 {
        let token = office.token().unwrap();
        // Eight threads learn it; it counts once, and the first one, which was good for hours, not at all.
        (0..8).for_each(|_| office.keeper.refuse(&token, &refusal));
        assert_eq!(office.asked().len(), usize::from(login > 0));
    }
    assert_eq!(office.token().unwrap_err().kind(), Kind::Auth);
    assert!(office.asked().is_empty());
}

#[test]
fn an_accepted_call_ends_the_count() {
    let office = Office::open(true);
    let refusal = Error::new(Kind::Auth, "no").with_http(401, None);
    for _ in 0..10 {
        office.keeper.refuse(&office.token().unwrap(), &refusal);
        office.token().unwrap();
        office.keeper.accept();
    }
    assert_eq!(office.asked().len(), 10);
}

#[test]
fn the_next_login_is_of_the_same_kind() {
    let office = Office::open(true);
    let app = AppLogin::new("jane", "a-password", "desk", "an-app", "a-verify-key");
    assert!(!format!("{app:?}").contains("a-password") && !format!("{app:?}").contains("a-verify-key"));
    office.keeper.log_in(&Arc::new(Credentials::App(app)), NEVER).unwrap();
    office.clock.advance(HOUR * 25);
    office.token().unwrap();
    assert_eq!(office.asked(), ["app", "app"]);
}

#[test]
fn a_logout_ends_the_token_whatever_happens() {
    for kind in [None, Some(Kind::Auth), Some(Kind::Network)] {
        let office = Office::open(true);
        if let Some(kind) = kind {
            office.next_end(kind);
        }
        let failed = office.keeper.log_out(NEVER).err().map(|error| error.kind());
        assert_eq!(failed, kind.filter(|kind| *kind == Kind::Network), "one that is over is logged out");
        assert_eq!(office.token().unwrap_err().kind(), Kind::State);
        assert_eq!(office.keeper.log_out(NEVER).unwrap_err().kind(), Kind::State);
        assert_eq!(office.asked(), ["logout"]);
    }
}

#[test]
fn it_is_told_without_waiting_whether_a_token_is_outdated() {
    let office = Office::open(true);
    let first = office.token().unwrap();
    assert!(!office.keeper.is_outdated(&first));
    office.clock.advance(HOUR * 23 + MINUTE * 30);
    assert!(office.keeper.is_outdated(&first), "a newer one is due");
    // One that cannot be had now is not asked for again at once.
    office.next_end(Kind::Network);
    office.token().unwrap();
    assert!(!office.keeper.is_outdated(&first));
    office.clock.advance(MINUTE);
    let second = office.token().unwrap();
    assert!(office.keeper.is_outdated(&first) && !office.keeper.is_outdated(&second));
    office.keeper.log_out(NEVER).unwrap();
    assert!(!office.keeper.is_outdated(&second), "there is none at all");
}
