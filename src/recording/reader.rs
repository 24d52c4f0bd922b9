//! Reads a recording, whatever its state.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use super::block::{self, Found};
use super::entry::Entry;
use super::header::{self, Header};
use crate::error::{Error, Kind, Result};

/// The end of a file that is no whole block: the program that recorded was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost {
    /// Where it begins in the file.
    pub offset: u64,
    /// How many bytes it has.
    pub bytes: u64,
}

/// Reads the entries of a recording in order. Holds one block at a time and its text, 17 MiB each at most,
/// whatever the file holds.
#[derive(Debug)]
pub struct Reader<R> {
    source: R,
    header: Header,
    /// The text of the current block.
    text: Vec<u8>,
    /// How much of it was given out.
    taken: usize,
    /// Where the current block and the one behind it begin in the file.
    block: u64,
    next_block: u64,
    lost: Option<Lost>,
    trouble: Option<Error>,
}

impl Reader<BufReader<File>> {
    /// Opens a file.
    ///
    /// # Errors
    /// [`Kind::File`] when it cannot be read or is no recording.
    pub fn open(path: &Path) -> Result<Reader<BufReader<File>>> {
        let told = |why: &str| Error::new(Kind::File, format!("{} cannot be read: {why}", path.display()));
        let file = File::open(path).map_err(|error| told(&error.to_string()))?;
        Reader::new(BufReader::new(file)).map_err(|error| told(error.message()))
    }
}

impl<R: Read> Reader<R> {
    /// Begins with the header.
    ///
    /// # Errors
    /// [`Kind::File`] when it cannot be read or is no recording.
    pub fn new(mut source: R) -> Result<Reader<R>> {
        let refused = |why: String| Error::new(Kind::File, why);
        let mut text = Vec::new();
        let next_block = match block::read(&mut source, &mut text).map_err(failed)? {
            Found::Block(bytes) => bytes,
            Found::End => return Err(refused("the file is empty".into())),
            Found::Torn(_) => return Err(refused("it ends within its first block".into())),
            Found::Damaged(why) => {
                return Err(refused(format!("it does not begin as a recording does: {why}")));
            }
        };
        let end = text.iter().take(header::LONGEST).position(|byte| *byte == b'\n');
        let end = end.ok_or_else(|| refused("it is no recording of this program".into()))?;
        let header = Header::parse(&text[..end]).map_err(refused)?;
        Ok(Reader { source, header, text, taken: end + 1, block: 0, next_block, lost: None, trouble: None })
    }

    /// What the recording is about.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The next entry; `None` at the end, where [`Reader::lost`] tells whether something is missing.
    ///
    /// # Errors
    /// [`Kind::File`] when a block is damaged, with its place in the file. Everything before that block was given
    /// out, and nothing comes after it.
    pub fn next_entry(&mut self) -> Result<Option<Entry<'_>>> {
        if let Some(trouble) = &self.trouble {
            return Err(trouble.clone());
        }
        while self.taken == self.text.len() {
            if self.lost.is_some() {
                return Ok(None);
            }
            match block::read(&mut self.source, &mut self.text).map_err(failed)? {
                Found::Block(bytes) => {
                    self.block = self.next_block;
                    self.next_block += bytes;
                    self.taken = 0;
                }
                Found::End => return Ok(None),
                Found::Torn(bytes) => self.lost = Some(Lost { offset: self.next_block, bytes }),
                Found::Damaged(why) => return Err(self.damaged(self.next_block, &why)),
            }
        }
        // Asked twice, because what a branch gives out stays borrowed in the other.
        if Entry::read(&self.text[self.taken..]).is_none() {
            return Err(self.damaged(self.block, "a line in it is no entry"));
        }
        let Some((entry, rest)) = Entry::read(&self.text[self.taken..]) else { return Ok(None) };
        self.taken = self.text.len() - rest.len();
        Ok(Some(entry))
    }

    /// The torn end of the file; known once [`Reader::next_entry`] has given `None`.
    pub fn lost(&self) -> Option<Lost> {
        self.lost
    }

    fn damaged(&mut self, offset: u64, why: &str) -> Error {
        let message = format!("the recording is damaged in its block at byte {offset}: {why}");
        self.trouble.insert(Error::new(Kind::File, message)).clone()
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::new(Kind::File, format!("the recording cannot be read: {error}"))
}
