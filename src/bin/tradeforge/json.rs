//! JSON on one line, its members in the order in which they are given.

use std::fmt::{self, Write};

use tradeforge::model::{Date, FillId, PositionId, Volume};
use tradeforge::{AccountId, ContractId, Money, OrderId, Price, Timestamp};

/// A JSON object that grows member by member.
#[derive(Debug, Default)]
pub struct Object(String);

impl Object {
    /// An object without members.
    pub fn new() -> Object {
        Object::default()
    }

    /// The object of an event.
    pub fn event(name: &str) -> Object {
        Object::new().with("event", name)
    }

    /// Adds a member, unless its value is absent.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Value) -> Object {
        if value.is_absent() {
            return self;
        }
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        write_text(name, &mut self.0);
        self.0.push(':');
        value.write(&mut self.0);
        self
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("{}") } else { write!(f, "{}}}", self.0) }
    }
}

/// What a member can hold. Ids and sizes are integers, prices, money and times are strings.
pub trait Value {
    /// Writes the value.
    fn write(&self, json: &mut String);

    /// Whether there is none, so that the member is left out.
    fn is_absent(&self) -> bool {
        false
    }
}

impl<T: Value> Value for Option<T> {
    fn write(&self, json: &mut String) {
        if let Some(value) = self {
            value.write(json);
        }
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl Value for &str {
    fn write(&self, json: &mut String) {
        write_text(self, json);
    }
}

impl Value for &String {
    fn write(&self, json: &mut String) {
        write_text(self, json);
    }
}

impl Value for &ContractId {
    fn write(&self, json: &mut String) {
        write_text(self.as_str(), json);
    }
}

macro_rules! written_bare {
    ($($kind:ty),*) => { $(impl Value for $kind {
        fn write(&self, json: &mut String) {
            append(json, format_args!("{self}"));
        }
    })* };
}

macro_rules! written_as_text {
    ($($kind:ty),*) => { $(impl Value for $kind {
        fn write(&self, json: &mut String) {
            append(json, format_args!("\"{self}\""));
        }
    })* };
}

written_bare!(bool, i32, i64, u32, u64, AccountId, OrderId, FillId, PositionId, Volume);
written_as_text!(Price, Money, Timestamp, Date);

fn write_text(text: &str, json: &mut String) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            // DEL and the C1 controls need no escape in JSON; with one they cannot steer a terminal.
            _ if character.is_control() => append(json, format_args!("\\u{:04x}", u32::from(character))),
            _ => json.push(character),
        }
    }
    json.push('"');
}

fn append(json: &mut String, text: fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = json.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Parsed;

    use super::*;

    #[test]
    fn members_keep_their_order_and_absent_ones_are_left_out() {
        let object = Object::event("fill")
            .with("id", 3_408_995_735_i64)
            .with("price", Price::parse("30199.250").unwrap())
            .with("fees", None::<Money>)
            .with("creationTimestamp", Timestamp::parse("2026-08-16T23:26:02.15673+00:00"))
            .with("voided", false);
        assert_eq!(
            object.to_string(),
            "{\"event\":\"fill\",\"id\":3408995735,\"price\":\"30199.25\",\
             \"creationTimestamp\":\"2026-08-16T23:26:02.15673Z\",\"voided\":false}"
        );
        assert_eq!(Object::new().with("id", None::<i32>).to_string(), "{}");
    }

    #[test]
    fn texts_survive() {
        for text in ["", "\"\\/", "a\nb\tc\r\u{0}\u{1f}\u{7f}\u{9b}", "Zürich 東京 \u{1f680} \u{2028}"] {
            let line = Object::new().with("name", text).to_string();
            assert!(!line.chars().any(char::is_control), "{line}");
            let parsed: Parsed = serde_json::from_str(&line).unwrap();
            assert_eq!(parsed["name"], text);
        }
    }

    #[test]
    fn prices_are_exact() {
        for text in ["0.0000005", "-37.63", "0", "9223372036.854775806"] {
            let line = Object::new().with("price", Price::parse(text).unwrap()).to_string();
            assert_eq!(line, format!("{{\"price\":\"{text}\"}}"));
        }
    }
}
