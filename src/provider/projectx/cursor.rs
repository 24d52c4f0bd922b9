//! A cursor over JSON text whose shape is known.
//!
//! It understands what the gateway writes and says `None` to everything else: spaces between tokens, escapes, text
//! beyond ASCII, nested values that are to be passed over, numbers out of range. `None` means "ask serde", never
//! "this is wrong", so a reading must change nothing until it has come to its end. What it does take has the meaning
//! that serde gives it.

use super::number::Number;
use crate::clock::{TimeReader, Timestamp};
use crate::model::Volume;
use crate::price::Price;

/// The name of a member with what stands between it and the value, as one number to compare with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name {
    bytes: u128,
    mask: u128,
    len: usize,
}

/// As many bytes as a name is looked for in.
const WINDOW: usize = 16;

impl Name {
    /// A name of [`WINDOW`] - 2 bytes at most.
    pub(super) const fn new(name: &str) -> Name {
        let (mut bytes, mut mask, mut at) = ([0; WINDOW], [0; WINDOW], 0);
        while at < name.len() {
            bytes[at] = name.as_bytes()[at];
            mask[at] = 0xff;
            at += 1;
        }
        (bytes[at], bytes[at + 1]) = (b'"', b':');
        (mask[at], mask[at + 1]) = (0xff, 0xff);
        Name { bytes: u128::from_le_bytes(bytes), mask: u128::from_le_bytes(mask), len: at + 2 }
    }

    #[inline]
    fn is_at(&self, window: u128) -> bool {
        (window ^ self.bytes) & self.mask == 0
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

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Takes `byte`; false when something else stands there.
    #[inline]
    fn takes(&mut self, byte: u8) -> bool {
        match self.rest {
            [first, rest @ ..] if *first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Takes `byte`, which must stand there.
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
                Some((index, known)) => {
                    next = index + 1;
                    member(self, known)?;
                }
                None => self.pass_member()?,
            }
            if !self.takes(b',') {
                return self.expect(b'}');
            }
        }
    }

    /// Takes one of the names; its index and what stands for it. `next` is the one that comes if none is left out.
    #[inline]
    fn name<M: Copy>(&mut self, names: &[(Name, M)], next: usize) -> Option<(usize, M)> {
        let window = self.window();
        let index = match names.get(next) {
            Some((name, _)) if name.is_at(window) => next,
            _ => find(names, next, window)?,
        };
        let (name, known) = &names[index];
        self.rest = self.rest.get(name.len..)?;
        Some((index, *known))
    }

    /// The next bytes as a number, filled up with zeros at the end of the text.
    #[inline]
    fn window(&self) -> u128 {
        let bytes = self.rest.first_chunk().copied().unwrap_or_else(|| {
            let mut bytes = [0; WINDOW];
            bytes[..self.rest.len()].copy_from_slice(self.rest);
            bytes
        });
        u128::from_le_bytes(bytes)
    }

    #[inline]
    fn pass_member(&mut self) -> Option<()> {
        self.rest_of_string()?;
        self.expect(b':')?;
        self.skip()
    }

    /// One object, or an array of objects and nulls: `item` reads each object.
    #[inline]
    pub(super) fn each(&mut self, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        if !self.takes(b'[') {
            return item(self);
        }
        if self.takes(b']') {
            return Some(());
        }
        loop {
            if !self.takes_word(b"null") {
                item(self)?;
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
        let (words, last) = self.rest.as_chunks();
        let ends = words.iter().position(|word| string_ends(*word) != 0);
        let length = match ends {
            Some(index) => 8 * index + (string_ends(words[index]).trailing_zeros() / 8) as usize,
            None => 8 * words.len() + last.iter().position(|byte| !is_plain(*byte))?,
        };
        let (string, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest.strip_prefix(b"\"")?;
        Some(string)
    }

    /// A time in a string; a string that is no time counts as absent, and so does `null`.
    #[inline]
    pub(super) fn time(&mut self, reader: &mut TimeReader) -> Option<Option<Timestamp>> {
        if !self.takes(b'"') {
            return self.null();
        }
        match reader.read(self.rest) {
            Some((time, [b'"', rest @ ..])) => {
                self.rest = rest;
                Some(Some(time))
            }
            _ => self.rest_of_string().map(|_| None),
        }
    }

    /// A price that must be exact; `null` counts as absent.
    pub(super) fn price(&mut self) -> Option<Option<Price>> {
        self.number(|number| number.price(Price::parse))
    }

    /// A price that is rounded at 1e-9; `null` counts as absent.
    pub(super) fn average(&mut self) -> Option<Option<Price>> {
        self.number(|number| number.price(Price::parse_rounded))
    }

    /// A number of contracts; `null` counts as absent.
    pub(super) fn volume(&mut self) -> Option<Option<Volume>> {
        self.number(|number| number.whole().map(Volume::new))
    }

    /// A whole number of 32 bits; `null` counts as absent.
    pub(super) fn small(&mut self) -> Option<Option<i32>> {
        self.number(|number| i32::try_from(number.whole()?).ok())
    }

    #[inline]
    fn number<T>(&mut self, meaning: impl FnOnce(Number<'a>) -> Option<T>) -> Option<Option<T>> {
        let Some((number, rest)) = Number::read(self.rest) else { return self.null() };
        self.rest = rest;
        meaning(number).map(Some)
    }

    #[inline]
    fn null<T>(&mut self) -> Option<Option<T>> {
        self.takes_word(b"null").then_some(None)
    }

    /// Passes over a string, a number or a word.
    pub(super) fn skip(&mut self) -> Option<()> {
        if self.takes(b'"') {
            return self.rest_of_string().map(|_| ());
        }
        if self.takes_word(b"true") || self.takes_word(b"false") {
            return Some(());
        }
        self.number(|_| Some(())).map(|_| ())
    }
}

/// Which of the names stands there, tried from `next` on.
fn find<M>(names: &[(Name, M)], next: usize, window: u128) -> Option<usize> {
    let is_there = |index: &usize| names[*index].0.is_at(window);
    (next..names.len()).find(is_there).or_else(|| (0..next).find(is_there))
}

/// Marks the first byte of eight that cannot go on a plain string, by its highest bit. Bytes behind it may be marked
/// wrongly, because subtraction borrows from them.
#[inline]
fn string_ends(word: [u8; 8]) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH_BITS: u64 = u64::from_le_bytes([0x80; 8]);
    let word = u64::from_le_bytes(word);
    let equals = |byte: u8| {
        let difference = word ^ (ONES * u64::from(byte));
        difference.wrapping_sub(ONES) & !difference
    };
    let is_control = word.wrapping_sub(ONES * 0x20) & !word;
    (equals(b'"') | equals(b'\\') | is_control | word) & HIGH_BITS
}

/// The same for one byte.
fn is_plain(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7f) && byte != b'"' && byte != b'\\'
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
    fn members_come_in_any_order() {
        let one = |index, text: &str| (index, Some(text.to_owned()));
        assert_eq!(prices("{}"), Some(vec![]));
        assert_eq!(prices(r#"{"price":1,"pric":2}"#), Some(vec![one(0, "1"), one(1, "2")]));
        assert_eq!(
            prices(r#"{"changePercent":-0.5,"pric":null,"prices":"x","":true,"symbol_":1,"price":3e0}"#),
            Some(vec![one(2, "-0.5"), (1, None), one(0, "3")])
        );
    }

    #[test]
    fn a_plain_string_ends_where_it_shall() {
        for byte in 0..=u8::MAX {
            for place in 0..20 {
                let mut text = *b"abcdefghij ~\x7f!#]^\"\"\"";
                text[place] = byte;
                let expected = text.iter().position(|byte| !is_plain(*byte)).filter(|end| text[*end] == b'"');
                let found = Cursor::new(&text).rest_of_string().map(<[u8]>::len);
                assert_eq!(found, expected, "{byte} at {place}");
            }
        }
    }

    #[test]
    fn what_is_not_understood_is_left_alone() {
        for json in [
            "",
            " {}",
            "{ }",
            "{\"price\" :1}",
            "{\"price\": 1}",
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
