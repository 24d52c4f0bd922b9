//! The C snippet of the README compiles and runs. The Rust one is a documentation test of the crate.
#![cfg(all(unix, feature = "capi", feature = "sim"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod c_support;

#[test]
fn the_c_snippet_runs() {
    let readme = std::fs::read_to_string(c_support::root().join("README.md")).unwrap();
    let (_, rest) = readme.split_once("```c\n").expect("the README has a C snippet");
    let (snippet, _) = rest.split_once("```").expect("the snippet ends");
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("snippet.c");
    std::fs::write(&source, snippet).unwrap();
    let program = c_support::compile(folder.path(), "cc", "c99", source.to_str().unwrap());
    let shown = c_support::run(folder.path(), &program, &[]);
    assert!(shown.contains("PRAC-") && shown.contains(": 50000"), "{shown}");
}
