//! Records on a thread of its own, so that the disk never delays a connection.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::block::Lines;
use super::entry::{Entry, What};
use super::header::Header;
use super::tap::Tap;
use super::writer::{IfExists, Writer};
use crate::error::{Error, Kind, Result};
use crate::sync::{Thread, spawn};

/// The most text that waits for the disk. At the usual rates this is hours of one contract.
const PATIENCE: usize = 32 * 1024 * 1024;
/// How long an entry waits for its block at most.
const SPAN: Duration = Duration::from_secs(1);

/// A recording under way. Stop it, or drop it, to have everything in the file.
#[derive(Debug)]
pub struct Recorder {
    line: Arc<Line>,
    tap: Arc<Tap>,
    thread: Option<Thread>,
}

/// What a recording came to.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// WebSocket messages received that were recorded.
    pub received: u64,
    /// Entries in the file: what was received, what was sent, and connections opened and closed.
    pub entries: u64,
    /// Bytes of the entries' text.
    pub text_bytes: u64,
    /// Bytes of the file.
    pub file_bytes: u64,
    /// Entries that are missing at the end, because the disk was full or too slow.
    pub lost: u64,
    /// Why the recording ended by itself; `None` when it did not.
    pub trouble: Option<Error>,
}

impl Recorder {
    /// Creates the file and records what comes through `tap`.
    ///
    /// # Errors
    /// [`Kind::State`] when that is being recorded already or the system gives no thread; [`Kind::File`].
    pub(crate) fn start(
        tap: Arc<Tap>,
        path: &Path,
        if_exists: IfExists,
        header: &Header,
    ) -> Result<Recorder> {
        let line = tap.open()?;
        let started = Writer::create(path, if_exists, header).and_then(|writer| run(line.clone(), writer));
        match started {
            Ok(thread) => Ok(Recorder { line, tap, thread: Some(thread) }),
            Err(error) => {
                tap.shut();
                Err(error)
            }
        }
    }

    /// Whether it still records; false after the disk was full or too slow.
    pub fn is_running(&self) -> bool {
        self.line.state.lock().trouble.is_none()
    }

    /// Ends the recording and waits until the disk has all of it.
    pub fn stop(mut self) -> Recorded {
        self.end();
        self.line.recorded()
    }

    fn end(&mut self) {
        // Once: after that the tap may serve another recorder.
        if let Some(thread) = self.thread.take() {
            self.tap.shut();
            self.line.end();
            drop(thread);
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.end();
    }
}

/// Entries on their way to the disk. Those who bring them never wait for it.
#[derive(Debug, Default)]
pub(super) struct Line {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Blocks that are full.
    full: VecDeque<Lines>,
    /// The block that is being filled.
    open: Lines,
    /// The text of both.
    waiting: usize,
    is_ending: bool,
    received: u64,
    entries: u64,
    text_bytes: u64,
    file_bytes: u64,
    lost: u64,
    trouble: Option<Error>,
}

impl Line {
    pub(super) fn push(&self, entry: &Entry<'_>) {
        let mut state = self.state.lock();
        if state.trouble.is_some() || state.is_ending {
            state.lost += u64::from(!state.is_ending);
            return;
        }
        if state.waiting + entry.data.len() > PATIENCE {
            state.fail(Error::new(Kind::File, "the disk is too slow for the recording"));
            state.lost += 1;
            return;
        }
        let before = state.open.text.len();
        state.open.push(entry);
        state.waiting += state.open.text.len() - before;
        state.received += u64::from(entry.what == What::Received);
        if state.open.is_full() {
            let full = std::mem::take(&mut state.open);
            state.full.push_back(full);
        }
        // The thread sleeps while there is nothing, and until a block is full.
        if before == 0 || !state.full.is_empty() {
            self.changed.notify_one();
        }
    }

    /// Lets the thread write what waits, and end.
    fn end(&self) {
        self.state.lock().is_ending = true;
        self.changed.notify_one();
    }

    /// The next block: a full one, or what there is once it has waited long enough. `None` at the end.
    fn next(&self) -> Option<Lines> {
        let mut state = self.state.lock();
        while state.full.is_empty() && state.open.entries == 0 {
            if state.is_ending || state.trouble.is_some() {
                return None;
            }
            self.changed.wait(&mut state);
        }
        let until = std::time::Instant::now() + SPAN;
        while state.full.is_empty() && !state.is_ending {
            if self.changed.wait_until(&mut state, until).timed_out() {
                break;
            }
        }
        let lines = state.full.pop_front().unwrap_or_else(|| std::mem::take(&mut state.open));
        state.waiting -= lines.text.len();
        Some(lines)
    }

    fn written(&self, lines: &Lines, file_bytes: u64) {
        let mut state = self.state.lock();
        state.entries += lines.entries;
        state.text_bytes += lines.text.len() as u64;
        state.file_bytes = file_bytes;
    }

    /// The disk refused these lines; what waits behind them is lost too.
    fn failed(&self, lines: &Lines, error: Error) {
        let mut state = self.state.lock();
        let waiting: u64 = state.full.drain(..).map(|lines| lines.entries).sum();
        state.lost += lines.entries + waiting + std::mem::take(&mut state.open).entries;
        state.waiting = 0;
        state.fail(error);
    }

    fn recorded(&self) -> Recorded {
        let state = self.state.lock();
        Recorded {
            received: state.received,
            entries: state.entries,
            text_bytes: state.text_bytes,
            file_bytes: state.file_bytes,
            lost: state.lost,
            trouble: state.trouble.clone(),
        }
    }
}

impl State {
    fn fail(&mut self, error: Error) {
        log::error!("the recording has ended: {}", error.message());
        self.trouble.get_or_insert(error);
    }
}

/// A sink that can be asked to put everything on the disk.
pub(super) trait Sink: Write + Send + 'static {
    fn sync(writer: &mut Writer<Self>) -> Result<()>
    where
        Self: Sized;
}

impl Sink for File {
    fn sync(writer: &mut Writer<File>) -> Result<()> {
        writer.sync()
    }
}

/// Starts the thread that writes.
pub(super) fn run<W: Sink>(line: Arc<Line>, mut writer: Writer<W>) -> Result<Thread> {
    spawn("tf-recorder", move || {
        line.state.lock().file_bytes = writer.written();
        while let Some(lines) = line.next() {
            match writer.write_block(&lines.text) {
                Ok(()) => line.written(&lines, writer.written()),
                Err(error) => return line.failed(&lines, error),
            }
        }
        if let Err(error) = W::sync(&mut writer) {
            line.failed(&Lines::default(), error);
        }
    })
}

#[cfg(test)]
pub(super) mod tests {
    use std::io;
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

    use super::*;
    use crate::clock::Timestamp;
    use crate::recording::{Hub, Reader};

    /// A disk that writes when it is allowed to, and is full after that.
    struct Disk {
        permits: Receiver<()>,
        done: SyncSender<Vec<u8>>,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.permits.recv().map_err(|_| io::Error::from(io::ErrorKind::StorageFull))?;
            // The test may look no more.
            let _ = self.done.send(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Sink for Disk {
        fn sync(writer: &mut Writer<Disk>) -> Result<()> {
            writer.flush()
        }
    }

    fn entry(data: &[u8]) -> Entry<'_> {
        Entry { at: Timestamp::from_nanos(7), hub: Hub::Market, what: What::Received, data }
    }

    fn started() -> (Arc<Line>, SyncSender<()>, Receiver<Vec<u8>>, Thread) {
        let ((permit, permits), (done, blocks)) = (sync_channel(64), sync_channel(64));
        permit.send(()).unwrap();
        let header = Header::new(Timestamp::from_nanos(1), "", "");
        let writer = Writer::new(Disk { permits, done }, &header).unwrap();
        let line = Arc::new(Line::default());
        let thread = run(line.clone(), writer).unwrap();
        (line, permit, blocks, thread)
    }

    #[test]
    fn a_full_disk_ends_the_recording_with_a_count() {
        let (line, permit, blocks, thread) = started();
        drop(permit);
        line.push(&entry(b"one"));
        line.push(&entry(b"two"));
        thread.join();
        line.push(&entry(b"three"));
        let recorded = line.recorded();
        assert_eq!((recorded.entries, recorded.lost), (0, 3));
        assert!(recorded.trouble.unwrap().message().contains("cannot be written"));
        let file = blocks.recv().unwrap();
        let mut reader = Reader::new(&file[..]).unwrap();
        assert_eq!(reader.next_entry().unwrap(), None);
    }

    #[test]
    fn a_slow_disk_ends_the_recording_with_a_count_and_what_waited_is_kept() {
        let (line, permit, blocks, thread) = started();
        let large = vec![b'x'; PATIENCE / 4];
        (0..9).for_each(|_| line.push(&entry(&large)));
        let trouble = line.recorded().trouble.unwrap();
        assert!(trouble.message().contains("too slow"), "{trouble}");
        (0..20).for_each(|_| permit.send(()).unwrap());
        line.end();
        thread.join();
        let recorded = line.recorded();
        assert_eq!(recorded.entries + recorded.lost, 9, "{recorded:?}");
        assert_eq!(recorded.entries, recorded.received);
        let file: Vec<u8> = blocks.try_iter().flatten().collect();
        let mut reader = Reader::new(&file[..]).unwrap();
        let mut read = 0;
        while reader.next_entry().unwrap().is_some() {
            read += 1;
        }
        assert_eq!((read, file.len() as u64), (recorded.entries, recorded.file_bytes));
    }

    #[test]
    fn what_waits_is_written_within_a_second_and_at_the_end() {
        let (line, permit, blocks, thread) = started();
        blocks.recv().unwrap();
        permit.send(()).unwrap();
        line.push(&entry(b"alone"));
        // Comes without anybody asking for it.
        blocks.recv().unwrap();
        permit.send(()).unwrap();
        line.push(&entry(b"last"));
        line.end();
        thread.join();
        blocks.recv().unwrap();
        assert_eq!(line.recorded().entries, 2);
    }
}
