//! Records in a stream of bytes: each is JSON text followed by 0x1E.

use memchr::memchr;

use crate::error::{Error, Kind, Result};

/// The byte that ends a record.
pub const RECORD_END: u8 = 0x1E;

/// The longest record that is put together from pieces: 16 MiB.
const RECORD_LIMIT: usize = 16 * 1024 * 1024;

/// Finds records in chunks cut anywhere.
#[derive(Debug, Default)]
pub struct RecordSplitter {
    /// The start of a record whose end has not come yet.
    unfinished: Vec<u8>,
}

impl RecordSplitter {
    /// A splitter at the start of a stream.
    pub fn new() -> RecordSplitter {
        RecordSplitter::default()
    }

    /// Hands every record that `chunk` completes to `sink`, without its end byte, an empty one too: something may
    /// have stood there. A record that lies whole in the chunk is not copied.
    ///
    /// # Errors
    /// [`Kind::Protocol`] when a record grows past 16 MiB; the splitter must not be used afterwards.
    pub fn feed(&mut self, mut chunk: &[u8], mut sink: impl FnMut(&[u8])) -> Result<()> {
        while let Some(end) = memchr(RECORD_END, chunk) {
            let (record, rest) = (&chunk[..end], &chunk[end + 1..]);
            if self.unfinished.is_empty() {
                sink(record);
            } else {
                self.keep(record)?;
                sink(&self.unfinished);
                self.unfinished.clear();
            }
            chunk = rest;
        }
        self.keep(chunk)
    }

    fn keep(&mut self, piece: &[u8]) -> Result<()> {
        if self.unfinished.len() + piece.len() > RECORD_LIMIT {
            return Err(Error::new(Kind::Protocol, "the hub sent a record of more than 16 MiB"));
        }
        self.unfinished.extend_from_slice(piece);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(chunks: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut splitter = RecordSplitter::new();
        let mut records = Vec::new();
        for chunk in chunks {
            splitter.feed(chunk, |record| records.push(record.to_vec())).unwrap();
        }
        records
    }

    #[test]
    fn several_records_in_one_frame_and_one_in_several() {
        let whole: &[u8] = b"{}\x1e{\"type\":6}\x1e\x1e{\"type\"";
        assert_eq!(split(&[whole, b":7}\x1e"]), [&b"{}"[..], b"{\"type\":6}", b"", b"{\"type\":7}"]);
    }

    #[test]
    fn an_endless_record_is_refused() {
        let mut splitter = RecordSplitter::new();
        let chunk = vec![b'x'; RECORD_LIMIT];
        splitter.feed(&chunk, |_| ()).unwrap();
        assert_eq!(splitter.feed(b"x", |_| ()).unwrap_err().kind(), Kind::Protocol);
    }

    proptest! {
        #[test]
        fn cuts_do_not_matter(
            records in prop::collection::vec("[^\u{1e}]{0,40}", 0..8),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        ) {
            let bytes: Vec<u8> =
                records.iter().flat_map(|record| record.bytes().chain([RECORD_END])).collect();
            let expected: Vec<Vec<u8>> = records.iter().map(|record| record.clone().into_bytes()).collect();

            let by_byte: Vec<&[u8]> = bytes.chunks(1).collect();
            prop_assert_eq!(&split(&by_byte), &expected);

            let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            places.extend([0, bytes.len()]);
            places.sort_unstable();
            let pieces: Vec<&[u8]> = places.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
            prop_assert_eq!(&split(&pieces), &expected);
        }
    }
}
