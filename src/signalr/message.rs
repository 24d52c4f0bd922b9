//! Records: what the server may say, and what a client says.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::extent::value_end;
use super::text::Text;
use crate::error::{Error, Kind, Result};

/// One record from the server.
#[derive(Debug)]
pub enum Record<'a> {
    /// The server calls a method of the client: an event.
    Invocation {
        /// The name of the event.
        target: Text<'a>,
        /// The arguments, a JSON array. Whether it is one shows when it is read.
        arguments: &'a str,
    },
    /// The answer to a call that had an id.
    Completion(Completion<'a>),
    /// A sign of life.
    Ping,
    /// The server ends the connection.
    Close {
        /// Why, if it tells.
        error: Option<Text<'a>>,
        /// Whether the client may come back; the protocol's default is no.
        allow_reconnect: bool,
    },
    /// A type that this client does not use.
    Other(i64),
}

/// The answer to a call.
#[derive(Debug)]
pub struct Completion<'a> {
    /// The id of the call.
    pub invocation_id: Text<'a>,
    /// Why it failed; `None` when it did not.
    pub error: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Members<'a> {
    #[serde(rename = "type")]
    kind: i64,
    #[serde(borrow)]
    target: Option<Text<'a>>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
    #[serde(borrow)]
    invocation_id: Option<Text<'a>>,
    #[serde(borrow)]
    error: Option<Text<'a>>,
    allow_reconnect: Option<bool>,
}

impl<'a> Record<'a> {
    /// Reads a record, without its end byte.
    ///
    /// # Errors
    /// [`Kind::Protocol`] when it is no JSON object with a type, or lacks a member that its type needs.
    pub fn parse(record: &'a [u8]) -> Result<Record<'a>> {
        if let Some(invocation) = usual_invocation(record) {
            return Ok(invocation);
        }
        let malformed = |what: &str| Error::new(Kind::Protocol, format!("the hub sent a record {what}"));
        let members: Members<'a> = serde_json::from_slice(record)
            .map_err(|error| malformed(&format!("that cannot be read: {error}")))?;
        match members.kind {
            1 => match (members.target, members.arguments) {
                (Some(target), Some(arguments)) => {
                    Ok(Record::Invocation { target, arguments: arguments.get() })
                }
                _ => Err(malformed("of type 1 without target or arguments")),
            },
            3 => match members.invocation_id {
                Some(invocation_id) => {
                    Ok(Record::Completion(Completion { invocation_id, error: members.error }))
                }
                None => Err(malformed("of type 3 without invocationId")),
            },
            6 => Ok(Record::Ping),
            7 => Ok(Record::Close {
                error: members.error,
                allow_reconnect: members.allow_reconnect.unwrap_or(false),
            }),
            other => Ok(Record::Other(other)),
        }
    }
}

/// The target and the arguments of an event as gateways write it: these members in this order, without spaces.
/// Neither is checked: further members of the record would stand among the arguments.
#[inline]
pub fn plain_invocation(record: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = record.strip_prefix(b"{\"type\":1,\"target\":\"")?.strip_suffix(b"}")?;
    let length = rest.iter().position(|byte| !byte.is_ascii_alphanumeric())?;
    let (target, rest) = rest.split_at(length);
    Some((target, rest.strip_prefix(b"\",\"arguments\":")?))
}

/// The same with arguments that are an array by their brackets. `None` for what is read in the general way.
fn usual_invocation(record: &[u8]) -> Option<Record<'_>> {
    let (target, arguments) = plain_invocation(record)?;
    if arguments.first() != Some(&b'[') || value_end(arguments, 0)? != arguments.len() {
        return None;
    }
    Some(Record::Invocation {
        target: Text::from(std::str::from_utf8(target).ok()?),
        arguments: std::str::from_utf8(arguments).ok()?,
    })
}

/// A call of a server's method whose answer will carry `id`. `arguments` is a JSON array.
pub fn encode_invocation(id: u64, method: &str, arguments: &str) -> String {
    format!(
        "{{\"type\":1,\"invocationId\":\"{id}\",\"target\":\"{method}\",\"arguments\":{arguments}}}\u{1e}"
    )
}

/// A sign of life.
pub fn encode_ping() -> String {
    "{\"type\":6}\u{1e}".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_types_in_use() {
        let event = br#"{"type":1,"target":"GatewayLogout","arguments":["bye"],"future":1}"#;
        let Ok(Record::Invocation { target, arguments }) = Record::parse(event) else { panic!() };
        assert_eq!((&*target, arguments), ("GatewayLogout", "[\"bye\"]"));

        let Ok(Record::Completion(done)) = Record::parse(br#"{"type":3,"invocationId":"1","result":0}"#)
        else {
            panic!()
        };
        assert_eq!((&*done.invocation_id, done.error.is_none()), ("1", true));

        let Ok(Record::Completion(failed)) =
            Record::parse(br#"{"type":3,"invocationId":"2","error":"Failed to invoke \u0027X\u0027"}"#)
        else {
            panic!()
        };
        assert_eq!(failed.error.as_deref(), Some("Failed to invoke 'X'"));

        assert!(matches!(Record::parse(br#"{"type":6}"#), Ok(Record::Ping)));
        let close = br#"{"type":7,"error":"Connection closed with an error.","allowReconnect":true}"#;
        assert!(matches!(Record::parse(close), Ok(Record::Close { allow_reconnect: true, error: Some(_) })));
        assert!(matches!(Record::parse(br#"{"type":9}"#), Ok(Record::Other(9))));
    }

    #[test]
    fn the_usual_event_is_read_as_any_other() {
        let arguments = r#"["CON.\"x\\",[{"a":"]}"},{}]]"#;
        let event = format!("{{\"type\":1,\"target\":\"GatewayTrade\",\"arguments\":{arguments}}}");
        let spaced = event.replace("\"type\":1", "\"type\": 1");
        assert!(
            usual_invocation(event.as_bytes()).is_some() && usual_invocation(spaced.as_bytes()).is_none()
        );
        for record in [event, spaced] {
            let Ok(Record::Invocation { target, arguments: read }) = Record::parse(record.as_bytes()) else {
                panic!("{record}")
            };
            assert_eq!((&*target, read), ("GatewayTrade", arguments));
        }
        for odd in ["1", "[1", "[1]}", "[\"]", "[1],\"x\":2"] {
            let record = format!("{{\"type\":1,\"target\":\"X\",\"arguments\":{odd}}}");
            assert!(usual_invocation(record.as_bytes()).is_none(), "{record}");
        }
    }

    #[test]
    fn refuses_what_is_no_record() {
        let cases: [&[u8]; 7] = [
            b"",
            b"[]",
            b"{}",
            b"{\"type\":\"1\"}",
            b"{\"type\":1,\"target\":\"x\"}",
            b"{\"type\":3}",
            b"\xff{}",
        ];
        for record in cases {
            assert_eq!(Record::parse(record).unwrap_err().kind(), Kind::Protocol, "{record:?}");
        }
    }

    #[test]
    fn writes_a_call() {
        assert_eq!(
            encode_invocation(7, "SubscribeOrders", "[20000004]"),
            "{\"type\":1,\"invocationId\":\"7\",\"target\":\"SubscribeOrders\",\"arguments\":[20000004]}\u{1e}"
        );
    }
}
