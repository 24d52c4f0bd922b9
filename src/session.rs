//! The session: one token for all calls and both live connections.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::clock::Deadline;
use crate::error::{Error, Kind, Outcome, Result};
use crate::provider::Gateway;
use crate::secret::Secret;
use crate::signalr::TokenSource;

/// Who logs in.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    pub(crate) user_name: String,
    pub(crate) api_key: Secret,
}

/// Holds the token. Shared by all threads of a client.
pub(crate) struct Session {
    gateway: Arc<dyn Gateway>,
    credentials: Credentials,
    token: Mutex<Option<Secret>>,
    /// Held during a login, so that many threads that need a token log in once.
    login: Mutex<()>,
}

impl Session {
    /// A session that is not logged in.
    pub(crate) fn new(gateway: Arc<dyn Gateway>, credentials: Credentials) -> Session {
        Session { gateway, credentials, token: Mutex::new(None), login: Mutex::new(()) }
    }

    /// Logs in, whether or not there is a token already.
    ///
    /// # Errors
    /// [`Kind::Auth`] when the credentials are refused, [`Kind::Deadline`], [`Kind::Network`] and the like.
    pub(crate) fn log_in(&self, deadline: Deadline) -> Result<()> {
        let before = self.token.lock().clone();
        self.replace(before.as_ref(), deadline).map(drop)
    }

    /// Asks whether the token is valid, and keeps the new one if there is one. A token that another thread
    /// fetched meanwhile stays.
    ///
    /// # Errors
    /// [`Kind::State`] before the first login, [`Kind::Auth`] when the credentials are refused too.
    pub(crate) fn validate(&self, deadline: Deadline) -> Result<()> {
        let token = self.current()?;
        match self.gateway.validate(&token, deadline) {
            Ok(None) => Ok(()),
            Ok(Some(newer)) => {
                let mut held = self.token.lock();
                if held.as_ref() == Some(&token) {
                    *held = Some(newer);
                }
                Ok(())
            }
            Err(error) if error.kind() == Kind::Auth => self.replace(Some(&token), deadline).map(drop),
            Err(error) => Err(error),
        }
    }

    /// Makes a query, once more with a new token when the gateway does not accept the old one.
    ///
    /// # Errors
    /// [`Kind::State`] before the first login, and whatever the query fails with.
    pub(crate) fn query<T>(
        &self,
        deadline: Deadline,
        ask: impl Fn(&dyn Gateway, &Secret) -> Result<T>,
    ) -> Result<T> {
        let token = self.current()?;
        match ask(&*self.gateway, &token) {
            Err(error) if error.kind() == Kind::Auth => {
                let renewed = self.replace(Some(&token), deadline)?;
                ask(&*self.gateway, &renewed)
            }
            result => result,
        }
    }

    /// Makes a call that changes something, once.
    ///
    /// # Errors
    /// [`Kind::State`] before the first login, and whatever the call fails with.
    pub(crate) fn mutate<T>(&self, call: impl FnOnce(&dyn Gateway, &Secret) -> Result<T>) -> Result<T> {
        let token = self.current().map_err(|error| error.with_outcome(Outcome::NotSent))?;
        call(&*self.gateway, &token)
    }

    /// # Errors
    /// [`Kind::State`] before the first login.
    pub(crate) fn check_logged_in(&self) -> Result<()> {
        self.current().map(drop)
    }

    fn current(&self) -> Result<Secret> {
        self.token.lock().clone().ok_or_else(|| Error::new(Kind::State, "not logged in: call login first"))
    }

    /// A token other than `old`: the one that another thread fetched meanwhile, or a new one.
    fn replace(&self, old: Option<&Secret>, deadline: Deadline) -> Result<Secret> {
        let _turn = match deadline.instant() {
            None => Some(self.login.lock()),
            Some(at) => self.login.try_lock_until(at),
        }
        .ok_or_else(|| Error::new(Kind::Deadline, "another thread's login did not end in time"))?;
        if let Some(token) = &*self.token.lock()
            && Some(token) != old
        {
            return Ok(token.clone());
        }
        let Credentials { user_name, api_key } = &self.credentials;
        let token = self.gateway.login(user_name, api_key, deadline)?;
        *self.token.lock() = Some(token.clone());
        Ok(token)
    }
}

impl TokenSource for Session {
    fn token(&self, refused: Option<&Secret>, deadline: Deadline) -> Result<Secret> {
        match refused {
            Some(_) => self.replace(refused, deadline),
            None => self.current(),
        }
    }
}
