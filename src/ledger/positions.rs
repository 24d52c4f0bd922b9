//! Positions as they were told last.

use std::collections::{BTreeMap, HashSet};

use super::known::{Known, Source, is_before};
use crate::model::{AccountId, Event, PositionEvent, PositionSide, Symbol};

/// The position of each account in each contract, flat ones too, so that a repetition is known.
#[derive(Debug, Default)]
pub(super) struct Positions {
    known: BTreeMap<(AccountId, Option<Symbol>), Known<PositionEvent>>,
}

impl Positions {
    /// Takes a position's state; true when it is news for the streams.
    pub(super) fn take(&mut self, event: &Event, position: &PositionEvent, source: Source) -> bool {
        let key = (position.account, event.instrument);
        if let Some(known) = self.known.get_mut(&key) {
            if is_same(&known.body, position) {
                let is_news = source == Source::Hub && !known.is_told;
                known.is_told |= is_news;
                return is_news;
            }
            // The hub told it while it was fetched, and goes on telling.
            let was_overtaken = source == Source::Seed && known.is_told;
            if was_overtaken || (source == Source::Hub && is_an_earlier_one(&known.body, position)) {
                return false;
            }
        }
        self.known.insert(key, Known::new(event, *position, source));
        source != Source::Seed
    }

    /// The open positions of an account.
    pub(super) fn open(&self, account: AccountId) -> impl Iterator<Item = &Known<PositionEvent>> {
        let of_account = self.known.range((account, None)..).map(|(_, known)| known);
        of_account
            .take_while(move |known| known.body.account == account)
            .filter(|known| !is_flat(&known.body))
    }

    /// Flattens the positions that are open and not in `listed`; gives them as they are then.
    pub(super) fn flatten_others(
        &mut self,
        account: AccountId,
        listed: &HashSet<Option<Symbol>>,
    ) -> Vec<(Option<Symbol>, PositionEvent)> {
        let mut flattened = Vec::new();
        for ((owner, contract), known) in &mut self.known {
            if *owner == account && !is_flat(&known.body) && !listed.contains(contract) {
                known.body = PositionEvent { side: PositionSide::Flat, size: 0, action: None, ..known.body };
                known.is_told = true;
                flattened.push((*contract, known.body));
            }
        }
        flattened
    }

    /// Forgets what an account holds, as nobody follows it any more.
    pub(super) fn forget_account(&mut self, account: AccountId) {
        self.known.retain(|(owner, _), _| *owner != account);
    }
}

fn is_flat(position: &PositionEvent) -> bool {
    position.size == 0 || position.side == PositionSide::Flat
}

/// Whether this is the end of a position that was followed by the one that is open.
fn is_an_earlier_one(known: &PositionEvent, position: &PositionEvent) -> bool {
    !is_flat(known) && position.id != known.id && is_before(position.created, known.created)
}

fn is_same(known: &PositionEvent, position: &PositionEvent) -> bool {
    let plain = |position: &PositionEvent| PositionEvent { created: None, action: None, ..*position };
    plain(known) == plain(position)
}
