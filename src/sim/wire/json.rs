//! The JSON of the wire, written by hand: exact decimals, members in the gateway's order.

use std::fmt::Write;

use crate::clock::Timestamp;
use crate::price::{Money, Price, SCALE};
use crate::sim::shape::{Decimals, Shape};

/// How one surface of the gateway spells things.
#[derive(Debug, Clone, Copy)]
pub(in crate::sim) struct Style {
    nulls: Nulls,
    /// Nanoseconds below this step are cut from timestamps.
    time_step: i64,
    shape: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nulls {
    Written,
    Omitted,
}

impl Style {
    /// The shapes that are asked for.
    pub(in crate::sim) fn shape(&self) -> Shape {
        self.shape
    }

    /// REST: null members are written, times are cut to microseconds.
    pub(in crate::sim) fn rest(shape: Shape) -> Style {
        Style { nulls: Nulls::Written, time_step: 1_000, shape }
    }

    /// Hubs: null members are left out, times have up to seven digits.
    pub(in crate::sim) fn hub(shape: Shape) -> Style {
        Style { nulls: Nulls::Omitted, time_step: 100, shape }
    }
}

/// Something that has a place in JSON.
pub(in crate::sim) trait Value {
    /// Appends the value.
    fn write(&self, json: &mut Json);

    /// Whether the value is `null`, which hubs leave out.
    fn is_null(&self) -> bool {
        false
    }
}

/// A JSON text that grows.
#[derive(Debug)]
pub(in crate::sim) struct Json {
    text: String,
    style: Style,
}

/// An object under construction.
pub(in crate::sim) struct Object<'a> {
    json: &'a mut Json,
    is_empty: bool,
}

impl Json {
    /// The text of one value.
    #[cfg(test)]
    pub(in crate::sim) fn text(style: Style, value: &(impl Value + ?Sized)) -> String {
        let mut json = Json { text: String::with_capacity(256), style };
        value.write(&mut json);
        json.text
    }

    /// The text of one object.
    pub(in crate::sim) fn object_text(style: Style, members: impl FnOnce(&mut Object<'_>)) -> String {
        let mut json = Json { text: String::with_capacity(256), style };
        json.object(members);
        json.text
    }

    /// Appends an object with what `members` puts into it.
    pub(in crate::sim) fn object(&mut self, members: impl FnOnce(&mut Object<'_>)) {
        self.text.push('{');
        members(&mut Object { json: self, is_empty: true });
        self.text.push('}');
    }

    /// Appends an array of values.
    pub(in crate::sim) fn array<T: Value>(&mut self, items: impl IntoIterator<Item = T>) {
        self.text.push('[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            item.write(self);
        }
        self.text.push(']');
    }

    /// Appends text that is JSON already.
    pub(in crate::sim) fn raw(&mut self, json: &str) {
        self.text.push_str(json);
    }

    fn string(&mut self, value: &str) {
        self.text.push('"');
        if !value.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
            self.text.push_str(value);
            self.text.push('"');
            return;
        }
        for character in value.chars() {
            match character {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                control if control < ' ' => self.display(format_args!("\\u{:04x}", control as u32)),
                other => self.text.push(other),
            }
        }
        self.text.push('"');
    }

    fn display(&mut self, value: impl std::fmt::Display) {
        // Writing to a String cannot fail.
        let _ = write!(self.text, "{value}");
    }

    /// Appends a whole number. Market data is mostly numbers, so they do without the formatting machinery.
    fn number(&mut self, value: i64) {
        if value < 0 {
            self.text.push('-');
        }
        self.digits(value.unsigned_abs(), 1);
    }

    fn decimal(&mut self, units: i64) {
        const DIGITS: usize = 9;
        if units < 0 {
            self.text.push('-');
        }
        let magnitude = units.unsigned_abs();
        let (whole, mut fraction) = (magnitude / SCALE as u64, magnitude % SCALE as u64);
        self.digits(whole, 1);
        let mut width = DIGITS;
        if self.style.shape.decimals == Decimals::Short {
            if fraction == 0 {
                return;
            }
            while fraction.is_multiple_of(10) {
                fraction /= 10;
                width -= 1;
            }
        }
        self.text.push('.');
        self.digits(fraction, width);
    }

    /// Appends `value` with leading zeros up to `width` digits.
    fn digits(&mut self, mut value: u64, width: usize) {
        let mut buffer = [b'0'; 20];
        let mut start = buffer.len();
        while value > 0 {
            start -= 1;
            buffer[start] = b'0' + (value % 10) as u8;
            value /= 10;
        }
        let start = start.min(buffer.len() - width.min(buffer.len()));
        self.text.extend(buffer[start..].iter().map(|&digit| char::from(digit)));
    }
}

impl Object<'_> {
    /// Adds a member; a null one only where the surface writes nulls.
    pub(in crate::sim) fn member(&mut self, name: &str, value: impl Value) -> &mut Self {
        if !(value.is_null() && self.json.style.nulls == Nulls::Omitted) {
            value.write(self.name(name));
        }
        self
    }

    /// Adds a member that came after spring 2025, unless it is switched off.
    pub(in crate::sim) fn new_member(&mut self, name: &str, value: impl Value) -> &mut Self {
        if self.shape().new_members { self.member(name, value) } else { self }
    }

    /// Adds members of which null ones are left out on every surface.
    pub(in crate::sim) fn without_nulls(&mut self, members: impl FnOnce(&mut Object<'_>)) -> &mut Self {
        let nulls = std::mem::replace(&mut self.json.style.nulls, Nulls::Omitted);
        members(self);
        self.json.style.nulls = nulls;
        self
    }

    /// The shapes that are asked for.
    pub(in crate::sim) fn shape(&self) -> Shape {
        self.json.style.shape
    }

    /// Adds a member that is an object.
    pub(in crate::sim) fn object(&mut self, name: &str, members: impl FnOnce(&mut Object<'_>)) -> &mut Self {
        self.name(name).object(members);
        self
    }

    /// Adds a member that is an array.
    pub(in crate::sim) fn array<T: Value>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
    ) -> &mut Self {
        self.name(name).array(items);
        self
    }

    fn name(&mut self, name: &str) -> &mut Json {
        if !self.is_empty {
            self.json.text.push(',');
        }
        self.is_empty = false;
        self.json.string(name);
        self.json.text.push(':');
        self.json
    }
}

/// The value `null`.
pub(in crate::sim) struct Null;

impl Value for Null {
    fn write(&self, json: &mut Json) {
        json.raw("null");
    }

    fn is_null(&self) -> bool {
        true
    }
}

impl<T: Value + ?Sized> Value for &T {
    fn write(&self, json: &mut Json) {
        (**self).write(json);
    }

    fn is_null(&self) -> bool {
        (**self).is_null()
    }
}

impl<T: Value> Value for Option<T> {
    fn write(&self, json: &mut Json) {
        match self {
            Some(value) => value.write(json),
            None => Null.write(json),
        }
    }

    fn is_null(&self) -> bool {
        self.is_none()
    }
}

impl<T: Value> Value for [T] {
    fn write(&self, json: &mut Json) {
        json.array(self);
    }
}

impl Value for bool {
    fn write(&self, json: &mut Json) {
        json.raw(if *self { "true" } else { "false" });
    }
}

impl Value for i32 {
    fn write(&self, json: &mut Json) {
        json.number(i64::from(*self));
    }
}

impl Value for i64 {
    fn write(&self, json: &mut Json) {
        json.number(*self);
    }
}

impl Value for str {
    fn write(&self, json: &mut Json) {
        json.string(self);
    }
}

impl Value for String {
    fn write(&self, json: &mut Json) {
        json.string(self);
    }
}

impl Value for Price {
    fn write(&self, json: &mut Json) {
        json.decimal(self.units());
    }
}

impl Value for Money {
    fn write(&self, json: &mut Json) {
        json.decimal(self.units());
    }
}

/// `2026-08-16T23:26:02.15673+00:00`, cut to what the surface sends, without trailing zeros.
impl Value for Timestamp {
    fn write(&self, json: &mut Json) {
        let nanos = self.nanos();
        let cut = Timestamp::from_nanos(nanos - nanos.rem_euclid(json.style.time_step));
        json.text.push('"');
        json.display(cut);
        // The clock's own spelling ends in `Z`; the gateway spells the offset out.
        if json.text.ends_with('Z') {
            json.text.pop();
        }
        json.text.push_str("+00:00\"");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(style: Style) -> String {
        Json::object_text(style, |object| {
            object
                .member("id", 3_400_000_000i64)
                .member("price", Price::from_units(500))
                .member("fees", Money::parse("-1.4").unwrap())
                .member("customTag", None::<&str>)
                .member("at", Timestamp::parse("2026-08-16T23:26:02.1567306Z").unwrap())
                .array("list", [Some(1), None])
                .object("inner", |inner| {
                    inner.member("ok", true);
                });
        })
    }

    #[test]
    fn each_surface_has_its_spelling() {
        assert_eq!(
            sample(Style::rest(Shape::default())),
            r#"{"id":3400000000,"price":0.0000005,"fees":-1.4,"customTag":null,"at":"2026-08-16T23:26:02.15673+00:00","list":[1,null],"inner":{"ok":true}}"#
        );
        assert_eq!(
            sample(Style::hub(Shape { decimals: Decimals::NineDigits, ..Shape::default() })),
            r#"{"id":3400000000,"price":0.000000500,"fees":-1.400000000,"at":"2026-08-16T23:26:02.1567306+00:00","list":[1,null],"inner":{"ok":true}}"#
        );
    }

    #[test]
    fn numbers_are_written_in_full() {
        let written = |decimals, value: &dyn Value| {
            Json::text(Style::rest(Shape { decimals, ..Shape::default() }), value)
        };
        for (units, short, nine) in [
            (0, "0", "0.000000000"),
            (1, "0.000000001", "0.000000001"),
            (-500_000_000, "-0.5", "-0.500000000"),
            (30_199_250_000_000, "30199.25", "30199.250000000"),
            (i64::MAX - 1, "9223372036.854775806", "9223372036.854775806"),
        ] {
            assert_eq!(written(Decimals::Short, &Price::from_units(units)), short);
            assert_eq!(written(Decimals::NineDigits, &Money::from_units(units)), nine);
        }
        for number in [0, 7, -10, i64::MAX, i64::MIN] {
            assert_eq!(written(Decimals::Short, &number), number.to_string());
        }
    }

    #[test]
    fn text_is_escaped() {
        let text = Json::text(Style::rest(Shape::default()), "a\"b\\c\n\u{1}é");
        assert_eq!(text, "\"a\\\"b\\\\c\\n\\u0001é\"");
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), "a\"b\\c\n\u{1}é");
    }
}
