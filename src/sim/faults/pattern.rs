//! Names with wildcards.

/// Whether `text` fits `pattern`, in which `*` stands for any text. Case does not matter.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut read) = (0, 0);
    // Where to go on when what follows the last `*` does not fit: it then stands for one byte more.
    let mut retry = None;
    while read < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                at += 1;
                retry = Some((at, read));
            }
            Some(wanted) if wanted.eq_ignore_ascii_case(&text[read]) => {
                at += 1;
                read += 1;
            }
            _ => {
                let Some((after_star, from)) = retry else { return false };
                at = after_star;
                read = from + 1;
                retry = Some((after_star, read));
            }
        }
    }
    pattern[at..].iter().all(|&sign| sign == b'*')
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text) in [
            ("/api/Order/place", "/api/order/place"),
            ("*", ""),
            ("*", "/x"),
            ("/api/*", "/api/"),
            ("/api/*/search*", "/api/order/searchOpen"),
            ("*trade", "GatewayUserTrade"),
            ("a*b*c", "abbxbc"),
            ("**", "x"),
        ] {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "x"),
            ("/api/Order/place", "/api/order/placed"),
            ("/api/*", "/hubs/user"),
            ("*trade", "GatewayTrades"),
            ("a*b*c", "abbxb"),
            ("a", ""),
        ] {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
    }
}
