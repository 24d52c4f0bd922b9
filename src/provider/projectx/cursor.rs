//! A cursor over JSON text whose shape is known.
//!
//! It understands what the gateway writes and says `None` to everything else: escapes, text beyond ASCII, nested
//! values that are to be passed over, numbers out of range. `None` means "ask serde", never "this is wrong", so a
//! reading must change nothing until it has come to its end. What it does take has the meaning that serde gives it.

use super::digits::Number;
use crate::clock::Timestamp;
use crate::model::Volume;
use crate::price::Price;

/// The name of a member, with the quotation mark that ends it, as one number to compare with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name {
    bytes: u128,
    mask: u128,
    len: usize,
}

/// As many bytes as a name is looked for in.
const WINDOW: usize = 16;

impl Name {
    /// A name of [`WINDOW`] - 1 bytes at most.
    pub(super) const fn new(name: &str) -> Name {
        let (mut bytes, mut mask, mut at) = ([0; WINDOW], [0; WINDOW], 0);
        while at <= name.len() {
            bytes[at] = if at < name.len() { name.as_bytes()[at] } else { b'"' };
            mask[at] = 0xff;
            at += 1;
        }
        Name { bytes: u128::from_le_bytes(bytes), mask: u128::from_le_bytes(mask), len: at }
    }
}

/// What has not been read yet.
pub(super) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(super) fn new(json: &'a [u8]) -> Cursor<'a> {
        Cursor { rest: json }
    }

    /// Nothing but space is left.
    pub(super) fn is_at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    /// The next byte that is no space, without taking it.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        let first = *self.rest.first()?;
        if first > b' ' { Some(first) } else { self.peek_after_space() }
    }

    /// The gateway writes no spaces.
    #[cold]
    fn peek_after_space(&mut self) -> Option<u8> {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
        self.rest.first().copied()
    }

    /// Takes `byte`, after spaces; false when something else stands there.
    #[inline]
    fn takes(&mut self, byte: u8) -> bool {
        let stands_there = self.peek() == Some(byte);
        if stands_there {
            self.rest = &self.rest[1..];
        }
        stands_there
    }

    /// Takes what must stand there.
    #[inline]
    pub(super) fn expect(&mut self, byte: u8) -> Option<()> {
        self.takes(byte).then_some(())
    }

    #[inline]
    fn takes_word(&mut self, word: &[u8]) -> bool {
        let after = self.rest.strip_prefix(word);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    /// An object: `member` reads the value of each member that has its name among `names`. Others are passed over.
    /// Quickest when members come in the order of `names`.
    #[inline]
    pub(super) fn object<M: Copy>(
        &mut self,
        names: &[(Name, M)],
        mut member: impl FnMut(&mut Self, M) -> Option<()>,
    ) -> Option<()> {
        self.expect(b'{')?;
        if self.takes(b'}') {
            return Some(());
        }
        let mut next = 0;
        loop {
            self.expect(b'"')?;
            match self.name(names, next) {
                Some(index) => {
                    self.expect(b':')?;
                    member(self, names[index].1)?;
                    next = index + 1;
                }
                None => {
                    self.rest_of_string()?;
                    self.expect(b':')?;
                    self.skip()?;
                }
            }
            if !self.takes(b',') {
                return self.expect(b'}');
            }
        }
    }

    /// Takes one of the names, which are tried from `next` on; its index.
    #[inline]
    fn name<M>(&mut self, names: &[(Name, M)], next: usize) -> Option<usize> {
        let window = self.window();
        let is_here = |(name, _): &(Name, M)| (window ^ name.bytes) & name.mask == 0;
        let (before, after) = names.split_at(next);
        let index = match after.iter().position(is_here) {
            Some(index) => next + index,
            None => before.iter().position(is_here)?,
        };
        self.rest = &self.rest[names[index].0.len..];
        Some(index)
    }

    /// The next bytes as a number, filled up with zeros at the end of the text.
    #[inline]
    fn window(&self) -> u128 {
        let mut bytes = [0; WINDOW];
        match self.rest.first_chunk() {
            Some(whole) => bytes = *whole,
            None => bytes[..self.rest.len()].copy_from_slice(self.rest),
        }
        u128::from_le_bytes(bytes)
    }

    /// One object, or an array of objects and nulls: `item` reads each object.
    pub(super) fn each(&mut self, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        if !self.takes(b'[') {
            return item(self);
        }
        if self.takes(b']') {
            return Some(());
        }
        loop {
            if self.peek()? != b'n' {
                item(self)?;
            } else if !self.takes_word(b"null") {
                return None;
            }
            if !self.takes(b',') {
                return self.expect(b']');
            }
        }
    }

    /// A string of printable ASCII without escapes.
    #[inline]
    pub(super) fn string(&mut self) -> Option<&'a [u8]> {
        self.expect(b'"')?;
        self.rest_of_string()
    }

    #[inline]
    fn rest_of_string(&mut self) -> Option<&'a [u8]> {
        let is_plain = |&byte: &u8| matches!(byte, 0x20..=0x7f) && byte != b'"' && byte != b'\\';
        let length = self.rest.iter().position(|byte| !is_plain(byte))?;
        let (string, rest) = self.rest.split_at(length);
        self.rest = rest.strip_prefix(b"\"")?;
        Some(string)
    }

    /// A time in a string; a string that is no time counts as absent, and so does `null`.
    #[inline]
    pub(super) fn time(&mut self) -> Option<Option<Timestamp>> {
        if self.peek()? == b'n' {
            return self.takes_word(b"null").then_some(None);
        }
        self.expect(b'"')?;
        match Timestamp::read(self.rest) {
            Some((time, [b'"', rest @ ..])) => {
                self.rest = rest;
                Some(Some(time))
            }
            _ => self.rest_of_string().map(|_| None),
        }
    }

    /// A price that must be exact; `null` counts as absent.
    #[inline]
    pub(super) fn price(&mut self) -> Option<Option<Price>> {
        self.number(|number| number.price(Price::parse))
    }

    /// A price that is rounded at 1e-9; `null` counts as absent.
    #[inline]
    pub(super) fn average(&mut self) -> Option<Option<Price>> {
        self.number(|number| number.price(Price::parse_rounded))
    }

    /// A number of contracts; `null` counts as absent.
    #[inline]
    pub(super) fn volume(&mut self) -> Option<Option<Volume>> {
        self.number(|number| number.whole().map(Volume::new))
    }

    /// A whole number of 32 bits; `null` counts as absent.
    #[inline]
    pub(super) fn small(&mut self) -> Option<Option<i32>> {
        self.number(|number| i32::try_from(number.whole()?).ok())
    }

    #[inline]
    fn number<T>(&mut self, meaning: impl FnOnce(Number<'a>) -> Option<T>) -> Option<Option<T>> {
        if self.peek()? == b'n' {
            return self.takes_word(b"null").then_some(None);
        }
        let number;
        (number, self.rest) = Number::read(self.rest)?;
        meaning(number).map(Some)
    }

    /// Passes over a string, a number or a word.
    #[inline]
    pub(super) fn skip(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.string().map(|_| ()),
            b't' => self.takes_word(b"true").then_some(()),
            b'f' => self.takes_word(b"false").then_some(()),
            _ => self.number(|_| Some(())).map(|_| ()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prices(json: &str) -> Option<Vec<(usize, Option<String>)>> {
        const NAMES: [(Name, usize); 3] =
            [(Name::new("price"), 0), (Name::new("pric"), 1), (Name::new("changePercent"), 2)];
        let mut found = Vec::new();
        let mut cursor = Cursor::new(json.as_bytes());
        cursor.object(&NAMES, |cursor, index| {
            found.push((index, cursor.price()?.map(|price| price.to_string())));
            Some(())
        })?;
        cursor.is_at_end().then_some(found)
    }

    #[test]
    fn members_come_in_any_order_and_spacing() {
        let one = |index, text: &str| (index, Some(text.to_owned()));
        assert_eq!(prices("{}"), Some(vec![]));
        assert_eq!(prices(" { } "), Some(vec![]));
        assert_eq!(prices(r#"{"price":1,"pric":2}"#), Some(vec![one(0, "1"), one(1, "2")]));
        assert_eq!(
            prices("{\t\"changePercent\" : -0.5 ,\n\"pric\":null,\"prices\":[ ]}"),
            None,
            "nested values are left to serde"
        );
        assert_eq!(
            prices(
                "{\"changePercent\" : -0.5 ,\n\"pric\":null,\"prices\":\"x\",\"\":true, \"price\":3e0 }\r"
            ),
            Some(vec![one(2, "-0.5"), (1, None), one(0, "3")])
        );
    }

    #[test]
    fn what_is_not_understood_is_left_alone() {
        for json in [
            "",
            "{",
            "{\"price\":1",
            "{\"price\":1,}",
            "{\"price\":1}}",
            "{\"price\" 1}",
            "{price:1}",
            "{\"price\":01}",
            "{\"price\":1.}",
            "{\"price\":.5}",
            "{\"price\":1e}",
            "{\"price\":-}",
            "{\"price\":+1}",
            "{\"price\":nul}",
            "{\"price\":\"1\"}",
            "{\"price\":0.0000000001}",
            "{\"price\":1e10}",
            "{\"x\":\"\\n\"}",
            "{\"x\":\"é\"}",
            "{\"x\":\"\n\"}",
            "{\"x\":\"y}",
            "{\"pri\\u0063e\":1}",
            "{\"x\":{}}",
            "[]",
            "{\"x\":tru}",
        ] {
            assert_eq!(prices(json), None, "{json}");
        }
    }
}
