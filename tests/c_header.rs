//! The header compiles without a warning wherever a C or C++ user may include it.
#![cfg(all(unix, feature = "capi"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod c_support;

use std::process::Command;

fn accepts(compiler: &str, language: &str, standard: &str, extra: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("includes");
    // Twice, for the guard; alone, for what it needs itself.
    std::fs::write(&source, "#include \"tradeforge.h\"\n#include \"tradeforge.h\"\n").unwrap();
    let output = Command::new(compiler)
        .args(["-x", language, &format!("-std={standard}"), "-Wall", "-Wextra", "-Wpedantic", "-Werror"])
        .args(extra)
        .args(["-Iinclude", "-fsyntax-only"])
        .arg(&source)
        .current_dir(c_support::root())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{compiler} -std={standard}: {errors}");
}

#[test]
fn c_from_99_to_17_without_padding() {
    for compiler in ["gcc", "clang"].into_iter().filter(|compiler| c_support::has(compiler)) {
        for standard in ["c99", "c11", "c17"] {
            accepts(compiler, "c", standard, &["-Wpadded"]);
        }
    }
}

#[test]
fn cpp_from_11_to_20() {
    for compiler in ["g++", "clang++"].into_iter().filter(|compiler| c_support::has(compiler)) {
        for standard in ["c++11", "c++17", "c++20"] {
            accepts(compiler, "c++", standard, &[]);
        }
    }
}
