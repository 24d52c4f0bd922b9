//! Writes a recording block by block.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use super::block::{self, Lines};
use super::entry::{Entry, LONGEST_DATA};
use super::header::Header;
use crate::clock::Timestamp;
use crate::error::{Error, Kind, Result};

/// A block is not kept open for longer than this, in nanoseconds.
const SPAN: i64 = 1_000_000_000;

/// What becomes of a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfExists {
    /// It stays, and nothing is recorded.
    Refuse,
    /// The recording takes its place.
    Replace,
}

/// Writes a recording. What was not flushed when it is dropped is lost.
#[derive(Debug)]
pub struct Writer<W> {
    sink: W,
    lines: Lines,
    /// The time of the first entry that waits.
    since: Option<Timestamp>,
    written: u64,
}

impl Writer<File> {
    /// Creates a file with nothing but the header.
    ///
    /// # Errors
    /// [`Kind::File`] when the file is there and must stay, or cannot be written.
    pub fn create(path: &Path, if_exists: IfExists, header: &Header) -> Result<Writer<File>> {
        let mut options = OpenOptions::new();
        match if_exists {
            IfExists::Refuse => options.write(true).create_new(true),
            IfExists::Replace => options.write(true).create(true).truncate(true),
        };
        let refused = |error: io::Error| {
            let why = match error.kind() {
                io::ErrorKind::AlreadyExists => "it is there already".to_owned(),
                _ => error.to_string(),
            };
            Error::new(Kind::File, format!("{} cannot be written: {why}", path.display()))
        };
        Writer::new(options.open(path).map_err(refused)?, header)
    }

    /// Writes what waits, and waits until the disk has it.
    ///
    /// # Errors
    /// [`Kind::File`].
    pub fn sync(&mut self) -> Result<()> {
        self.flush()?;
        self.sink.sync_data().map_err(failed)
    }
}

impl<W: Write> Writer<W> {
    /// A recording in `sink`, which gets the header at once.
    ///
    /// # Errors
    /// [`Kind::File`].
    pub fn new(sink: W, header: &Header) -> Result<Writer<W>> {
        let mut writer = Writer { sink, lines: Lines::default(), since: None, written: 0 };
        writer.write_block(header.line().as_bytes())?;
        Ok(writer)
    }

    /// Adds an entry. Blocks are written when they are full or span a second.
    ///
    /// # Errors
    /// [`Kind::Argument`] when it holds more than 16 MiB, [`Kind::File`].
    pub fn append(&mut self, entry: &Entry<'_>) -> Result<()> {
        if entry.data.len() > LONGEST_DATA {
            return Err(Error::new(Kind::Argument, "an entry of a recording holds 16 MiB at most"));
        }
        if self.since.is_some_and(|since| entry.at.nanos().saturating_sub(since.nanos()) >= SPAN) {
            self.flush()?;
        }
        self.since.get_or_insert(entry.at);
        self.lines.push(entry);
        if self.lines.is_full() { self.flush() } else { Ok(()) }
    }

    /// Hands what waits to the system as a block.
    ///
    /// # Errors
    /// [`Kind::File`].
    pub fn flush(&mut self) -> Result<()> {
        let lines = std::mem::take(&mut self.lines);
        self.since = None;
        self.write_block(&lines.text)
    }

    /// Writes whole lines as a block.
    pub(super) fn write_block(&mut self, text: &[u8]) -> Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let stored = block::compress(text).map_err(failed)?;
        self.sink.write_all(&stored).and_then(|()| self.sink.flush()).map_err(failed)?;
        self.written += stored.len() as u64;
        Ok(())
    }

    /// How many bytes were written.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Writes what waits and gives the sink back.
    ///
    /// # Errors
    /// [`Kind::File`].
    pub fn finish(mut self) -> Result<W> {
        self.flush()?;
        Ok(self.sink)
    }
}

fn failed(error: io::Error) -> Error {
    Error::new(Kind::File, format!("the recording cannot be written: {error}"))
}
