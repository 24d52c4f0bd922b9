//! What hub clients send: handshakes, calls, pings.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::sim::exchange::state::Exchange;
use crate::sim::gateway::Hub;
use crate::sim::hubs::subscribers::Topic;

/// A handshake as it arrives.
#[derive(Deserialize)]
struct Handshake {
    protocol: String,
    version: i64,
}

/// Checks a handshake; the error is what the client is told.
pub(in crate::sim) fn check_handshake(text: &str) -> Result<(), String> {
    let handshake: Handshake =
        serde_json::from_str(text).map_err(|_| "The handshake request is not valid JSON.".to_owned())?;
    if handshake.protocol != "json" {
        return Err(format!("The protocol '{}' is not supported.", handshake.protocol));
    }
    if handshake.version > 1 {
        return Err(format!(
            "The server does not support version {} of the 'json' protocol.",
            handshake.version
        ));
    }
    Ok(())
}

/// A record of a client.
#[derive(Debug)]
pub(in crate::sim) enum ClientRecord<'a> {
    /// A call; it wants an answer when it has an id.
    Invocation(Invocation<'a>),
    /// A sign of life, or something that needs no answer.
    Ignored,
    /// The client leaves.
    Close,
}

/// A call of a hub method.
#[derive(Debug)]
pub(in crate::sim) struct Invocation<'a> {
    pub(in crate::sim) id: Option<String>,
    pub(in crate::sim) target: String,
    arguments: Vec<&'a RawValue>,
}

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) struct Subscription {
    pub(in crate::sim) topic: Topic,
    /// Whether it begins; else it ends.
    pub(in crate::sim) begins: bool,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "type")]
    kind: i64,
    #[serde(rename = "invocationId")]
    invocation_id: Option<String>,
    target: Option<String>,
    #[serde(borrow)]
    arguments: Option<Vec<&'a RawValue>>,
}

/// Reads a record; `None` when it is not one of the protocol.
pub(in crate::sim) fn parse(text: &str) -> Option<ClientRecord<'_>> {
    let envelope: Envelope<'_> = serde_json::from_str(text).ok()?;
    match envelope.kind {
        1 | 4 => {
            let (target, arguments) = (envelope.target?, envelope.arguments?);
            Some(ClientRecord::Invocation(Invocation { id: envelope.invocation_id, target, arguments }))
        }
        7 => Some(ClientRecord::Close),
        // Pings, what belongs to streams, and types that newer clients may know.
        _ => Some(ClientRecord::Ignored),
    }
}

impl Invocation<'_> {
    /// What the call is made with.
    pub(in crate::sim) fn arguments(&self) -> &[&RawValue] {
        &self.arguments
    }

    /// What the call asks for; the error is what the client is told.
    ///
    /// The simulator also refuses accounts and contracts that it does not know, so that a mistyped id shows.
    pub(in crate::sim) fn subscription(&self, hub: Hub, exchange: &Exchange) -> Result<Subscription, String> {
        let failed = || format!("Failed to invoke '{}' due to an error on the server.", self.target);
        let lower = self.target.to_ascii_lowercase();
        let (begins, subject) = match lower.strip_prefix("unsubscribe") {
            Some(subject) => (false, subject),
            None => (true, lower.strip_prefix("subscribe").unwrap_or("")),
        };
        let account = || self.account(exchange).ok_or_else(failed);
        let contract = || self.contract(exchange).ok_or_else(failed);
        let topic = match (hub, subject) {
            (Hub::User, "accounts") if self.arguments.is_empty() => Topic::Accounts,
            (Hub::User, "accounts") => return Err(failed()),
            (Hub::User, "orders") => Topic::Orders(account()?),
            (Hub::User, "positions") => Topic::Positions(account()?),
            (Hub::User, "trades") => Topic::Fills(account()?),
            (Hub::Market, "contractquotes") => Topic::Quotes(contract()?),
            (Hub::Market, "contracttrades") => Topic::MarketTrades(contract()?),
            (Hub::Market, "contractmarketdepth") => Topic::Depth(contract()?),
            _ => return Err(format!("{} HubException: Method does not exist.", failed())),
        };
        Ok(Subscription { topic, begins })
    }

    /// The one argument as an account id, which must be a number.
    fn account(&self, exchange: &Exchange) -> Option<i32> {
        let [argument] = self.arguments[..] else { return None };
        exchange.account(argument.get().parse().ok()?).map(|account| account.id)
    }

    /// The one argument as the index of a contract.
    fn contract(&self, exchange: &Exchange) -> Option<usize> {
        let [argument] = self.arguments[..] else { return None };
        let id: String = serde_json::from_str(argument.get()).ok()?;
        exchange.catalog.by_id(&id).map(|contract| contract.index)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::sim::config::{SimClock, SimConfig};
    use crate::sim::exchange::state::TRADING_ACCOUNT;
    use crate::sim::time::Time;

    fn subscription(hub: Hub, target: &str, arguments: &str) -> Result<Subscription, String> {
        let exchange = Exchange::new(&SimConfig::default(), Arc::new(Time::new(SimClock::System)));
        let text = format!(r#"{{"arguments":{arguments},"target":"{target}","invocationId":"1","type":1}}"#);
        match parse(&text) {
            Some(ClientRecord::Invocation(invocation)) => invocation.subscription(hub, &exchange),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn calls_become_subscriptions() {
        let account = format!("[{TRADING_ACCOUNT}]");
        for (hub, target, arguments, topic, begins) in [
            (Hub::User, "SubscribeAccounts", "[]", Topic::Accounts, true),
            (Hub::User, "UnsubscribeOrders", &*account, Topic::Orders(TRADING_ACCOUNT), false),
            (Hub::User, "subscribetrades", &account, Topic::Fills(TRADING_ACCOUNT), true),
            (Hub::User, "SubscribePositions", &account, Topic::Positions(TRADING_ACCOUNT), true),
        ] {
            assert_eq!(subscription(hub, target, arguments), Ok(Subscription { topic, begins }), "{target}");
        }
    }

    #[test]
    fn bad_calls_are_told_why() {
        let quoted = format!("[\"{TRADING_ACCOUNT}\"]");
        for (hub, target, arguments) in [
            (Hub::User, "SubscribeOrders", &*quoted),
            (Hub::User, "SubscribeOrders", "[]"),
            (Hub::User, "SubscribeOrders", "[5]"),
            (Hub::User, "SubscribeAccounts", "[1]"),
            (Hub::Market, "SubscribeContractQuotes", "[\"CON.F.US.NONE.Z26\"]"),
            (Hub::Market, "SubscribeContractQuotes", "[5]"),
        ] {
            let expected = format!("Failed to invoke '{target}' due to an error on the server.");
            assert_eq!(subscription(hub, target, arguments), Err(expected), "{target}{arguments}");
        }
        for (hub, target) in [(Hub::Market, "SubscribeOrders"), (Hub::User, "Nonsense"), (Hub::User, "")] {
            let error = subscription(hub, target, "[]").unwrap_err();
            assert!(error.ends_with("Method does not exist."), "{error}");
        }
    }

    #[test]
    fn records_and_handshakes_are_checked() {
        assert!(matches!(parse(r#"{"type":6}"#), Some(ClientRecord::Ignored)));
        assert!(matches!(parse(r#"{"type":7}"#), Some(ClientRecord::Close)));
        assert!(matches!(parse(r#"{"type":99}"#), Some(ClientRecord::Ignored)));
        for bad in ["", "{}", "[]", r#"{"type":"1"}"#, r#"{"type":1}"#] {
            assert!(parse(bad).is_none(), "{bad}");
        }
        assert_eq!(check_handshake(r#"{"protocol":"json","version":1}"#), Ok(()));
        assert_eq!(check_handshake(r#"{"version":0,"protocol":"json"}"#), Ok(()));
        for bad in
            ["{}", "x", r#"{"protocol":"messagepack","version":1}"#, r#"{"protocol":"json","version":2}"#]
        {
            assert!(check_handshake(bad).is_err(), "{bad}");
        }
    }
}
