//! Stdout: lines for people or JSON, written through a check.

use std::fmt::Display;
use std::io::{self, BufWriter, Stdout, Write};

use crate::failure::{Failure, Result};
use crate::json::Object;
use crate::table::{self, Column};

/// A thing that is shown as a row of a table or as a JSON object.
pub trait Record {
    /// The columns of its table.
    const COLUMNS: &'static [Column];
    /// What people read when there is none.
    const NONE: &'static str;

    /// Its row.
    fn row(&self) -> Vec<String>;

    /// Its JSON object.
    fn json(&self) -> Object;
}

/// Stdout, buffered until it is flushed.
pub struct Output {
    stdout: BufWriter<Stdout>,
    json: bool,
}

impl Output {
    /// Stdout, as JSON or for people.
    pub fn new(json: bool) -> Output {
        Output { stdout: BufWriter::new(io::stdout()), json }
    }

    /// Whether JSON is wanted.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Writes a line.
    pub fn line(&mut self, line: impl Display) -> Result<()> {
        writeln!(self.stdout, "{line}").map_err(Failure::Output)
    }

    /// Writes a JSON object, or a sentence for people.
    pub fn tell(&mut self, json: &Object, sentence: impl Display) -> Result<()> {
        if self.json { self.line(json) } else { self.line(sentence) }
    }

    /// Writes records: a table, or a line each.
    pub fn list<T: Record>(&mut self, records: &[T]) -> Result<()> {
        if self.json {
            return records.iter().try_for_each(|record| self.line(record.json()));
        }
        if records.is_empty() {
            return self.line(T::NONE);
        }
        let rows: Vec<_> = records.iter().map(Record::row).collect();
        table::lines(T::COLUMNS, &rows).iter().try_for_each(|line| self.line(line))
    }

    /// Hands everything to the reader.
    pub fn flush(&mut self) -> Result<()> {
        self.stdout.flush().map_err(Failure::Output)
    }
}
