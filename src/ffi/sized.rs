//! Structs of the caller that may grow: their first field tells how large the caller knows them.

use super::guard::{Checked, Refusal};
use crate::error::{Error, Kind, Outcome};

/// A struct that starts with its own size, made of plain numbers and pointers.
///
/// # Safety
/// The type is `repr(C)`, its first field is `size: u32`, and every bit pattern is a value of it.
pub(super) unsafe trait Sized32: Copy {
    /// The size of the first version, which every caller knows.
    const FIRST: usize;
}

/// Copies a struct of the caller. What an older caller does not know keeps the value of `defaults`; what a
/// newer one has beyond this version must be zero.
pub(super) fn read<T: Sized32>(name: &'static str, pointer: *const T, defaults: T) -> Checked<T> {
    let size = size_of_theirs(name, pointer)?;
    let known = size.min(std::mem::size_of::<T>());
    let mut value = defaults;
    // SAFETY: by contract `size` bytes can be read; `known` is no more than that and than the struct's size,
    // and every bit pattern is a value of the type.
    unsafe { std::ptr::copy_nonoverlapping(pointer.cast::<u8>(), (&raw mut value).cast::<u8>(), known) };
    // SAFETY: by contract `size` bytes can be read.
    let is_beyond_zero = (known..size).all(|offset| unsafe { pointer.cast::<u8>().add(offset).read() } == 0);
    if !is_beyond_zero {
        return Err(refused(
            name,
            size,
            ", and it uses a field that this version of the library does not know",
        ));
    }
    Ok(value)
}

/// Fills a struct of the caller as far as the caller knows it; its size stays, and what only a newer caller
/// knows becomes zero.
pub(super) fn write<T: Sized32>(name: &'static str, pointer: *mut T, value: &T) -> Checked<()> {
    let size = size_of_theirs::<T>(name, pointer)?;
    let head = std::mem::size_of::<u32>();
    let known = size.min(std::mem::size_of::<T>());
    let (theirs, ours) = (pointer.cast::<u8>(), std::ptr::from_ref(value).cast::<u8>());
    // SAFETY: by contract `size` bytes can be written; `known` is no more than that and than the struct's size.
    unsafe {
        std::ptr::copy_nonoverlapping(ours.add(head), theirs.add(head), known - head);
        theirs.add(known).write_bytes(0, size - known);
    }
    Ok(())
}

/// The size that stands in a struct of the caller.
fn size_of_theirs<T: Sized32>(name: &'static str, pointer: *const T) -> Checked<usize> {
    /// No version will ever be larger; a size beyond it is memory that was not initialised.
    const MOST: usize = 4096;
    if pointer.is_null() {
        return Err(Refusal::Null(name));
    }
    // SAFETY: not NULL, and by contract a struct that starts with its size.
    let size = unsafe { pointer.cast::<u32>().read() } as usize;
    match (T::FIRST..=MOST).contains(&size) {
        true => Ok(size),
        false => Err(refused(
            name,
            size,
            &format!(", which no version of the struct has: use {name}_init() or {{0}} and sizeof"),
        )),
    }
}

fn refused(name: &str, size: usize, reason: &str) -> Refusal {
    let error = Error::new(Kind::Argument, format!("`{name}->size` is {size}{reason}"));
    Refusal::Error(error.with_outcome(Outcome::NotSent))
}
