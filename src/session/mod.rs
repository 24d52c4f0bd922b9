//! The session: one token for all calls and both live connections.

mod breaker;
mod keeper;
#[cfg(test)]
mod keeper_tests;
mod lifetime;

use std::sync::Arc;

use crate::clock::{Clock, Deadline};
use crate::error::{Error, Kind, Outcome, Result};
use crate::model::Credentials;
use crate::provider::{Authority, Gateway};
use crate::secret::Secret;
use crate::signalr::TokenSource;
use keeper::Keeper;

/// Makes calls with a token that is good. Shared by all threads of a client.
pub(crate) struct Session {
    gateway: Arc<dyn Gateway>,
    /// The same for reads that cannot wait behind others.
    urgent: Arc<dyn Gateway>,
    keeper: Keeper,
}

impl Session {
    /// A session that is not logged in. `urgent` may use what the rate limits keep back.
    pub(crate) fn new(gateway: Arc<dyn Gateway>, urgent: Arc<dyn Gateway>, clock: Arc<dyn Clock>) -> Session {
        let authority: Arc<dyn Authority> = gateway.clone();
        Session { gateway, urgent, keeper: Keeper::new(authority, clock) }
    }

    /// Logs in, whether or not there is a token already.
    ///
    /// # Errors
    /// [`Kind::Auth`] when the credentials are refused, [`Kind::Deadline`], [`Kind::Network`] and the like.
    pub(crate) fn log_in(&self, credentials: &Arc<Credentials>, deadline: Deadline) -> Result<()> {
        self.keeper.log_in(credentials, deadline)
    }

    /// Ends the token here and at the gateway.
    ///
    /// # Errors
    /// [`Kind::State`] before the first login; else the gateway may not know that the token has ended.
    pub(crate) fn log_out(&self, deadline: Deadline) -> Result<()> {
        self.keeper.log_out(deadline)
    }

    /// Asks whether the token is valid, and keeps the new one if there is one. A token that another thread
    /// fetched meanwhile stays.
    ///
    /// # Errors
    /// [`Kind::State`] before the first login, [`Kind::Auth`] when the credentials are refused too.
    pub(crate) fn validate(&self, deadline: Deadline) -> Result<()> {
        self.keeper.validate(deadline)
    }

    /// Asks the gateway for a sign of life, without a token.
    ///
    /// # Errors
    /// As every query.
    pub(crate) fn ping(&self, deadline: Deadline) -> Result<()> {
        self.keeper.ping(deadline)
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
        let token = self.keeper.fresh(false, deadline)?;
        self.ask_twice(deadline, &token, |token| ask(&*self.gateway, token))
    }

    /// [`Session::query`] for what a flattening must know: it may use what the rate limits keep back.
    ///
    /// # Errors
    /// As [`Session::query`].
    pub(crate) fn query_urgently<T>(
        &self,
        deadline: Deadline,
        ask: impl Fn(&dyn Gateway, &Secret) -> Result<T>,
    ) -> Result<T> {
        let token = self.keeper.fresh(true, deadline)?;
        self.ask_twice(deadline, &token, |token| ask(&*self.urgent, token))
    }

    fn ask_twice<T>(
        &self,
        deadline: Deadline,
        token: &Secret,
        ask: impl Fn(&Secret) -> Result<T>,
    ) -> Result<T> {
        match ask(token) {
            Err(error) if is_about_the_token(&error) => {
                self.keeper.refuse(token, &error.hiding(token));
                let renewed = self.keeper.replace(Some(token), deadline)?;
                self.note(&renewed, ask(&renewed))
            }
            result => self.note(token, result),
        }
    }

    /// Makes a call that changes something, once.
    ///
    /// A token that is over is replaced before; one that the gateway refuses is replaced by the next call.
    ///
    /// # Errors
    /// [`Kind::State`] before the first login, and whatever the call fails with.
    pub(crate) fn mutate<T>(
        &self,
        deadline: Deadline,
        call: impl FnOnce(&dyn Gateway, &Secret) -> Result<T>,
    ) -> Result<T> {
        let token = self.keeper.fresh(false, deadline);
        self.send_once(token, call)
    }

    /// [`Session::mutate`] for what cannot wait, such as a cancel: no refresh of the token ahead of its end
    /// comes before it.
    ///
    /// # Errors
    /// As [`Session::mutate`].
    pub(crate) fn mutate_urgently<T>(
        &self,
        deadline: Deadline,
        call: impl FnOnce(&dyn Gateway, &Secret) -> Result<T>,
    ) -> Result<T> {
        let token = self.keeper.fresh(true, deadline);
        self.send_once(token, call)
    }

    fn send_once<T>(
        &self,
        token: Result<Secret>,
        call: impl FnOnce(&dyn Gateway, &Secret) -> Result<T>,
    ) -> Result<T> {
        let token = token.map_err(|error| error.with_outcome(Outcome::NotSent))?;
        self.note(&token, call(&*self.gateway, &token))
    }

    /// Learns from an answer what the token is worth. An answer may repeat the token; the error does not.
    fn note<T>(&self, token: &Secret, result: Result<T>) -> Result<T> {
        let result = result.map_err(|error| error.hiding(token));
        match &result {
            Ok(_) => self.keeper.accept(),
            Err(error) if is_about_the_token(error) => self.keeper.refuse(token, error),
            // Who refuses by a code of his own has let the token in.
            Err(error) if error.gateway_code().is_some() => self.keeper.accept(),
            Err(_) => {}
        }
        result
    }

    /// # Errors
    /// [`Kind::State`] before the first login.
    pub(crate) fn check_logged_in(&self) -> Result<()> {
        self.keeper.is_logged_in()
    }
}

impl TokenSource for Session {
    fn token(&self, refused: Option<&Secret>, deadline: Deadline) -> Result<Secret> {
        match refused {
            Some(_) => self.keeper.replace(refused, deadline),
            None => self.keeper.fresh(false, deadline),
        }
    }

    fn is_outdated(&self, token: &Secret) -> bool {
        self.keeper.is_outdated(token)
    }
}

fn is_about_the_token(error: &Error) -> bool {
    error.kind() == Kind::Auth && error.http_status() == Some(401)
}
