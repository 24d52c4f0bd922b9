//! Request bodies: JSON bound to typed members, strictly where the gateway is strict.
//!
//! Member names are matched without regard to case, unknown members are ignored, and an optional member may
//! be `null` or missing. Of several members with one name the last counts. Numbers are read from their
//! digits, so prices stay exact.

use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::clock::Timestamp;
use crate::price::{DecimalError, Price};

/// A price off every grid: stands for numbers that are too fine or too large to be a price at all, so that
/// they are refused where prices are checked, as the gateway does.
const OFF_GRID: Price = Price::from_units(1);

/// The largest number that a decimal of the gateway holds.
const MAX_DECIMAL: f64 = 79_228_162_514_264_337_593_543_950_335.0;
/// What texts in UTF-8 may begin with.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Why a body does not bind.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::sim) struct BindError {
    /// Where: `$`, or `$.accountId`.
    pub(in crate::sim) path: String,
    /// What is wrong there.
    pub(in crate::sim) message: String,
}

/// The members of a JSON object.
#[derive(Debug)]
pub(in crate::sim) struct Body<'a> {
    members: HashMap<String, &'a RawValue>,
    path: String,
}

impl<'a> Body<'a> {
    /// Reads an object.
    pub(in crate::sim) fn parse(bytes: &'a [u8]) -> Result<Body<'a>, BindError> {
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        if bytes.iter().all(u8::is_ascii_whitespace) {
            let message = "A non-empty request body is required.".to_owned();
            return Err(BindError { path: String::new(), message });
        }
        Body::read(bytes, "$".to_owned())
    }

    fn read(bytes: &'a [u8], path: String) -> Result<Body<'a>, BindError> {
        let mut json = serde_json::Deserializer::from_slice(bytes);
        match json.deserialize_map(Members).and_then(|members| json.end().map(|()| members)) {
            Ok(members) => Ok(Body { members, path }),
            Err(error) => Err(BindError { message: format!("The JSON value is not valid: {error}"), path }),
        }
    }

    /// A required 32-bit number.
    pub(in crate::sim) fn int32(&self, name: &str) -> Result<i32, BindError> {
        self.optional_int32(name)?.ok_or_else(|| self.missing(name))
    }

    /// An optional 32-bit number.
    pub(in crate::sim) fn optional_int32(&self, name: &str) -> Result<Option<i32>, BindError> {
        self.optional(name, "System.Int32", |text| text.parse().ok())
    }

    /// A required 64-bit number.
    pub(in crate::sim) fn int64(&self, name: &str) -> Result<i64, BindError> {
        let number = self.optional(name, "System.Int64", |text| text.parse().ok())?;
        number.ok_or_else(|| self.missing(name))
    }

    /// A required truth value.
    pub(in crate::sim) fn boolean(&self, name: &str) -> Result<bool, BindError> {
        self.optional_boolean(name)?.ok_or_else(|| self.missing(name))
    }

    /// An optional truth value.
    pub(in crate::sim) fn optional_boolean(&self, name: &str) -> Result<Option<bool>, BindError> {
        self.optional(name, "System.Boolean", |text| text.parse().ok())
    }

    /// A required text.
    pub(in crate::sim) fn text(&self, name: &str) -> Result<String, BindError> {
        self.optional_text(name)?.ok_or_else(|| self.missing(name))
    }

    /// An optional text.
    pub(in crate::sim) fn optional_text(&self, name: &str) -> Result<Option<String>, BindError> {
        self.optional(name, "System.String", |text| serde_json::from_str(text).ok())
    }

    /// An optional price.
    pub(in crate::sim) fn optional_price(&self, name: &str) -> Result<Option<Price>, BindError> {
        self.optional(name, "System.Decimal", |text| match Price::parse(text) {
            Ok(price) => Some(price),
            Err(DecimalError::TooFine) => Some(OFF_GRID),
            Err(DecimalError::OutOfRange) => {
                text.parse().ok().filter(|number: &f64| number.abs() <= MAX_DECIMAL).map(|_| OFF_GRID)
            }
            Err(_) => None,
        })
    }

    /// A required time.
    pub(in crate::sim) fn time(&self, name: &str) -> Result<Timestamp, BindError> {
        self.optional_time(name)?.ok_or_else(|| self.missing(name))
    }

    /// An optional time.
    pub(in crate::sim) fn optional_time(&self, name: &str) -> Result<Option<Timestamp>, BindError> {
        self.optional(name, "System.DateTimeOffset", |text| {
            parse_time(&serde_json::from_str::<String>(text).ok()?)
        })
    }

    /// An optional list of 32-bit numbers.
    pub(in crate::sim) fn optional_list(&self, name: &str) -> Result<Option<Vec<i32>>, BindError> {
        self.optional(name, "System.Int32[]", |text| serde_json::from_str(text).ok())
    }

    /// A required object.
    pub(in crate::sim) fn object(&self, name: &str) -> Result<Body<'a>, BindError> {
        let value = self.value(name).ok_or_else(|| self.missing(name))?;
        Body::read(value.get().as_bytes(), format!("{}.{name}", self.path))
    }

    /// Whether the member is there and not `null`.
    pub(in crate::sim) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    fn value(&self, name: &str) -> Option<&'a RawValue> {
        self.members.get(&name.to_ascii_lowercase()).copied().filter(|value| value.get() != "null")
    }

    fn optional<T>(
        &self,
        name: &str,
        type_name: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, BindError> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let path = format!("{}.{name}", self.path);
        read(value.get()).map(Some).ok_or_else(|| BindError {
            message: format!("The JSON value could not be converted to {type_name}. Path: {path}."),
            path,
        })
    }

    fn missing(&self, name: &str) -> BindError {
        BindError {
            path: self.path.clone(),
            message: format!("JSON deserialization was missing required properties including: '{name}'."),
        }
    }
}

/// Collects the members of an object under their names in lower case.
struct Members;

impl<'a> Visitor<'a> for Members {
    type Value = HashMap<String, &'a RawValue>;

    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut members = HashMap::new();
        while let Some((name, value)) = object.next_entry::<String, &RawValue>()? {
            members.insert(name.to_ascii_lowercase(), value);
        }
        Ok(members)
    }
}

/// A time as the gateway reads it: also a date alone, or a time without seconds, but always with a `T`. What
/// lies beyond the years that are counted here is their first or last moment, such as the year 1 of clients
/// that ask for everything.
fn parse_time(text: &str) -> Option<Timestamp> {
    let whole = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        16 => format!("{text}:00Z"),
        _ => text.to_owned(),
    };
    if whole.as_bytes().get(10) != Some(&b'T') {
        return None;
    }
    let year: i32 = whole.get(..4)?.parse().ok()?;
    if (1678..=2261).contains(&year) {
        return Timestamp::parse(&whole);
    }
    let counted =
        format!("{}{}", if time::util::is_leap_year(year) { "2000" } else { "2001" }, whole.get(4..)?);
    let end = if year < 1678 { i64::MIN } else { i64::MAX };
    Timestamp::parse(&counted).filter(|_| year > 0).map(|_| Timestamp::from_nanos(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_bind_by_name_and_type() {
        let body = Body::parse(
            br#"{"AccountId":5,"id":3400000001,"on":true,"text":"a\u0041","price":5e-7,"none":null,
                "at":"2026-08-16T23:26:02.15673+00:00","list":[1,8],"inner":{"x":1},"unknown":[{}]}"#,
        )
        .unwrap();
        assert_eq!(body.int32("accountId"), Ok(5));
        assert_eq!(body.int64("id"), Ok(3_400_000_001));
        assert_eq!(body.boolean("on"), Ok(true));
        assert_eq!(body.text("text").unwrap(), "aA");
        assert_eq!(body.optional_price("price"), Ok(Some(Price::from_units(500))));
        assert_eq!(body.optional_price("none"), Ok(None));
        assert_eq!(body.time("at").unwrap().nanos(), 1_786_922_762_156_730_000);
        assert_eq!(body.optional_list("list"), Ok(Some(vec![1, 8])));
        assert_eq!(body.object("inner").unwrap().int32("x"), Ok(1));
        assert!(body.has("on") && !body.has("none") && !body.has("other"));
    }

    #[test]
    fn short_times_bind_too() {
        let nanos = |text| parse_time(text).map(Timestamp::nanos);
        assert_eq!(nanos("1970-01-02"), Some(86_400_000_000_000));
        assert_eq!(nanos("1970-01-01T00:01"), Some(60_000_000_000));
        assert_eq!(nanos("1970-01-01T00:00:01.5+01:00"), Some(-3_598_500_000_000));
        assert_eq!(nanos("1970-01"), None);
        assert_eq!(nanos("1970-01-02 00:00:00Z"), None);
        assert_eq!(nanos("0001-01-01T00:00:00Z"), Some(i64::MIN));
        assert_eq!(nanos("9999-12-31T23:59:59.9999999Z"), Some(Timestamp::from_nanos(i64::MAX).nanos()));
        assert_eq!((nanos("1600-02-29"), nanos("2300-02-29")), (Some(i64::MIN), None));
    }

    #[test]
    fn what_does_not_bind_is_named() {
        let body =
            Body::parse(br#"{"accountId":"5","big":3400000001,"half":1.5,"text":5,"inner":{}}"#).unwrap();
        let path = |error: BindError| error.path;
        assert_eq!(body.int32("accountId").map_err(path), Err("$.accountId".into()));
        assert_eq!(body.int32("big").map_err(path), Err("$.big".into()));
        assert_eq!(body.int32("half").map_err(path), Err("$.half".into()));
        assert_eq!(body.text("text").map_err(path), Err("$.text".into()));
        assert!(body.int32("none").unwrap_err().message.contains("including: 'none'"));
        assert_eq!(body.object("inner").unwrap().int32("x").map_err(path), Err("$.inner".into()));
        for bad in ["", "  ", "[]", "5", "{", "{\"a\":1}x", "null", "\"a\""] {
            assert!(Body::parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_last_of_several_members_counts_and_a_mark_is_skipped() {
        for text in [r#"{"a":1,"A":2,"a":3}"#, r#"{"a":1,"a":2,"A":3}"#, "\u{feff}{\"A\":3}"] {
            assert_eq!(Body::parse(text.as_bytes()).unwrap().int32("a"), Ok(3), "{text}");
        }
    }

    #[test]
    fn a_number_that_is_no_price_is_off_every_grid() {
        let body = Body::parse(br#"{"fine":1e-12,"large":1e20,"huge":-8e28,"text":"1"}"#).unwrap();
        assert_eq!(body.optional_price("fine"), Ok(Some(OFF_GRID)));
        assert_eq!(body.optional_price("large"), Ok(Some(OFF_GRID)));
        assert!(body.optional_price("huge").is_err() && body.optional_price("text").is_err());
    }
}
