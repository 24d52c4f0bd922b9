//! # 14. Log
//!
//! Silent until asked. Keys and tokens are never written. A file that cannot be written any more, because
//! the disk is full, or because nobody reads the pipe that it is, never stops the program: the lines are counted
//! as lost.

use std::ffi::c_char;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use log::{Level, LevelFilter, Log, Metadata, Record};
use parking_lot::Mutex;

use super::error::tf_error;
use super::guard::{guard, guard_value, optional_string};
use super::status::tf_status;
use crate::clock::{Clock, SystemClock};
use crate::error::{Error, Kind};

/// How much is logged.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum tf_log_level {
    /// Nothing.
    Off = 0,
    /// What failed for good.
    Error = 1,
    /// What went wrong and is being mended, such as a lost connection.
    Warn = 2,
    /// What a person running the program wants to know.
    Info = 3,
    /// What a developer wants to know.
    Debug = 4,
    /// Everything.
    Trace = 5,
}

struct FileLog {
    sink: Mutex<Option<Sink>>,
    lost: AtomicU64,
}

struct Sink {
    file: File,
    level: Level,
    /// Whether it is a file on a disk, and not a pipe, whose other end may go.
    is_on_disk: bool,
    /// Lines that were lost since the last one that was written.
    missing: u64,
}

impl Sink {
    /// Opens a file for lines up to `level` and writes the first one.
    fn open(path: &str, level: Level) -> io::Result<Sink> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        // A pipe that nobody reads, or reads too slowly, must not hold up a thread.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
        let file = options.open(path)?;
        let is_on_disk = file.metadata()?.is_file();
        let mut sink = Sink { file, level, is_on_disk, missing: 0 };
        sink.write(&format!("{} INFO  log: opened at level {level}\n", SystemClock.now()))?;
        Ok(sink)
    }

    fn write(&mut self, lines: &str) -> io::Result<()> {
        let mut write = || self.file.write_all(lines.as_bytes());
        if self.is_on_disk { write() } else { without_signal(write) }
    }
}

/// Writes to what may be a pipe whose reader is gone. The system would then end the program by a signal, unless it
/// expects it; here that signal is taken back, and the error of the write stays.
#[cfg(unix)]
fn without_signal<T>(write: impl FnOnce() -> T) -> T {
    let is_pending = || {
        // SAFETY: a signal set is plain memory, which the system fills before it is looked at.
        unsafe {
            let mut pending: libc::sigset_t = std::mem::zeroed();
            libc::sigpending(&mut pending) == 0 && libc::sigismember(&pending, libc::SIGPIPE) == 1
        }
    };
    // SAFETY: as above; the sets live here until both masks are set.
    let (pipe, before, is_blocked) = unsafe {
        let mut pipe: libc::sigset_t = std::mem::zeroed();
        let mut before: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut pipe);
        libc::sigaddset(&mut pipe, libc::SIGPIPE);
        let is_blocked = libc::pthread_sigmask(libc::SIG_BLOCK, &pipe, &mut before) == 0;
        (pipe, before, is_blocked)
    };
    let was_pending = is_pending();
    let result = write();
    if is_blocked {
        if !was_pending && is_pending() {
            let mut taken = 0;
            // SAFETY: the signal is pending and blocked here, so this takes it without waiting.
            unsafe { libc::sigwait(&pipe, &mut taken) };
        }
        // SAFETY: puts back the mask that this thread had.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut()) };
    }
    result
}

#[cfg(not(unix))]
fn without_signal<T>(write: impl FnOnce() -> T) -> T {
    write()
}

static LOG: FileLog = FileLog { sink: Mutex::new(None), lost: AtomicU64::new(0) };

impl Log for FileLog {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // The libraries below log requests, and a request may hold a token.
        metadata.target().starts_with("tradeforge")
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let mut sink = self.sink.lock();
        let Some(sink) = sink.as_mut().filter(|sink| record.level() <= sink.level) else { return };
        let now = SystemClock.now();
        let mut lines = String::new();
        if sink.missing > 0 {
            lines = format!("{now} WARN  log: {} lines before this one could not be written\n", sink.missing);
        }
        let text = record.args().to_string().replace(['\n', '\r'], " ");
        lines.push_str(&format!("{now} {:<5} {}: {text}\n", record.level(), record.target()));
        // One write, so that lines of several processes do not mix.
        if sink.write(&lines).is_ok() {
            sink.missing = 0;
        } else {
            sink.missing += 1;
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn flush(&self) {}
}

/// Appends log lines up to `level` (a tf_log_level) to a file, in place of any file named before; NULL or
/// level OFF ends logging. For the whole process. ERR_FILE when the file cannot be opened or written, which a
/// pipe without a reader is, and then the log stays as it was. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_log_to_file(
    path: *const c_char,
    level: i32,
    err: *mut *mut tf_error,
) -> tf_status {
    static INSTALL: Once = Once::new();
    guard(err, || {
        let path = optional_string("path", path)?;
        let level = match level {
            0 => LevelFilter::Off,
            1 => LevelFilter::Error,
            2 => LevelFilter::Warn,
            3 => LevelFilter::Info,
            4 => LevelFilter::Debug,
            5 => LevelFilter::Trace,
            other => return Err(Error::new(Kind::Argument, format!("{other} is no log level")).into()),
        };
        let (Some(path), Some(most)) = (path, level.to_level()) else {
            *LOG.sink.lock() = None;
            return Ok(tf_status::Ok);
        };
        let unusable = |error: io::Error| {
            Error::new(Kind::File, format!("the log file {} cannot be written: {error}", path.escape_debug()))
        };
        let sink = Sink::open(&path, most).map_err(unusable)?;
        // A Rust program that links this library may have a logger of its own; then that one stays.
        INSTALL.call_once(|| drop(log::set_logger(&LOG)));
        log::set_max_level(level);
        *LOG.sink.lock() = Some(sink);
        Ok(tf_status::Ok)
    })
}

/// How many lines could not be written since the library was loaded. Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn tf_log_lost() -> u64 {
    guard_value(0, || LOG.lost.load(Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(log: &FileLog, target: &str, text: &str) {
        log.log(&Record::builder().level(Level::Warn).target(target).args(format_args!("{text}")).build());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_counted_and_told_when_it_has_room_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let log = FileLog { sink: Mutex::new(None), lost: AtomicU64::new(0) };
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        *log.sink.lock() = Some(Sink { file: full, level: Level::Info, is_on_disk: false, missing: 0 });
        line(&log, "tradeforge::x", "one");
        line(&log, "tradeforge::x", "two");
        assert_eq!(log.lost.load(Ordering::Relaxed), 2);

        log.sink.lock().as_mut().unwrap().file = File::create(&path).unwrap();
        line(&log, "tradeforge::x", "three\nlines");
        line(&log, "ureq::run", "a request with a token");
        let written = std::fs::read_to_string(&path).unwrap();
        assert!(written.contains("2 lines before this one could not be written"), "{written}");
        assert!(written.contains("WARN  tradeforge::x: three lines"), "{written}");
        assert!(!written.contains("token"), "{written}");
    }
}
