//! `docs/OPERATIONS.md` names what exists, and leaves nothing out.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::Path;

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(path)
}

/// The cells of the rows of the table below a heading.
fn table(heading: &str) -> Vec<Vec<String>> {
    let page = read("docs/OPERATIONS.md");
    let (_, section) = page.split_once(&format!("## {heading}\n")).expect(heading);
    let rows = section.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let rows: Vec<Vec<String>> = rows
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
        .collect();
    assert!(!rows.is_empty(), "{heading}");
    rows
}

/// What stands between the first backquotes of a cell.
fn code(cell: &str) -> Option<&str> {
    cell.split('`').nth(1)
}

/// The public methods of the client.
fn methods() -> BTreeSet<String> {
    let files = ["src/client.rs", "src/client/orders.rs", "src/client/session.rs"];
    let folder = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/client")).unwrap();
    let known = folder.map(|entry| format!("src/client/{}", entry.unwrap().file_name().to_str().unwrap()));
    let all: BTreeSet<String> = known.chain(files.map(str::to_owned)).collect();
    all.iter()
        .flat_map(|path| {
            let text = read(path);
            let names = text.lines().filter_map(|line| line.strip_prefix("    pub fn "));
            names.map(|name| name.split(['(', '<']).next().unwrap().to_owned()).collect::<Vec<_>>()
        })
        .collect()
}

fn symbols() -> BTreeSet<String> {
    read("include/symbols.txt").lines().map(str::to_owned).collect()
}

#[test]
fn the_operations_are_those_of_the_client() {
    let codes = read("src/provider/projectx/codes.rs");
    let known: BTreeSet<&str> =
        codes.split("path: \"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let rows = table("Every operation");
    let told: BTreeSet<&str> = rows.iter().map(|row| code(&row[0]).unwrap()).collect();
    assert_eq!(told, known);
    assert_eq!((rows.len(), told.len()), (21, 21), "each once");
    for row in &rows {
        let method = if row[0].contains("Status/ping") { "GET " } else { "POST " };
        assert!(row[0].starts_with(method), "{row:?}");
    }
}

#[test]
fn every_call_exists() {
    let (methods, symbols) = (methods(), symbols());
    for row in table("Every operation")
        .iter()
        .map(|row| &row[1..3])
        .chain(table("What the client adds").iter().map(|row| &row[..2]))
    {
        let name = code(&row[0]).unwrap();
        assert!(methods.contains(name), "Client::{name}");
        match code(&row[1]) {
            Some(symbol) => assert!(symbols.contains(symbol), "{symbol}"),
            None => assert!(row[1].starts_with("none: "), "{name} has no call in C and no reason"),
        }
    }
}

#[test]
fn no_call_is_left_out() {
    let (operations, more) = (table("Every operation"), table("What the client adds"));
    let named: Vec<&str> = operations
        .iter()
        .map(|row| &row[1])
        .chain(more.iter().map(|row| &row[0]))
        .filter_map(|cell| code(cell))
        .collect();
    let told: BTreeSet<String> = named.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(told.len(), named.len(), "a call is named twice");
    assert_eq!(told, methods());

    let told: BTreeSet<String> = operations
        .iter()
        .map(|row| &row[2])
        .chain(more.iter().map(|row| &row[1]))
        .filter_map(|cell| code(cell).map(str::to_owned))
        .collect();
    // What a handle needs beside its calls.
    let plain = |name: &str| name.ends_with("_init") || name == "tf_client_destroy";
    let of_client = |name: &&String| name.starts_with("tf_client_") || name.starts_with("tf_order_");
    let missing: Vec<_> = symbols()
        .iter()
        .filter(of_client)
        .filter(|name| !plain(name) && !told.contains(*name))
        .cloned()
        .collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn every_test_exists() {
    let text = read("tests/operations.rs");
    let written: BTreeSet<&str> =
        text.split("#[test]\nfn ").skip(1).map(|rest| rest.split('(').next().unwrap()).collect();
    let told: Vec<String> =
        table("Every operation").iter().map(|row| code(&row[4]).unwrap().to_owned()).collect();
    let told: BTreeSet<&str> = told.iter().map(String::as_str).collect();
    assert_eq!(told, written);
}

#[cfg(feature = "cli")]
#[test]
fn every_command_exists() {
    for row in table("Every operation") {
        let Some(line) = code(&row[3]) else {
            assert!(row[3].starts_with("none (2)") || row[3].starts_with("every command (1)"), "{row:?}");
            continue;
        };
        let (options, verb): (Vec<&str>, Vec<&str>) =
            line.split_whitespace().partition(|word| word.starts_with("--"));
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_tradeforge"))
            .args(&verb)
            .arg("--help")
            .output()
            .unwrap();
        let help = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success() && help.contains(&format!("tradeforge {}", verb.join(" "))),
            "{line}: {help}"
        );
        for option in options {
            let is_there = help.lines().any(|line| {
                let mut words = line.split([' ', ',']).filter(|word| !word.is_empty());
                words.next() == Some(option)
            });
            assert!(is_there, "{line} has no {option}:\n{help}");
        }
    }
}
