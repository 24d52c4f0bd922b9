//! The shared library exports what the header promises, and nothing else.
#![cfg(all(target_os = "linux", feature = "capi"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

mod c_support;

use std::collections::BTreeSet;
use std::process::Command;

fn exported() -> BTreeSet<String> {
    let library = c_support::library_folder().join("libtradeforge.so");
    let output =
        Command::new("nm").args(["-D", "--defined-only", "--format=posix"]).arg(library).output().unwrap();
    assert!(output.status.success());
    let listed = String::from_utf8(output.stdout).unwrap();
    listed.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

fn promised() -> BTreeSet<String> {
    let header = std::fs::read_to_string(c_support::root().join("include/tradeforge.h")).unwrap();
    let code = header.lines().filter(|line| !line.trim_start().starts_with('*') && !line.starts_with("/*"));
    code.filter(|line| !line.trim_start().starts_with("/**"))
        .filter_map(|line| line.split_once('(').map(|(before, _)| before))
        .filter_map(|before| before.rsplit([' ', '*']).next())
        .filter(|name| name.starts_with("tf_"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn exports_are_the_header_and_the_list() {
    let list = c_support::root().join("include/symbols.txt");
    let exported = exported();
    if std::env::var_os("TF_BLESS").is_some() {
        let lines: String = exported.iter().map(|name| format!("{name}\n")).collect();
        std::fs::write(&list, lines).unwrap();
    }
    assert!(exported.len() > 40 && exported.iter().all(|name| name.starts_with("tf_")), "{exported:?}");
    assert_eq!(exported, promised(), "the library and the header differ");
    let listed = std::fs::read_to_string(list).unwrap_or_default();
    let listed: BTreeSet<String> = listed.lines().map(str::to_owned).collect();
    assert_eq!(exported, listed, "include/symbols.txt differs; run `TF_BLESS=1 cargo test --test c_symbols`");
}
