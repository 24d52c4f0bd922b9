//! `include/tradeforge.h` is what the code says. `TF_BLESS=1 cargo test --test header` writes it anew.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::fmt::Write as _;
use std::path::Path;

/// The sections of the header, in order: the files of `src/ffi`.
const SECTIONS: &[&str] = &[
    "version", "status", "error", "price", "config", "client", "account", "contract", "order", "fill",
    "position", "event", "stream", "log", "sim", "bar", "outcome", "market", "query", "recorder", "live",
];

const PROLOGUE: &str = r#"/*
 * TradeForge: a trading SDK for the ProjectX Gateway.
 *
 * Conventions
 *   Handles are opaque and made by *_new() or a call that says so. The library looks a handle up and never
 *   follows it, so a handle that was destroyed gives TF_STATUS_ERR_HANDLE. *_destroy(NULL) does nothing.
 *   Calls return a tf_status. Results go to out_ parameters, which are written on success only.
 *   The last parameter `err` may be NULL; on failure it receives an error for tf_error_destroy().
 *   Texts in are NUL-terminated UTF-8 and copied. Texts and rows out are borrowed from the handle they came
 *   from and live until it is destroyed.
 *   Enums cross as integers, so that a number that is new to one side does no harm.
 *   No panic leaves the library. It calls back into the program only where a call takes a function, on the
 *   thread of that call; tf_stream_set_callback() alone uses a thread of the library.
 *
 * This file is generated from the sources. Do not edit it.
 */
#ifndef TRADEFORGE_H
#define TRADEFORGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef TF_API
#if defined(_WIN32) && !defined(TF_STATIC)
#define TF_API __declspec(dllimport)
#else
#define TF_API
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif
"#;

const EPILOGUE: &str = r#"
#ifdef __cplusplus
}
#endif

#endif
"#;

fn source(section: &str) -> String {
    format!("{}/src/ffi/{section}.rs", env!("CARGO_MANIFEST_DIR"))
}

/// The introduction of a section, the `//!` lines at the top of its file: the title and the lines below it.
fn introduction(text: &str) -> (&str, Vec<&str>) {
    let mut lines = text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim);
    let title = lines.next().and_then(|line| line.strip_prefix("# ")).expect("a section has a title");
    (title, lines.filter(|line| !line.is_empty()).collect())
}

fn generate() -> String {
    let mut header = PROLOGUE.to_owned();
    let config = cbindgen::Config::from_file(Path::new(env!("CARGO_MANIFEST_DIR")).join("cbindgen.toml"))
        .expect("cbindgen.toml is readable");
    for section in SECTIONS {
        let text = std::fs::read_to_string(source(section)).expect("a section is a file of src/ffi");
        let (title, body) = introduction(&text);
        writeln!(header, "\n/* ==== {title} {}", "=".repeat(100 - title.len())).unwrap();
        for line in &body {
            writeln!(header, " * {line}").unwrap();
        }
        header.push_str(" */\n\n");
        let mut config = config.clone();
        // Types of this file that none of its own functions names.
        let kinds = ["pub enum ", "pub struct ", "pub union "];
        config.export.include = text
            .lines()
            .filter_map(|line| kinds.iter().find_map(|kind| line.strip_prefix(kind)))
            .filter_map(|line| line.split([' ', '(']).next().map(str::to_owned))
            .collect();
        let mut generated = Vec::new();
        cbindgen::Builder::new()
            .with_config(config)
            .with_src(source(section))
            .generate()
            .expect("the section can be written in C")
            .write(&mut generated);
        let generated = String::from_utf8(generated).expect("a header is text");
        header.push_str(tidy(&generated).trim());
        header.push('\n');
    }
    header.push_str(EPILOGUE);
    header
}

/// Makes what cbindgen writes fit to be read: one `extern "C"` for the whole header, limits by their names,
/// enums of fixed width, short comments.
fn tidy(generated: &str) -> String {
    let opening = "#ifdef __cplusplus\nextern \"C\" {\n#endif // __cplusplus\n";
    let closing = "#ifdef __cplusplus\n}  // extern \"C\"\n#endif  // __cplusplus\n";
    let generated = generated
        .replace(opening, "")
        .replace(closing, "")
        .replace("9223372036854775807", "INT64_MAX")
        .replace("(-2147483647 - 1)", "INT32_MIN")
        .replace("TF_PRICE_SCALE 1000000000", "TF_PRICE_SCALE INT64_C(1000000000)")
        .replace("TF_ABI_VERSION 1", "TF_ABI_VERSION 1u");
    let lines: Vec<&str> = generated.lines().collect();
    let mut tidied = String::new();
    let mut index = 0;
    while index < lines.len() {
        let line = lines[index];
        let indent = &line[..line.len() - line.trim_start().len()];
        // An enum becomes a fixed-width type and its named values: the same in every C and C++.
        if let Some(name) = line.strip_prefix("enum ")
            && lines.get(index + 1).is_some_and(|next| next.starts_with("#if defined(__cplusplus)"))
        {
            writeln!(tidied, "typedef int32_t {name};\nenum {{").unwrap();
            index += 5;
            continue;
        }
        if line == "#ifndef __cplusplus" {
            let end = lines[index..].iter().position(|line| *line == "#endif // __cplusplus");
            index += end.expect("cbindgen closes what it opens") + 1;
            continue;
        }
        // A comment of one line needs no frame.
        if let [open, text, close, ..] = &lines[index..]
            && (open.trim(), close.trim()) == ("/**", "*/")
            && let Some(text) = text.trim_start().strip_prefix("* ")
        {
            writeln!(tidied, "{indent}/** {text} */").unwrap();
            index += 3;
            continue;
        }
        if !(line.is_empty() && tidied.ends_with("\n\n")) {
            tidied.push_str(line);
            tidied.push('\n');
        }
        index += 1;
    }
    tidied
}

#[test]
fn the_header_is_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/tradeforge.h");
    let generated = generate();
    if std::env::var_os("TF_BLESS").is_some() {
        std::fs::write(&path, &generated).expect("the header can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = committed.lines().zip(generated.lines()).position(|(old, new)| old != new);
    assert!(
        committed == generated,
        "include/tradeforge.h differs from the code at line {}; run `TF_BLESS=1 cargo test --test header`",
        differs.map_or(committed.lines().count().min(generated.lines().count()), |line| line) + 1
    );
    assert!(generated.lines().count() <= 3000, "{} lines", generated.lines().count());
}
