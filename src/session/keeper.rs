//! Keeps a token that is good, for all threads of a client.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};

use super::breaker::Breaker;
use super::lifetime;
use crate::clock::{Clock, Deadline, Timestamp};
use crate::error::{Error, Kind, Result};
use crate::model::Credentials;
use crate::provider::Authority;
use crate::secret::Secret;

/// How long a failed refresh waits for the next try.
const RETRY: Duration = Duration::from_secs(30);

/// The most time that a call gives to a refresh ahead. It never gives more than half of what it has.
const PATIENCE: Duration = Duration::from_secs(5);

/// A token and everything that is needed to replace it.
pub(super) struct Keeper {
    authority: Arc<dyn Authority>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// Held while a new token is fetched, so that many threads that need one fetch one.
    turn: Mutex<()>,
    /// Whether a login is not proven yet by a call that the gateway accepted.
    is_on_trial: AtomicBool,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    breaker: Breaker,
}

/// The token in use.
struct Held {
    token: Secret,
    /// What it was got with, for the next one.
    credentials: Arc<Credentials>,
    end: Timestamp,
    /// When to replace it, ahead of its end.
    refresh: Timestamp,
    step: Step,
    /// Whether it came in the place of one that the gateway did not accept, and is not proven yet.
    is_on_trial: bool,
    /// Whether the gateway did not accept it.
    is_refused: bool,
}

/// How to replace a token ahead of its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Ask whether the gateway gives a newer one for it.
    Validate,
    /// It does not, so log in.
    LogIn,
}

impl Keeper {
    pub(super) fn new(authority: Arc<dyn Authority>, clock: Arc<dyn Clock>) -> Keeper {
        Keeper {
            authority,
            clock,
            state: Mutex::default(),
            turn: Mutex::new(()),
            is_on_trial: AtomicBool::new(false),
        }
    }

    /// Logs in, also when there is a token and when refusals ended all further attempts.
    pub(super) fn log_in(&self, credentials: &Arc<Credentials>, deadline: Deadline) -> Result<()> {
        let _turn = self.wait_for_turn(deadline)?;
        self.state.lock().breaker.close();
        self.fetch(credentials, deadline).map(drop)
    }

    /// Ends the token here, whatever happens, and at the gateway.
    pub(super) fn log_out(&self, deadline: Deadline) -> Result<()> {
        let turn = self.wait_for_turn(deadline)?;
        let held = self.state.lock().held.take();
        drop(turn);
        let Some(held) = held else { return Err(self.not_logged_in()) };
        match self.authority.log_out(&held.token, deadline) {
            // It is over, which is what was wanted.
            Err(error) if error.kind() == Kind::Auth => Ok(()),
            result => result,
        }
    }

    /// Asks for a sign of life, without a token.
    pub(super) fn ping(&self, deadline: Deadline) -> Result<()> {
        self.authority.ping(deadline)
    }

    /// Asks whether the token is valid, and keeps the new one if there is one. A token that another thread
    /// fetched meanwhile stays.
    pub(super) fn validate(&self, deadline: Deadline) -> Result<()> {
        let token = self.fresh(true, deadline)?;
        match self.authority.validate(&token, deadline) {
            Ok(None) => Ok(()),
            Ok(Some(newer)) => {
                self.exchange(&token, newer);
                Ok(())
            }
            Err(error) if error.kind() == Kind::Auth => self.replace(Some(&token), deadline).map(drop),
            Err(error) => Err(error),
        }
    }

    pub(super) fn is_logged_in(&self) -> Result<()> {
        if self.state.lock().held.is_some() { Ok(()) } else { Err(self.not_logged_in()) }
    }

    /// A token that is good by its own words.
    ///
    /// Shortly before its end one thread replaces it, while the others go on with it. `is_urgent` leaves that
    /// to others too. Only when it is over does everybody wait.
    pub(super) fn fresh(&self, is_urgent: bool, deadline: Deadline) -> Result<Secret> {
        let now = self.clock.now();
        let (token, end, refresh) = match &self.state.lock().held {
            Some(held) => (held.token.clone(), held.end, held.refresh),
            None => (Secret::new(""), Timestamp::from_nanos(i64::MIN), now),
        };
        if now < refresh {
            return Ok(token);
        }
        if now >= end {
            return self.replace((!token.expose().is_empty()).then_some(&token), deadline);
        }
        if !is_urgent && let Some(_turn) = self.turn.try_lock() {
            let patience = deadline.remaining().map_or(PATIENCE, |left| PATIENCE.min(left / 2));
            self.refresh_ahead(now, Deadline::after(patience));
        }
        // Whatever became of that, there is a token, unless somebody logged out meanwhile.
        self.state.lock().held.as_ref().map(|held| held.token.clone()).ok_or_else(|| self.not_logged_in())
    }

    /// A token other than `old`: the one that another thread fetched meanwhile, or a new one.
    pub(super) fn replace(&self, old: Option<&Secret>, deadline: Deadline) -> Result<Secret> {
        let _turn = self.wait_for_turn(deadline)?;
        let credentials = {
            let state = self.state.lock();
            if let Some(reason) = state.breaker.reason() {
                return Err(reason);
            }
            let Some(held) = &state.held else { return Err(not_logged_in(&state)) };
            if Some(&held.token) != old && self.clock.now() < held.end {
                return Ok(held.token.clone());
            }
            held.credentials.clone()
        };
        self.fetch(&credentials, deadline)
    }

    /// Notes that the gateway did not accept a token, so that the next call begins with a new one. When it had
    /// just given that token, this counts like a login that it refused.
    pub(super) fn refuse(&self, token: &Secret, error: &Error) {
        let now = self.clock.now();
        let mut state = self.state.lock();
        let first = state.held.as_mut().filter(|held| held.token == *token && !held.is_refused);
        let Some(held) = first else { return };
        (held.end, held.refresh, held.is_refused) = (now, now, true);
        if held.is_on_trial {
            state.breaker.note(error);
        }
        if state.breaker.reason().is_some() {
            state.held = None;
        }
    }

    /// Notes that the gateway accepted a call, which ends the count of refusals.
    pub(super) fn accept(&self) {
        if self.is_on_trial.swap(false, Ordering::Relaxed) {
            let mut state = self.state.lock();
            state.breaker.close();
            if let Some(held) = &mut state.held {
                held.is_on_trial = false;
            }
        }
    }

    /// Whether [`Keeper::fresh`] would give another token than this one, or try to. Does not wait.
    pub(super) fn is_outdated(&self, token: &Secret) -> bool {
        let now = self.clock.now();
        let state = self.state.lock();
        state.held.as_ref().is_some_and(|held| held.token != *token || now >= held.refresh)
    }

    fn not_logged_in(&self) -> Error {
        not_logged_in(&self.state.lock())
    }

    fn wait_for_turn(&self, deadline: Deadline) -> Result<MutexGuard<'_, ()>> {
        // Who has the turn ends by his own deadline or by the close.
        match deadline.instant() {
            None => Some(self.turn.lock()),
            Some(at) => self.turn.try_lock_until(at),
        }
        .ok_or_else(|| Error::new(Kind::Deadline, "another thread's login did not end in time"))
    }

    /// Logs in; for the thread whose turn it is.
    fn fetch(&self, credentials: &Arc<Credentials>, deadline: Deadline) -> Result<Secret> {
        let result = self.authority.log_in(credentials, deadline);
        let now = self.clock.now();
        let mut state = self.state.lock();
        match &result {
            Ok(token) => {
                log::debug!("logged in");
                let is_on_trial = state.held.as_ref().is_some_and(|held| held.is_refused);
                let new = Held::new(token.clone(), credentials.clone(), now);
                state.held = Some(Held { is_on_trial, ..new });
                self.is_on_trial.store(true, Ordering::Relaxed);
            }
            Err(error) => state.breaker.note(error),
        }
        result
    }

    /// Puts a newer token in the place of an old one, unless that is gone.
    fn exchange(&self, old: &Secret, newer: Secret) {
        let now = self.clock.now();
        if let Some(held) = self.state.lock().held.as_mut().filter(|held| held.token == *old) {
            *held = Held::new(newer, held.credentials.clone(), now);
        }
    }

    /// Replaces a token that still is good; for the thread whose turn it is.
    fn refresh_ahead(&self, now: Timestamp, deadline: Deadline) {
        let (token, credentials, mut step) = {
            let mut state = self.state.lock();
            let is_open = state.breaker.reason().is_some();
            match &mut state.held {
                // Another thread was quicker, or it is no use.
                Some(held) if now < held.refresh => return,
                Some(held) if is_open => return held.refresh = held.end,
                Some(held) => (held.token.clone(), held.credentials.clone(), held.step),
                None => return,
            }
        };
        let mut result = Ok(());
        if step == Step::Validate {
            match self.authority.validate(&token, deadline) {
                Ok(Some(newer)) => {
                    log::debug!("the token was exchanged for a newer one");
                    return self.exchange(&token, newer);
                }
                Ok(None) => return self.keep(&token, Step::LogIn),
                Err(error) if error.kind() == Kind::Auth => step = Step::LogIn,
                Err(error) => result = Err(error),
            }
        }
        if step == Step::LogIn && result.is_ok() {
            result = self.fetch(&credentials, deadline).map(drop);
        }
        if let Err(error) = result {
            log::warn!("the token could not be refreshed and is used until its end: {error}");
            self.keep(&token, step);
        }
    }

    /// Goes on with a token for now. The next step comes after a while, a login not before half of what is
    /// left has passed.
    fn keep(&self, token: &Secret, step: Step) {
        let now = self.clock.now();
        if let Some(held) = self.state.lock().held.as_mut().filter(|held| held.token == *token) {
            let pause = if held.step == step { RETRY } else { held.end.since(now) / 2 };
            held.step = step;
            held.refresh = now.saturating_add(pause).min(held.end);
        }
    }
}

impl Held {
    fn new(token: Secret, credentials: Arc<Credentials>, now: Timestamp) -> Held {
        let end = lifetime::end(&token, now);
        let refresh = lifetime::refresh_at(now, end);
        Held { token, credentials, end, refresh, step: Step::Validate, is_on_trial: false, is_refused: false }
    }
}

fn not_logged_in(state: &State) -> Error {
    let plain = || Error::new(Kind::State, "not logged in: call login first");
    state.breaker.reason().unwrap_or_else(plain)
}
