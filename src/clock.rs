//! Time: the clock that everything reads, timestamps of the wire, deadlines of calls.

use std::fmt;
#[cfg(test)]
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use std::time::{Duration, Instant};

use crate::digits;
use crate::niche::Scalar;

const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// A moment in UTC, in nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Timestamp(Scalar);

impl Timestamp {
    /// The moment `nanos` nanoseconds after the Unix epoch. `i64::MAX` is held at its lower neighbour.
    pub const fn from_nanos(nanos: i64) -> Timestamp {
        Timestamp(Scalar::new(nanos))
    }

    /// The time now, by the clock of the operating system.
    pub fn now() -> Timestamp {
        SystemClock.now()
    }

    /// Nanoseconds since the Unix epoch.
    pub const fn nanos(self) -> i64 {
        self.0.get()
    }

    /// The moment `seconds` seconds after the Unix epoch, held at the ends of the range.
    pub const fn from_seconds(seconds: i64) -> Timestamp {
        Timestamp::from_nanos(seconds.saturating_mul(NANOS_PER_SECOND))
    }

    /// Whole seconds since the Unix epoch, cut towards the past.
    pub const fn seconds(self) -> i64 {
        self.nanos().div_euclid(NANOS_PER_SECOND)
    }

    /// The moment `duration` later, held at the last moment that fits.
    pub fn saturating_add(self, duration: Duration) -> Timestamp {
        Timestamp::from_nanos(self.nanos().saturating_add(saturating_nanos(duration)))
    }

    /// The moment `duration` earlier, held at the first moment that fits.
    pub fn saturating_sub(self, duration: Duration) -> Timestamp {
        Timestamp::from_nanos(self.nanos().saturating_sub(saturating_nanos(duration)))
    }

    /// How long after `earlier` it is; zero when it is not after it.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_nanos(u64::try_from(self.nanos().saturating_sub(earlier.nanos())).unwrap_or(0))
    }

    /// Reads an RFC 3339 time such as `2026-08-16T23:26:02.15673+00:00`.
    ///
    /// `Z` and any offset are taken, with zero to nine digits after the second; further digits are cut. A
    /// time without an offset is read as UTC. `None` when the text is no such time or lies outside the
    /// years 1678 to 2261.
    pub fn parse(text: &str) -> Option<Timestamp> {
        Timestamp::from_ascii(text.as_bytes())
    }

    /// [`Timestamp::parse`] for bytes; what is not ASCII is no time.
    pub(crate) fn from_ascii(bytes: &[u8]) -> Option<Timestamp> {
        match Timestamp::read(bytes) {
            Some((moment, [])) => Some(moment),
            _ => None,
        }
    }

    /// The time that the bytes begin with, and what follows it.
    fn read(bytes: &[u8]) -> Option<(Timestamp, &[u8])> {
        let (minute, rest) = bytes.split_first_chunk()?;
        within_minute(minute_start(minute)?, rest)
    }
}

/// Reads times of which most lie in the same minute as the one before.
#[derive(Debug, Default)]
pub(crate) struct TimeReader {
    /// The text of that minute, and its start; nothing at first, which no time begins with.
    minute: [u8; MINUTE_LEN],
    start: i64,
}

impl TimeReader {
    /// The time that the bytes begin with, and what follows it: what [`Timestamp::parse`] reads.
    #[inline]
    pub(crate) fn read<'a>(&mut self, bytes: &'a [u8]) -> Option<(Timestamp, &'a [u8])> {
        let (minute, rest) = bytes.split_first_chunk()?;
        if *minute != self.minute {
            (self.start, self.minute) = (minute_start(minute)?, *minute);
        }
        within_minute(self.start, rest)
    }
}

fn saturating_nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

/// As long as `2026-08-16T23:26:`.
const MINUTE_LEN: usize = 17;

/// The seconds from the Unix epoch to the start of `2026-08-16T23:26:`.
fn minute_start(text: &[u8; MINUTE_LEN]) -> Option<i64> {
    let (date, time) = text.split_first_chunk()?;
    let [b'T' | b't' | b' ', h1, h2, b':', m1, m2, b':'] = time else { return None };
    let (hour, minute) = (pair(*h1, *h2)?, pair(*m1, *m2)?);
    (hour < 24 && minute < 60).then_some(days(date)? * 86_400 + hour * 3_600 + minute * 60)
}

/// The time `02.15673+00:00` after the start of a minute, and what follows it.
#[inline]
fn within_minute(start: i64, text: &[u8]) -> Option<(Timestamp, &[u8])> {
    let [s1, s2, rest @ ..] = text else { return None };
    let second = pair(*s1, *s2)?;
    // 60 is a leap second, which the Unix count folds into the next second.
    if second > 60 {
        return None;
    }
    let (nanos, rest) = fraction(rest)?;
    let (offset, rest) = offset_seconds(rest)?;
    let nanos = (start + second - offset).checked_mul(NANOS_PER_SECOND)?.checked_add(nanos)?;
    Some((Timestamp::from_nanos(nanos), rest))
}

/// The days from the Unix epoch to `2026-08-16`.
fn days([y1, y2, y3, y4, dash1, m1, m2, dash2, d1, d2]: &[u8; 10]) -> Option<i64> {
    let year = pair(*y1, *y2)? * 100 + pair(*y3, *y4)?;
    let (month, day) = (pair(*m1, *m2)?, pair(*d1, *d2)?);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let is_date =
        *dash1 == b'-' && *dash2 == b'-' && (1..=12).contains(&month) && (1..=length).contains(&day);
    is_date.then(|| days_from_epoch(year, month, day))
}

/// Counts years from March, so that the leap day is the last of its year.
fn days_from_epoch(year: i64, month: i64, day: i64) -> i64 {
    /// From the first of March of the year 0 to the Unix epoch.
    const EPOCH: i64 = 719_468;
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // Five months from March on have 153 days, and so have the next five.
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - EPOCH
}

fn pair(tens: u8, ones: u8) -> Option<i64> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then_some(i64::from(tens) * 10 + i64::from(ones))
}

/// The nanoseconds of `.25…` and what follows; zero when there is no fraction.
#[inline]
fn fraction(bytes: &[u8]) -> Option<(i64, &[u8])> {
    /// By the number of digits.
    const NANOS_OF_LAST: [i64; 10] =
        [0, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
    let [b'.', digits @ ..] = bytes else { return Some((0, bytes)) };
    let (value, len) = digits::leading(digits);
    let nanos = match NANOS_OF_LAST.get(len) {
        Some(nanos) => value * nanos,
        None => digits::leading(digits.get(..9)?).0,
    };
    (len > 0).then_some((nanos, digits.get(len..)?))
}

/// The seconds of `+05:30` and what follows; zero when there is no offset.
fn offset_seconds(bytes: &[u8]) -> Option<(i64, &[u8])> {
    match bytes {
        [b'+', b'0', b'0', b':', b'0', b'0', rest @ ..] | [b'Z' | b'z', rest @ ..] => Some((0, rest)),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2, rest @ ..] => {
            let (hours, minutes) = (pair(*h1, *h2)?, pair(*m1, *m2)?);
            let seconds = hours * 3_600 + minutes * 60;
            let is_offset = hours < 24 && minutes < 60;
            is_offset.then_some((if *sign == b'-' { -seconds } else { seconds }, rest))
        }
        _ => Some((0, bytes)),
    }
}

/// RFC 3339 in UTC with `Z` and as many digits after the second as needed: `2026-08-16T23:26:02.15673Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(moment) = time::OffsetDateTime::from_unix_timestamp(self.nanos().div_euclid(NANOS_PER_SECOND))
        else {
            // Unreachable: 64 bits of nanoseconds stay within the years 1677 to 2262.
            return write!(f, "{}ns", self.nanos());
        };
        let (year, month, day) = (moment.year(), moment.month() as u8, moment.day());
        let (hour, minute, second) = moment.to_hms();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        let mut nanos = self.nanos().rem_euclid(NANOS_PER_SECOND);
        if nanos != 0 {
            let mut width = 9;
            while nanos % 10 == 0 {
                nanos /= 10;
                width -= 1;
            }
            write!(f, ".{nanos:0width$}")?;
        }
        f.write_str("Z")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// As RFC 3339 with every digit that it has.
impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        Timestamp::parse(&text).ok_or_else(|| serde::de::Error::custom("this is no time of RFC 3339"))
    }
}

/// Where the time of day comes from. Shared by all threads of a client.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;
}

/// The clock of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the system's time")]
    fn now(&self) -> Timestamp {
        let since_epoch = std::time::SystemTime::now()
            .duration_since(std::time::SystemTime::UNIX_EPOCH)
            .unwrap_or(Duration::ZERO);
        Timestamp::from_nanos(saturating_nanos(since_epoch))
    }
}

/// A clock that stands still until it is moved.
#[cfg(test)]
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicI64>);

#[cfg(test)]
impl ManualClock {
    /// A clock that shows `start`.
    pub fn new(start: Timestamp) -> ManualClock {
        ManualClock(Arc::new(AtomicI64::new(start.nanos())))
    }

    /// Moves the clock forward. Clones move along.
    pub fn advance(&self, duration: Duration) {
        self.0.fetch_add(saturating_nanos(duration), Ordering::SeqCst);
    }

    /// Moves the clock back.
    pub fn set_back(&self, duration: Duration) {
        self.0.fetch_sub(saturating_nanos(duration), Ordering::SeqCst);
    }
}

#[cfg(test)]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.0.load(Ordering::SeqCst))
    }
}

/// The moment at which a call gives up.
///
/// Made from a [`Duration`] counted from now; calls take `impl Into<Deadline>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// A deadline that never comes.
    pub const NEVER: Deadline = Deadline(None);

    /// `duration` from now. A span too long for the system's clock never ends.
    pub fn after(duration: Duration) -> Deadline {
        Deadline(Instant::now().checked_add(duration))
    }

    /// The time left, zero once it has passed; `None` for a deadline that never comes.
    pub fn remaining(self) -> Option<Duration> {
        self.0.map(|at| at.saturating_duration_since(Instant::now()))
    }

    /// Whether it has passed.
    pub fn is_past(self) -> bool {
        self.remaining() == Some(Duration::ZERO)
    }

    /// The moment itself; `None` for a deadline that never comes.
    pub fn instant(self) -> Option<Instant> {
        self.0
    }

    /// The earlier of the two.
    #[must_use]
    pub fn min(self, other: Deadline) -> Deadline {
        match (self.0, other.0) {
            (Some(one), Some(two)) => Deadline(Some(one.min(two))),
            (one, two) => Deadline(one.or(two)),
        }
    }
}

/// At that moment; never for `None`.
impl From<Option<Instant>> for Deadline {
    fn from(at: Option<Instant>) -> Deadline {
        Deadline(at)
    }
}

impl From<Duration> for Deadline {
    fn from(duration: Duration) -> Deadline {
        Deadline::after(duration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times_of_the_wire() {
        for (text, nanos) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-08-16T23:26:02.15673+00:00", 1_786_922_762_156_730_000),
            ("2026-08-19T20:51:31.4347534+00:00", 1_787_172_691_434_753_400),
            ("2024-02-29T12:00:00.000000001Z", 1_709_208_000_000_000_001),
            ("2024-02-29T12:00:00+05:30", 1_709_188_200_000_000_000),
            ("2024-02-29T12:00:00-01:00", 1_709_211_600_000_000_000),
            ("1969-12-31T23:59:59.5Z", -500_000_000),
            ("2025-04-21T19:45:52", 1_745_264_752_000_000_000),
            ("2025-04-21T19:45:52.1234567899Z", 1_745_264_752_123_456_789),
        ] {
            assert_eq!(Timestamp::parse(text).map(Timestamp::nanos), Some(nanos), "{text}");
        }
    }

    #[test]
    fn every_day_is_where_the_calendar_has_it() {
        let mut date = time::Date::from_calendar_date(1678, time::Month::January, 1).unwrap();
        while date.year() < 2262 {
            let text = format!("{}-{:02}-{:02}", date.year(), date.month() as u8, date.day());
            let expected = i64::from(date.to_julian_day()) - 2_440_588;
            assert_eq!(days(text.as_bytes().first_chunk().unwrap()), Some(expected), "{text}");
            date = date.next_day().unwrap();
        }
        let mut reader = TimeReader::default();
        let mut read =
            |text: &'static str| reader.read(text.as_bytes()).map(|(time, rest)| (time, rest.len()));
        for text in ["2026-02-28T10:00:01Z", "2026-02-28T10:00:02Z", "2026-02-28T10:01:00.5+00:00"] {
            assert_eq!(read(text), Timestamp::parse(text).map(|time| (time, 0)), "{text}");
        }
        assert_eq!(read("2026-02-29T10:01:00Z"), None);
        assert_eq!(read("2026-02-28T10:01:61Z"), None);
        for text in ["2026-02-29", "2100-02-29", "2026-04-31", "2026-01-32", "2026-01-00", "2026-00-01"] {
            assert_eq!(days(text.as_bytes().first_chunk().unwrap()), None, "{text}");
        }
        assert!(days(b"2000-02-29").is_some());
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "2026-08-16",
            "2026-13-16T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "2026-08-16T24:00:00Z",
            "2026-08-16T23:26:02.+00:00",
            "2026-08-16T23:26:02+0000",
            "2026-08-16T23:26:02+aa:00",
            "2026-08-16T23:26:02Zjunk",
            "9999-01-01T00:00:00Z",
            "2026-08-16T23:26:0é",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn writes_as_many_digits_as_needed() {
        for text in ["2026-08-16T23:26:02.15673Z", "1969-12-31T23:59:59.5Z", "2026-01-01T00:00:00Z"] {
            assert_eq!(Timestamp::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Timestamp::from_nanos(i64::MAX - 1).to_string(), "2262-04-11T23:47:16.854775806Z");
        assert_eq!(Timestamp::from_nanos(i64::MIN).to_string(), "1677-09-21T00:12:43.145224192Z");
    }

    #[test]
    fn seconds_are_cut_towards_the_past() {
        assert_eq!(Timestamp::from_nanos(1_999_999_999).seconds(), 1);
        assert_eq!(Timestamp::from_nanos(-1).seconds(), -1);
        assert_eq!(Timestamp::from_seconds(-2).nanos(), -2_000_000_000);
        assert_eq!(Timestamp::from_seconds(i64::MIN).nanos(), i64::MIN);
    }

    #[test]
    fn a_manual_clock_moves_when_told() {
        let clock = ManualClock::new(Timestamp::from_nanos(5));
        clock.clone().advance(Duration::from_nanos(3));
        assert_eq!(clock.now(), Timestamp::from_nanos(8));
    }

    #[test]
    fn deadlines_pass_and_compare() {
        assert!(Deadline::after(Duration::ZERO).is_past());
        assert!(!Deadline::NEVER.is_past());
        let soon = Deadline::after(Duration::from_secs(1));
        assert_eq!(soon.min(Deadline::NEVER), soon);
        assert_eq!(Deadline::NEVER.min(soon), soon);
        assert_eq!(Deadline::after(Duration::MAX), Deadline::NEVER);
    }
}
