//! # 20. Recording
//!
//! What both hub connections of a client receive and send, byte for byte, in a file that `tradeforge replay` plays
//! again. It holds no key and no token.

use std::ffi::c_char;

use parking_lot::Mutex;

use super::client::tf_client;
use super::error::tf_error;
use super::guard::{Out, destroy, guard, guard_value, new_handle, object, string};
use super::handle::{Handled, handled};
use super::sized::{self, Sized32};
use super::status::tf_status;
use crate::error::{Error, Kind};
use crate::recording::{IfExists, Recorded, Recorder};

/// A recording.
pub struct tf_recorder(Mutex<Stage>);
handled!(tf_recorder, Recorder);

enum Stage {
    Running(Recorder),
    Ended(Recorded),
    /// Only while another thread ends it under the lock.
    Ending,
}

/// What a recording came to. Set `size` to sizeof(tf_recorded) before the call.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct tf_recorded {
    /// The size of this struct as the caller knows it.
    pub size: u32,
    /// Zero.
    pub reserved: u32,
    /// WebSocket messages received that were recorded.
    pub received: u64,
    /// Entries in the file: what was received, what was sent, and connections opened and closed.
    pub entries: u64,
    /// Bytes of the entries' text.
    pub text_bytes: u64,
    /// Bytes of the file.
    pub file_bytes: u64,
}

// SAFETY: numbers, the first of which is the size.
unsafe impl Sized32 for tf_recorded {
    const FIRST: usize = 40;
}

/// Records from now on, until the recorder is stopped or destroyed; the caller owns it. Begin before the first
/// subscription to have a connection whole. The disk never delays the connections. ERR_FILE when the file is
/// there, unless `replace`, or cannot be written; ERR_STATE when the client is being recorded already.
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_recorder_start(
    client: *mut tf_client,
    path: *const c_char,
    replace: bool,
    out_recorder: *mut *mut tf_recorder,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let out = Out::new("out_recorder", out_recorder)?;
        let client = object("client", client)?;
        let path = string("path", path)?;
        let if_exists = if replace { IfExists::Replace } else { IfExists::Refuse };
        let recorder = client.client.record_to(path, if_exists)?;
        out.set(new_handle(tf_recorder(Mutex::new(Stage::Running(recorder))))?);
        Ok(tf_status::Ok)
    })
}

/// Whether it still records: false once it was stopped, and when the disk was full or too slow. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_recorder_is_running(recorder: *const tf_recorder) -> bool {
    guard_value(false, || {
        tf_recorder::table().get(recorder).is_some_and(
            |recorder| matches!(&*recorder.0.lock(), Stage::Running(running) if running.is_running()),
        )
    })
}

/// Ends the recording and waits until the disk has all of it. `out_recorded` gets what it came to and may be
/// NULL; stopping again gives the same. ERR_FILE when the recording had ended by itself, because the disk was
/// full or too slow: the message tells how much is missing at its end, and the rest is in the file.
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_recorder_stop(
    recorder: *mut tf_recorder,
    out_recorded: *mut tf_recorded,
    err: *mut *mut tf_error,
) -> tf_status {
    guard(err, || {
        let recorder = object("recorder", recorder)?;
        let recorded = {
            let mut stage = recorder.0.lock();
            *stage = match std::mem::replace(&mut *stage, Stage::Ending) {
                Stage::Running(running) => Stage::Ended(running.stop()),
                ended => ended,
            };
            match &*stage {
                Stage::Ended(recorded) => recorded.clone(),
                _ => return Err(Error::new(Kind::Bug, "the end of a recording was lost").into()),
            }
        };
        if let Some(trouble) = &recorded.trouble {
            let message = format!("{}; {} entries are lost", trouble.message(), recorded.lost);
            return Err(Error::new(trouble.kind(), message).into());
        }
        if !out_recorded.is_null() {
            let told = tf_recorded {
                size: 0,
                reserved: 0,
                received: recorded.received,
                entries: recorded.entries,
                text_bytes: recorded.text_bytes,
                file_bytes: recorded.file_bytes,
            };
            sized::write("out_recorded", out_recorded, &told)?;
        }
        Ok(tf_status::Ok)
    })
}

/// Stops if needed and frees. The client may be destroyed before or after. NULL is fine. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tf_recorder_destroy(recorder: *mut tf_recorder) {
    destroy(recorder);
}
