//! Texts across the border: NUL-terminated UTF-8.

use std::ffi::{CStr, CString, c_char};

/// A text of C, copied; `None` when it is not UTF-8. The pointer must not be NULL.
pub(super) fn read(pointer: *const c_char) -> Option<String> {
    // SAFETY: not NULL, and by contract a text that ends with NUL.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str().ok().map(str::to_owned)
}

/// A text for C. NUL characters, which end a text in C, become U+FFFD.
pub(super) fn to_c(text: &str) -> CString {
    CString::new(text).unwrap_or_else(|_| {
        let cleaned = text.replace('\0', "\u{fffd}");
        CString::new(cleaned).unwrap_or_default()
    })
}

/// Writes a text and its NUL into a buffer of C, cut to fit, and gives the length that it needs without the
/// NUL, as `snprintf` does.
pub(super) fn write(text: &str, buffer: *mut c_char, capacity: usize) -> usize {
    if !buffer.is_null() && capacity > 0 {
        let kept = text.len().min(capacity - 1);
        // SAFETY: by contract the buffer has `capacity` bytes, and `kept + 1` is no more than that.
        unsafe {
            std::ptr::copy_nonoverlapping(text.as_ptr().cast(), buffer, kept);
            buffer.add(kept).write(0);
        }
    }
    text.len()
}
