//! Every snippet of the simulator's guide runs. The Rust one is a documentation test of the crate.
#![cfg(all(unix, feature = "capi", feature = "cli"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod c_support;

use std::path::{Path, PathBuf};
use std::process::Command;

use c_support::{has, library_folder, root};
use tradeforge::sim::Shape;

fn guide() -> String {
    std::fs::read_to_string(root().join("docs/SIMULATOR.md")).unwrap()
}

/// A folder with the first snippet in a language, as a file of this name.
fn snippet(language: &str, name: &str) -> (tempfile::TempDir, PathBuf) {
    let guide = guide();
    let (_, rest) = guide.split_once(&format!("```{language}\n")).expect("the guide has such a snippet");
    let (text, _) = rest.split_once("```").expect("the snippet ends");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, text).unwrap();
    (folder, file)
}

/// What a program prints, which must succeed; it finds the library and the program `tradeforge`.
fn run(command: &mut Command, folder: &Path) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_tradeforge")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TS_")) {
        command.env_remove(name);
    }
    let output = command
        .current_dir(folder)
        .env("PATH", path)
        .env("LD_LIBRARY_PATH", library_folder())
        .output()
        .unwrap();
    let shown =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}: {shown}", output.status);
    shown
}

#[test]
fn c() {
    let (folder, file) = snippet("c", "guide.c");
    let program = c_support::compile(folder.path(), "cc", "c99", file.to_str().unwrap());
    assert_eq!(c_support::run(folder.path(), &program, &[]).trim(), "2026-11-18T15:01:00Z");
}

#[test]
fn cpp() {
    if !has("g++") {
        return;
    }
    let (folder, file) = snippet("cpp", "guide.cpp");
    let program = c_support::compile(folder.path(), "g++", "c++17", file.to_str().unwrap());
    assert!(c_support::run(folder.path(), &program, &[]).contains("trades CON.F.US.MES."));
}

#[test]
fn go() {
    let go = root().join("target/test-tools/go/bin/go");
    if !go.is_file() {
        assert!(std::env::var_os("TF_REQUIRE_TOOLS").is_none(), "scripts/install-test-tools.sh installs Go");
        return;
    }
    let (folder, _) = snippet("go", "main.go");
    std::fs::write(folder.path().join("go.mod"), "module guide\n\ngo 1.21\n").unwrap();
    let mut command = Command::new(go);
    command
        .args(["run", "."])
        .env("CGO_ENABLED", "1")
        .env("GOTOOLCHAIN", "local")
        .env("GOFLAGS", "-mod=mod")
        .env("GOCACHE", root().join("target/test-tools/go-cache"))
        .env("GOPATH", folder.path().join("gopath"))
        .env("CGO_CFLAGS", format!("-I{}", root().join("include").display()))
        .env("CGO_LDFLAGS", format!("-L{}", library_folder().display()));
    assert!(run(&mut command, folder.path()).starts_with("http://127.0.0.1:"));
}

#[test]
fn csharp() {
    if !has("mcs") || !has("mono") {
        return;
    }
    let (folder, file) = snippet("csharp", "Guide.cs");
    run(Command::new("mcs").arg(&file), folder.path());
    assert!(run(Command::new("mono").arg("Guide.exe"), folder.path()).starts_with("http://127.0.0.1:"));
}

#[test]
fn python() {
    if has("python3") {
        let (folder, file) = snippet("python", "guide.py");
        assert!(run(Command::new("python3").arg(&file), folder.path()).contains("20000001"));
    }
}

#[test]
fn javascript() {
    if has("node") {
        let (folder, file) = snippet("javascript", "guide.js");
        assert_eq!(run(Command::new("node").arg(&file), folder.path()).trim(), "true");
    }
}

#[test]
fn every_shape_is_listed() {
    let guide = guide();
    for (name, values) in Shape::switches() {
        let row = guide.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        let row = row.unwrap_or_else(|| panic!("the guide lacks the shape {name}"));
        assert!(values.iter().all(|value| row.contains(&format!("`{value}`"))), "{row}");
    }
}
