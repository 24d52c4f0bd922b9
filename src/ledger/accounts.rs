//! Accounts as they were told last.

use std::collections::{HashMap, HashSet};

use super::known::{Known, Source};
use crate::model::{AccountEvent, AccountId, Event};

/// The user's accounts.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    known: HashMap<AccountId, Known<AccountEvent>>,
}

impl Accounts {
    /// Takes an account's state; true when it is news for the streams.
    pub(super) fn take(&mut self, event: &Event, account: &AccountEvent, source: Source) -> bool {
        if let Some(known) = self.known.get_mut(&account.id) {
            if is_same(&known.body, account) {
                let is_news = source == Source::Hub && !known.is_told;
                known.is_told |= is_news;
                return is_news;
            }
            // The hub told it while it was fetched, and goes on telling.
            if source == Source::Seed && known.is_told {
                return false;
            }
        }
        self.known.insert(account.id, Known::new(event, *account, source));
        source != Source::Seed
    }

    /// An account.
    pub(super) fn get(&self, account: AccountId) -> Option<&Known<AccountEvent>> {
        self.known.get(&account)
    }

    /// Forgets the accounts that are not in `listed`.
    pub(super) fn keep(&mut self, listed: &HashSet<AccountId>) {
        self.known.retain(|account, _| listed.contains(account));
    }

    /// Forgets all, as nobody follows them any more.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }
}

fn is_same(known: &AccountEvent, account: &AccountEvent) -> bool {
    AccountEvent { action: None, ..*known } == AccountEvent { action: None, ..*account }
}
