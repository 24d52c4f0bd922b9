//! # 1. Version
//!
//! Compare tf_abi_version() with TF_ABI_VERSION once, right after loading the library.

use std::ffi::c_char;

/// Moves only when programs built against an older header would break.
pub const TF_ABI_VERSION: u32 = 1;

/// The ABI version of the library that is loaded. Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn tf_abi_version() -> u32 {
    TF_ABI_VERSION
}

/// The version of the library, such as "0.1.0". Static, never freed. Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn tf_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// How many threads of the library run in this process: 0 once every client is closed. Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn tf_live_threads() -> usize {
    crate::sync::live_threads()
}
