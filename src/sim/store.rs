//! The state of a simulator in a file, so that a paper account survives a restart.
//!
//! The file is JSON and replaced as a whole: whoever reads it finds the old or the new state, never half of
//! one. A lock beside it keeps a second simulator away.

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
        let lock = lock(path)?;
        let unreadable =
            |what: String| failed(path, &format!("cannot be used: {what}; move it away to begin anew"));
        let snapshot = match fs::read(path) {
            Ok(bytes) => {
                let snapshot: Snapshot =
                    serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))?;
                snapshot.check().map_err(unreadable)?;
                Some(snapshot)
            }
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
        let mut file = File::create(&next)?;
        let mut writer = io::BufWriter::new(&mut file);
        serde_json::to_writer(&mut writer, snapshot)?;
        writer.flush()?;
        drop(writer);
        file.sync_all()?;
        fs::rename(&next, &self.path)
    }

    /// Writes down what changes until the simulator stops. What happens after that is the stopping thread's
    /// to save.
    pub(in crate::sim) fn run(&self, gateway: &Gateway, mut waiter: Waiter) {
        let _on_stop = waiter.wake_on_stop(&gateway.stop);
        let mut next = Deadline::after(Duration::ZERO);
        while !gateway.stop.is_stopped() {
            if next.is_past() {
                let began = Instant::now();
                if let Err(error) = self.save(gateway) {
                    log::error!("simulator: {error}");
                }
                next = Deadline::after(PAUSE.max(began.elapsed() * PAUSE_FACTOR));
                if waiter.wait(Deadline::NEVER).is_err() {
                    return;
                }
            } else if waiter.wait(next).is_err() {
                return;
            }
        }
    }
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
