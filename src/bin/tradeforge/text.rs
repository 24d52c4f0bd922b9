//! Texts for people.

use tradeforge::{Side, Timestamp};

/// The text with its control characters escaped, so that a gateway's words stay on their line and cannot
/// steer the terminal.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            shown.extend(character.escape_debug());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// A time in UTC to the millisecond: `2026-08-16 23:26:02.156`.
pub fn time(moment: Timestamp) -> String {
    let text = moment.to_string();
    let text = text.trim_end_matches('Z');
    let (date, clock) = text.split_once('T').unwrap_or((text, ""));
    let (second, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    format!("{date} {second}.{:0<3.3}", fraction)
}

/// The side of an order or a trade.
pub fn side(side: Side) -> String {
    match side {
        Side::Buy => "buy".into(),
        Side::Sell => "sell".into(),
        Side::Other(code) => format!("side {code}"),
    }
}

/// A published name in words, `PendingCancellation` as `pending cancellation`; without a name, the number.
pub fn words(name: &str, code: i32) -> String {
    if name == "Other" {
        return format!("code {code}");
    }
    let mut words = String::with_capacity(name.len() + 2);
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

/// What is there, or nothing.
pub fn optional<T: ToString>(value: Option<T>) -> String {
    value.map_or(String::new(), |value| value.to_string())
}

#[cfg(test)]
mod tests {
    use tradeforge::OrderStatus;

    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(printable("E-Mini \u{1b}[2J\n\u{9b}é"), "E-Mini \\u{1b}[2J\\n\\u{9b}é");
    }

    #[test]
    fn times_are_cut_to_milliseconds() {
        for (wire, shown) in [
            ("2026-08-16T23:26:02.15673+00:00", "2026-08-16 23:26:02.156"),
            ("2026-08-16T23:26:02+00:00", "2026-08-16 23:26:02.000"),
            ("2026-08-16T23:26:02.5Z", "2026-08-16 23:26:02.500"),
        ] {
            assert_eq!(time(Timestamp::parse(wire).unwrap()), shown);
        }
    }

    #[test]
    fn names_become_words() {
        let status = OrderStatus::PendingCancellation;
        assert_eq!(words(status.name(), status.code()), "pending cancellation");
        let status = OrderStatus::from(99);
        assert_eq!(words(status.name(), status.code()), "code 99");
    }
}
