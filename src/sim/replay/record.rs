//! What a recorded record is.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::subject::Subject;

/// What becomes of a record in a replay.
#[derive(Debug, PartialEq)]
pub(super) enum Meaning {
    /// It belongs to the recorded connection and not to the market or an account: the answer to its handshake or to
    /// one of its calls, a ping, its end. A replayed connection has its own.
    Connection,
    /// It is for those who subscribed to this.
    Event(Subject),
    /// It is for everybody on the hub.
    Unknown,
}

#[derive(Deserialize)]
pub(super) struct Record<'a> {
    #[serde(rename = "type")]
    kind: Option<i64>,
    pub(super) target: Option<String>,
    #[serde(borrow)]
    pub(super) arguments: Option<Vec<&'a RawValue>>,
}

impl Record<'_> {
    /// Reads the text of a record without its end mark; `None` when it is none.
    pub(super) fn parse(text: &str) -> Option<Record<'_>> {
        serde_json::from_str(text).ok()
    }

    pub(super) fn meaning(&self) -> Meaning {
        match self.kind {
            Some(1) => {}
            None | Some(3 | 6 | 7) => return Meaning::Connection,
            Some(_) => return Meaning::Unknown,
        }
        let account = || self.account().map(|account| account.id);
        let subject = match self.target.as_deref().unwrap_or_default() {
            "GatewayQuote" => self.contract().map(Subject::Quotes),
            "GatewayTrade" => self.contract().map(Subject::Trades),
            "GatewayDepth" => self.contract().map(Subject::Depth),
            "GatewayUserAccount" => Some(Subject::Accounts),
            "GatewayUserOrder" => account().map(Subject::Orders),
            "GatewayUserPosition" => account().map(Subject::Positions),
            "GatewayUserTrade" => account().map(Subject::Fills),
            "GatewayLogout" => return Meaning::Connection,
            _ => None,
        };
        subject.map_or(Meaning::Unknown, Meaning::Event)
    }

    /// The contract that a market event is about.
    pub(super) fn contract(&self) -> Option<String> {
        self.arguments.as_ref()?.first().and_then(|text| serde_json::from_str(text.get()).ok())
    }

    /// The account that a user event is about.
    pub(super) fn account(&self) -> Option<RecordedAccount<'_>> {
        #[derive(Deserialize)]
        struct Envelope<'a> {
            #[serde(borrow)]
            data: &'a RawValue,
        }
        let argument = self.arguments.as_ref()?.first()?.get();
        // The bare object of the documentation is read too.
        let data =
            serde_json::from_str(argument).map_or(argument, |envelope: Envelope<'_>| envelope.data.get());
        match self.target.as_deref()? {
            "GatewayUserAccount" => serde_json::from_str(data).ok(),
            _ => {
                #[derive(Deserialize)]
                struct Owned {
                    #[serde(rename = "accountId")]
                    account_id: i64,
                }
                let owned: Owned = serde_json::from_str(data).ok()?;
                Some(RecordedAccount { id: owned.account_id, name: None, balance: None, can_trade: None })
            }
        }
    }
}

/// An account as an event shows it.
#[derive(Debug, Deserialize)]
pub(super) struct RecordedAccount<'a> {
    pub(super) id: i64,
    pub(super) name: Option<String>,
    #[serde(borrow)]
    pub(super) balance: Option<&'a RawValue>,
    #[serde(rename = "canTrade")]
    pub(super) can_trade: Option<bool>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meaning(text: &str) -> Meaning {
        Record::parse(text).unwrap().meaning()
    }

    #[test]
    fn records_of_the_connection_are_told_from_events() {
        for text in [
            "{}",
            r#"{"error":"no"}"#,
            r#"{"type":3,"invocationId":"1","result":0}"#,
            r#"{"type":6}"#,
            r#"{"type":7,"allowReconnect":true}"#,
            r#"{"type":1,"target":"GatewayLogout","arguments":["bye"]}"#,
        ] {
            assert_eq!(meaning(text), Meaning::Connection, "{text}");
        }
        for (text, subject) in [
            (r#"{"type":1,"target":"GatewayQuote","arguments":["C",{}]}"#, Subject::Quotes("C".into())),
            (r#"{"type":1,"target":"GatewayTrade","arguments":["C",[]]}"#, Subject::Trades("C".into())),
            (r#"{"type":1,"target":"GatewayDepth","arguments":["C",[]]}"#, Subject::Depth("C".into())),
            (r#"{"type":1,"target":"GatewayUserAccount","arguments":[{"id":5}]}"#, Subject::Accounts),
            (
                r#"{"type":1,"target":"GatewayUserOrder","arguments":[{"action":1,"data":{"id":9,"accountId":5}}]}"#,
                Subject::Orders(5),
            ),
            (
                r#"{"type":1,"target":"GatewayUserPosition","arguments":[{"accountId":6}]}"#,
                Subject::Positions(6),
            ),
            (
                r#"{"type":1,"target":"GatewayUserTrade","arguments":[{"action":0,"data":{"accountId":7}}]}"#,
                Subject::Fills(7),
            ),
        ] {
            assert_eq!(meaning(text), Meaning::Event(subject), "{text}");
        }
        for text in [
            r#"{"type":1,"target":"GatewayNews","arguments":["C"]}"#,
            r#"{"type":1,"target":"GatewayQuote","arguments":[]}"#,
            r#"{"type":1,"target":"GatewayUserOrder","arguments":[{}]}"#,
            r#"{"type":9}"#,
        ] {
            assert_eq!(meaning(text), Meaning::Unknown, "{text}");
        }
    }
}
