//! SIGINT and SIGTERM end `sim` and `watch` in order.

pub use system::on_end;

#[cfg(unix)]
mod system {
    use std::io::{self, Read};
    use std::os::unix::net::UnixStream;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread::Builder;

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::{flag, low_level::pipe};

    /// Calls `action` on a thread of its own at the first of the signals. A second one ends the program at
    /// once, with exit code 1.
    pub fn on_end(action: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let (mut ear, mouth) = UnixStream::pair()?;
        let ending = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_shutdown(signal, 1, ending.clone())?;
            pipe::register(signal, mouth.try_clone()?)?;
        }
        let wait = move || {
            if ear.read_exact(&mut [0]).is_ok() {
                ending.store(true, Ordering::SeqCst);
                action();
            }
        };
        // The thread waits for as long as the program runs, so nobody joins it.
        Builder::new().name("tf-signals".into()).spawn(wait).map(drop)
    }
}

#[cfg(not(unix))]
mod system {
    use std::io;

    /// Here the system ends the program by itself, so `action` is kept and never called.
    pub fn on_end(action: impl FnOnce() + Send + 'static) -> io::Result<()> {
        std::mem::forget(action);
        Ok(())
    }
}
