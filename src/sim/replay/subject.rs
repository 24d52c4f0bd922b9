//! What hub clients subscribe to in a replay: any contract and any account, whether recorded or not.

use crate::sim::gateway::Hub;
use crate::sim::hubs::invocation::Invocation;

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::sim) enum Subject {
    /// Quotes of a contract.
    Quotes(String),
    /// Trades of a contract.
    Trades(String),
    /// Depth of a contract.
    Depth(String),
    /// Orders of an account.
    Orders(i64),
    /// Positions of an account.
    Positions(i64),
    /// Fills of an account.
    Fills(i64),
    /// All accounts.
    Accounts,
}

/// What a call asks for, and whether that begins or ends; the error is what the client is told.
pub(in crate::sim) fn of_call(hub: Hub, call: &Invocation<'_>) -> Result<(Subject, bool), String> {
    let failed = || format!("Failed to invoke '{}' due to an error on the server.", call.target);
    let lower = call.target.to_ascii_lowercase();
    let (begins, subject) = match lower.strip_prefix("unsubscribe") {
        Some(subject) => (false, subject),
        None => (true, lower.strip_prefix("subscribe").unwrap_or("")),
    };
    let argument = || match call.arguments() {
        [argument] => Ok(argument.get()),
        _ => Err(failed()),
    };
    let account = || argument()?.parse().map_err(|_| failed());
    let contract = || serde_json::from_str(argument()?).map_err(|_| failed());
    let subject = match (hub, subject) {
        (Hub::User, "accounts") if call.arguments().is_empty() => Subject::Accounts,
        (Hub::User, "accounts") => return Err(failed()),
        (Hub::User, "orders") => Subject::Orders(account()?),
        (Hub::User, "positions") => Subject::Positions(account()?),
        (Hub::User, "trades") => Subject::Fills(account()?),
        (Hub::Market, "contractquotes") => Subject::Quotes(contract()?),
        (Hub::Market, "contracttrades") => Subject::Trades(contract()?),
        (Hub::Market, "contractmarketdepth") => Subject::Depth(contract()?),
        _ => return Err(format!("{} HubException: Method does not exist.", failed())),
    };
    Ok((subject, begins))
}
