//! How far a JSON value reaches, found without reading it: `serde_json` takes memory for every nested value
//! that it passes over.

/// Where the value that starts at `start` ends; `None` when it does not end. Brackets are counted and texts are passed
/// over; whether the value is good JSON shows when it is read.
pub(crate) fn value_end(json: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = start;
    loop {
        match *json.get(at)? {
            b'"' => {
                at = text_end(json, at)?;
                if depth == 0 {
                    return Some(at);
                }
                continue;
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth <= 1 => return Some(at + depth),
            b']' | b'}' => depth -= 1,
            b',' if depth == 0 => return Some(at),
            _ => {}
        }
        at += 1;
    }
}

/// Where the text that starts at `start` with a quotation mark ends, the closing mark included.
fn text_end(json: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', json.get(at..)?)?;
        match json[at] {
            b'"' => return Some(at + 1),
            _ => at += 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_where_serde_says() {
        for value in [
            "1",
            "-5e-7",
            "null",
            "\"\"",
            r#""a\"b\\""#,
            "[]",
            "{}",
            r#"[1,[2,{"a":"]"}],"}"]"#,
            r#"{"a":{"b":[{},[]]},"c":"\\\"{"}"#,
        ] {
            for behind in [",1]", "]", "}"] {
                let json = format!("[{value}{behind}");
                assert_eq!(value_end(json.as_bytes(), 1), Some(1 + value.len()), "{json}");
            }
        }
    }

    #[test]
    fn what_does_not_end_is_told() {
        for json in ["", "1", "[1", "\"a", "\"a\\", "{\"a\":[1]", "[\"]"] {
            assert_eq!(value_end(json.as_bytes(), 0), None, "{json}");
        }
    }
}
