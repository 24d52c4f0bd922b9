//! C programs run against the shared library as their users would run them.
#![cfg(all(unix, feature = "capi", feature = "sim"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod c_support;

use c_support::{compile, has, run};

#[test]
fn the_quickstart_trades_and_ends_flat() {
    let folder = tempfile::tempdir().unwrap();
    let program = compile(folder.path(), "cc", "c99", "examples/c/quickstart.c");
    let shown = run(folder.path(), &program, &[]);
    for step in
        ["1 login: ok", "2 account: PRAC", "3 contract: CON.F.US.MES", "4 stream: ", "5 order: accepted"]
    {
        assert!(shown.contains(step), "{step} is missing in:\n{shown}");
    }
    for step in ["6 fill: ", "7 flat: 0 open positions", "8 closed: 0 threads left"] {
        assert!(shown.contains(step), "{step} is missing in:\n{shown}");
    }
}

#[test]
fn misuse_gives_statuses() {
    let folder = tempfile::tempdir().unwrap();
    let program = compile(folder.path(), "cc", "c99", "tests/c/misuse.c");
    assert!(run(folder.path(), &program, &[]).contains("0 failures"));
}

/// Memory checkers find neither an error nor a leak, also where the caller errs.
#[test]
fn memory_is_clean() {
    if !has("valgrind") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for source in ["examples/c/quickstart.c", "tests/c/misuse.c"] {
        let program = compile(folder.path(), "cc", "c99", source);
        let shown = run(
            folder.path(),
            &program,
            &[
                "valgrind",
                "--leak-check=full",
                "--errors-for-leak-kinds=definite,possible",
                "--error-exitcode=99",
            ],
        );
        assert!(shown.contains("ERROR SUMMARY: 0 errors"), "{source}:\n{shown}");
    }
}
