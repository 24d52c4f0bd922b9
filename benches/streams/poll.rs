//! What polling through the C interface costs beyond polling from Rust, in batches of 64.

use std::hint::black_box;
use std::mem::MaybeUninit;
use std::ptr;
use std::time::{Duration, Instant};

use tradeforge::bench::{MarketHub, c_handle};
use tradeforge::ffi::{tf_event, tf_status, tf_stream, tf_stream_destroy, tf_stream_poll};
use tradeforge::{Polled, Stream, Timestamp};

use super::fixture::Quiet;
use super::records;
use super::statistics::median;

/// Records of one round.
pub const RECORDS: usize = 4096;
const BATCH: usize = 64;
const ROUNDS: usize = 301;

pub struct Polling {
    quiet: Quiet,
    from_rust: Stream,
    from_c: *mut tf_stream,
    hub: MarketHub,
    records: Vec<String>,
}

impl Polling {
    /// With two queues that hold so many events.
    pub fn new(capacity: usize) -> Polling {
        let quiet = Quiet::new();
        let (from_rust, from_c) = (quiet.stream(capacity), c_handle(quiet.stream(capacity)).unwrap());
        let hub = MarketHub::of(&quiet.client);
        let mut polling = Polling { quiet, from_rust, from_c, hub, records: records::quotes(RECORDS) };
        polling.fill();
        polling.by_rust();
        polling.by_c();
        polling
    }

    /// Puts as many events into both queues.
    pub fn fill(&mut self) {
        for record in &self.records {
            self.hub.take(Timestamp::from_nanos(1), record.as_bytes()).unwrap();
        }
    }

    /// Hands every event to a function that looks at it: the cost of the queue.
    pub fn by_rust(&self) -> Duration {
        let began = Instant::now();
        let look = |event| {
            black_box(event);
        };
        while let Polled::Events(_) = self.from_rust.poll_each(BATCH, Duration::ZERO, look).unwrap() {}
        began.elapsed()
    }

    /// Writes every event into an array of C.
    pub fn by_c(&self) -> Duration {
        let mut events = [const { MaybeUninit::<tf_event>::uninit() }; BATCH];
        let mut count = 0;
        let began = Instant::now();
        // SAFETY: a live handle, an array of so many events and a place for their number; an error is not asked for.
        while unsafe {
            tf_stream_poll(self.from_c, events.as_mut_ptr().cast(), BATCH, 0, &raw mut count, ptr::null_mut())
        } == tf_status::Ok
        {
            black_box(&events);
        }
        began.elapsed()
    }
}

impl Drop for Polling {
    fn drop(&mut self) {
        // SAFETY: a live handle that nobody uses afterwards.
        unsafe { tf_stream_destroy(self.from_c) };
        self.quiet.client.close();
    }
}

pub fn report() {
    println!("\npoll: quotes in batches of {BATCH}; medians of {ROUNDS} rounds");
    println!("{:>12} {:>12} {:>16}", "queue ns", "C ns", "C beyond queue");
    let mut polling = Polling::new(2 * RECORDS);
    let rounds: Vec<[f64; 2]> = (0..ROUNDS)
        .map(|_| {
            polling.fill();
            [polling.by_rust(), polling.by_c()].map(|time| time.as_nanos() as f64 / RECORDS as f64)
        })
        .collect();
    let column = |value: fn(&[f64; 2]) -> f64| median(rounds.iter().map(value));
    println!(
        "{:>12.1} {:>12.1} {:>13.1} ns",
        column(|round| round[0]),
        column(|round| round[1]),
        column(|round| round[1] - round[0])
    );
}
