//! When the market is open, and which moments belong together in a bar.
//!
//! Times in here are whole seconds since 1970 in UTC, days are counted since 1970-01-01. A trading day bears
//! the date on which it ends: it opens at 17:00 in Chicago on the day before.

use time::{Date, Duration, Month};

use crate::sim::config::Calendar;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Chicago's hour at which a trading day opens.
const OPENING_HOUR: i64 = 17;
/// Length of a trading day before the daily halt.
const SESSION: i64 = 23 * HOUR;
/// The day of the Unix epoch in the count of [`Date`].
const EPOCH_JULIAN_DAY: i64 = 2_440_588;

/// The date of a day.
pub(in crate::sim) fn date_of(day: i64) -> Date {
    let julian = i32::try_from(day.saturating_add(EPOCH_JULIAN_DAY)).unwrap_or(i32::MAX);
    Date::from_julian_day(julian).unwrap_or(Date::MAX)
}

/// The day of a date.
pub(in crate::sim) fn day_of_date(date: Date) -> i64 {
    i64::from(date.to_julian_day()) - EPOCH_JULIAN_DAY
}

/// Days since Monday.
fn weekday(day: i64) -> i64 {
    // The epoch was a Thursday.
    (day + 3).rem_euclid(7)
}

/// What to add to UTC for Chicago's time: summer time runs from the second Sunday of March to the first of
/// November, from and to 2:00 on the clocks of the time before.
fn chicago_offset(seconds: i64) -> i64 {
    let year = date_of(seconds.div_euclid(DAY)).year();
    let sunday = |month: Month, nth: i64| {
        let first = Date::from_calendar_date(year, month, 1).map_or(0, day_of_date);
        first + (6 - weekday(first)) + 7 * (nth - 1)
    };
    let begin = sunday(Month::March, 2) * DAY + 8 * HOUR;
    let end = sunday(Month::November, 1) * DAY + 7 * HOUR;
    if (begin..end).contains(&seconds) { -5 * HOUR } else { -6 * HOUR }
}

/// The sessions of a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) struct Sessions(pub(in crate::sim) Calendar);

impl Sessions {
    /// The trading day that a moment belongs to, or would if it were open.
    pub(in crate::sim) fn day_of(self, seconds: i64) -> i64 {
        (seconds + chicago_offset(seconds) + DAY - OPENING_HOUR * HOUR).div_euclid(DAY)
    }

    /// When a trading day opens.
    pub(in crate::sim) fn opening(self, day: i64) -> i64 {
        let local = (day - 1) * DAY + OPENING_HOUR * HOUR;
        // Clocks change at night, so both offsets agree about which one holds in the afternoon.
        local - chicago_offset(local + 6 * HOUR)
    }

    /// When a trading day closes.
    pub(in crate::sim) fn closing(self, day: i64) -> i64 {
        match self.0 {
            Calendar::AlwaysOpen => self.opening(day + 1),
            Calendar::Cme => self.opening(day) + SESSION,
        }
    }

    /// Whether anything trades on a trading day.
    pub(in crate::sim) fn is_trading_day(self, day: i64) -> bool {
        self.0 == Calendar::AlwaysOpen || weekday(day) < 5
    }

    /// Whether a moment lies in a session.
    pub(in crate::sim) fn is_open(self, seconds: i64) -> bool {
        let day = self.day_of(seconds);
        self.is_trading_day(day) && seconds < self.closing(day)
    }

    /// The trading day of the session that runs, or of the last one that did.
    pub(in crate::sim) fn latest_day(self, seconds: i64) -> i64 {
        let mut day = self.day_of(seconds);
        while !self.is_trading_day(day) {
            day -= 1;
        }
        day
    }

    /// When the market next opens or closes; `None` when it never does.
    pub(in crate::sim) fn next_change(self, seconds: i64) -> Option<i64> {
        if self.0 == Calendar::AlwaysOpen {
            return None;
        }
        let mut day = self.day_of(seconds);
        if self.is_open(seconds) {
            return Some(self.closing(day));
        }
        loop {
            day += 1;
            if self.is_trading_day(day) {
                return Some(self.opening(day));
            }
        }
    }
}

/// What a bar's length is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
}

/// The length of bars. Bars shorter than a day are counted from the opening of their trading day and end with
/// it; longer ones hold whole trading days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) struct Period {
    pub(in crate::sim) unit: Unit,
    /// Units per bar, 1 at least.
    pub(in crate::sim) number: i64,
}

/// The time that one bar covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sim) struct Span {
    pub(in crate::sim) start: i64,
    /// The first second that is no longer part of it.
    pub(in crate::sim) end: i64,
}

impl Period {
    /// The bar that a moment falls into.
    pub(in crate::sim) fn span(self, sessions: Sessions, seconds: i64) -> Span {
        let day = sessions.day_of(seconds);
        let number = self.number.max(1);
        let (first, last) = match self.unit {
            Unit::Second => return self.part_of_day(sessions, day, seconds, 1),
            Unit::Minute => return self.part_of_day(sessions, day, seconds, MINUTE),
            Unit::Hour => return self.part_of_day(sessions, day, seconds, HOUR),
            Unit::Day => {
                let first = day.div_euclid(number) * number;
                (first, first + number - 1)
            }
            Unit::Week => {
                let week = (day + 3).div_euclid(7).div_euclid(number) * number;
                (week * 7 - 3, (week + number) * 7 - 4)
            }
            Unit::Month => {
                let date = date_of(day);
                let month = i64::from(date.year()) * 12 + i64::from(date.month() as u8) - 1;
                let month = month.div_euclid(number) * number;
                (first_of_month(month), first_of_month(month + number) - 1)
            }
        };
        let open_days = || (first..=last).filter(|&day| sessions.is_trading_day(day));
        let start = sessions.opening(open_days().next().unwrap_or(first));
        Span { start, end: sessions.closing(open_days().next_back().unwrap_or(last)) }
    }

    fn part_of_day(self, sessions: Sessions, day: i64, seconds: i64, unit: i64) -> Span {
        let opening = sessions.opening(day);
        let length = unit * self.number.max(1);
        let start = opening + (seconds - opening).div_euclid(length) * length;
        Span { start, end: (start + length).min(sessions.closing(day)) }
    }
}

/// The first day of a month that is counted from the year 0.
fn first_of_month(month: i64) -> i64 {
    let year = i32::try_from(month.div_euclid(12)).unwrap_or(i32::MAX);
    let first = Date::from_calendar_date(year, Month::January, 1).unwrap_or(Date::MAX);
    let length = |nth: i64| {
        let month = u8::try_from(nth + 1).ok().and_then(|nth| Month::try_from(nth).ok());
        Duration::days(month.map_or(0, |month| i64::from(month.length(year))))
    };
    let days = (0..month.rem_euclid(12)).map(length).sum();
    day_of_date(first.saturating_add(days))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    const CME: Sessions = Sessions(Calendar::Cme);

    fn at(text: &str) -> i64 {
        Timestamp::parse(text).unwrap().nanos() / 1_000_000_000
    }

    #[test]
    fn sessions_follow_chicago_in_summer_and_winter() {
        for (moment, is_open, change) in [
            ("2026-08-19T20:59:59Z", true, "2026-08-19T21:00:00Z"),
            ("2026-08-19T21:00:00Z", false, "2026-08-19T22:00:00Z"),
            ("2026-08-19T22:00:00Z", true, "2026-08-20T21:00:00Z"),
            ("2026-08-21T21:00:00Z", false, "2026-08-23T22:00:00Z"),
            ("2026-08-22T12:00:00Z", false, "2026-08-23T22:00:00Z"),
            ("2026-11-20T21:59:59Z", true, "2026-11-20T22:00:00Z"),
            // Clocks change on Sunday, while the market is closed.
            ("2026-03-06T22:00:00Z", false, "2026-03-08T22:00:00Z"),
            ("2026-03-05T23:00:00Z", true, "2026-03-06T22:00:00Z"),
            ("2026-10-30T21:00:00Z", false, "2026-11-01T23:00:00Z"),
        ] {
            assert_eq!(CME.is_open(at(moment)), is_open, "{moment}");
            assert_eq!(CME.next_change(at(moment)), Some(at(change)), "{moment}");
        }
        assert_eq!(Sessions(Calendar::AlwaysOpen).next_change(0), None);
    }

    #[test]
    fn clocks_change_at_two_in_the_morning() {
        for (moment, hours) in [
            ("2026-03-08T07:59:59Z", -6),
            ("2026-03-08T08:00:00Z", -5),
            ("2026-11-01T06:59:59Z", -5),
            ("2026-11-01T07:00:00Z", -6),
            ("2027-03-14T08:00:00Z", -5),
            ("2027-11-07T07:00:00Z", -6),
        ] {
            assert_eq!(chicago_offset(at(moment)), hours * HOUR, "{moment}");
        }
    }

    #[test]
    fn days_adjoin_under_both_calendars() {
        for day in at("2026-01-01T00:00:00Z") / DAY..at("2028-01-01T00:00:00Z") / DAY {
            let always = Sessions(Calendar::AlwaysOpen);
            assert_eq!(always.closing(day), always.opening(day + 1));
            assert_eq!((CME.day_of(CME.opening(day)), CME.day_of(CME.opening(day) - 1)), (day, day - 1));
            assert_eq!(CME.opening(day).rem_euclid(HOUR), 0);
            assert_eq!(date_of(day_of_date(date_of(day))), date_of(day));
        }
    }

    #[test]
    fn a_span_begins_where_its_trading_days_do() {
        let span = |unit, number, moment: &str| Period { unit, number }.span(CME, at(moment));
        for (unit, number, start, end) in [
            (Unit::Second, 30, "2026-08-19T12:34:30Z", "2026-08-19T12:35:00Z"),
            (Unit::Minute, 5, "2026-08-19T12:30:00Z", "2026-08-19T12:35:00Z"),
            // Four hours from 22:00 on.
            (Unit::Hour, 4, "2026-08-19T10:00:00Z", "2026-08-19T14:00:00Z"),
            (Unit::Day, 1, "2026-08-18T22:00:00Z", "2026-08-19T21:00:00Z"),
            (Unit::Week, 1, "2026-08-16T22:00:00Z", "2026-08-21T21:00:00Z"),
            // The first of August was a Saturday.
            (Unit::Month, 1, "2026-08-02T22:00:00Z", "2026-08-31T21:00:00Z"),
            (Unit::Month, 3, "2026-06-30T22:00:00Z", "2026-09-30T21:00:00Z"),
        ] {
            let expected = Span { start: at(start), end: at(end) };
            assert_eq!(span(unit, number, "2026-08-19T12:34:56Z"), expected, "{unit:?} {number}");
        }
        // The last part of a day is cut where the day ends.
        let last = span(Unit::Hour, 4, "2026-08-19T20:00:00Z");
        assert_eq!(last, Span { start: at("2026-08-19T18:00:00Z"), end: at("2026-08-19T21:00:00Z") });
    }
}
