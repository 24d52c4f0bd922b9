//! What the library links: no async runtime, one encryption library.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::process::Command;

fn tree(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "-e", "normal", "--prefix", "none", "-f", "{p}"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn has(tree: &str, name: &str) -> bool {
    tree.lines().any(|line| line.split(' ').next() == Some(name))
}

#[test]
fn there_is_no_async_runtime() {
    let all = tree(&["--all-features"]);
    assert!(has(&all, "ureq") && has(&all, "rustls"), "the tree is read: {all}");
    for runtime in ["tokio", "async-std", "smol", "futures", "futures-util", "async-executor", "hyper"] {
        assert!(!has(&all, runtime), "{runtime} is linked:\n{all}");
    }
}

#[test]
fn there_is_one_encryption_library() {
    let all = tree(&["--all-features"]);
    assert!(has(&all, "ring"));
    for other in ["aws-lc-rs", "aws-lc-sys", "openssl", "openssl-sys", "native-tls"] {
        assert!(!has(&all, other), "{other} is linked");
    }
}

#[test]
fn the_core_needs_neither_the_simulator_nor_the_command_line() {
    let core = tree(&["--no-default-features"]);
    assert!(!has(&core, "clap") && !has(&core, "signal-hook") && !has(&core, "rcgen"));
}
