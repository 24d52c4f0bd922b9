//! What `watch` and `record` subscribe to, and how a signal ends them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tradeforge::{AccountId, Client, ContractId, Kind, Kinds, Stream, StreamOptions};

use crate::args::Topics;
use crate::failure::{Failure, Result};
use crate::session::Session;
use crate::signals;

/// What to subscribe to, once the gateway has been asked whether it is there.
pub struct Chosen {
    contracts: Vec<ContractId>,
    kinds: Kinds,
    account: Option<AccountId>,
}

/// Finds out what is meant. The client is logged in.
pub fn choose(topics: &Topics, session: &Session) -> Result<Chosen> {
    let wanted =
        [(topics.quotes, Kinds::QUOTES), (topics.trades, Kinds::TRADES), (topics.depth, Kinds::DEPTH)];
    let kinds = wanted.iter().filter(|(is_wanted, _)| *is_wanted);
    let kinds = kinds.fold(Kinds::default(), |kinds, (_, kind)| kinds | *kind);
    let contracts = match &topics.contracts[..] {
        _ if kinds.is_empty() => Vec::new(),
        [] => vec![session.contract(None)?],
        chosen => chosen.to_vec(),
    };
    for contract in &contracts {
        // The hubs take any id and stay silent about one that they do not know.
        session.client.contract(contract, session.deadline)?;
    }
    let account = if topics.user { Some(session.account(topics.account)?) } else { None };
    Ok(Chosen { contracts, kinds, account })
}

/// A stream of all that was chosen.
pub fn subscribe(chosen: &Chosen, session: &Session) -> Result<Stream> {
    let stream = session.client.stream(&StreamOptions::default())?;
    for contract in &chosen.contracts {
        stream.subscribe(contract, chosen.kinds, session.deadline)?;
    }
    if let Some(account) = chosen.account {
        stream.subscribe_account(account, Kinds::USER, session.deadline)?;
    }
    Ok(stream)
}

/// Runs what a signal ends: it closes the client, which ends whatever call is under way, and the stream after its
/// last event. To be ended so is no failure.
pub fn until_signal(client: &Client, run: impl FnOnce() -> Result<()>) -> Result<()> {
    let is_ending = Arc::new(AtomicBool::new(false));
    let (ending, closing) = (is_ending.clone(), client.clone());
    let end = move || {
        ending.store(true, Ordering::SeqCst);
        closing.close();
    };
    signals::on_end(end).map_err(Failure::System)?;
    match run() {
        Err(Failure::Client(error)) if error.kind() == Kind::Closed && is_ending.load(Ordering::SeqCst) => {
            Ok(())
        }
        ended => ended,
    }
}
