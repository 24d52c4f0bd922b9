//! What stands between C and the rest: panics are caught, arguments checked, errors handed over.

use std::ffi::c_char;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use super::error::tf_error;
use super::handle::Handled;
use super::status::tf_status;
use super::text;
use crate::clock::{Deadline, Timestamp};
use crate::error::{Error, Kind, Outcome};
use crate::model::TimeRange;

/// What goes wrong at the border itself, beside the library's own errors.
pub(super) enum Refusal {
    Null(&'static str),
    Handle(&'static str),
    Error(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        Refusal::Error(error)
    }
}

pub(super) type Checked<T> = Result<T, Refusal>;

/// Runs the body of an export. A failure goes to `err` when that is not NULL; a panic ends here.
pub(super) fn guard(err: *mut *mut tf_error, body: impl FnOnce() -> Checked<tf_status>) -> tf_status {
    let (status, error) = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(status)) => return status,
        Ok(Err(Refusal::Error(error))) => (error.kind().into(), error),
        Ok(Err(Refusal::Null(name))) => {
            (tf_status::ErrNull, Error::new(Kind::Argument, format!("`{name}` must not be NULL")))
        }
        Ok(Err(Refusal::Handle(name))) => (
            tf_status::ErrHandle,
            Error::new(
                Kind::Argument,
                format!("`{name}` is no live handle: destroyed before, or of another type"),
            ),
        ),
        // Nobody knows how far it came: an order may have left.
        Err(panic) => {
            let error = Error::new(Kind::Bug, describe(&*panic)).with_outcome(Outcome::Unknown);
            (tf_status::ErrPanic, error)
        }
    };
    if !err.is_null() {
        let handle = tf_error::table().insert(tf_error::new(status, error));
        // SAFETY: `err` is not NULL, and by contract it then points to a pointer of the caller.
        unsafe { err.write(handle) };
    }
    status
}

/// Runs the body of an export that has no way to report; a panic gives the default.
pub(super) fn guard_value<T>(default: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(default)
}

fn describe(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
    format!("the library panicked: {}; please report it", text.unwrap_or("no message"))
}

/// The object of a handle that C passed as the argument `name`.
pub(super) fn object<T: Handled>(name: &'static str, handle: *const T) -> Checked<Arc<T>> {
    if handle.is_null() {
        return Err(Refusal::Null(name));
    }
    T::table().get(handle).ok_or(Refusal::Handle(name))
}

/// Stores a new object; the handle is given to C.
pub(super) fn new_handle<T: Handled>(object: T) -> Checked<*mut T> {
    let handle = T::table().insert(object);
    if handle.is_null() {
        return Err(Error::new(Kind::State, "too many objects are alive; destroy what is not needed").into());
    }
    Ok(handle)
}

/// Ends an object. NULL and dead handles do nothing.
pub(super) fn destroy<T: Handled>(handle: *mut T) {
    guard_value((), || drop(T::table().remove(handle)));
}

/// A place of the caller that a result goes to.
pub(super) struct Out<T>(*mut T);

impl<T> Out<T> {
    pub(super) fn new(name: &'static str, pointer: *mut T) -> Checked<Out<T>> {
        if pointer.is_null() { Err(Refusal::Null(name)) } else { Ok(Out(pointer)) }
    }

    pub(super) fn set(&self, value: T) {
        // SAFETY: not NULL since `new`, and by contract it points to memory of this type.
        unsafe { self.0.write(value) };
    }
}

/// A text that C passed as the argument `name`, copied.
pub(super) fn string(name: &'static str, pointer: *const c_char) -> Checked<String> {
    optional_string(name, pointer)?.ok_or(Refusal::Null(name))
}

/// A text that may be NULL.
pub(super) fn optional_string(name: &'static str, pointer: *const c_char) -> Checked<Option<String>> {
    if pointer.is_null() {
        return Ok(None);
    }
    match text::read(pointer) {
        Some(text) => Ok(Some(text)),
        None => Err(Error::new(Kind::Argument, format!("`{name}` is not UTF-8 text")).into()),
    }
}

/// The range between two times of a call; the end may be absent.
pub(super) fn time_range(since_ns: i64, until_ns: i64) -> Checked<TimeRange> {
    if since_ns == i64::MAX {
        return Err(Error::new(Kind::Argument, "`since_ns` is TF_TIME_NONE but must be a time").into());
    }
    let until = (until_ns != i64::MAX).then(|| Timestamp::from_nanos(until_ns));
    Ok(TimeRange { from: Timestamp::from_nanos(since_ns), until })
}

/// The deadline of a call: -1 never, else milliseconds from now.
pub(super) fn deadline(timeout_ms: i32) -> Checked<Deadline> {
    match u64::try_from(timeout_ms) {
        Ok(ms) => Ok(Deadline::after(Duration::from_millis(ms))),
        Err(_) if timeout_ms == -1 => Ok(Deadline::NEVER),
        Err(_) => Err(Error::new(
            Kind::Argument,
            format!("`timeout_ms` is {timeout_ms} but must be -1 (no limit) or 0 and more"),
        )
        .into()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::error;
    use super::*;

    #[test]
    #[allow(clippy::panic, reason = "it is what is tested")]
    fn a_panic_is_an_error_that_promises_nothing() {
        let mut err: *mut tf_error = std::ptr::null_mut();
        let status = guard(&raw mut err, || panic!("in the middle"));
        assert_eq!(status, tf_status::ErrPanic);
        // SAFETY: a live handle, or NULL, which is fine.
        let (is_unknown, is_retriable) =
            unsafe { (error::tf_error_outcome_unknown(err), error::tf_error_retriable(err)) };
        assert!(is_unknown && !is_retriable);
        destroy(err);
    }
}
