//! The month of a contract, and the days that follow from it.

use time::{Date, Duration, Month, Weekday};

/// The letter of each month, January first.
const LETTERS: &[u8; 12] = b"FGHJKMNQUVXZ";

/// A month of delivery or settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Expiry {
    pub(super) year: i32,
    /// 1 to 12.
    month: u8,
}

/// The last day on which a contract can be held without more ado, by the calendar alone: holidays move it
/// by a day or two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LastDay {
    /// The third Friday of the month.
    ThirdFriday,
    /// The Monday before the third Wednesday of the month.
    MondayBeforeThirdWednesday,
    /// The last Friday of the month.
    LastFriday,
    /// The 20th of the month before.
    TwentiethOfMonthBefore,
    /// The last day of the month before, when notices of delivery begin or trading ends.
    EndOfMonthBefore,
}

/// The last digit of a year, or the last two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Year {
    Digit(u8),
    Digits(u8),
}

impl Year {
    /// Reads one digit or two.
    pub(super) fn parse(text: &str) -> Option<Year> {
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let number = text.parse().ok()?;
        match text.len() {
            1 => Some(Year::Digit(number)),
            2 => Some(Year::Digits(number)),
            _ => None,
        }
    }

    /// The year that is meant in `this_year`: of one digit that from four years back to five ahead.
    pub(super) fn near(self, this_year: i32) -> i32 {
        match self {
            Year::Digits(digits) => 2000 + i32::from(digits),
            Year::Digit(digit) => {
                let first = this_year - 4;
                first + (i32::from(digit) - first).rem_euclid(10)
            }
        }
    }
}

/// Splits `MESM6` into its root, the month and the year.
pub(super) fn split(name: &str) -> Option<(&str, u8, Year)> {
    let digits = name.len() - name.bytes().rev().take_while(u8::is_ascii_digit).count();
    // A year has two digits at most; what stands before the letter may end with a digit.
    let year = Year::parse(&name[digits..])?;
    let letter = *name.as_bytes().get(digits.checked_sub(1)?)?;
    let root = &name[..digits - 1];
    (LETTERS.contains(&letter) && !root.is_empty()).then_some((root, letter, year))
}

impl Expiry {
    /// The month with this letter.
    pub(super) fn new(letter: u8, year: i32) -> Option<Expiry> {
        let place = LETTERS.iter().position(|known| *known == letter)?;
        Some(Expiry { year, month: u8::try_from(place).ok()? + 1 })
    }

    pub(super) fn letter(self) -> char {
        char::from(LETTERS[usize::from(self.month - 1) % 12])
    }

    fn following(self) -> Expiry {
        match self.month {
            12 => Expiry { year: self.year + 1, month: 1 },
            month => Expiry { year: self.year, month: month + 1 },
        }
    }

    /// The next month whose letter is among `months`, which holds one at least.
    pub(super) fn next_of(self, months: &str) -> Expiry {
        let mut next = self.following();
        while !months.contains(next.letter()) && next.year < self.year + 2 {
            next = next.following();
        }
        next
    }

    /// The last day.
    pub(super) fn last_day(self, rule: LastDay) -> Date {
        let first = self.first_day();
        match rule {
            LastDay::ThirdFriday => nth(first, Weekday::Friday, 3),
            LastDay::MondayBeforeThirdWednesday => back(nth(first, Weekday::Wednesday, 3), Duration::days(2)),
            LastDay::LastFriday => {
                let next = nth(self.following().first_day(), Weekday::Friday, 1);
                back(next, Duration::weeks(1))
            }
            LastDay::TwentiethOfMonthBefore => {
                let end = back(first, Duration::days(1));
                end.replace_day(20).unwrap_or(end)
            }
            LastDay::EndOfMonthBefore => back(first, Duration::days(1)),
        }
    }

    fn first_day(self) -> Date {
        let month = Month::try_from(self.month).unwrap_or(Month::January);
        Date::from_calendar_date(self.year, month, 1).unwrap_or(Date::MAX)
    }
}

/// The weekday that is the `count`th of its kind from `first` on.
fn nth(first: Date, weekday: Weekday, count: i64) -> Date {
    let wait =
        i64::from((weekday.number_days_from_monday() + 7 - first.weekday().number_days_from_monday()) % 7);
    first.saturating_add(Duration::days(wait) + Duration::weeks(count - 1))
}

pub(super) fn back(day: Date, span: Duration) -> Date {
    day.saturating_sub(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_at_the_month() {
        for (name, root, letter, year) in [
            ("MESM6", "MES", b'M', Year::Digit(6)),
            ("MESM26", "MES", b'M', Year::Digits(26)),
            ("6EU6", "6E", b'U', Year::Digit(6)),
            ("E7Z26", "E7", b'Z', Year::Digits(26)),
            ("M2KH7", "M2K", b'H', Year::Digit(7)),
            ("NQM6", "NQ", b'M', Year::Digit(6)),
            ("NQMM6", "NQM", b'M', Year::Digit(6)),
        ] {
            assert_eq!(split(name), Some((root, letter, year)), "{name}");
        }
        for name in ["", "6", "M6", "Z26", "NQ", "MESM", "MESM126", "MESA6", "M2K", "ES26"] {
            assert_eq!(split(name), None, "{name}");
        }
    }

    #[test]
    fn a_digit_is_a_year_near_by() {
        for (digit, year) in [(2, 2022), (5, 2025), (6, 2026), (1, 2031), (0, 2030)] {
            assert_eq!(Year::Digit(digit).near(2026), year);
        }
        assert_eq!(Year::Digit(9).near(2030), 2029);
        assert_eq!(Year::Digits(19).near(2026), 2019);
    }

    #[test]
    fn last_days_follow_the_calendar() {
        for (letter, year, rule, day) in [
            (b'Z', 2026, LastDay::ThirdFriday, "2026-12-18"),
            (b'H', 2027, LastDay::ThirdFriday, "2027-03-19"),
            (b'Z', 2026, LastDay::MondayBeforeThirdWednesday, "2026-12-14"),
            (b'X', 2026, LastDay::LastFriday, "2026-11-27"),
            (b'Z', 2026, LastDay::LastFriday, "2026-12-25"),
            (b'F', 2027, LastDay::TwentiethOfMonthBefore, "2026-12-20"),
            (b'H', 2028, LastDay::EndOfMonthBefore, "2028-02-29"),
        ] {
            let expiry = Expiry::new(letter, year).unwrap();
            assert_eq!(expiry.last_day(rule).to_string(), day, "{expiry:?}");
        }
    }

    #[test]
    fn the_next_month_is_one_that_is_listed() {
        let next = |letter, year, months| {
            let next = Expiry::new(letter, year).unwrap().next_of(months);
            (next.letter(), next.year)
        };
        assert_eq!(next(b'Z', 2026, "HMUZ"), ('H', 2027));
        assert_eq!(next(b'F', 2027, "FGHJKMNQUVXZ"), ('G', 2027));
        assert_eq!(next(b'Q', 2026, "GJMQZ"), ('Z', 2026));
        assert_eq!(next(b'X', 2026, "FHKNX"), ('F', 2027));
    }
}
