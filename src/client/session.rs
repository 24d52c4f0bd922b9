//! Logging in and out, and what is remembered meanwhile.

use std::sync::Arc;

use super::Client;
use crate::clock::Deadline;
use crate::error::Result;
use crate::model::{AppLogin, Credentials};

impl Client {
    /// Logs in with user name and key. Also ends the rest that follows three refusals in a row.
    ///
    /// # Errors
    /// [`Kind::Auth`](crate::Kind::Auth) when the gateway refuses them, [`Kind::Config`](crate::Kind::Config)
    /// when they are not set, [`Kind::Deadline`](crate::Kind::Deadline),
    /// [`Kind::Network`](crate::Kind::Network), [`Kind::Tls`](crate::Kind::Tls),
    /// [`Kind::Protocol`](crate::Kind::Protocol), [`Kind::Unavailable`](crate::Kind::Unavailable),
    /// [`Kind::RateLimit`](crate::Kind::RateLimit), [`Kind::Closed`](crate::Kind::Closed).
    pub fn login(&self, deadline: impl Into<Deadline>) -> Result<()> {
        let credentials = self.shared.credentials.clone()?;
        self.shared.session.log_in(&credentials, deadline.into())
    }

    /// Logs in as an application that a firm has admitted. User name and key of the settings are not used.
    /// When the token ends, the client logs in the same way again.
    ///
    /// # Errors
    /// As [`Client::login`].
    pub fn login_app(&self, login: &AppLogin, deadline: impl Into<Deadline>) -> Result<()> {
        let credentials = Arc::new(Credentials::App(login.clone()));
        self.shared.session.log_in(&credentials, deadline.into())
    }

    /// Asks the gateway whether the token is still valid, and goes on with the new one if it sends one. There
    /// is no need to call this: the client replaces its token ahead of its end.
    ///
    /// # Errors
    /// [`Kind::State`](crate::Kind::State) before the login; else as [`Client::login`].
    pub fn validate(&self, deadline: impl Into<Deadline>) -> Result<()> {
        self.shared.session.validate(deadline.into())
    }

    /// Ends the token, here in any case and at the gateway if it can be reached. Later calls need a login.
    /// Connections that are up stay; they cannot come back before the next login.
    ///
    /// # Errors
    /// [`Kind::State`](crate::Kind::State) before the login; else as [`Client::login`].
    pub fn logout(&self, deadline: impl Into<Deadline>) -> Result<()> {
        self.clear_caches();
        self.shared.session.log_out(deadline.into())
    }

    /// Asks the gateway for a sign of life. Needs no login.
    ///
    /// # Errors
    /// [`Kind::Protocol`](crate::Kind::Protocol) when something else answers; else as [`Client::login`].
    pub fn ping(&self, deadline: impl Into<Deadline>) -> Result<()> {
        self.shared.session.ping(deadline.into())
    }

    /// Forgets the accounts and contracts that are remembered, so that the next call asks the gateway.
    pub fn clear_caches(&self) {
        self.shared.caches.clear();
    }
}
