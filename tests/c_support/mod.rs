//! Compiles and runs C programs against the library that these tests belong to.
#![allow(dead_code, reason = "every test uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "a skipped test says so")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The project's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder with the shared library of this build: the one above the test's own.
pub fn library_folder() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let deps = test.parent().unwrap();
    let found =
        [deps, deps.parent().unwrap()].into_iter().find(|folder| folder.join(library_name()).is_file());
    found.unwrap_or_else(|| panic!("there is no {} beside {}", library_name(), test.display())).to_owned()
}

fn library_name() -> &'static str {
    "libtradeforge.so"
}

/// Whether a tool can be run. With `TF_REQUIRE_TOOLS` set a missing one fails the test.
pub fn has(tool: &str) -> bool {
    let found = Command::new(tool).arg("--version").output().is_ok_and(|output| output.status.success());
    assert!(
        found || std::env::var_os("TF_REQUIRE_TOOLS").is_none(),
        "{tool} is not installed; scripts/install-test-tools.sh does it"
    );
    if !found {
        println!("skipped: {tool} is not installed");
    }
    found
}

/// Compiles `source` (relative to the project) with every warning an error, and gives the program.
pub fn compile(folder: &Path, compiler: &str, standard: &str, source: &str) -> PathBuf {
    let program = folder.join(Path::new(source).file_stem().unwrap());
    let library = library_folder();
    let output = Command::new(compiler)
        .arg(format!("-std={standard}"))
        .args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g", "-Iinclude", source, "-o"])
        .arg(&program)
        .arg(format!("-L{}", library.display()))
        .args(["-ltradeforge", "-pthread", &format!("-Wl,-rpath,{}", library.display())])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{source}: {}", String::from_utf8_lossy(&output.stderr));
    program
}

/// Runs a program without the settings of the machine, in an empty folder, and demands that it succeeds.
pub fn run(folder: &Path, program: &Path, wrapper: &[&str]) -> String {
    let output = start(folder, program, wrapper);
    let shown =
        format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{} ended with {}:\n{shown}", program.display(), output.status);
    shown
}

fn start(folder: &Path, program: &Path, wrapper: &[&str]) -> Output {
    let mut line: Vec<&str> = wrapper.to_vec();
    line.push(program.to_str().unwrap());
    let mut command = Command::new(line[0]);
    command.args(&line[1..]).current_dir(folder);
    // Cargo names the folder of an older build first.
    command.env("LD_LIBRARY_PATH", library_folder());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TS_")) {
        command.env_remove(name);
    }
    command.output().unwrap()
}

/// Memory checkers find neither an error nor a leak.
pub fn check_memory(source: &str) {
    if !has("valgrind") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let program = compile(folder.path(), "cc", "c99", source);
    let suppressions = format!("--suppressions={}", root().join("tests/c/valgrind.supp").display());
    let valgrind = [
        "valgrind",
        "--leak-check=full",
        "--errors-for-leak-kinds=definite,possible",
        "--error-exitcode=99",
        // Else a busy thread keeps the others out.
        "--fair-sched=try",
        &suppressions,
    ];
    let shown = run(folder.path(), &program, &valgrind);
    assert!(shown.contains("ERROR SUMMARY: 0 errors"), "{source}:\n{shown}");
}
