//! The architecture: who may import whom, where `unsafe` may stand, how long a file may be.
//!
//! The sources are read as plain text. A failure gives the file and the line.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::path::Path;

/// The floors, lowest first, with the modules at the top of the crate that stand on them.
const FLOORS: &[&[&str]] = &[
    &["error", "clock", "digits", "price", "niche", "secret", "sync", "recording"],
    &["model", "config"],
    &["net", "signalr"],
    &["provider", "sim"],
    &["session", "market", "stream", "trading", "contracts", "history", "ledger"],
    &["client"],
    &["ffi", "bin", "bench"],
];

/// Imports within one floor that are meant: who, whom. On the two lowest floors any sibling may be used.
const SIBLINGS: &[(&str, &str)] = &[
    ("signalr", "net"),
    ("stream", "session"),
    ("stream", "market"),
    ("trading", "session"),
    ("contracts", "session"),
    ("history", "session"),
    ("ledger", "session"),
    ("bench", "ffi"),
];
const OPEN_FLOORS: usize = 2;

/// The simulator shares nothing with the client but the lowest floor and the sockets.
const SIM_MAY_USE: &[&str] = &["net"];

const LONGEST_FILE: usize = 600;

#[test]
fn sources_keep_to_the_architecture() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut breaches = Vec::new();
    let mut count = 0;
    for (path, text) in rust_files(root, "src").into_iter().chain(rust_files(root, "tests")) {
        count += 1;
        breaches.extend(check(&path, &text));
    }
    assert!(count > 30, "only {count} sources were found");
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

/// The Rust files under a folder, with their paths from `root`.
fn rust_files(root: &Path, folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder)).unwrap().map(Result::unwrap) {
            let path = format!("{folder}/{}", entry.file_name().into_string().unwrap());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if path.ends_with(".rs") {
                let text = fs::read_to_string(root.join(&path)).unwrap();
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

/// Everything that a file does against the rules, each with the file and the line.
fn check(path: &str, text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let mut breaches = Vec::new();
    let mut report = |line: usize, what: String| breaches.push(format!("{path}:{line}: {what}"));
    for (token, next) in tokens.iter().zip(tokens.iter().skip(1)) {
        if token.text == "sleep" && next.text == "(" {
            report(token.line, "sleeps; wait on something that can be woken".into());
        }
    }
    let Some(module) = path.strip_prefix("src/").map(module_path) else { return breaches };
    let lines = text.lines().count();
    if lines > LONGEST_FILE {
        report(lines, format!("has {lines} lines, more than {LONGEST_FILE}; split it by noun"));
    }
    let top = module.first().map_or("", String::as_str);
    if top != "ffi" {
        for (index, token) in tokens.iter().enumerate() {
            if token.text == "unsafe" {
                report(token.line, "`unsafe` outside of src/ffi".into());
            }
            if token.text == "unsafe_code" && is_allowed_there(&tokens[..index]) {
                report(token.line, "allows unsafe code outside of src/ffi".into());
            }
        }
    }
    if top.is_empty() {
        // lib.rs puts all floors together.
        return breaches;
    }
    let Some(floor) = floor_of(top) else {
        report(1, format!("module `{top}` has no floor; give it one in tests/floors.rs"));
        return breaches;
    };
    for import in imports(&tokens, &module) {
        if let Err(what) = judge(top, floor, &import.path) {
            report(import.line, format!("imports crate::{}: {what}", import.path.join("::")));
        }
    }
    breaches
}

/// The module that a file under `src` is: empty for lib.rs.
fn module_path(path: &str) -> Vec<String> {
    let mut parts: Vec<String> = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib")) {
        parts.pop();
    }
    parts
}

fn floor_of(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// Whether a file of the module `top` may import this path.
fn judge(top: &str, floor: usize, path: &[String]) -> Result<(), String> {
    let target = path.first().map_or("*", String::as_str);
    // The program is a crate of its own: what it calls `crate` is itself.
    if target == top || top == "bin" {
        return Ok(());
    }
    let Some(target_floor) = floor_of(target) else {
        // At the top everything is below, so the names that lib.rs gives out may be used.
        return if top == "ffi" { Ok(()) } else { Err("name the module, not the root of the crate".into()) };
    };
    if top == "sim" && target_floor > 0 && !SIM_MAY_USE.contains(&target) {
        return Err("the simulator shares no code with the client".into());
    }
    if target_floor > floor {
        return Err(format!("upward, from floor {floor} to floor {target_floor}"));
    }
    if target_floor == floor && floor >= OPEN_FLOORS && !SIBLINGS.contains(&(top, target)) {
        return Err(format!("sideways on floor {floor}"));
    }
    if target == "sim" && floor >= 4 && !matches!(top, "client" | "ffi") {
        return Err("only the client and the edges know the simulator".into());
    }
    if floor >= 4
        && !matches!(top, "client" | "bench")
        && target == "provider"
        && path.get(1).is_some_and(|it| it == "projectx")
    {
        return Err("a provider is named in client.rs only".into());
    }
    Ok(())
}

/// Whether the attribute that these tokens lead into allows what follows.
fn is_allowed_there(before: &[Token]) -> bool {
    let open = before.iter().rposition(|token| token.text == "[");
    let name = open.and_then(|index| before.get(index + 1));
    name.is_some_and(|name| matches!(name.text.as_str(), "allow" | "expect" | "cfg_attr"))
}

#[derive(Debug, PartialEq)]
struct Import {
    line: usize,
    path: Vec<String>,
}

/// Every path of a file that leads to the root of the crate: `crate::…`, and `super::…` that climbs that high.
fn imports(tokens: &[Token], module: &[String]) -> Vec<Import> {
    let mut found = Vec::new();
    let mut braces = 0;
    // The depth of braces at which each module in the file begins.
    let mut inner: Vec<usize> = Vec::new();
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        let text = |offset: usize| tokens.get(index + offset).map_or("", |token| token.text.as_str());
        let is_start = index == 0 || tokens[index - 1].text != "::";
        match token.text.as_str() {
            "mod" if text(2) == "{" => inner.push(braces),
            "{" => braces += 1,
            "}" => {
                braces -= 1;
                inner.pop_if(|depth| *depth == braces);
            }
            "crate" if text(1) == "::" && is_start => gather(tokens, index + 2, &mut Vec::new(), &mut found),
            "super" if is_start => {
                let mut paths = Vec::new();
                gather(tokens, index, &mut Vec::new(), &mut paths);
                let here: Vec<String> =
                    module.iter().cloned().chain(inner.iter().map(|_| "mod".into())).collect();
                found.extend(
                    paths.into_iter().map(|import| Import { path: climb(&here, import.path), ..import }),
                );
            }
            _ => {}
        }
        index += 1;
    }
    found
}

/// The path from the root for one that climbs from `here`.
fn climb(here: &[String], path: Vec<String>) -> Vec<String> {
    let mut from_root = here.to_vec();
    for part in path {
        match part.as_str() {
            "super" => drop(from_root.pop()),
            _ => from_root.push(part),
        }
    }
    from_root
}

/// Follows a path from a token on, into groups of any depth.
fn gather(tokens: &[Token], mut index: usize, path: &mut Vec<String>, found: &mut Vec<Import>) {
    let before = path.len();
    while let Some(token) = tokens.get(index) {
        if token.text == "{" {
            let mut depth = 0;
            let mut at_start = false;
            for inner in index..tokens.len() {
                match tokens[inner].text.as_str() {
                    "{" => {
                        depth += 1;
                        at_start = depth == 1;
                        continue;
                    }
                    "}" => depth -= 1,
                    "," if depth == 1 => {
                        at_start = true;
                        continue;
                    }
                    _ if at_start => gather(tokens, inner, path, found),
                    _ => {}
                }
                at_start = false;
                if depth == 0 {
                    break;
                }
            }
            path.truncate(before);
            return;
        }
        if token.text != "self" {
            path.push(token.text.clone());
        }
        match tokens.get(index + 1) {
            Some(next) if next.text == "::" && tokens.get(index + 2).is_some_and(is_part_of_a_path) => {
                index += 2
            }
            _ => {
                found.push(Import { line: token.line, path: path.clone() });
                break;
            }
        }
    }
    path.truncate(before);
}

fn is_part_of_a_path(token: &Token) -> bool {
    token.text == "{"
        || token.text == "*"
        || token.text.starts_with(|sign: char| sign.is_alphanumeric() || sign == '_')
}

/// A word, `::` or a single sign.
#[derive(Debug)]
struct Token {
    text: String,
    line: usize,
}

/// The tokens of a source without its comments, texts and characters.
fn tokens(text: &str) -> Vec<Token> {
    let signs: Vec<char> = text.chars().collect();
    let is_word = |sign: char| sign.is_alphanumeric() || sign == '_';
    let at = |index: usize| signs.get(index).copied().unwrap_or('\0');
    let mut found: Vec<Token> = Vec::new();
    let (mut index, mut line) = (0, 1);
    while index < signs.len() {
        let start = index;
        let mut token = String::new();
        match (at(index), at(index + 1)) {
            ('/', '/') => index += (index..).take_while(|i| !matches!(at(*i), '\n' | '\0')).count(),
            ('/', '*') => index = after_comment(&signs, index),
            ('"', _) => index = after_string(&signs, index),
            ('\'', _) if at(index + 1) == '\\' || at(index + 2) == '\'' => {
                let close = (index + 3..).take_while(|i| !matches!(at(*i), '\'' | '\0')).count();
                index += if at(index + 1) == '\\' { close + 4 } else { 3 };
            }
            (sign, _) if is_word(sign) => {
                token = signs[index..].iter().copied().take_while(|sign| is_word(*sign)).collect();
                index += token.chars().count();
                if matches!(token.as_str(), "r" | "br" | "cr") && matches!(at(index), '"' | '#') {
                    let hashes = (index..).take_while(|i| at(*i) == '#').count();
                    if at(index + hashes) == '"' {
                        index = after_raw_string(&signs, index + hashes + 1, hashes);
                        token.clear();
                    }
                }
            }
            (':', ':') => {
                token.push_str("::");
                index += 2;
            }
            (sign, _) => {
                if !sign.is_whitespace() {
                    token.push(sign);
                }
                index += 1;
            }
        }
        if !token.is_empty() {
            found.push(Token { text: token, line });
        }
        let end = index.min(signs.len());
        line += signs[start..end].iter().filter(|sign| **sign == '\n').count();
    }
    found
}

fn after_comment(signs: &[char], mut index: usize) -> usize {
    let mut depth = 0;
    while index < signs.len() {
        match (signs[index], signs.get(index + 1)) {
            ('/', Some('*')) => (depth, index) = (depth + 1, index + 2),
            ('*', Some('/')) => (depth, index) = (depth - 1, index + 2),
            _ => index += 1,
        }
        if depth == 0 {
            break;
        }
    }
    index
}

fn after_string(signs: &[char], open: usize) -> usize {
    let mut index = open + 1;
    while index < signs.len() && signs[index] != '"' {
        index += if signs[index] == '\\' { 2 } else { 1 };
    }
    index + 1
}

fn after_raw_string(signs: &[char], mut index: usize, hashes: usize) -> usize {
    while index < signs.len() {
        let close = &signs[index + 1..signs.len().min(index + 1 + hashes)];
        index += 1;
        if signs[index - 1] == '"' && close.len() == hashes && close.iter().all(|sign| *sign == '#') {
            return index + hashes;
        }
    }
    index
}

#[cfg(test)]
mod the_check_itself {
    use super::*;

    fn breaches(path: &str, text: &str) -> usize {
        check(path, text).len()
    }

    #[test]
    fn finds_imports_upward() {
        let breach = check("src/model/order.rs", "//! Docs.\n\nuse crate::net::Http;\n");
        assert_eq!(
            breach,
            ["src/model/order.rs:3: imports crate::net::Http: upward, from floor 1 to floor 2"]
        );
        assert_eq!(breaches("src/price.rs", "use crate::model::Event;"), 1);
        assert_eq!(
            breaches("src/net/ws.rs", "use crate::{error::Kind, provider::{Feed, projectx::Rest}};"),
            2
        );
        assert_eq!(breaches("src/sync/queue.rs", "fn f() -> crate::client::Client { todo() }"), 1);
        assert_eq!(breaches("src/session.rs", "use crate::{self, clock::Deadline};"), 1);
        assert_eq!(breaches("src/session.rs", "use crate::*;"), 1);
        assert_eq!(breaches("src/session.rs", "use crate::Client;"), 1);
    }

    #[test]
    fn finds_ways_around_over_super() {
        assert_eq!(breaches("src/price.rs", "use super::client::Client;"), 1);
        assert_eq!(breaches("src/net/ws.rs", "use super::super::session::Session;"), 1);
        assert_eq!(breaches("src/net/ws.rs", "use super::{super::session::Session, waiter::Waiter};"), 1);
        assert_eq!(
            breaches("src/price.rs", "mod tests { use super::*; use super::super::client::Client; }"),
            1
        );
        assert_eq!(breaches("src/price.rs", "mod tests { fn a() {} } use super::client::Client;"), 1);
        assert_eq!(
            breaches("src/net/ws.rs", "use super::waiter::Waiter;\nmod tests { use super::super::Ws; }"),
            0
        );
    }

    #[test]
    fn lets_imports_downward_pass() {
        let text = "use crate::{clock::{Clock, Deadline}, error::Result};\nuse crate::signalr::TokenSource;\n\
                    use crate::provider::Gateway;\n/// [`crate::client::Client`] uses it.\n\
                    const TEXT: &str = \"crate::client\"; // crate::client\n/* /* crate::ffi */ crate::ffi */\n\
                    const RAW: &str = r#\"\"crate::client\"#; const QUOTE: char = '\"'; use crate::sync::StopToken;";
        assert_eq!(check("src/session.rs", text), Vec::<String>::new());
        assert_eq!(breaches("src/model/topic.rs", "use crate::config::Config;"), 0);
        assert_eq!(breaches("src/error.rs", "use crate::sync::Queue;"), 0);
        assert_eq!(breaches("src/lib.rs", "mod client; pub use client::Client; use crate::client as c;"), 0);
        assert_eq!(
            breaches("src/bin/tradeforge/main.rs", "use tradeforge::sim::Sim; use crate::args::Args;"),
            0
        );
        assert_eq!(
            breaches("src/ffi/client.rs", "use crate::client::Client; use crate::{Stream, sim::Sim};"),
            0
        );
    }

    #[test]
    fn keeps_towers_apart() {
        for (path, text, count) in [
            ("src/provider/projectx/rest.rs", "use crate::sim::Sim;", 1),
            ("src/sim/server.rs", "use crate::provider::Feed;", 1),
            ("src/sim/server.rs", "use crate::model::Event;", 1),
            ("src/sim/server.rs", "use crate::signalr::Record;", 1),
            ("src/sim/server.rs", "use crate::{net::Listener, clock::Clock}; use super::Sim;", 0),
            ("src/net/http.rs", "use crate::signalr::Text;", 1),
            ("src/signalr/hub.rs", "use crate::net::Ws;", 0),
            ("src/trading/orders.rs", "use crate::session::Session;", 0),
            ("src/session.rs", "use crate::trading::check;", 1),
            ("src/trading/orders.rs", "use crate::stream::Stream;", 1),
            ("src/stream/reader.rs", "use crate::sim::Sim;", 1),
            ("src/session.rs", "use crate::provider::{Gateway, projectx};", 1),
            ("src/ffi/client.rs", "fn f(_: crate::provider::projectx::Rest) {}", 1),
            ("src/client.rs", "use crate::provider::projectx::{self, HubFeed};", 0),
            ("src/newcomer.rs", "", 1),
        ] {
            assert_eq!(breaches(path, text), count, "{path}: {text}");
        }
    }

    #[test]
    fn finds_the_rest() {
        assert_eq!(breaches("src/net/ws.rs", "fn f() { unsafe { g() } }"), 1);
        assert_eq!(breaches("src/net/ws.rs", "#![allow(unsafe_code)]"), 1);
        assert_eq!(breaches("src/net/ws.rs", "#[expect(dead_code, unsafe_code)] fn f() {}"), 1);
        assert_eq!(breaches("src/lib.rs", "#![deny(unsafe_code)]"), 0);
        assert_eq!(breaches("src/ffi/error.rs", "#![allow(unsafe_code)] unsafe fn f() {}"), 0);
        assert_eq!(check("tests/x.rs", "fn f() {\n    std::thread::sleep(d);\n}").len(), 1);
        assert_eq!(breaches("src/clock.rs", "fn f() { sleep (d) }"), 1);
        assert_eq!(breaches("src/clock.rs", "struct S { sleep: u8 } // sleep(1)"), 0);
        assert_eq!(breaches("src/clock.rs", &"\n".repeat(LONGEST_FILE)), 0);
        assert_eq!(breaches("src/clock.rs", &"\n".repeat(LONGEST_FILE + 1)), 1);
        assert_eq!(breaches("tests/x.rs", &"\n".repeat(LONGEST_FILE + 1)), 0);
    }
}
