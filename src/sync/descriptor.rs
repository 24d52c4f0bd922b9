//! A descriptor that the loops of other programs can wait for.

#[cfg(unix)]
use std::os::unix::{
    io::{AsFd, BorrowedFd},
    net::UnixStream,
};

use crate::error::{Error, Kind, Result};

/// Readable while it is raised. A pair of sockets: unlike a pipe it never raises SIGPIPE in the host, and unlike
/// an eventfd every unix has it.
#[derive(Debug)]
pub struct Descriptor {
    #[cfg(unix)]
    theirs: UnixStream,
    #[cfg(unix)]
    ours: UnixStream,
}

#[cfg(unix)]
impl Descriptor {
    /// A new one, lowered.
    ///
    /// # Errors
    /// [`Kind::State`] when the process is out of descriptors.
    pub fn new() -> Result<Descriptor> {
        let made = UnixStream::pair().and_then(|(theirs, ours)| {
            // Nobody waits here, even where the program reads what it must not.
            theirs.set_nonblocking(true)?;
            ours.set_nonblocking(true)?;
            Ok(Descriptor { theirs, ours })
        });
        made.map_err(|error| {
            Error::new(Kind::State, format!("the system gives no further descriptor: {error}"))
        })
    }

    /// Makes it readable. Only when it is not.
    pub fn raise(&self) {
        use std::io::Write;
        // Fails only where the program has closed what it must not close.
        let _ = (&self.ours).write(&[1]);
    }

    /// Makes it unreadable. Only when it is readable.
    pub fn lower(&self) {
        use std::io::Read;
        // Fails only where the program has read the byte that it must not read.
        let _ = (&self.theirs).read(&mut [0]);
    }
}

#[cfg(unix)]
impl AsFd for Descriptor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.theirs.as_fd()
    }
}

#[cfg(not(unix))]
impl Descriptor {
    /// There is none on this system.
    ///
    /// # Errors
    /// [`Kind::State`], always.
    pub fn new() -> Result<Descriptor> {
        Err(Error::new(Kind::State, "this system has no descriptors to wait for: poll, or set a callback"))
    }

    /// Makes it readable.
    pub fn raise(&self) {}

    /// Makes it unreadable.
    pub fn lower(&self) {}
}
