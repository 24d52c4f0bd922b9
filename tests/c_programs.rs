//! C programs run against the shared library as their users would run them.
#![cfg(all(unix, feature = "capi", feature = "sim"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod c_support;

use c_support::{check_memory, compile, run};

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
fn a_strategy_is_tested_on_a_clock_that_is_stepped() {
    let folder = tempfile::tempdir().unwrap();
    let runs = [("cc", "c99"), ("c++", "c++11")].map(|(compiler, standard)| {
        let program = compile(folder.path(), compiler, standard, "examples/c/strategy_test.c");
        run(folder.path(), &program, &[])
    });
    for step in ["2 entry: at ", "3 drop: both connections are back", "4 exit: ", "5 stopped: 0 failures"] {
        assert!(runs[0].contains(step), "{step} is missing in:\n{}", runs[0]);
    }
    let told = |shown: &str| shown.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(told(&runs[0]), told(&runs[1]), "every run sees the same prices");
}

#[test]
fn bars_come_in_pages_and_contracts_by_symbol() {
    let folder = tempfile::tempdir().unwrap();
    for (compiler, standard) in [("cc", "c99"), ("c++", "c++11")] {
        let program = compile(folder.path(), compiler, standard, "tests/c/bars.c");
        assert!(run(folder.path(), &program, &[]).contains("0 failures"));
    }
}

#[test]
fn quotes_and_books_are_read_without_the_queue() {
    let folder = tempfile::tempdir().unwrap();
    for (compiler, standard) in [("cc", "c99"), ("c++", "c++11")] {
        let program = compile(folder.path(), compiler, standard, "tests/c/market.c");
        assert!(run(folder.path(), &program, &[]).contains("0 failures"));
    }
}

#[test]
fn orders_are_queried_by_state_contract_and_time() {
    let folder = tempfile::tempdir().unwrap();
    for (compiler, standard) in [("cc", "c99"), ("c++", "c++11")] {
        let program = compile(folder.path(), compiler, standard, "tests/c/queries.c");
        assert!(run(folder.path(), &program, &[]).contains("0 failures"));
    }
}

#[test]
fn misuse_gives_statuses() {
    let folder = tempfile::tempdir().unwrap();
    let program = compile(folder.path(), "cc", "c99", "tests/c/misuse.c");
    assert!(run(folder.path(), &program, &[]).contains("0 failures"));
}

#[test]
fn a_log_into_a_pipe_ends_no_program() {
    let folder = tempfile::tempdir().unwrap();
    let program = compile(folder.path(), "cc", "c99", "tests/c/log_pipe.c");
    assert!(run(folder.path(), &program, &[]).contains("0 failures"));
}

#[test]
fn errors_of_every_family_tell_all_their_parts() {
    let folder = tempfile::tempdir().unwrap();
    for (compiler, standard) in [("cc", "c99"), ("c++", "c++11")] {
        let program = compile(folder.path(), compiler, standard, "tests/c/errors.c");
        assert!(run(folder.path(), &program, &[]).contains("0 failures"));
    }
}

#[test]
fn the_memory_of_the_quickstart_is_clean() {
    check_memory("examples/c/quickstart.c");
}

#[test]
fn the_memory_of_the_strategy_test_is_clean() {
    check_memory("examples/c/strategy_test.c");
}

#[test]
fn the_memory_of_queries_and_recordings_is_clean() {
    check_memory("tests/c/queries.c");
}

#[test]
fn memory_is_clean_also_where_the_caller_errs() {
    check_memory("tests/c/misuse.c");
}

#[test]
fn the_memory_of_errors_is_clean() {
    check_memory("tests/c/errors.c");
}
