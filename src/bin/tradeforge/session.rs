//! What most verbs start with: the settings, the login, and which account and contract are meant.

use std::time::Duration;

use tradeforge::{AccountId, Client, Config, ContractId, Deadline};

use crate::failure::{Failure, Result};

/// A client with its settings, and the time until which the verb must be done.
pub struct Session {
    /// The client.
    pub client: Client,
    /// When the verb gives up.
    pub deadline: Deadline,
    config: Config,
}

impl Session {
    /// A client with the settings of the environment. Nothing is sent yet.
    pub fn new(timeout: Duration) -> Result<Session> {
        let config = Config::from_environment()?;
        Ok(Session { client: Client::new(&config)?, deadline: Deadline::after(timeout), config })
    }

    /// [`Session::new`], logged in.
    pub fn log_in(timeout: Duration) -> Result<Session> {
        let session = Session::new(timeout)?;
        session.client.login(session.deadline)?;
        Ok(session)
    }

    /// The account that was chosen, else the setting, else the only one that may trade.
    pub fn account(&self, chosen: Option<AccountId>) -> Result<AccountId> {
        if let Some(account) = chosen.or_else(|| self.config.account()) {
            return Ok(account);
        }
        let mut accounts = self.client.accounts(true, self.deadline)?;
        accounts.retain(|account| account.can_trade);
        match &accounts[..] {
            [account] => Ok(account.id),
            [] => Err(Failure::Advice("no account may trade now: see `tradeforge accounts --all`".into())),
            _ => {
                let listed: Vec<_> =
                    accounts.iter().map(|account| format!("{} ({})", account.id, account.name)).collect();
                Err(Failure::Advice(format!(
                    "which account? give --account ID or set TS_ACCOUNT; there are {}",
                    listed.join(", ")
                )))
            }
        }
    }

    /// The contract that was chosen, else the setting.
    pub fn contract(&self, chosen: Option<&ContractId>) -> Result<ContractId> {
        let contract = chosen.cloned().or_else(|| self.config.contract());
        contract.ok_or_else(|| {
            Failure::Advice(
                "which contract? give --contract ID or set TS_CONTRACT; find one with `tradeforge contracts \
                 --search TEXT`"
                    .into(),
            )
        })
    }
}
