//! A block: whole lines in one LZ4 frame.

use std::io::{self, Read, Write};

use lz4_flex::frame::{BlockSize, FrameDecoder, FrameEncoder, FrameInfo};

use super::entry::{Entry, LONGEST_DATA};

/// As much text as a block holds before it is closed.
pub(super) const FULL: usize = 64 * 1024;
/// The most text that a block may hold: it was not full before its last line came.
pub(super) const LARGEST: usize = LONGEST_DATA + 2 * FULL;
/// The most bytes that a block may take in the file: what cannot be compressed grows a little.
const LARGEST_STORED: usize = LARGEST + LARGEST / 64;

const MAGIC: [u8; 4] = 0x184D_2204_u32.to_le_bytes();

/// Lines that are not written yet.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) text: Vec<u8>,
    /// How many entries there are.
    pub(super) entries: u64,
}

impl Lines {
    pub(super) fn push(&mut self, entry: &Entry<'_>) {
        entry.write(&mut self.text);
        self.entries += 1;
    }

    pub(super) fn is_full(&self) -> bool {
        self.text.len() >= FULL
    }
}

/// The block that holds this text. Checksums of what is stored find the flipped bits that change nothing of the text.
pub(super) fn compress(text: &[u8]) -> io::Result<Vec<u8>> {
    let info = FrameInfo::new()
        .block_size(BlockSize::Max64KB)
        .content_size(Some(text.len() as u64))
        .block_checksums(true)
        .content_checksum(true);
    let mut encoder = FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(text)?;
    Ok(encoder.finish()?)
}

/// What was found where a block should begin.
#[derive(Debug)]
pub(super) enum Found {
    /// A block with so many bytes; its text was put into the buffer.
    Block(u64),
    /// The end of the file.
    End,
    /// The first bytes of a block; the rest is missing.
    Torn(u64),
    /// Something else; the text says what.
    Damaged(String),
}

/// Reads the next block and replaces `text` by what it holds. Takes no more memory than a block may have.
pub(super) fn read(source: &mut impl Read, text: &mut Vec<u8>) -> io::Result<Found> {
    let mut stored = Stored { source, bytes: Vec::new() };
    let extent = stored.read_extent()?;
    let bytes = stored.bytes;
    match extent {
        Extent::Whole => {}
        Extent::Missing if bytes.is_empty() => return Ok(Found::End),
        Extent::Missing => return Ok(Found::Torn(bytes.len() as u64)),
        Extent::Wrong(what) => return Ok(Found::Damaged(what.to_owned())),
    }
    text.clear();
    let mut decoder = FrameDecoder::new(&bytes[..]).take(LARGEST as u64 + 1);
    Ok(match decoder.read_to_end(text) {
        Err(error) => Found::Damaged(error.to_string()),
        Ok(length) if length > LARGEST => Found::Damaged(format!("it holds more than {LARGEST} bytes")),
        Ok(_) => Found::Block(bytes.len() as u64),
    })
}

/// How far the bytes of a block reach.
enum Extent {
    Whole,
    /// The file ends first.
    Missing,
    Wrong(&'static str),
}

/// The bytes of a block as they are read. What does not begin like a block is not read any further.
struct Stored<'a, R> {
    source: &'a mut R,
    bytes: Vec<u8>,
}

impl<R: Read> Stored<'_, R> {
    /// Follows the structure of an LZ4 frame to its end.
    fn read_extent(&mut self) -> io::Result<Extent> {
        if !self.take(MAGIC.len())? {
            let is_start = MAGIC.starts_with(&self.bytes);
            return Ok(if is_start { Extent::Missing } else { Extent::Wrong("no block begins here") });
        }
        if self.bytes != MAGIC {
            return Ok(Extent::Wrong("no block begins here"));
        }
        if !self.take(2)? {
            return Ok(Extent::Missing);
        }
        let flags = self.bytes[4];
        let has = |bit: u8| flags & (1 << bit) != 0;
        let (has_dictionary, has_checksum, has_size, has_block_checksums) = (has(0), has(2), has(3), has(4));
        if flags >> 6 != 1 || has_dictionary {
            return Ok(Extent::Wrong("its frame is of a kind that recordings do not have"));
        }
        if !has_checksum {
            return Ok(Extent::Wrong("it has no checksum"));
        }
        // The content's size, if any, and a checksum of the frame's header.
        if !self.take(if has_size { 9 } else { 1 })? {
            return Ok(Extent::Missing);
        }
        loop {
            if !self.take(4)? {
                return Ok(Extent::Missing);
            }
            let size = self.bytes.last_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
            if size == 0 {
                break;
            }
            // The highest bit tells that the data is not compressed.
            let size = (size & 0x7FFF_FFFF) as usize + if has_block_checksums { 4 } else { 0 };
            if size > LARGEST_STORED - self.bytes.len().min(LARGEST_STORED) {
                return Ok(Extent::Wrong("it is larger than a block may be"));
            }
            if !self.take(size)? {
                return Ok(Extent::Missing);
            }
        }
        Ok(if self.take(4)? { Extent::Whole } else { Extent::Missing })
    }

    /// Adds so many bytes; false when the file ends first. Memory grows with what is there, not with `count`.
    fn take(&mut self, count: usize) -> io::Result<bool> {
        let read = self.source.by_ref().take(count as u64).read_to_end(&mut self.bytes)?;
        Ok(read == count)
    }
}
