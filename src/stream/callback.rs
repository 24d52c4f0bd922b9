//! The thread that hands a stream's events to a function of the program.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

use super::turn::Turn;
use crate::clock::Deadline;
use crate::error::Result;
use crate::model::Event;
use crate::sync::{Answer, Awaited, Pop, Queue, Thread, answer, spawn};

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

/// Whether this thread is inside a function of the program that the library called with an event. Such a thread
/// waits for no other callback: two that wait for each other would wait for ever.
pub(crate) fn is_inside() -> bool {
    DEPTH.get() > 0
}

/// While it lives, this thread is inside a function of the program.
pub(crate) struct Inside(());

impl Inside {
    pub(crate) fn enter() -> Inside {
        DEPTH.set(DEPTH.get() + 1);
        Inside(())
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}

/// The callback of a stream, if it has one.
#[derive(Default)]
pub(crate) struct Callback {
    running: Mutex<Option<Running>>,
    panics: Arc<AtomicU64>,
}

struct Running {
    /// Ends before its thread does.
    end: Awaited<Lost>,
    thread: Thread,
}

impl Running {
    fn wait(self) {
        match self.end.wait(Deadline::NEVER) {
            Ok(Lost) => self.thread.detach(),
            Err(_) => drop(self.thread),
        }
    }
}

/// The thread will never end.
struct Lost;

impl Callback {
    /// Starts the thread, which has the turn from now on.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub(super) fn start(&self, turn: Turn, call: impl FnMut(Event) + Send + 'static) -> Result<()> {
        let (told, end) = answer();
        let runner = Runner { turn: Some(turn), told: Some(told), call, panics: self.panics.clone() };
        let mut running = self.running.lock();
        if let Some(earlier) = running.take() {
            // It has given its turn back and ends.
            earlier.wait();
        }
        let thread = spawn("tf-callback", move || runner.run())?;
        *running = Some(Running { end, thread });
        Ok(())
    }

    /// Ends the thread after the call that is under way, and waits for that unless this is inside a callback.
    pub(super) fn end(&self, queue: &Queue<Event>) {
        queue.recall();
        if is_inside() {
            return;
        }
        // Under the lock, so that a second caller waits too.
        let mut running = self.running.lock();
        if let Some(running) = running.take() {
            running.wait();
        }
    }

    /// Whether no thread is left that somebody has to wait for.
    pub(super) fn is_over(&self) -> bool {
        let running = self.running.try_lock();
        running.is_some_and(|running| running.as_ref().is_none_or(|it| it.thread.is_finished()))
    }

    pub(super) fn panics(&self) -> u64 {
        self.panics.load(Ordering::Relaxed)
    }
}

struct Runner<F> {
    turn: Option<Turn>,
    told: Option<Answer<Lost>>,
    call: F,
    panics: Arc<AtomicU64>,
}

impl<F: FnMut(Event)> Runner<F> {
    fn run(mut self) {
        // Also while the function is dropped, which may drop the stream.
        let _inside = Inside::enter();
        while self.step().is_continue() {}
        // Given back before the end is told: who waited for it may poll at once.
        drop(self.turn);
        drop(self.told);
    }

    fn step(&mut self) -> ControlFlow<()> {
        let Some(turn) = &self.turn else { return ControlFlow::Break(()) };
        let mut next = None;
        match turn.poll(1, Deadline::NEVER, |event| next = Some(event)) {
            Pop::Items(_) => {}
            // Nobody waits in a poll.
            Pop::Woken | Pop::TimedOut => return ControlFlow::Continue(()),
            Pop::Closed | Pop::Recalled => return ControlFlow::Break(()),
        }
        let Some(event) = next else { return ControlFlow::Continue(()) };
        let Runner { turn, told, call, panics } = self;
        let called = catch_unwind(AssertUnwindSafe(|| {
            let fuse = Fuse { turn, told };
            call(event);
            std::mem::forget(fuse);
        }));
        if called.is_err() {
            panics.fetch_add(1, Ordering::Relaxed);
            log::error!("the callback of a stream panicked on event {}; the next one follows", event.seq);
        }
        ControlFlow::Continue(())
    }
}

/// What ends a callback that an exception of another language leaves. Such an exception cannot be caught here,
/// and ends the process where it would have to be: so its thread stops for ever on the way.
struct Fuse<'a> {
    turn: &'a mut Option<Turn>,
    told: &'a mut Option<Answer<Lost>>,
}

impl Drop for Fuse<'_> {
    fn drop(&mut self) {
        // A panic goes on to where it is caught.
        if std::thread::panicking() {
            return;
        }
        log::error!(
            "the callback of a stream threw an exception; the stream is closed and its thread stopped"
        );
        if let Some(turn) = self.turn.take() {
            turn.close();
        }
        if let Some(told) = self.told.take() {
            told.give(Lost);
        }
        loop {
            std::thread::park();
        }
    }
}
