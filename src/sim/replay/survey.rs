//! What a recording holds, found by one reading before the replay begins.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::bars::RecordedBars;
use super::frames::Frames;
use super::record::{Meaning, Record};
use super::subject::Subject;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::price::Money;
use crate::recording::Reader;
use crate::sim::config::SimConfig;
use crate::sim::exchange::account::Account;
use crate::sim::exchange::state::Exchange;
use crate::sim::market::contract::Catalog;
use crate::sim::time::Time;

/// The most contracts and the most accounts that are listed.
const MOST: usize = 10_000;

/// An account that user events are about.
#[derive(Debug)]
struct SeenAccount {
    id: i32,
    /// Name, balance and whether it may trade, by the first event of the account itself.
    state: Option<(String, Money, bool)>,
}

impl SeenAccount {
    fn account(&self) -> Account {
        let unnamed = || (format!("REPLAY-{}", self.id), Money::from_units(0), true);
        let (name, balance, can_trade) = self.state.clone().unwrap_or_else(unnamed);
        Account::new(self.id, name, balance, can_trade)
    }
}

/// What a recording holds.
#[derive(Debug)]
pub(in crate::sim) struct Survey {
    /// When it was begun.
    pub(in crate::sim) created: Timestamp,
    /// The contracts that market events are about.
    pub(in crate::sim) contracts: BTreeSet<String>,
    /// The accounts that user events are about.
    accounts: BTreeMap<i32, SeenAccount>,
    /// Bars of the trades.
    pub(in crate::sim) bars: RecordedBars,
    /// How many groups of frames there are to send.
    groups: u64,
}

impl Survey {
    /// Reads the whole file, so that damage shows before anybody connects.
    ///
    /// # Errors
    /// When it is no recording, or is damaged before its end. A torn end is only told in the log.
    pub(in crate::sim) fn of(path: &Path) -> Result<Survey> {
        let mut frames = Frames::new(Reader::open(path)?);
        let mut survey = Survey {
            created: frames.reader().header().created,
            contracts: BTreeSet::new(),
            accounts: BTreeMap::new(),
            bars: RecordedBars::default(),
            groups: 0,
        };
        while frames.next(|at, record| survey.look(at, record))?.is_some() {
            survey.groups += 1;
        }
        if let Some(lost) = frames.reader().lost() {
            let (path, offset, bytes) = (path.display(), lost.offset, lost.bytes);
            log::warn!("simulator: {path} is torn: {bytes} bytes from byte {offset} on are lost");
        }
        if survey.groups == 0 {
            log::warn!("simulator: {} holds no events", path.display());
        }
        Ok(survey)
    }

    fn look(&mut self, at: Timestamp, record: &Record<'_>) {
        match record.meaning() {
            Meaning::Event(Subject::Trades(contract)) => {
                if let Some(trades) = record.arguments.as_ref().and_then(|arguments| arguments.get(1)) {
                    self.bars.add(&contract, at, trades.get());
                }
                self.list(contract);
            }
            Meaning::Event(Subject::Quotes(contract) | Subject::Depth(contract)) => {
                self.list(contract);
            }
            Meaning::Event(_) => self.look_at_account(record),
            Meaning::Connection | Meaning::Unknown => {}
        }
    }

    fn list(&mut self, contract: String) {
        if self.contracts.len() < MOST {
            self.contracts.insert(contract);
        }
    }

    fn look_at_account(&mut self, record: &Record<'_>) {
        let Some(seen) = record.account() else { return };
        let Ok(id) = i32::try_from(seen.id) else { return };
        if self.accounts.len() >= MOST {
            return;
        }
        let account = self.accounts.entry(id).or_insert(SeenAccount { id, state: None });
        if account.state.is_none()
            && let Some(name) = seen.name
        {
            let balance = seen.balance.and_then(|balance| balance.get().parse().ok());
            let balance = balance.unwrap_or(Money::from_units(0));
            account.state = Some((name, balance, seen.can_trade.unwrap_or(true)));
        }
    }

    /// An exchange without orders, with what was recorded: its contracts, and its accounts if there are any.
    pub(in crate::sim) fn exchange(&self, config: &SimConfig, time: Arc<Time>) -> Exchange {
        let mut exchange = Exchange::trading(self.catalog(), config, time);
        if !self.accounts.is_empty() {
            exchange.accounts = self.accounts.values().map(SeenAccount::account).collect();
        }
        exchange
    }

    /// The contracts of the time of the recording, and those that were recorded, as far as their product is known.
    fn catalog(&self) -> Catalog {
        let mut catalog = Catalog::at(self.created);
        for id in &self.contracts {
            if !catalog.list(id) {
                log::warn!("simulator: {id} is of no known product: it is sent but not found by a search");
            }
        }
        catalog
    }
}
