//! The state of a simulator in a file, so that a paper account survives a restart.
//!
//! The file is JSON and replaced as a whole: whoever reads it finds the old or the new state, never half of
//! one. A last line guards it against damage. A lock beside it keeps a second simulator away.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::clock::Deadline;
use crate::error::{Error, Kind, Result};
use crate::net::Waiter;
use crate::sim::exchange::snapshot::Snapshot;
use crate::sim::gateway::Gateway;

/// Least time between two writes; a state that takes long to write is written more seldom.
const PAUSE: Duration = Duration::from_millis(250);
/// Time until a write that failed is tried again.
const RETRY: Duration = Duration::from_secs(2);
/// Begins the last line.
const GUARD: &str = "checksum ";
/// How many times longer than a write the pause after it is.
const PAUSE_FACTOR: u32 = 20;

/// The file that a simulator keeps its state in.
#[derive(Debug)]
pub(in crate::sim) struct Store {
    path: PathBuf,
    /// Held while the simulator lives.
    _lock: File,
    /// The revision that the file holds.
    saved: Mutex<Option<u64>>,
}

impl Store {
    /// Takes the file and reads what it holds; nothing when there is no file yet.
    ///
    /// # Errors
    /// [`Kind::File`] when another simulator has it, and when it cannot be read or is no state. Such a file is
    /// left as it is.
    pub(in crate::sim) fn open(path: &Path) -> Result<(Store, Option<Snapshot>)> {
        // A link stays one, and nobody gets around the lock by it.
        let target = fs::canonicalize(path);
        let path = target.as_deref().unwrap_or(path);
        // Reading a pipe would wait for its other end.
        if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
            return Err(failed(path, "cannot be used: it is no regular file"));
        }
        let lock = lock(path)?;
        let unreadable =
            |what: String| failed(path, &format!("cannot be used: {what}; move it away to begin anew"));
        let snapshot = match fs::read(path) {
            Ok(bytes) => Some(read(&bytes).map_err(unreadable)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(path, &format!("cannot be read: {error}"))),
        };
        Ok((Store { path: path.to_owned(), _lock: lock, saved: Mutex::new(None) }, snapshot))
    }

    /// Writes the state down unless the file holds it already.
    ///
    /// # Errors
    /// [`Kind::File`] when it cannot be written; the old file stays.
    pub(in crate::sim) fn save(&self, gateway: &Gateway) -> Result<()> {
        let mut saved = self.saved.lock();
        let taken = gateway.read(|exchange| {
            (*saved != Some(exchange.revision)).then(|| (exchange.revision, exchange.snapshot()))
        });
        let Some((revision, snapshot)) = taken else { return Ok(()) };
        self.replace(&snapshot)
            .map_err(|error| failed(&self.path, &format!("cannot be written: {error}")))?;
        *saved = Some(revision);
        Ok(())
    }

    fn replace(&self, snapshot: &Snapshot) -> io::Result<()> {
        let next = beside(&self.path, ".new");
        let text = serde_json::to_vec(snapshot)?;
        let replaced = write(&next, &text).and_then(|()| fs::rename(&next, &self.path));
        if replaced.is_err() {
            // Half a file is of no use, and a full disk needs the room.
            let _ = fs::remove_file(&next);
        }
        replaced
    }

    /// Writes down what changes until the simulator stops. What happens after that is the stopping thread's
    /// to save.
    pub(in crate::sim) fn run(&self, gateway: &Gateway, mut waiter: Waiter) {
        let _on_stop = waiter.wake_on_stop(&gateway.stop);
        let mut next = Deadline::after(Duration::ZERO);
        while !gateway.stop.is_stopped() {
            if next.is_past() {
                let began = Instant::now();
                let saved = self.save(gateway);
                next = Deadline::after(PAUSE.max(began.elapsed() * PAUSE_FACTOR));
                if let Err(error) = saved {
                    log::error!("simulator: {error}");
                    next = Deadline::after(RETRY);
                } else if waiter.wait(Deadline::NEVER).is_err() {
                    return;
                }
            } else if waiter.wait(next).is_err() {
                return;
            }
        }
    }
}

/// Reads a state, or says what is wrong with it.
fn read(bytes: &[u8]) -> std::result::Result<Snapshot, String> {
    let end = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(bytes.len());
    let (text, guard) = bytes.split_at(end);
    let snapshot: Snapshot = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    snapshot.check()?;
    // Whoever changes a state by hand takes the last line off.
    match guard.is_empty() || guard == guard_of(text).as_bytes() {
        true => Ok(snapshot),
        false => Err("it was changed or damaged".to_owned()),
    }
}

fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text)?;
    file.write_all(guard_of(text).as_bytes())?;
    file.sync_all()
}

/// The end of a file with this text: FNV-1a, which is there to find accidents.
fn guard_of(text: &[u8]) -> String {
    let hash = text.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("\n{GUARD}{hash:016x}\n")
}

/// Takes the lock of a state file, which the system gives back even if the process is killed.
fn lock(path: &Path) -> Result<File> {
    let beside = beside(path, ".lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&beside);
    let file = file.map_err(|error| failed(&beside, &format!("cannot be written: {error}")))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(failed(path, "is in use by another simulator")),
        Err(TryLockError::Error(error)) => Err(failed(path, &format!("cannot be locked: {error}"))),
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn failed(path: &Path, what: &str) -> Error {
    Error::new(Kind::File, format!("the simulator's state file {} {what}", path.display()))
}
