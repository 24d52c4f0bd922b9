//! C and C++ programs that take events by a loop of their own and by functions.
#![cfg(all(unix, feature = "capi", feature = "sim"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod c_support;

use c_support::{check_memory, compile, has, run};

#[test]
fn a_loop_waits_for_a_descriptor_among_others() {
    if cfg!(not(target_os = "linux")) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let program = compile(folder.path(), "cc", "c99", "examples/c/epoll.c");
    assert!(run(folder.path(), &program, &[]).contains("saw all quotes"));
}

#[test]
fn a_thread_of_the_library_calls_a_function() {
    let folder = tempfile::tempdir().unwrap();
    let program = compile(folder.path(), "cc", "c99", "examples/c/callback.c");
    assert!(run(folder.path(), &program, &[]).contains("all quotes came by callback, 0 threads left"));
}

#[test]
fn functions_of_cpp_may_throw_wait_and_destroy() {
    let folder = tempfile::tempdir().unwrap();
    for compiler in ["c++", "clang++"].into_iter().filter(|compiler| has(compiler)) {
        let program = compile(folder.path(), compiler, "c++11", "tests/c/callbacks.cpp");
        assert!(run(folder.path(), &program, &[]).contains("0 failures"), "{compiler}");
    }
}

#[test]
fn the_memory_of_a_loop_is_clean() {
    if cfg!(target_os = "linux") {
        check_memory("examples/c/epoll.c");
    }
}

#[test]
fn the_memory_of_callbacks_is_clean() {
    check_memory("examples/c/callback.c");
}
