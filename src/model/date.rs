//! A date of the calendar.

use std::fmt;

/// A day as the exchange's calendar names it, such as the trading day of a bar. It has no time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(time::Date);

impl Date {
    /// Reads `2026-11-20`; a time after it, as in `2026-11-20T00:00:00`, is passed over.
    pub fn parse(text: &str) -> Option<Date> {
        let day = text.split('T').next()?;
        let (year, rest) = day.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        let number = |digits: &str, length: usize| -> Option<u16> {
            let is_number = digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| digits.parse().ok()).flatten()
        };
        let month = u8::try_from(number(month, 2)?).ok()?.try_into().ok()?;
        let day = u8::try_from(number(day, 2)?).ok()?;
        time::Date::from_calendar_date(number(year, 4)?.into(), month, day).ok().map(Date)
    }

    /// The date as one number, year, month and day: 20261120.
    pub fn number(self) -> i32 {
        self.0.year() * 10_000 + i32::from(u8::from(self.0.month())) * 100 + i32::from(self.0.day())
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), u8::from(self.0.month()), self.0.day())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_and_written() {
        for text in ["2026-11-20", "2024-02-29", "2026-11-20T00:00:00"] {
            assert_eq!(Date::parse(text).unwrap().to_string(), text[..10]);
        }
        assert_eq!(Date::parse("2026-01-02").unwrap().number(), 20_260_102);
        for text in
            ["", "2026", "2026-13-01", "2025-02-29", "2026-1-2", "+026-01-02", "2026-11-20-1", "20261120"]
        {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }
}
